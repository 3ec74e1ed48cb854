/* SPDX-License-Identifier: Apache-2.0 */
/* The result as JSON and JWT: EAR 3.1 with the names of its JSON form, RFC 7515 compact
 * serialization. */
#include "evidence/ear.h"

#include "codec/base64.h"
#include "port/crypto.h"

static void put(struct room *out, const char *text)
{
	while (*text != '\0')
		room_put_u8(out, (uint8_t)*text++);
}

/* RFC 8259 7: quotation mark, reverse solidus and control characters are escaped. */
static void put_string(struct room *out, struct bytes text)
{
	static const char hex[] = "0123456789abcdef";

	room_put_u8(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c < 0x20) {
			put(out, "\\u00");
			room_put_u8(out, (uint8_t)hex[c >> 4]);
			room_put_u8(out, (uint8_t)hex[c & 15]);
			continue;
		}
		if (c == '"' || c == '\\')
			room_put_u8(out, '\\');
		room_put_u8(out, c);
	}
	room_put_u8(out, '"');
}

static void put_number(struct room *out, int64_t value)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint8_t digits[20];
	size_t n = 0;

	if (value < 0)
		room_put_u8(out, '-');
	do {
		digits[n++] = (uint8_t)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	while (n-- > 0)
		room_put_u8(out, digits[n]);
}

static void put_vector(struct room *out, const int8_t *vector)
{
	bool first = true;

	put(out, "{");
	for (int i = 0; i < EAR_CLAIMS; i++) {
		if (vector[i] == 0)
			continue;
		put(out, first ? "\"" : ",\"");
		put(out, ear_claim_text((enum ear_claim)i));
		put(out, "\":");
		put_number(out, vector[i]);
		first = false;
	}
	put(out, "}");
}

static void put_appraisal(struct room *out, const struct ear *ear)
{
	put(out, ",\"submods\":{");
	put_string(out, ear->submodule);
	put(out, ":{\"ear_status\":\"");
	put(out, ear_tier_text(ear->status));
	put(out, "\",\"ear_trustworthiness_vector\":");
	put_vector(out, ear->vector);
	if (ear->policy.at != NULL) {
		put(out, ",\"ear_appraisal_policy_ids\":[");
		put_string(out, ear->policy);
		put(out, "]");
	}
	put(out, "}}}");
}

void ear_json_put(struct room *out, const struct ear *ear)
{
	put(out, "{\"eat_profile\":");
	put_string(out, ear->profile.len > 0 ? ear->profile
	                                     : BYTES_STR("tag:ietf.org,2026:rats/ear#03"));
	put(out, ",\"iat\":");
	put_number(out, ear->issued);
	if (ear->expires != 0) {
		put(out, ",\"exp\":");
		put_number(out, ear->expires);
	}
	if (ear->audience.len > 0) {
		put(out, ",\"aud\":");
		put_string(out, ear->audience);
	}
	if (ear->nonce.at != NULL) {
		put(out, ",\"eat_nonce\":\"");
		base64url_put(out, ear->nonce);
		put(out, "\"");
	}
	put(out, ",\"ear_verifier_id\":{\"developer\":");
	put_string(out, ear->developer);
	put(out, ",\"build\":");
	put_string(out, ear->build);
	put(out, "}");
	put_appraisal(out, ear);
}

enum { JSON_MAX = 1024, HEADER_MAX = 256 };

enum err ear_jwt_put(struct room *out, const struct secret *scalar, struct bytes kid,
                     const struct ear *ear)
{
	uint8_t store[JSON_MAX], head_store[HEADER_MAX], signature[EC_SIGNATURE_SIZE];
	struct room claims = ROOM(store), header = ROOM(head_store);
	size_t start = out->len;

	put(&header, "{\"alg\":\"ES256\",\"typ\":\"eat+jwt\",\"kid\":");
	put_string(&header, kid);
	put(&header, "}");
	ear_json_put(&claims, ear);
	if (header.full || claims.full)
		return ERR_ROOM;
	base64url_put(out, room_used(&header));
	put(out, ".");
	base64url_put(out, room_used(&claims));
	if (out->full)
		return ERR_ROOM;
	/* RFC 7515 5.1: over the two encoded parts with the point between them. */
	struct bytes signed_part = { out->at + start, out->len - start };
	TRY(crypto_ecdsa_sign(EC_P256, scalar, &signed_part, 1, signature));
	put(out, ".");
	base64url_put(out, BYTES(signature));
	return out->full ? ERR_ROOM : ERR_NONE;
}
