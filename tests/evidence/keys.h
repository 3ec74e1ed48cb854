/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of the vectors, in PEM or as JWK, made ready for attest_verify. For tests alone. */
#ifndef TESTS_EVIDENCE_KEYS_H
#define TESTS_EVIDENCE_KEYS_H

#include "codec/base64.h"
#include "port/attest_crypto.h"
#include "tests/evidence/index.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* The octets live as long as the test. */
UNUSED static bool key_from_pem(const char *path, struct attest_key *out)
{
	struct bytes text;
	char group[32];
	size_t len;

	if (!attestation_file(path, &text))
		return false;
	BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	uint8_t *store = keep_octets(ATTEST_RSA_MAX);
	BIGNUM *n = NULL, *e = NULL;
	bool good = false;

	if (key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e);
		*out = (struct attest_key){ ATTEST_RSA,
			                    { NULL, 0 },
			                    { store, (size_t)BN_bn2bin(n, store) },
			                    (uint32_t)BN_get_word(e) };
		good = true;
	} else if (key != NULL && EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1) {
		enum attest_key_kind kind =
			strstr(group, "384") != NULL ? ATTEST_P384 : ATTEST_P256;
		EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, store, ATTEST_RSA_MAX,
		                                &len);
		*out = (struct attest_key){ .kind = kind, .point = { store, len } };
		good = true;
	}
	BN_free(n);
	BN_free(e);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return good;
}

static void jwk_coordinate(const json_t *jwk, const char *name, size_t size, struct room *out)
{
	const char *text = json_string_value(json_object_get(jwk, name));
	uint8_t store[80];
	struct room part = ROOM(store);

	(void)!base64url_read(bytes_text(text), &part);
	for (size_t n = part.len; n < size; n++)
		room_put_u8(out, 0);
	room_put(out, room_used(&part));
}

UNUSED static bool key_from_jwk(const json_t *jwk, struct attest_key *out)
{
	static const struct {
		const char *name;
		enum attest_key_kind kind;
		size_t size;
	} curves[] = { { "P-256", ATTEST_P256, 32 },
		       { "P-384", ATTEST_P384, 48 },
		       { "P-521", ATTEST_P521, 66 } };
	const char *curve = json_string_value(json_object_get(jwk, "crv"));

	for (size_t i = 0; curve != NULL && i < COUNT(curves); i++) {
		if (strcmp(curve, curves[i].name) != 0)
			continue;
		struct room point = { keep_octets(ATTEST_POINT_MAX), ATTEST_POINT_MAX, 0, false };
		room_put_u8(&point, 4);
		jwk_coordinate(jwk, "x", curves[i].size, &point);
		jwk_coordinate(jwk, "y", curves[i].size, &point);
		*out = (struct attest_key){ .kind = curves[i].kind, .point = room_used(&point) };
		return true;
	}
	return false;
}

#endif
