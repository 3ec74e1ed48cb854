/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/statement.h"

#include "codec/cbor.h"
#include "evidence/cose.h"

enum { ITEMS = 5, STATEMENT_MAX = 64 + 32 * STATEMENT_DEVIATIONS_MAX };

static void put_payload(struct room *out, const struct statement *statement)
{
	cbor_put_array(out, ITEMS);
	cbor_put_bytes(out, statement->reference);
	cbor_put_uint(out, statement->clock.reset_count);
	cbor_put_uint(out, statement->clock.restart_count);
	cbor_put_uint(out, statement->clock.clock);
	cbor_put_array(out, 3 * statement->deviations);
	for (size_t i = 0; i < statement->deviations; i++) {
		cbor_put_uint(out, statement->deviation[i].pcr);
		cbor_put_uint(out, statement->deviation[i].index);
		cbor_put_bytes(out, statement->deviation[i].digest);
	}
}

enum err statement_put(struct room *out, const struct secret *scalar, struct bytes binding,
                       const struct statement *statement)
{
	uint8_t store[STATEMENT_MAX];
	struct room payload = ROOM(store);

	if (statement->deviations > STATEMENT_DEVIATIONS_MAX)
		return ERR_LIMIT;
	put_payload(&payload, statement);
	if (payload.full)
		return ERR_ROOM;
	return cose_sign1_put(out, scalar, (struct bytes){ NULL, 0 }, binding, room_used(&payload));
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

static enum err read_deviations(struct bytes *in, struct statement *out)
{
	uint64_t count;

	TRY(cbor_read_array(in, &count));
	if (count % 3 != 0)
		return ERR_LENGTH;
	if (count / 3 > STATEMENT_DEVIATIONS_MAX)
		return ERR_LIMIT;
	for (out->deviations = 0; out->deviations < count / 3; out->deviations++) {
		struct deviation *d = &out->deviation[out->deviations];

		TRY(read_count(in, &d->pcr));
		if (d->pcr >= TPM_PCRS)
			return ERR_VALUE;
		TRY(read_count(in, &d->index));
		TRY(read_short(in, &d->digest));
	}
	return ERR_NONE;
}

enum err statement_read(struct bytes in, const struct attest_key *key, struct bytes binding,
                        struct statement *out)
{
	struct statement read = { 0 };
	struct cose message;
	uint64_t count;

	TRY(cose_read(in, 0, &message));
	if (!message.algorithm_protected)
		return ERR_SIGNATURE;
	TRY(cose_verify(&message, key, binding));
	in = message.payload;
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
