/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/ear_json.h"

#include "codec/base64.h"

#include <string.h>

enum { TOKEN_MAX = 16384, HEADER_MAX = 1024 };

/* A member under its name in the draft, or under the older one. */
static json_t *member(const json_t *object, const char *name, const char *older)
{
	json_t *value = json_object_get(object, name);

	return value != NULL ? value : json_object_get(object, older);
}

static enum err text(const json_t *value, struct bytes *out)
{
	if (value == NULL)
		return ERR_NOT_FOUND;
	if (!json_is_string(value))
		return ERR_VALUE;
	*out = (struct bytes){ (const uint8_t *)json_string_value(value),
		               json_string_length(value) };
	return ERR_NONE;
}

static enum err number(const json_t *value, int64_t *out)
{
	if (value == NULL)
		return ERR_NOT_FOUND;
	if (!json_is_integer(value))
		return ERR_VALUE;
	*out = json_integer_value(value);
	return ERR_NONE;
}

/* EAR 3.1: the name of a tier, or its number. */
static enum err read_status(const json_t *value, enum ear_tier *out)
{
	static const enum ear_tier tiers[] = { EAR_NONE, EAR_AFFIRMING, EAR_WARNING,
		                               EAR_CONTRAINDICATED };
	const char *name = json_string_value(value);

	if (value == NULL)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < COUNT(tiers); i++) {
		if (name != NULL ? strcmp(name, ear_tier_text(tiers[i])) == 0
		                 : json_is_integer(value) &&
		                           json_integer_value(value) == (json_int_t)tiers[i]) {
			*out = tiers[i];
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}

static enum err read_vector(json_t *object, int8_t *vector)
{
	const char *name;
	json_t *value;

	if (object == NULL)
		return ERR_NONE;
	if (!json_is_object(object))
		return ERR_VALUE;
	json_object_foreach(object, name, value)
	{
		int claim = 0;

		while (claim < EAR_CLAIMS &&
		       strcmp(name, ear_claim_text((enum ear_claim)claim)) != 0)
			claim++;
		if (claim == EAR_CLAIMS || !json_is_integer(value) ||
		    json_integer_value(value) < INT8_MIN || json_integer_value(value) > INT8_MAX)
			return ERR_VALUE;
		vector[claim] = (int8_t)json_integer_value(value);
	}
	return ERR_NONE;
}

static enum err read_policy(const json_t *object, struct bytes *out)
{
	const json_t *list = json_object_get(object, "ear_appraisal_policy_ids");
	const json_t *one = list != NULL ? json_array_get(list, 0)
	                                 : json_object_get(object, "ear.appraisal-policy-id");

	return list == NULL && one == NULL ? ERR_NONE : text(one, out);
}

static enum err read_submods(json_t *object, struct ear *out)
{
	const char *name;
	json_t *value;

	if (object == NULL || json_object_size(object) == 0)
		return ERR_NOT_FOUND;
	json_object_foreach(object, name, value)
	{
		if (!json_is_object(value))
			return ERR_VALUE;
		out->submodule = bytes_text(name);
		TRY(read_status(member(value, "ear_status", "ear.status"), &out->status));
		TRY(read_vector(
			member(value, "ear_trustworthiness_vector", "ear.trustworthiness-vector"),
			out->vector));
		TRY(read_policy(value, &out->policy));
		break; /* the first, as of the CBOR form */
	}
	for (size_t i = 0; i < EAR_CLAIMS && out->status != EAR_NONE; i++) {
		if (ear_tier_of(out->vector[i]) > out->status)
			return ERR_VALUE;
	}
	return ERR_NONE;
}

static enum err read_nonce(const json_t *value, struct ear_json *out)
{
	struct room room = ROOM(out->nonce);
	struct bytes encoded;

	if (value == NULL)
		return ERR_NONE;
	TRY(text(value, &encoded));
	if (base64url_read(encoded, &room) != ERR_NONE)
		return ERR_VALUE;
	out->ear.nonce = room_used(&room);
	return ERR_NONE;
}

static enum err optional(enum err err)
{
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err read_claims(struct ear_json *out)
{
	const json_t *root = out->root;
	const json_t *verifier = member(root, "ear_verifier_id", "ear.verifier-id");
	struct ear *ear = &out->ear;

	TRY(text(json_object_get(root, "eat_profile"), &ear->profile));
	TRY(number(json_object_get(root, "iat"), &ear->issued));
	TRY(text(json_object_get(verifier, "developer"), &ear->developer));
	TRY(text(json_object_get(verifier, "build"), &ear->build));
	TRY(optional(number(json_object_get(root, "exp"), &ear->expires)));
	TRY(optional(text(json_object_get(root, "aud"), &ear->audience)));
	TRY(read_nonce(json_object_get(root, "eat_nonce"), out));
	return read_submods(json_object_get(root, "submods"), ear);
}

enum err ear_json_read(struct bytes in, struct ear_json *out)
{
	*out = (struct ear_json){ .root = json_loadb((const char *)in.at, in.len,
		                                     JSON_REJECT_DUPLICATES, NULL) };
	enum err err =
		out->root == NULL || !json_is_object(out->root) ? ERR_VALUE : read_claims(out);
	if (err != ERR_NONE)
		ear_json_clear(out);
	return err;
}

void ear_json_clear(struct ear_json *ear)
{
	json_decref(ear->root);
	*ear = (struct ear_json){ .root = NULL };
}

static bool split(struct bytes in, struct bytes *head, struct bytes *tail)
{
	const uint8_t *point = in.len == 0 ? NULL : memchr(in.at, '.', in.len);

	if (point == NULL)
		return false;
	size_t n = (size_t)(point - in.at);
	*head = (struct bytes){ in.at, n };
	*tail = (struct bytes){ point + 1, in.len - n - 1 };
	return true;
}

/* RFC 7515 4.1: the algorithm is the one that is expected, and nothing is called critical. */
static enum err check_header(struct bytes encoded)
{
	uint8_t store[HEADER_MAX];
	struct room room = ROOM(store);
	struct bytes algorithm = { NULL, 0 };

	if (base64url_read(encoded, &room) != ERR_NONE)
		return ERR_VALUE;
	json_t *header = json_loadb((const char *)store, room.len, JSON_REJECT_DUPLICATES, NULL);
	enum err err =
		header == NULL ? ERR_VALUE : text(json_object_get(header, "alg"), &algorithm);
	if (err == ERR_NONE &&
	    (!bytes_same(algorithm, BYTES_STR("ES256")) || json_object_get(header, "crit") != NULL))
		err = ERR_UNSUPPORTED;
	json_decref(header);
	return err;
}

static enum err verify(struct bytes in, const struct attest_key *key, struct room *claims)
{
	struct bytes header, body, signature, rest;
	uint8_t store[128];
	struct room rs = ROOM(store);

	if (!split(in, &header, &rest) || !split(rest, &body, &signature))
		return ERR_VALUE;
	TRY(check_header(header));
	if (base64url_read(signature, &rs) != ERR_NONE)
		return ERR_SIGNATURE;
	struct bytes over = { in.at, header.len + 1 + body.len };
	TRY(attest_verify(key, ATTEST_ECDSA, ATTEST_SHA256, &over, 1, room_used(&rs)));
	return base64url_read(body, claims);
}

enum err ear_jwt_read(struct bytes in, const struct attest_key *key, struct bytes audience,
                      int64_t now, struct ear_json *out)
{
	static _Thread_local uint8_t store[TOKEN_MAX];
	struct room claims = ROOM(store);

	if (key->kind != ATTEST_P256)
		return ERR_UNSUPPORTED;
	TRY(verify(in, key, &claims));
	TRY(ear_json_read(room_used(&claims), out));
	const struct ear *ear = &out->ear;
	enum err err = !bytes_same(ear->audience, audience)     ? ERR_DENIED
	               : ear->issued > now || ear->expires == 0 ? ERR_VALUE
	               : now >= ear->expires                    ? ERR_EXPIRED
	                                                        : ERR_NONE;
	if (err != ERR_NONE)
		ear_json_clear(out);
	return err;
}
