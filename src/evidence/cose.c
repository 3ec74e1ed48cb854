/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/cose.h"

#include "codec/cbor.h"

enum { HEADER_ALGORITHM = 1, HEADER_CRITICAL = 2, HEADER_KID = 4 };

/* The labels in one bucket. RFC 9052 3: labels are integers or text, and none may occur twice, in
 * both buckets together; those that this code acts upon are held to it. */
struct bucket {
	bool has_algorithm, has_critical;
	int64_t algorithm;
	struct bytes kid;
};

static enum err read_label(struct bytes *pairs, int64_t label, struct bucket *out)
{
	switch (label) {
	case HEADER_ALGORITHM:
		if (out->has_algorithm)
			return ERR_EXISTS;
		out->has_algorithm = true;
		return cbor_read_int(pairs, &out->algorithm);
	case HEADER_KID:
		if (out->kid.at != NULL)
			return ERR_EXISTS;
		return cbor_read_bytes(pairs, &out->kid);
	case HEADER_CRITICAL:
		out->has_critical = true;
		return cbor_skip(pairs);
	default:
		return cbor_skip(pairs);
	}
}

static enum err read_bucket(struct bytes pairs, struct bucket *out)
{
	while (pairs.len > 0) {
		int64_t label;

		if (cbor_is(pairs, CBOR_TEXT)) {
			TRY(cbor_skip(&pairs));
			TRY(cbor_skip(&pairs));
			continue;
		}
		TRY(cbor_read_int(&pairs, &label));
		TRY(read_label(&pairs, label, out));
	}
	return ERR_NONE;
}

/* RFC 9052 3: the protected bucket is a byte string holding a map, or empty for no entries; a map
 * without entries is taken too, and then counts as the empty string (4.4). */
static enum err read_protected(struct bytes *in, struct cose *out, struct bucket *bucket)
{
	struct bytes content, pairs, rest;
	uint64_t count;

	TRY(cbor_read_bytes(in, &content));
	out->protected = (struct bytes){ NULL, 0 };
	if (content.len == 0)
		return ERR_NONE;
	rest = content;
	TRY(cbor_read_open(&rest, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(rest));
	if (count > 0)
		out->protected = content;
	return read_bucket(pairs, bucket);
}

static enum err read_headers(struct bytes *in, struct cose *out)
{
	struct bucket inner = { 0 }, outer = { 0 };
	uint64_t count;

	TRY(read_protected(in, out, &inner));
	TRY(cbor_read_open(in, CBOR_MAP, &count, &out->unprotected));
	TRY(read_bucket(out->unprotected, &outer));
	if ((inner.has_algorithm && outer.has_algorithm) ||
	    (inner.kid.at != NULL && outer.kid.at != NULL))
		return ERR_EXISTS;
	/* RFC 9052 3.1: what is listed as critical must be understood, and nothing is. */
	if (inner.has_critical || outer.has_critical)
		return ERR_UNSUPPORTED;
	if (!inner.has_algorithm && !outer.has_algorithm)
		return ERR_NOT_FOUND;
	out->algorithm_protected = inner.has_algorithm;
	out->algorithm = inner.has_algorithm ? inner.algorithm : outer.algorithm;
	out->kid = inner.kid.at != NULL ? inner.kid : outer.kid;
	return ERR_NONE;
}

enum err cose_read(struct bytes in, uint64_t untagged, struct cose *out)
{
	struct cose read = { .tag = untagged };
	struct bytes items;
	uint64_t count;

	if (cbor_is(in, CBOR_TAG)) {
		TRY(cbor_read_tag(&in, &read.tag));
		read.tagged = true;
	}
	if (read.tag != COSE_TAG_SIGN1 && read.tag != COSE_TAG_MAC0)
		return ERR_TAG;
	TRY(cbor_read_open(&in, CBOR_ARRAY, &count, &items));
	TRY(cbor_end(in));
	if (count != 4)
		return ERR_LENGTH; /* RFC 9052 4.2, 6.2 */
	TRY(read_headers(&items, &read));
	if (cbor_is(items, CBOR_BYTES))
		TRY(cbor_read_bytes(&items, &read.payload));
	else
		TRY(cbor_read_null(&items));
	TRY(cbor_read_bytes(&items, &read.signature));
	TRY(cbor_end(items));
	*out = read;
	return ERR_NONE;
}

/* Sig_structure and MAC_structure (RFC 9052 4.4, 6.3) as parts: only the heads are written anew. */
struct to_be_signed {
	uint8_t head[3][16];
	struct bytes parts[6];
};

static struct bytes head_of(uint8_t *store, size_t cap, struct bytes context, struct bytes content)
{
	struct room room = { store, cap, 0, false };
	const struct cbor head = { CBOR_BYTES, 0, content.len, { NULL, 0 } };

	if (context.len > 0) {
		cbor_put_array(&room, 4);
		cbor_put_text(&room, context);
	}
	cbor_put(&room, &head);
	return room_used(&room);
}

static void to_be_signed(struct to_be_signed *out, struct bytes context, struct bytes protected,
                         struct bytes external_aad, struct bytes payload)
{
	static const struct bytes none = { NULL, 0 };

	out->parts[0] = head_of(out->head[0], sizeof out->head[0], context, protected);
	out->parts[1] = protected;
	out->parts[2] = head_of(out->head[1], sizeof out->head[1], none, external_aad);
	out->parts[3] = external_aad;
	out->parts[4] = head_of(out->head[2], sizeof out->head[2], none, payload);
	out->parts[5] = payload;
}

static const struct bytes signature1 = { (const uint8_t *)"Signature1", 10 };
static const struct bytes mac0 = { (const uint8_t *)"MAC0", 4 };

/* RFC 9053 2.1 lets any hash go with any curve; here each algorithm has the curve of its own size,
 * so that the key fixes the algorithm and a sender cannot choose another. */
static const struct {
	int64_t algorithm;
	enum attest_key_kind kind;
	enum attest_hash hash;
} algorithms[] = {
	{ COSE_ES256, ATTEST_P256, ATTEST_SHA256 },
	{ COSE_ES384, ATTEST_P384, ATTEST_SHA384 },
	{ COSE_ES512, ATTEST_P521, ATTEST_SHA512 },
};

enum err cose_verify(const struct cose *message, const struct attest_key *key,
                     struct bytes external_aad)
{
	struct to_be_signed tbs;

	if (message->tag != COSE_TAG_SIGN1)
		return ERR_TAG;
	if (message->payload.at == NULL)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < COUNT(algorithms); i++) {
		if (algorithms[i].algorithm != message->algorithm ||
		    algorithms[i].kind != key->kind)
			continue;
		to_be_signed(&tbs, signature1, message->protected, external_aad, message->payload);
		return attest_verify(key, ATTEST_ECDSA, algorithms[i].hash, tbs.parts,
		                     COUNT(tbs.parts), message->signature);
	}
	return ERR_UNSUPPORTED;
}

enum err cose_verify_mac(const struct cose *message, const struct secret *key,
                         struct bytes external_aad)
{
	struct to_be_signed tbs;
	uint8_t mac[SHA256_SIZE];

	if (message->tag != COSE_TAG_MAC0)
		return ERR_TAG;
	if (message->payload.at == NULL)
		return ERR_NOT_FOUND;
	if (message->algorithm != COSE_HMAC_256)
		return ERR_UNSUPPORTED;
	to_be_signed(&tbs, mac0, message->protected, external_aad, message->payload);
	TRY(crypto_hmac_sha256(mac, key, tbs.parts, COUNT(tbs.parts)));
	return secret_same((struct bytes){ mac, sizeof mac }, message->signature) ? ERR_NONE
	                                                                          : ERR_MAC;
}

/* The message up to and including the payload; gives back where the protected map lies. */
static struct bytes put_message(struct room *out, uint64_t tag, int64_t algorithm,
                                const struct cose_headers *more, struct bytes payload)
{
	cbor_put_tag(out, tag);
	cbor_put_array(out, 4);
	size_t mark = cbor_open_bytes(out), start = out->len;
	cbor_put_map(out, 1 + (more->kid.len > 0 ? 1u : 0u) + more->others);
	cbor_put_uint(out, HEADER_ALGORITHM);
	cbor_put_int(out, algorithm);
	if (more->kid.len > 0) {
		cbor_put_uint(out, HEADER_KID);
		cbor_put_bytes(out, more->kid);
	}
	room_put(out, more->pairs);
	size_t len = out->len - start;
	cbor_close_bytes(out, mark);
	size_t end = out->len;
	cbor_put_map(out, 0);
	cbor_put_bytes(out, payload);
	return out->full ? (struct bytes){ NULL, 0 } : (struct bytes){ out->at + end - len, len };
}

enum err cose_sign1_put(struct room *out, const struct secret *scalar, struct bytes kid,
                        struct bytes external_aad, struct bytes payload)
{
	return cose_sign1_put_with(out, scalar, &(struct cose_headers){ .kid = kid }, external_aad,
	                           payload);
}

enum err cose_sign1_put_with(struct room *out, const struct secret *scalar,
                             const struct cose_headers *more, struct bytes external_aad,
                             struct bytes payload)
{
	uint8_t signature[EC_SIGNATURE_SIZE];
	struct bytes protected = put_message(out, COSE_TAG_SIGN1, COSE_ES256, more, payload);
	struct to_be_signed tbs;

	if (out->full)
		return ERR_ROOM;
	to_be_signed(&tbs, signature1, protected, external_aad, payload);
	TRY(crypto_ecdsa_sign(EC_P256, scalar, tbs.parts, COUNT(tbs.parts), signature));
	cbor_put_bytes(out, BYTES(signature));
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err cose_sign1_put_by(struct room *out, const struct cose_signer *signer,
                           struct bytes external_aad, struct bytes payload)
{
	uint8_t signature[EC_SIGNATURE_SIZE], store[COSE_MESSAGE_MAX];
	const struct cose_headers none = { .others = 0 };
	struct bytes protected = put_message(out, COSE_TAG_SIGN1, COSE_ES256, &none, payload);
	struct room message = ROOM(store);
	struct to_be_signed tbs;

	if (out->full)
		return ERR_ROOM;
	to_be_signed(&tbs, signature1, protected, external_aad, payload);
	for (size_t i = 0; i < COUNT(tbs.parts); i++)
		room_put(&message, tbs.parts[i]);
	if (message.full)
		return ERR_LIMIT;
	TRY(signer->sign(signer->ctx, room_used(&message), signature));
	cbor_put_bytes(out, BYTES(signature));
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err cose_mac0_put(struct room *out, const struct secret *key, struct bytes kid,
                       struct bytes external_aad, struct bytes payload)
{
	uint8_t mac[SHA256_SIZE];
	const struct cose_headers more = { .kid = kid };
	struct bytes protected = put_message(out, COSE_TAG_MAC0, COSE_HMAC_256, &more, payload);
	struct to_be_signed tbs;

	if (out->full)
		return ERR_ROOM;
	to_be_signed(&tbs, mac0, protected, external_aad, payload);
	TRY(crypto_hmac_sha256(mac, key, tbs.parts, COUNT(tbs.parts)));
	cbor_put_bytes(out, BYTES(mac));
	return out->full ? ERR_ROOM : ERR_NONE;
}
