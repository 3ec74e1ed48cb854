/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/corim.h"

#include "codec/cbor.h"
#include "evidence/cose.h"

enum {
	TAG_COMID = 506,
	HEADER_CONTENT_TYPE = 3,
	HEADER_CORIM_META = 8,
	SIGNER_MAX = 64,
};

static enum err read_id(struct bytes *in, struct bytes *out)
{
	if (cbor_is(*in, CBOR_TEXT))
		return cbor_read_text(in, out);
	TRY(cbor_read_bytes(in, out));
	return out->len == 16 ? ERR_NONE : ERR_LENGTH; /* a UUID */
}

/* A string inside any number of tags; the outermost tag tells its kind, 0 for none. */
static enum err read_tagged(struct bytes *in, uint64_t *tag, struct bytes *out)
{
	uint64_t inner;
	struct cbor item;
	bool first = true;

	*tag = 0;
	while (cbor_is(*in, CBOR_TAG)) {
		TRY(cbor_read_tag(in, first ? tag : &inner));
		first = false;
	}
	TRY(cbor_next(in, &item));
	if (item.kind != CBOR_TEXT && item.kind != CBOR_BYTES)
		return ERR_TAG;
	*out = item.string;
	return ERR_NONE;
}

static enum err read_time(struct bytes *in, int64_t *out)
{
	uint64_t tag;

	TRY(cbor_read_tag(in, &tag));
	if (tag != 1)
		return ERR_TAG; /* RFC 8949 3.4.2: seconds since 1970 */
	return cbor_read_int(in, out);
}

/* validity-map: not-after is mandatory. */
static enum err read_validity(struct bytes *in, struct corim *out)
{
	struct bytes pairs, value;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	TRY(cbor_map_find(pairs, 1, &value));
	TRY(read_time(&value, &out->not_after));
	out->bounded = true;
	enum err err = cbor_map_find(pairs, 0, &value);
	return err == ERR_NOT_FOUND ? ERR_NONE
	       : err != ERR_NONE    ? err
	                            : read_time(&value, &out->not_before);
}

static enum err read_tags(struct bytes *in, struct corim *out)
{
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_ARRAY, &count, &out->tags));
	return count > 0 ? ERR_NONE : ERR_LENGTH;
}

/* Pairs of a map whose keys are numbers or an extension's text; stops at the first of a number. */
static enum err next_key(struct bytes *pairs, int64_t *key, bool *more)
{
	while (pairs->len > 0 && cbor_is(*pairs, CBOR_TEXT)) {
		TRY(cbor_skip(pairs));
		TRY(cbor_skip(pairs));
	}
	*more = pairs->len > 0;
	return *more ? cbor_read_int(pairs, key) : ERR_NONE;
}

/* One pair of the corim-map: id, tags, dependent rims, profile, validity, entities. */
static enum err read_corim_pair(int64_t key, struct bytes *in, struct corim *out)
{
	uint64_t tag;

	switch (key) {
	case 0:
		return read_id(in, &out->id);
	case 1:
		return read_tags(in, out);
	case 3:
		return read_tagged(in, &tag, &out->profile);
	case 4:
		return read_validity(in, out);
	default:
		return cbor_skip(in);
	}
}

enum err corim_read(struct bytes in, struct corim *out)
{
	struct corim read = { .octets = in };
	struct bytes pairs;
	uint64_t count, tag;
	uint32_t seen = 0;
	bool more;
	int64_t key;

	if (cbor_is_tag(in, CORIM_TAG_UNSIGNED))
		TRY(cbor_read_tag(&in, &tag));
	TRY(cbor_read_open(&in, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(in));
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			break;
		if (key >= 0 && key < 32) {
			if (seen >> key & 1)
				return ERR_EXISTS;
			seen |= (uint32_t)1 << key;
		}
		TRY(read_corim_pair(key, &pairs, &read));
	}
	if ((seen & 3) != 3)
		return ERR_NOT_FOUND;
	*out = read;
	return ERR_NONE;
}

/* corim-meta-map: a signature may be good for a shorter time than what it is under. */
static enum err read_meta(struct bytes protected, struct corim *out)
{
	struct corim signature = { 0 };
	struct bytes pairs, value, meta;
	uint64_t count;

	TRY(cbor_read_open(&protected, CBOR_MAP, &count, &pairs));
	TRY(cbor_map_find(pairs, HEADER_CORIM_META, &value));
	TRY(cbor_read_bytes(&value, &meta));
	TRY(cbor_read_open(&meta, CBOR_MAP, &count, &pairs));
	TRY(cbor_map_find(pairs, 1, &value));
	TRY(read_validity(&value, &signature));
	if (signature.not_before > out->not_before)
		out->not_before = signature.not_before;
	if (!out->bounded || signature.not_after < out->not_after)
		out->not_after = signature.not_after;
	out->bounded = true;
	return ERR_NONE;
}

enum err corim_signed_read(struct bytes in, const struct attest_key *key, struct corim *out)
{
	struct cose message;
	struct corim read;
	uint64_t tag;

	if (cbor_is_tag(in, CORIM_TAG_SIGNED_OLD))
		TRY(cbor_read_tag(&in, &tag));
	TRY(cose_read(in, 0, &message));
	if (!message.algorithm_protected)
		return ERR_SIGNATURE;
	TRY(cose_verify(&message, key, (struct bytes){ NULL, 0 }));
	TRY(corim_read(message.payload, &read));
	enum err err = read_meta(message.protected, &read);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	*out = read;
	return ERR_NONE;
}

/* The protected headers of a signed CoRIM: content type, and who signs. */
static void put_headers(struct room *out, struct bytes signer)
{
	cbor_put_uint(out, HEADER_CONTENT_TYPE);
	cbor_put_text(out, BYTES_STR("application/rim+cbor"));
	cbor_put_uint(out, HEADER_CORIM_META);
	size_t mark = cbor_open_bytes(out);
	cbor_put_map(out, 1);
	cbor_put_uint(out, 0); /* corim-signer-map */
	cbor_put_map(out, 1);
	cbor_put_uint(out, 0); /* its name */
	cbor_put_text(out, signer);
	cbor_close_bytes(out, mark);
}

enum err corim_sign(struct room *out, const struct secret *scalar, struct bytes signer,
                    struct bytes corim)
{
	const struct bytes nothing = { NULL, 0 };
	uint8_t store[SIGNER_MAX + 48];
	struct room headers = ROOM(store);
	struct corim check;

	if (signer.len == 0 || signer.len > SIGNER_MAX)
		return ERR_LENGTH;
	TRY(corim_read(corim, &check));
	put_headers(&headers, signer);
	if (headers.full)
		return ERR_ROOM;
	return cose_sign1_put_with(
		out, scalar, &(struct cose_headers){ .pairs = room_used(&headers), .others = 2 },
		nothing, corim);
}

enum err corim_next_comid(struct corim *corim, struct comid *out)
{
	struct bytes rest = corim->tags, content;
	uint64_t tag;

	while (rest.len > 0) {
		TRY(cbor_read_tag(&rest, &tag));
		TRY(cbor_read_bytes(&rest, &content));
		if (tag != TAG_COMID)
			continue;
		TRY(comid_read(content, out));
		corim->tags = rest;
		return ERR_NONE;
	}
	return ERR_NOT_FOUND;
}

static enum err read_identity(struct bytes *in, struct comid *out)
{
	struct bytes pairs, value;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	TRY(cbor_map_find(pairs, 0, &value));
	TRY(read_id(&value, &out->id));
	enum err err = cbor_map_find(pairs, 1, &value);
	return err == ERR_NOT_FOUND ? ERR_NONE
	       : err != ERR_NONE    ? err
	                            : cbor_read_uint(&value, UINT64_MAX, &out->version);
}

static enum err read_triples(struct bytes *in, struct comid *out)
{
	struct bytes pairs;
	uint64_t count;
	int64_t key;
	bool more;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	if (count == 0)
		return ERR_LENGTH;
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			return ERR_NONE;
		if (key < 0 || key >= COMID_TRIPLES) {
			TRY(cbor_skip(&pairs));
			continue;
		}
		if (out->triples[key].at != NULL)
			return ERR_EXISTS;
		TRY(cbor_read_open(&pairs, CBOR_ARRAY, &count, &out->triples[key]));
	}
}

enum err comid_read(struct bytes in, struct comid *out)
{
	struct comid read = { 0 };
	struct bytes pairs;
	bool identity = false, triples = false, more;
	uint64_t count;
	int64_t key;

	/* One publisher tags the map inside its byte string once more. */
	if (cbor_is_tag(in, TAG_COMID))
		TRY(cbor_read_tag(&in, &count));
	TRY(cbor_read_open(&in, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(in));
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			break;
		if ((key == 1 && identity) || (key == 4 && triples))
			return ERR_EXISTS;
		identity = identity || key == 1;
		triples = triples || key == 4;
		TRY(key == 1   ? read_identity(&pairs, &read)
		    : key == 4 ? read_triples(&pairs, &read)
		               : cbor_skip(&pairs));
	}
	if (!identity || !triples)
		return ERR_NOT_FOUND;
	*out = read;
	return ERR_NONE;
}

static enum err read_class(struct bytes *in, struct comid_environment *out)
{
	struct bytes pairs;
	uint64_t count;
	int64_t key;
	bool more;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	if (count == 0)
		return ERR_LENGTH;
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			return ERR_NONE;
		switch (key) {
		case 0:
			TRY(read_tagged(&pairs, &out->class_tag, &out->class_id));
			break;
		case 1:
			TRY(cbor_read_text(&pairs, &out->vendor));
			break;
		case 2:
			TRY(cbor_read_text(&pairs, &out->model));
			break;
		default:
			TRY(cbor_skip(&pairs));
			break;
		}
	}
}

static enum err read_environment(struct bytes *in, struct comid_environment *out)
{
	struct bytes pairs;
	uint64_t count;
	int64_t key;
	bool more;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	if (count == 0)
		return ERR_LENGTH;
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			return ERR_NONE;
		if (key == 0)
			TRY(read_class(&pairs, out));
		else if (key == 1)
			TRY(read_tagged(&pairs, &out->instance_tag, &out->instance));
		else
			TRY(cbor_skip(&pairs));
	}
}

enum err comid_next(struct bytes *triples, struct comid_environment *environment,
                    struct bytes *items)
{
	struct comid_environment read = { 0 };
	struct bytes rest = *triples, record;
	uint64_t count;

	if (rest.len == 0)
		return ERR_NOT_FOUND;
	TRY(cbor_read_open(&rest, CBOR_ARRAY, &count, &record));
	if (count < 2)
		return ERR_LENGTH; /* key triples may have a third part, conditions */
	TRY(read_environment(&record, &read));
	TRY(cbor_read_open(&record, CBOR_ARRAY, &count, items));
	*triples = rest;
	*environment = read;
	return ERR_NONE;
}

static enum err read_measurement_key(struct bytes *in, struct comid_measurement *out)
{
	uint64_t tag;

	out->key_is_text = cbor_is(*in, CBOR_TEXT);
	if (!cbor_is(*in, CBOR_UINT))
		return cbor_is(*in, CBOR_TAG) && !cbor_is_tag(*in, 37) && !cbor_is_tag(*in, 111)
		               ? cbor_skip(in) /* a structure of some profile */
		               : read_tagged(in, &tag, &out->key);
	out->has_number = true;
	return cbor_read_uint(in, UINT64_MAX, &out->number);
}

static enum err read_version(struct bytes *in, struct bytes *out)
{
	struct bytes pairs, value;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	TRY(cbor_map_find(pairs, 0, &value));
	return cbor_read_text(&value, out);
}

static enum err read_values(struct bytes *in, struct comid_measurement *out)
{
	struct bytes pairs;
	uint64_t count;
	int64_t key;
	bool more;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			return ERR_NONE;
		switch (key) {
		case 0:
			TRY(read_version(&pairs, &out->version));
			break;
		case 2:
			TRY(cbor_read_open(&pairs, CBOR_ARRAY, &count, &out->digests));
			break;
		case 11:
			TRY(cbor_read_text(&pairs, &out->name));
			break;
		case 13:
			TRY(cbor_read_open(&pairs, CBOR_ARRAY, &count, &out->keys));
			break;
		case 14:
			TRY(cbor_read_open(&pairs, CBOR_MAP, &count, &out->registers));
			break;
		default:
			TRY(cbor_skip(&pairs));
			break;
		}
	}
}

enum err comid_next_measurement(struct bytes *items, struct comid_measurement *out)
{
	struct comid_measurement read = { 0 };
	struct bytes rest = *items, pairs;
	bool values = false, more;
	uint64_t count;
	int64_t key;

	if (rest.len == 0)
		return ERR_NOT_FOUND;
	TRY(cbor_read_open(&rest, CBOR_MAP, &count, &pairs));
	for (;;) {
		TRY(next_key(&pairs, &key, &more));
		if (!more)
			break;
		if (key == 0)
			TRY(read_measurement_key(&pairs, &read));
		else if (key == 1)
			TRY(read_values(&pairs, &read));
		else
			TRY(cbor_skip(&pairs));
		values = values || key == 1;
	}
	if (!values)
		return ERR_NOT_FOUND;
	*items = rest;
	*out = read;
	return ERR_NONE;
}

enum err corim_next_digest(struct bytes *digests, struct corim_digest *out)
{
	struct corim_digest read = { 0 };
	struct bytes rest = *digests, parts, name;
	uint64_t count;

	if (rest.len == 0)
		return ERR_NOT_FOUND;
	TRY(cbor_read_open(&rest, CBOR_ARRAY, &count, &parts));
	if (count != 2)
		return ERR_LENGTH;
	if (cbor_is(parts, CBOR_TEXT))
		TRY(cbor_read_text(&parts, &name));
	else
		TRY(cbor_read_int(&parts, &read.algorithm));
	TRY(cbor_read_bytes(&parts, &read.value));
	if ((read.algorithm == CORIM_SHA256 && read.value.len != 32) ||
	    (read.algorithm == CORIM_SHA384 && read.value.len != 48) ||
	    (read.algorithm == CORIM_SHA512 && read.value.len != 64))
		return ERR_LENGTH;
	*digests = rest;
	*out = read;
	return ERR_NONE;
}
