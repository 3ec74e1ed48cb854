/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/manifest.h"

#include "codec/cbor.h"
#include "evidence/imei.h"

static const struct bytes aad = { (const uint8_t *)"assay manifest v1", 17 };

/* Control characters would let a name forge lines in what people read. */
static enum err read_name(struct bytes *in, struct bytes *out)
{
	struct bytes rest = *in, text;

	TRY(cbor_read_text(&rest, &text));
	if (text.len == 0 || text.len > MANIFEST_TEXT_MAX)
		return ERR_LENGTH;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] == 0x7F)
			return ERR_VALUE;
	*in = rest;
	*out = text;
	return ERR_NONE;
}

static enum err read_octets(struct bytes *in, size_t size, struct bytes *out)
{
	struct bytes rest = *in, octets;

	TRY(cbor_read_bytes(&rest, &octets));
	if (octets.len != size)
		return ERR_LENGTH;
	*in = rest;
	*out = octets;
	return ERR_NONE;
}

enum err manifest_next(struct bytes *entries, struct manifest_entry *out)
{
	struct manifest_entry read;
	struct bytes rest = *entries;
	uint64_t members;

	if (rest.len == 0)
		return ERR_NOT_FOUND;
	TRY(cbor_read_array(&rest, &members));
	if (members != 4)
		return ERR_LENGTH;
	TRY(read_octets(&rest, EID_SIZE, &read.eid));
	TRY(read_octets(&rest, SHA256_SIZE, &read.ek_digest));
	TRY(cbor_read_text(&rest, &read.imei));
	if (!imei_is_one(read.imei))
		return ERR_VALUE;
	TRY(read_name(&rest, &read.model));
	*entries = rest;
	*out = read;
	return ERR_NONE;
}

static enum err read_key(struct bytes *in, uint64_t want)
{
	struct bytes rest = *in;
	uint64_t key;

	TRY(cbor_read_uint(&rest, want, &key));
	if (key != want)
		return ERR_VALUE;
	*in = rest;
	return ERR_NONE;
}

static enum err read_payload(struct bytes in, struct manifest *out)
{
	struct manifest_entry entry;
	struct manifest read;
	struct bytes rest;
	uint64_t pairs;
	enum err err;

	TRY(cbor_read_map(&in, &pairs));
	if (pairs != 3)
		return ERR_LENGTH;
	TRY(read_key(&in, 1));
	TRY(read_key(&in, 1)); /* the version */
	TRY(read_key(&in, 2));
	TRY(read_name(&in, &read.batch));
	TRY(read_key(&in, 3));
	TRY(cbor_read_open(&in, CBOR_ARRAY, &read.count, &read.entries));
	TRY(cbor_end(in));
	if (read.count == 0)
		return ERR_LENGTH;
	rest = read.entries;
	while ((err = manifest_next(&rest, &entry)) == ERR_NONE)
		;
	if (err != ERR_NOT_FOUND)
		return err;
	*out = read;
	return ERR_NONE;
}

enum err manifest_read(struct bytes in, const uint8_t point[static EC_POINT_SIZE],
                       struct manifest *out)
{
	const struct attest_key key = {
		.kind = ATTEST_P256, .point = {point, EC_POINT_SIZE}
	};
	struct cose message;

	TRY(cose_read(in, 0, &message));
	if (message.tag != COSE_TAG_SIGN1 || !message.algorithm_protected)
		return ERR_VALUE;
	TRY(cose_verify(&message, &key, aad));
	return read_payload(message.payload, out);
}

void manifest_entry_put(struct room *out, const struct manifest_entry *entry)
{
	cbor_put_array(out, 4);
	cbor_put_bytes(out, entry->eid);
	cbor_put_bytes(out, entry->ek_digest);
	cbor_put_text(out, entry->imei);
	cbor_put_text(out, entry->model);
}

enum err manifest_put(struct room *out, struct room *payload, const struct manifest *manifest,
                      const struct secret *scalar)
{
	const struct bytes no_kid = { NULL, 0 };
	struct manifest check;

	cbor_put_map(payload, 3);
	cbor_put_uint(payload, 1);
	cbor_put_uint(payload, 1);
	cbor_put_uint(payload, 2);
	cbor_put_text(payload, manifest->batch);
	cbor_put_uint(payload, 3);
	cbor_put_array(payload, manifest->count);
	room_put(payload, manifest->entries);
	if (payload->full)
		return ERR_ROOM;
	TRY(read_payload(room_used(payload), &check)); /* nobody signs what nobody can read */
	return cose_sign1_put(out, scalar, no_kid, aad, room_used(payload));
}
