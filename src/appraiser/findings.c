/* SPDX-License-Identifier: Apache-2.0 */
#include "appraiser/findings.h"

#include "server/pack.h"

#include <string.h>

enum { HAS_EVENT = 1, HAS_PCR = 2 };

static void pack_one(struct room *out, const struct finding *finding)
{
	pack_bytes(out, bytes_text(finding_word(finding->cause)));
	room_put_u64(out,
	             (finding->has_event ? HAS_EVENT : 0u) | (finding->has_pcr ? HAS_PCR : 0u));
	room_put_u64(out, finding->event);
	room_put_u64(out, finding->pcr);
	room_put_u64(out, finding->type);
	pack_bytes(out, (struct bytes){ finding->expected, finding->expected_len });
	pack_bytes(out, (struct bytes){ finding->found, finding->found_len });
	pack_bytes(out, bytes_text(finding->text));
}

void findings_pack(struct room *out, const struct findings *findings)
{
	room_put_u64(out, findings->more);
	room_put_u64(out, findings->count);
	for (size_t i = 0; i < findings->count; i++)
		pack_one(out, &findings->at[i]);
}

static enum err unpack_number(struct bytes *in, uint32_t *out)
{
	uint64_t wide;

	TRY(unpack_u64(in, &wide));
	if (wide > UINT32_MAX)
		return ERR_VALUE;
	*out = (uint32_t)wide;
	return ERR_NONE;
}

static enum err unpack_digest(struct bytes *in, uint8_t out[static ATTEST_HASH_MAX], uint8_t *len)
{
	struct bytes value;

	TRY(unpack_bytes(in, &value));
	if (value.len > ATTEST_HASH_MAX)
		return ERR_LENGTH;
	if (value.len > 0)
		memcpy(out, value.at, value.len);
	*len = (uint8_t)value.len;
	return ERR_NONE;
}

static enum err unpack_one(struct bytes *in, struct finding *out)
{
	struct bytes word, text;
	uint32_t has;

	*out = (struct finding){ .text = "" };
	TRY(unpack_bytes(in, &word));
	out->cause = finding_by_word(word);
	TRY(unpack_number(in, &has));
	TRY(unpack_number(in, &out->event));
	TRY(unpack_number(in, &out->pcr));
	TRY(unpack_number(in, &out->type));
	TRY(unpack_digest(in, out->expected, &out->expected_len));
	TRY(unpack_digest(in, out->found, &out->found_len));
	TRY(unpack_bytes(in, &text));
	if (out->cause == FINDINGS || has > (HAS_EVENT | HAS_PCR) || text.len >= sizeof out->text)
		return ERR_VALUE;
	if (text.len > 0)
		memcpy(out->text, text.at, text.len);
	out->has_event = (has & HAS_EVENT) != 0;
	out->has_pcr = (has & HAS_PCR) != 0;
	return ERR_NONE;
}

static enum err unpack_all(struct bytes in, struct findings *out)
{
	uint64_t more, count;

	TRY(unpack_u64(&in, &more));
	TRY(unpack_u64(&in, &count));
	if (more > 1 || count > FINDINGS_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < count; i++)
		TRY(unpack_one(&in, &out->at[i]));
	if (in.len > 0)
		return ERR_TRAILING;
	out->count = (size_t)count;
	out->more = more == 1;
	return ERR_NONE;
}

enum err findings_unpack(struct bytes in, struct findings *out)
{
	out->count = 0;
	out->more = true;
	return unpack_all(in, out);
}
