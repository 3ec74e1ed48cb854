/* SPDX-License-Identifier: Apache-2.0 */
/* PSA tokens and claims sets: what we write reads back, then the published ones as their index
 * says. */
#include "evidence/eat.h"

#include "evidence/cose.h"
#include "port/crypto.h"
#include "tests/evidence/diag.h"
#include "tests/evidence/keys.h"

static const char *const pems[] = { "psa/iat-key.pub.pem", "psa/tfm-public.pem",
	                            "psa/veraison-psa-key.pub.pem", "psa/iat-cca_platform.pub.pem",
	                            "psa/iat-cca_realm.pub.pem" };
static const char *const jwks[] = { "psa/veraison-ec.p256.pub.jwk",
	                            "psa/veraison-ec.p384.pub.jwk" };

/* Any of the published keys may have signed: their index names them by hand only. */
static bool signed_by_any(const struct cose *message)
{
	const struct bytes none = { NULL, 0 };
	struct attest_key key;
	struct bytes text;

	for (size_t i = 0; i < COUNT(pems); i++) {
		if (key_from_pem(pems[i], &key) && cose_verify(message, &key, none) == ERR_NONE)
			return true;
	}
	for (size_t i = 0; i < COUNT(jwks); i++) {
		if (!attestation_file(jwks[i], &text))
			continue;
		json_t *root = json_loadb((const char *)text.at, text.len, 0, NULL);
		bool good =
			key_from_jwk(root, &key) && cose_verify(message, &key, none) == ERR_NONE;
		json_decref(root);
		if (good)
			return true;
	}
	return false;
}

/* Tokens: form of the message, signature, claims. What differs from the index is in
 * docs/attestation-vectors.md. */
static const struct {
	const char *path;
	enum err message;
	bool verifies;
	enum err claims;
} tokens[] = {
	{ "psa/tfm-psa-2_0_0_sign1.bin", ERR_NONE, true, ERR_NONE },
	{ "psa/tfm-psa-2_0_0_mac0.bin", ERR_NONE, false, ERR_NONE },
	{ "psa/tfm-psa-iot-1_sign1.bin", ERR_NONE, true, ERR_NONE },
	{ "psa/tfm-psa-iot-1_mac0.bin", ERR_NONE, false, ERR_NONE },
	{ "psa/iat-iat.cbor", ERR_NONE, true, ERR_UNSUPPORTED },
	{ "psa/iat-iat-hmac.cbor", ERR_NONE, false, ERR_UNSUPPORTED },
	{ "psa/iat-invalid-profile-id.cbor", ERR_NOT_FOUND, true, ERR_UNSUPPORTED },
	{ "psa/iat-malformed.cbor", ERR_TRAILING, false, ERR_NONE },
	{ "psa/iat-missing-claim.cbor", ERR_NOT_FOUND, true, ERR_NOT_FOUND },
	{ "psa/iat-submod-missing-claim.cbor", ERR_NOT_FOUND, true, ERR_NOT_FOUND },
	{ "psa/iat-missing-sw-comps.cbor", ERR_NOT_FOUND, true, ERR_NOT_FOUND },
	{ "psa/iat-no-sw-measurements.cbor", ERR_NOT_FOUND, true, ERR_NONE },
	{ "psa/synthetic-correct_tagging.cbor", ERR_NONE, true, ERR_TAG },
	{ "psa/synthetic-invalid_tags.cbor", ERR_NONE, true, ERR_TAG },
	{ "psa/synthetic-missing_tags.cbor", ERR_NONE, true, ERR_NOT_FOUND },
	{ "psa/synthetic-p_header_off.cbor", ERR_NOT_FOUND, true, ERR_NONE },
	{ "psa/synthetic-unexpected_tags.cbor", ERR_NONE, true, ERR_TAG },
	{ "psa/synthetic-unknown_claims.cbor", ERR_NONE, true, ERR_TAG },
	{ "psa/veraison-psa-token.cbor", ERR_NONE, true, ERR_NONE },
	{ "psa/veraison-psaintegtoken.cbor", ERR_NONE, true, ERR_NONE },
	{ "psa/veraison-psa.good.cose", ERR_NONE, true, ERR_NONE },
	{ "psa/veraison-perf-psa.good.cbor", ERR_NONE, true, ERR_NONE },
	{ "psa/iat-cca_example_token.cbor", ERR_TAG, false, ERR_NONE },
	{ "psa/iat-cca_token.cbor", ERR_TAG, false, ERR_NONE },
	{ "psa/iat-cca_platform_token.cbor", ERR_NONE, true, ERR_UNSUPPORTED },
};

static bool judge_token(const struct vector *vector)
{
	for (size_t i = 0; i < COUNT(tokens); i++) {
		struct cose message;
		struct psa_claims claims;

		if (strcmp(tokens[i].path, vector->path) != 0)
			continue;
		enum err err = cose_read(vector->data, 0, &message);
		ok_err(err, tokens[i].message, vector->path);
		if (err != ERR_NONE)
			return true;
		if (message.tag == COSE_TAG_SIGN1)
			ok(signed_by_any(&message) == tokens[i].verifies, "... signature");
		ok_err(psa_claims_read(message.payload, &claims), tokens[i].claims, "... claims");
		return true;
	}
	return false;
}

/* The claims of PSA in JSON, as one implementation names them, turned into CBOR of the same
 * generation. */
static void put_base64(struct room *out, const json_t *value)
{
	const char *text = json_string_value(value);
	uint8_t store[256];
	struct room octets = ROOM(store);

	if (text == NULL || base64_read(bytes_text(text), &octets) != ERR_NONE)
		cbor_put_null(out);
	else
		cbor_put_bytes(out, room_used(&octets));
}

static void put_text(struct room *out, const json_t *value)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		cbor_put_null(out);
	else
		cbor_put_text(out, bytes_text(text));
}

static void put_components(struct room *out, json_t *list)
{
	static const struct {
		const char *name;
		int key;
		bool text;
	} fields[] = { { "measurement-type", 1, true },
		       { "measurement-value", 2, false },
		       { "version", 4, true },
		       { "signer-id", 5, false },
		       { "measurement-description", 6, true } };
	json_t *item, *value;
	size_t index;

	cbor_put_array(out, json_array_size(list));
	json_array_foreach(list, index, item)
	{
		uint64_t count = 0;
		for (size_t i = 0; i < COUNT(fields); i++)
			count += json_object_get(item, fields[i].name) != NULL;
		cbor_put_map(out, count);
		for (size_t i = 0; i < COUNT(fields); i++) {
			if ((value = json_object_get(item, fields[i].name)) == NULL)
				continue;
			cbor_put_int(out, fields[i].key);
			if (fields[i].text)
				put_text(out, value);
			else
				put_base64(out, value);
		}
	}
}

static const struct {
	const char *name;
	int64_t old, new; /* 0: not of that generation */
	char kind;
} names[] = {
	{ "eat-profile", 0, 265, 't' },
	{ "psa-profile", -75000, 0, 't' },
	{ "psa-client-id", -75001, 2394, 'i' },
	{ "psa-security-lifecycle", -75002, 2395, 'i' },
	{ "psa-implementation-id", -75003, 2396, 'b' },
	{ "psa-boot-seed", -75004, 2397, 'b' },
	{ "psa-hwver", -75005, 0, 't' },
	{ "psa-certification-reference", 0, 2398, 't' },
	{ "psa-software-components", -75006, 2399, 'c' },
	{ "psa-no-sw-measurement", -75007, 0, 'i' },
	{ "psa-no-software-measurements", -75007, 0, 'i' },
	{ "psa-nonce", -75008, 10, 'b' },
	{ "psa-instance-id", -75009, 256, 'b' },
	{ "psa-verification-service-indicator", -75010, 2400, 't' },
};

static void from_json(struct room *out, const json_t *root, bool new)
{
	uint64_t count = 0;

	for (int pass = 0; pass < 2; pass++) {
		if (pass == 1)
			cbor_put_map(out, count);
		for (size_t i = 0; i < COUNT(names); i++) {
			json_t *value = json_object_get(root, names[i].name);
			int64_t key = new ? names[i].new : names[i].old;

			if (value == NULL || key == 0)
				continue;
			count++;
			if (pass == 0)
				continue;
			cbor_put_int(out, key);
			switch (names[i].kind) {
			case 't':
				put_text(out, value);
				break;
			case 'b':
				put_base64(out, value);
				break;
			case 'c':
				put_components(out, value);
				break;
			default:
				cbor_put_int(out, json_integer_value(value));
				break;
			}
		}
	}
}

/* These files name claims of both generations, so each is read as either; it is accepted when every
 * reading that it offers is. */
static enum err judge_json(struct bytes text)
{
	json_t *root = json_loadb((const char *)text.at, text.len, 0, NULL);
	bool new = json_object_get(root, "eat-profile") != NULL;
	bool old = !new || json_object_get(root, "psa-hwver") != NULL;
	enum err err = ERR_NONE;

	for (int pass = 0; pass < 2 && err == ERR_NONE; pass++) {
		uint8_t store[4096];
		struct room out = ROOM(store);
		struct psa_claims claims;

		if (!(pass == 0 ? new : old))
			continue;
		from_json(&out, root, pass == 0);
		err = psa_claims_read(room_used(&out), &claims);
	}
	json_decref(root);
	return err;
}

/* Judged differently from the index, with the reason in docs/attestation-vectors.md. */
static const struct {
	const char *path;
	bool accept;
} differently[] = {
	{ "psa/claims-json/test-sw-components-empty.json", false },
	{ "psa/claims-json/test-profile-invalid-missing.json", true },
};

static void judge(const struct vector *vector)
{
	bool json = strstr(vector->path, "psa/claims-json/") != NULL;
	bool accept = strncmp(vector->expected, "ACCEPT", 6) == 0;
	uint8_t store[4096];
	struct room out = ROOM(store);
	struct psa_claims claims;
	enum err err;

	if (judge_token(vector) || (!json && strstr(vector->path, ".diag") == NULL))
		return;
	for (size_t i = 0; i < COUNT(differently); i++) {
		if (strcmp(vector->path, differently[i].path) == 0)
			accept = differently[i].accept;
	}
	if (json) {
		err = judge_json(vector->data);
	} else {
		if (!ok(diag_read(vector->data, &out), "%s is diagnostic notation", vector->path))
			return;
		err = psa_claims_read(room_used(&out), &claims);
		accept = accept || strstr(vector->path, "2_0_0_claims") != NULL;
	}
	ok((err == ERR_NONE) == accept, "%s: %s", vector->path, accept ? "accept" : "reject");
	printf("# %s\n", err_name(err));
}

static void written(void)
{
	static const uint8_t fill[64] = { 1 };
	struct psa_claims claims = {
		.nonce = { fill, 32 }, .instance = { fill, 33 }, .implementation = { fill, 32 },
		.client = -7, .lifecycle = 0x3001, .boot_seed = { fill, 16 },
		.certification = BYTES_STR("1234567890123-12345"),
		.component = { { .type = BYTES_STR("BL"),
				 .value = { fill, 48 }, .signer = { fill, 32 } } },
		.components = 1,
	}, back;
	uint8_t store[1024];
	struct room out = ROOM(store);

	psa_claims_put(&out, &claims);
	ok(psa_claims_read(room_used(&out), &back) == ERR_NONE &&
	           back.profile == PSA_PROFILE_9783 && back.client == -7 && back.components == 1 &&
	           back.component[0].value.len == 48 && back.boot_seed.len == 16 &&
	           back.certification.len == 19,
	   "claims of RFC 9783 read back");
	ok(psa_lifecycle_of(0x3001) == PSA_SECURED && psa_lifecycle_of(0x7000) == PSA_INVALID &&
	           psa_lifecycle_of(0x3100) == PSA_INVALID,
	   "lifecycle states");
}

int main(void)
{
	written();
	each_vector("psa/", judge);
	return done();
}
