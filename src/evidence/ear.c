/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/ear.h"

#include "codec/cbor.h"
#include "evidence/cose.h"

/* Keys of the claims set: RFC 8392 3.1, RFC 9711 10.2, EAR 3.1. */
enum {
	KEY_AUDIENCE = 3,
	KEY_EXPIRES = 4,
	KEY_ISSUED = 6,
	KEY_NONCE = 10,
	KEY_PROFILE = 265,
	KEY_SUBMODS = 266,
	KEY_STATUS = 1000,
	KEY_VECTOR = 1001,
	KEY_POLICIES = 1003,
	KEY_VERIFIER = 1004,
};

static const struct bytes own_profile = { (const uint8_t *)"tag:ietf.org,2026:rats/ear#03", 29 };

static const char claim_texts[EAR_CLAIMS][18] = {
	[EAR_INSTANCE_IDENTITY] = "instance-identity",
	[EAR_CONFIGURATION] = "configuration",
	[EAR_EXECUTABLES] = "executables",
	[EAR_FILE_SYSTEM] = "file-system",
	[EAR_HARDWARE] = "hardware",
	[EAR_RUNTIME_OPAQUE] = "runtime-opaque",
	[EAR_STORAGE_OPAQUE] = "storage-opaque",
	[EAR_SOURCED_DATA] = "sourced-data",
};

const char *ear_claim_text(enum ear_claim claim)
{
	return (unsigned)claim < EAR_CLAIMS ? claim_texts[claim] : "unknown";
}

const char *ear_tier_text(enum ear_tier tier)
{
	switch (tier) {
	case EAR_AFFIRMING:
		return "affirming";
	case EAR_WARNING:
		return "warning";
	case EAR_CONTRAINDICATED:
		return "contraindicated";
	case EAR_NONE:
		break;
	}
	return "none";
}

/* AR4SI 2.3.2: -1..1 none, 2..31 and -32..-2 affirming, 32..95 and -96..-33 warning, beyond that
 * contraindicated. */
enum ear_tier ear_tier_of(int8_t value)
{
	if (value >= -1 && value <= 1)
		return EAR_NONE;
	if (value >= -32 && value <= 31)
		return EAR_AFFIRMING;
	return value >= -96 && value <= 95 ? EAR_WARNING : EAR_CONTRAINDICATED;
}

static enum err read_vector(struct bytes *in, int8_t *vector)
{
	struct bytes pairs;
	uint64_t count, key;
	int64_t value;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	for (uint32_t seen = 0; pairs.len > 0;) {
		TRY(cbor_read_uint(&pairs, EAR_CLAIMS - 1, &key));
		TRY(cbor_read_int(&pairs, &value));
		if (value < INT8_MIN || value > INT8_MAX)
			return ERR_VALUE;
		if (seen >> key & 1)
			return ERR_EXISTS;
		seen |= (uint32_t)1 << key;
		vector[key] = (int8_t)value;
	}
	return ERR_NONE;
}

static enum err read_tier(struct bytes *in, enum ear_tier *out)
{
	uint64_t value;

	TRY(cbor_read_uint(in, EAR_CONTRAINDICATED, &value));
	if (value != EAR_NONE && value != EAR_AFFIRMING && value != EAR_WARNING &&
	    value != EAR_CONTRAINDICATED)
		return ERR_VALUE;
	*out = (enum ear_tier)value;
	return ERR_NONE;
}

/* EAR 3.1: policy ids are an array; the first is the one that decided. */
static enum err read_policies(struct bytes *in, struct bytes *out)
{
	struct bytes items;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_ARRAY, &count, &items));
	return count == 0 ? ERR_LENGTH : cbor_read_text(&items, out);
}

static enum err read_appraisal(struct bytes *in, struct ear *out)
{
	struct bytes pairs;
	uint64_t count;
	bool status = false;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	while (pairs.len > 0) {
		int64_t key;

		TRY(cbor_read_int(&pairs, &key));
		switch (key) {
		case KEY_STATUS:
			if (status)
				return ERR_EXISTS;
			status = true;
			TRY(read_tier(&pairs, &out->status));
			break;
		case KEY_VECTOR:
			TRY(read_vector(&pairs, out->vector));
			break;
		case KEY_POLICIES:
			TRY(read_policies(&pairs, &out->policy));
			break;
		default:
			TRY(cbor_skip(&pairs));
			break;
		}
	}
	if (!status)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < EAR_CLAIMS && out->status != EAR_NONE; i++) {
		if (ear_tier_of(out->vector[i]) > out->status)
			return ERR_VALUE;
	}
	return ERR_NONE;
}

static enum err read_submods(struct bytes *in, struct ear *out)
{
	struct bytes pairs;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	if (count == 0)
		return ERR_LENGTH;
	TRY(cbor_read_text(&pairs, &out->submodule));
	return read_appraisal(&pairs, out);
}

static enum err read_verifier(struct bytes *in, struct ear *out)
{
	struct bytes pairs, value;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	TRY(cbor_map_find(pairs, 0, &value));
	TRY(cbor_read_text(&value, &out->developer));
	TRY(cbor_map_find(pairs, 1, &value));
	return cbor_read_text(&value, &out->build);
}

static enum err read_claim(int64_t key, struct bytes *in, struct ear *out)
{
	switch (key) {
	case KEY_AUDIENCE:
		return cbor_read_text(in, &out->audience);
	case KEY_EXPIRES:
		return cbor_read_int(in, &out->expires);
	case KEY_ISSUED:
		return cbor_read_int(in, &out->issued);
	case KEY_NONCE:
		return cbor_read_bytes(in, &out->nonce);
	case KEY_PROFILE:
		return cbor_read_text(in, &out->profile);
	case KEY_SUBMODS:
		return read_submods(in, out);
	case KEY_VERIFIER:
		return read_verifier(in, out);
	default:
		return cbor_skip(in);
	}
}

/* EAR 3.1: profile, issued, verifier and submodules are mandatory. */
enum err ear_claims_read(struct bytes in, struct ear *out)
{
	static const int64_t mandatory[] = { KEY_PROFILE, KEY_ISSUED, KEY_VERIFIER, KEY_SUBMODS };
	struct ear read = { 0 };
	struct bytes pairs, value;
	uint64_t count;
	int64_t key;

	TRY(cbor_read_open(&in, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(in));
	for (size_t i = 0; i < COUNT(mandatory); i++)
		TRY(cbor_map_find(pairs, mandatory[i], &value));
	while (pairs.len > 0) {
		if (cbor_is(pairs, CBOR_TEXT)) { /* somebody's extension */
			TRY(cbor_skip(&pairs));
			TRY(cbor_skip(&pairs));
			continue;
		}
		TRY(cbor_read_int(&pairs, &key));
		TRY(cbor_read_whole(&pairs, &value));
		TRY(read_claim(key, &value, &read));
		if (cbor_map_find(pairs, key, &value) != ERR_NOT_FOUND)
			return ERR_EXISTS;
	}
	*out = read;
	return ERR_NONE;
}

static void put_vector(struct room *out, const int8_t *vector)
{
	uint64_t count = 0;

	for (size_t i = 0; i < EAR_CLAIMS; i++)
		count += vector[i] != 0;
	cbor_put_map(out, count);
	for (size_t i = 0; i < EAR_CLAIMS; i++) {
		if (vector[i] == 0)
			continue;
		cbor_put_uint(out, i);
		cbor_put_int(out, vector[i]);
	}
}

static void put_submods(struct room *out, const struct ear *ear)
{
	cbor_put_map(out, 1);
	cbor_put_text(out, ear->submodule);
	cbor_put_map(out, ear->policy.at != NULL ? 3 : 2);
	cbor_put_uint(out, KEY_STATUS);
	cbor_put_uint(out, ear->status);
	cbor_put_uint(out, KEY_VECTOR);
	put_vector(out, ear->vector);
	if (ear->policy.at != NULL) {
		cbor_put_uint(out, KEY_POLICIES);
		cbor_put_array(out, 1);
		cbor_put_text(out, ear->policy);
	}
}

static uint64_t optional_claims(const struct ear *ear)
{
	uint64_t count = 0;

	count += ear->audience.len > 0;
	count += ear->expires != 0;
	count += ear->nonce.at != NULL;
	return count;
}

void ear_claims_put(struct room *out, const struct ear *ear)
{
	cbor_put_map(out, 4 + optional_claims(ear));
	if (ear->audience.len > 0) {
		cbor_put_uint(out, KEY_AUDIENCE);
		cbor_put_text(out, ear->audience);
	}
	if (ear->expires != 0) {
		cbor_put_uint(out, KEY_EXPIRES);
		cbor_put_int(out, ear->expires);
	}
	cbor_put_uint(out, KEY_ISSUED);
	cbor_put_int(out, ear->issued);
	if (ear->nonce.at != NULL) {
		cbor_put_uint(out, KEY_NONCE);
		cbor_put_bytes(out, ear->nonce);
	}
	cbor_put_uint(out, KEY_PROFILE);
	cbor_put_text(out, ear->profile.len > 0 ? ear->profile : own_profile);
	cbor_put_uint(out, KEY_SUBMODS);
	put_submods(out, ear);
	cbor_put_uint(out, KEY_VERIFIER);
	cbor_put_map(out, 2);
	cbor_put_uint(out, 0);
	cbor_put_text(out, ear->developer);
	cbor_put_uint(out, 1);
	cbor_put_text(out, ear->build);
}

enum { EAR_PAYLOAD_MAX = 768 };

enum err ear_cwt_put(struct room *out, const struct secret *scalar, struct bytes kid,
                     const struct ear *ear)
{
	uint8_t store[EAR_PAYLOAD_MAX];
	struct room claims = ROOM(store);

	ear_claims_put(&claims, ear);
	if (claims.full)
		return ERR_ROOM;
	return cose_sign1_put(out, scalar, kid, (struct bytes){ NULL, 0 }, room_used(&claims));
}

enum err ear_cwt_read(struct bytes in, const struct attest_key *key, struct bytes audience,
                      int64_t now, struct ear *out)
{
	struct cose message;
	struct ear read;

	TRY(cose_read(in, 0, &message));
	if (!message.algorithm_protected)
		return ERR_SIGNATURE;
	TRY(cose_verify(&message, key, (struct bytes){ NULL, 0 }));
	TRY(ear_claims_read(message.payload, &read));
	if (!bytes_same(read.audience, audience))
		return ERR_DENIED;
	if (read.issued > now || read.expires == 0)
		return ERR_VALUE;
	if (now >= read.expires)
		return ERR_EXPIRED;
	*out = read;
	return ERR_NONE;
}
