/* SPDX-License-Identifier: Apache-2.0 */
/* COSE: what we write verifies and what is changed does not, then the working group's examples. */
#include "evidence/cose.h"

#include "codec/cbor.h"
#include "codec/hex.h"
#include "port/crypto.h"
#include "tests/evidence/keys.h"

/* Examples that ask for what this code deliberately lacks; docs/attestation-vectors.md has the
 * reasons. */
static const struct {
	const char *part;
	enum err want;
} differently[] = {
	{ "eddsa-examples/eddsa-sig-", ERR_UNSUPPORTED }, /* EdDSA is no algorithm of ours */
	{ "eddsa-examples/", ERR_TAG },                   /* COSE_Sign, several signers */
	{ "ecdsa-examples/ecdsa-0", ERR_TAG },
	{ "ecdsa-sig-04", ERR_UNSUPPORTED }, /* ES512 under a P-256 key */
};

static struct bytes octets(const char *hex, uint8_t *store, size_t cap)
{
	struct room out = { store, cap, 0, false };

	(void)!hex_read(bytes_text(hex), &out);
	return room_used(&out);
}

static enum err run(const json_t *root)
{
	const json_t *input = json_object_get(root, "input"),
		     *part = json_object_get(input, "sign0"), *key;
	const char *hex =
		json_string_value(json_object_get(json_object_get(root, "output"), "cbor"));
	uint8_t store[2048], aad_store[64], key_store[64];
	struct bytes aad = { NULL, 0 };
	struct attest_key public = { 0 };
	struct room k = ROOM(key_store);
	struct cose message;
	SECRET secret;

	if (part == NULL)
		part = json_object_get(input, "mac0");
	if (part == NULL)
		return ERR_TAG;
	if (json_object_get(part, "external") != NULL)
		aad = octets(json_string_value(json_object_get(part, "external")), aad_store,
		             sizeof aad_store);
	uint64_t untagged =
		json_object_get(input, "sign0") != NULL ? COSE_TAG_SIGN1 : COSE_TAG_MAC0;
	TRY(cose_read(octets(hex, store, sizeof store), untagged, &message));
	if (message.tag == COSE_TAG_SIGN1) {
		key = json_object_get(part, "key");
		if (key == NULL || !key_from_jwk(key, &public))
			return ERR_UNSUPPORTED;
		return cose_verify(&message, &public, aad);
	}
	key = json_object_get(json_array_get(json_object_get(part, "recipients"), 0), "key");
	const char *text = json_string_value(json_object_get(key, "k"));
	(void)!base64url_read(bytes_text(text), &k);
	(void)!secret_from(&secret, room_used(&k));
	return cose_verify_mac(&message, &secret, aad);
}

static void judge(const struct vector *vector)
{
	json_t *root = json_loadb((const char *)vector->data.at, vector->data.len, 0, NULL);
	bool accept = strncmp(vector->expected, "ACCEPT", 6) == 0;
	enum err got = root == NULL ? ERR_VALUE : run(root);

	json_decref(root);
	for (size_t i = 0; i < COUNT(differently); i++) {
		if (strstr(vector->path, differently[i].part) != NULL) {
			ok_err(got, differently[i].want, vector->path);
			return;
		}
	}
	if (!ok((got == ERR_NONE) == accept, "%s: %s", vector->path, accept ? "accept" : "reject"))
		printf("# got %s\n", err_name(got));
}

static void written(void)
{
	uint8_t store[256], point[EC_POINT_SIZE];
	struct room out = ROOM(store);
	struct bytes aad = BYTES_STR("aad"), payload = BYTES_STR("payload"), none = { NULL, 0 };
	struct cose message;
	SECRET scalar;

	(void)!crypto_ec_generate(EC_P256, &scalar, point);
	struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	ok_err(cose_sign1_put(&out, &scalar, BYTES_STR("k1"), aad, payload), ERR_NONE, "sign");
	ok_err(cose_read(room_used(&out), 0, &message), ERR_NONE, "... read");
	ok(message.tagged && message.algorithm_protected && message.algorithm == COSE_ES256 &&
	           bytes_same(message.kid, BYTES_STR("k1")) && bytes_same(message.payload, payload),
	   "... all there");
	ok_err(cose_verify(&message, &key, aad), ERR_NONE, "... verifies");
	ok_err(cose_verify(&message, &key, none), ERR_SIGNATURE, "... not without its context");
	ok_err(cose_verify_mac(&message, &scalar, aad), ERR_TAG, "... and is no MAC");
	int accepted = 0;
	for (size_t i = 0; i < out.len * 8; i++) {
		struct cose bent;
		store[i / 8] ^= (uint8_t)(1 << i % 8);
		if (cose_read(room_used(&out), 0, &bent) == ERR_NONE &&
		    cose_verify(&bent, &key, aad) == ERR_NONE)
			accepted++;
		store[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ok(accepted == 0, "... no bit of it can be changed (%d can)", accepted);
	out.len = 0;
	ok_err(cose_mac0_put(&out, &scalar, none, aad, payload), ERR_NONE, "MAC");
	ok_err(cose_read(room_used(&out), 0, &message), ERR_NONE, "... read");
	ok_err(cose_verify_mac(&message, &scalar, aad), ERR_NONE, "... verifies");
	ok_err(cose_verify_mac(&message, &scalar, none), ERR_MAC, "... not without its context");
	struct room small = { store, 40, 0, false };
	ok_err(cose_sign1_put(&small, &scalar, none, none, payload), ERR_ROOM, "a room too small");
}

static const struct {
	const char *says;
	const char *hex;
	enum err want;
} rows[] = {
	{ "three items", "D28343A10126A040", ERR_LENGTH },
	{ "another tag", "D38443A10126A04040", ERR_TAG },
	{ "no tag and none assumed", "8443A10126A04040", ERR_TAG },
	{ "no algorithm", "D28440A04040", ERR_NOT_FOUND },
	{ "algorithm in both buckets", "D28443A10126A101264040", ERR_EXISTS },
	{ "algorithm twice", "D28445A201260126A04040", ERR_EXISTS },
	{ "an extension called critical", "D28447A201260281182AA04040", ERR_UNSUPPORTED },
	{ "something behind it", "D28443A10126A0404000", ERR_TRAILING },
	{ "something behind the protected map", "D28444A1012600A04040", ERR_TRAILING },
};

int main(void)
{
	written();
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t store[64];
		struct cose message;

		ok_err(cose_read(unhex(rows[i].hex, store, sizeof store), 0, &message),
		       rows[i].want, rows[i].says);
	}
	each_vector("cose/", judge);
	return done();
}
