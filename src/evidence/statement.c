/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/statement.h"

#include "codec/cbor.h"

#include <string.h>

enum { ITEMS = 5 };

void statement_content_put(struct room *out, const struct statement *statement)
{
	cbor_put_array(out, ITEMS);
	cbor_put_bytes(out, statement->reference);
	cbor_put_uint(out, statement->clock.reset_count);
	cbor_put_uint(out, statement->clock.restart_count);
	cbor_put_uint(out, statement->clock.clock);
	cbor_put_array(out, 3 * statement->deviations);
	for (size_t i = 0; i < statement->deviations; i++) {
		cbor_put_uint(out, statement->deviation[i].pcr);
		cbor_put_int(out, statement->deviation[i].index);
		cbor_put_bytes(out, BYTES(statement->deviation[i].digest));
	}
}

enum err statement_put(struct room *out, const struct cose_signer *signer, struct bytes binding,
                       const struct statement *statement)
{
	uint8_t store[STATEMENT_MAX];
	struct room payload = ROOM(store);

	if (statement->deviations > STATEMENT_DEVIATIONS_MAX)
		return ERR_LIMIT;
	statement_content_put(&payload, statement);
	if (payload.full)
		return ERR_ROOM;
	return cose_sign1_put_by(out, signer, binding, room_used(&payload));
}

static enum err read_short(struct bytes *in, struct bytes *out)
{
	TRY(cbor_read_bytes(in, out));
	return out->len == STATEMENT_SHORT ? ERR_NONE : ERR_LENGTH;
}

static enum err read_count(struct bytes *in, uint32_t *out)
{
	uint64_t value;

	TRY(cbor_read_uint(in, UINT32_MAX, &value));
	*out = (uint32_t)value;
	return ERR_NONE;
}

static enum err read_deviation(struct bytes *in, struct deviation *out)
{
	struct bytes digest;

	TRY(read_count(in, &out->pcr));
	TRY(cbor_read_int(in, &out->index));
	TRY(read_short(in, &digest));
	if (out->pcr >= TPM_PCRS || out->index < DEVIATION_VALUE || out->index > UINT32_MAX)
		return ERR_VALUE;
	memcpy(out->digest, digest.at, sizeof out->digest);
	return ERR_NONE;
}

static enum err read_deviations(struct bytes *in, struct statement *out)
{
	uint64_t count;

	TRY(cbor_read_array(in, &count));
	if (count % 3 != 0)
		return ERR_LENGTH;
	if (count / 3 > STATEMENT_DEVIATIONS_MAX)
		return ERR_LIMIT;
	for (out->deviations = 0; out->deviations < count / 3; out->deviations++)
		TRY(read_deviation(in, &out->deviation[out->deviations]));
	return ERR_NONE;
}

enum err statement_content_read(struct bytes in, struct statement *out)
{
	struct statement read = { 0 };
	uint64_t count;

	TRY(cbor_read_array(&in, &count));
	if (count != ITEMS)
		return ERR_LENGTH;
	TRY(read_short(&in, &read.reference));
	TRY(read_count(&in, &read.clock.reset_count));
	TRY(read_count(&in, &read.clock.restart_count));
	TRY(cbor_read_uint(&in, UINT64_MAX, &read.clock.clock));
	TRY(read_deviations(&in, &read));
	TRY(cbor_end(in));
	*out = read;
	return ERR_NONE;
}

enum err statement_read(struct bytes in, const struct attest_key *key, struct bytes binding,
                        struct statement *out)
{
	struct cose message;

	TRY(cose_read(in, 0, &message));
	if (!message.algorithm_protected)
		return ERR_SIGNATURE;
	TRY(cose_verify(&message, key, binding));
	return statement_content_read(message.payload, out);
}
