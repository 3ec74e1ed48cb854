/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of enrolment between worker and appraiser: _put and _read of one thing together. */
#include "server/enrol.h"

#include "server/pack.h"

#include <string.h>

void enrol_begin_put(struct room *out, const struct enrol_begin *begin)
{
	pack_bytes(out, begin->eid);
	pack_bytes(out, begin->ek_public);
	pack_bytes(out, begin->ak_public);
	pack_bytes(out, begin->ek_certificate);
	for (size_t i = 0; i < ENROL_CHAIN_MAX; i++)
		pack_bytes(out, begin->chain[i]);
	pack_bytes(out, begin->pairing_public);
	pack_bytes(out, begin->certify);
	pack_bytes(out, begin->certify_signature);
	pack_bytes(out, begin->imei);
	pack_bytes(out, begin->model);
}

enum err enrol_begin_read(struct bytes in, struct enrol_begin *out)
{
	struct enrol_begin read;

	TRY(unpack_bytes(&in, &read.eid));
	TRY(unpack_bytes(&in, &read.ek_public));
	TRY(unpack_bytes(&in, &read.ak_public));
	TRY(unpack_bytes(&in, &read.ek_certificate));
	for (size_t i = 0; i < ENROL_CHAIN_MAX; i++)
		TRY(unpack_bytes(&in, &read.chain[i]));
	TRY(unpack_bytes(&in, &read.pairing_public));
	TRY(unpack_bytes(&in, &read.certify));
	TRY(unpack_bytes(&in, &read.certify_signature));
	TRY(unpack_bytes(&in, &read.imei));
	TRY(unpack_bytes(&in, &read.model));
	if (in.len > 0)
		return ERR_TRAILING;
	if (read.eid.len != EID_SIZE)
		return ERR_LENGTH;
	*out = read;
	return ERR_NONE;
}

static enum err read_text(struct bytes *in, char *out, size_t size)
{
	struct bytes chars;

	TRY(unpack_bytes(in, &chars));
	if (chars.len >= size || (chars.len > 0 && memchr(chars.at, 0, chars.len) != NULL))
		return ERR_LENGTH;
	if (chars.len > 0)
		memcpy(out, chars.at, chars.len);
	out[chars.len] = '\0';
	return ERR_NONE;
}

static void put_refusal(struct room *out, const struct enrol_refusal *refused)
{
	pack_bytes(out, bytes_text(refused->reason));
	pack_bytes(out, bytes_text(refused->text));
}

static enum err read_refusal(struct bytes *in, struct enrol_refusal *out)
{
	TRY(read_text(in, out->reason, sizeof out->reason));
	return read_text(in, out->text, sizeof out->text);
}

void enrol_challenge_put(struct room *out, const struct enrol_challenge *challenge)
{
	put_refusal(out, &challenge->refused);
	room_put(out, BYTES(challenge->id));
	pack_bytes(out, challenge->credential);
	pack_bytes(out, challenge->secret);
}

enum err enrol_challenge_read(struct bytes in, struct enrol_challenge *out)
{
	struct enrol_challenge read;
	struct bytes id;

	TRY(read_refusal(&in, &read.refused));
	if (!bytes_take(&in, sizeof read.id, &id))
		return ERR_TRUNCATED;
	TRY(unpack_bytes(&in, &read.credential));
	TRY(unpack_bytes(&in, &read.secret));
	if (in.len > 0)
		return ERR_TRAILING;
	memcpy(read.id, id.at, sizeof read.id);
	*out = read;
	return ERR_NONE;
}

void enrol_prove_put(struct room *out, const struct enrol_prove *prove)
{
	pack_bytes(out, prove->id);
	pack_bytes(out, prove->proof);
}

enum err enrol_prove_read(struct bytes in, struct enrol_prove *out)
{
	struct enrol_prove read;

	TRY(unpack_bytes(&in, &read.id));
	TRY(unpack_bytes(&in, &read.proof));
	if (in.len > 0)
		return ERR_TRAILING;
	*out = read;
	return ERR_NONE;
}

void enrol_outcome_put(struct room *out, const struct enrol_outcome *outcome)
{
	put_refusal(out, &outcome->refused);
	room_put(out, BYTES(outcome->chip));
	room_put_u64(out, outcome->state);
	pack_bytes(out, outcome->how);
}

enum err enrol_outcome_read(struct bytes in, struct enrol_outcome *out)
{
	struct enrol_outcome read;
	struct bytes chip;
	uint64_t state;

	TRY(read_refusal(&in, &read.refused));
	if (!bytes_take(&in, sizeof read.chip, &chip))
		return ERR_TRUNCATED;
	TRY(unpack_u64(&in, &state));
	TRY(unpack_bytes(&in, &read.how));
	if (state >= CHIP_STATES)
		return ERR_VALUE;
	if (in.len > 0)
		return ERR_TRAILING;
	memcpy(read.chip, chip.at, sizeof read.chip);
	read.state = (enum chip_state)state;
	*out = read;
	return ERR_NONE;
}
