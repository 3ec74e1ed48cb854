/* SPDX-License-Identifier: Apache-2.0 */
/* Credential activation: the published vectors of its parts, and a credential unwrapped here as a
 * chip would. */
#include "evidence/credential.h"

#include "codec/hex.h"
#include "port/crypto.h"
#include "tests/evidence/index.h"

#include <jansson.h>
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

static struct bytes octets(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	size_t len = text == NULL ? 0 : strlen(text);
	struct room out = { keep_octets(len / 2 + 1), len / 2 + 1, 0, false };

	(void)!hex_read((struct bytes){ (const uint8_t *)text, len }, &out);
	return room_used(&out);
}

static struct bytes string(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return bytes_text(text);
}

static enum err derive(const json_t *row, bool a, enum attest_hash hash, struct room *out)
{
	uint32_t bits = (uint32_t)json_integer_value(json_object_get(row, "Bits"));

	if (a)
		return tpm_kdfa(hash, octets(row, "Key"), string(row, "Label"),
		                octets(row, "ContextU"), octets(row, "ContextV"), bits, out);
	return tpm_kdfe(hash, octets(row, "Z"), string(row, "Label"), octets(row, "ContextU"),
	                octets(row, "ContextV"), bits, out);
}

static void derivations(const char *name, bool a)
{
	int equal = 0, differ = 0;
	struct bytes text;
	size_t index;
	json_t *row;

	if (!attestation_file(name, &text)) {
		skip("%s is not here", name);
		return;
	}
	json_t *root = json_loadb((const char *)text.at, text.len, 0, NULL);
	json_array_foreach(root, index, row)
	{
		uint8_t store[512];
		struct room out = ROOM(store);
		enum attest_hash hash;
		struct bytes want = octets(row, "Result");

		if (tpm_hash((uint16_t)json_integer_value(json_object_get(row, "HashAlg")),
		             &hash) != ERR_NONE)
			continue;
		bool same =
			derive(row, a, hash, &out) == ERR_NONE && bytes_same(room_used(&out), want);
		equal += same;
		differ += !same;
		if (!same)
			printf("# %s\n", json_string_value(json_object_get(row, "Name")));
	}
	json_decref(root);
	ok(equal > 0 && differ == 0, "%s: %d equal, %d differ", name, equal, differ);
}

/* What the chip does with the object once it has the seed. */
static bool opens(const struct tpm_public *ek, struct bytes seed, struct bytes name,
                  struct bytes object, struct bytes want)
{
	const struct bytes none = { NULL, 0 };
	uint8_t iv[16] = { 0 }, clear[64];
	struct secret key = { .len = (uint8_t)(ek->symmetric_bits / 8) };
	struct room room = { key.at, key.len, 0, false };
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	enum attest_hash hash;
	int n = 0;

	(void)!tpm_hash(ek->name_hash, &hash);
	size_t skipped = 2 + attest_hash_size(hash);
	(void)!tpm_kdfa(hash, seed, BYTES_STR("STORAGE"), name, none, ek->symmetric_bits, &room);
	EVP_DecryptInit_ex(context, key.len == 16 ? EVP_aes_128_cfb128() : EVP_aes_256_cfb128(),
	                   NULL, key.at, iv);
	EVP_DecryptUpdate(context, clear, &n, object.at + skipped, (int)(object.len - skipped));
	EVP_CIPHER_CTX_free(context);
	return (size_t)n == 2 + want.len && clear[1] == want.len &&
	       memcmp(clear + 2, want.at, want.len) == 0;
}

static void for_ecc(void)
{
	static const uint8_t name[34] = { 0, 0x0B, 7 }, secret[20] = "twenty octets long";
	uint8_t point[EC_POINT_SIZE], object_store[CREDENTIAL_OBJECT_MAX],
		sent_store[CREDENTIAL_ENCRYPTED_MAX];
	struct room object = ROOM(object_store), sent = ROOM(sent_store);
	uint8_t other[EC_POINT_SIZE] = { 4 }, seed_store[32];
	struct room seed = ROOM(seed_store);
	SECRET scalar, z;

	(void)!crypto_ec_generate(EC_P256, &scalar, point);
	const struct tpm_public ek = {
		.type = TPM_ALG_ECC,
		.name_hash = TPM_ALG_SHA256,
		.attributes = TPM_RESTRICTED | TPM_DECRYPT,
		.symmetric = TPM_ALG_AES,
		.symmetric_bits = 128,
		.symmetric_mode = 0x43,
		.curve = TPM_ECC_NIST_P256,
		.x = { point + 1, 32 },
		.y = { point + 33, 32 },
	};
	ok_err(tpm_make_credential(&ek, BYTES(name), BYTES(secret), &object, &sent), ERR_NONE,
	       "a credential for a P-256 endorsement key");
	memcpy(other + 1, sent_store + 2, 32);
	memcpy(other + 33, sent_store + 36, 32);
	ok(sent.len == 68 && crypto_ecdh(EC_P256, &scalar, other, &z) == ERR_NONE &&
	           tpm_kdfe(ATTEST_SHA256, secret_bytes(&z), BYTES_STR("IDENTITY"),
	                    (struct bytes){ other + 1, 32 }, ek.x, 256, &seed) == ERR_NONE &&
	           opens(&ek, room_used(&seed), BYTES(name), room_used(&object), BYTES(secret)),
	   "... is unwrapped with its private half");
	struct tpm_public plain = ek;
	plain.attributes = TPM_DECRYPT;
	ok_err(tpm_make_credential(&plain, BYTES(name), BYTES(secret), &object, &sent),
	       ERR_UNSUPPORTED, "R5: a key that decrypts anything is no endorsement key");
}

static void for_rsa(void)
{
	static const uint8_t name[34] = { 0, 0x0B, 8 },
			     secret[32] = "thirty-two octets of secret here";
	uint8_t object_store[CREDENTIAL_OBJECT_MAX], sent_store[CREDENTIAL_ENCRYPTED_MAX],
		modulus[256], seed[256];
	struct room object = ROOM(object_store), sent = ROOM(sent_store);
	EVP_PKEY *pair = EVP_RSA_gen(2048);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pair, NULL);
	size_t seed_len = sizeof seed;
	BIGNUM *n = NULL;

	EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n);
	BN_bn2binpad(n, modulus, sizeof modulus);
	const struct tpm_public ek = {
		.type = TPM_ALG_RSA,
		.name_hash = TPM_ALG_SHA256,
		.attributes = TPM_RESTRICTED | TPM_DECRYPT,
		.symmetric = TPM_ALG_AES,
		.symmetric_bits = 128,
		.symmetric_mode = 0x43,
		.bits = 2048,
		.modulus = BYTES(modulus),
	};
	ok_err(tpm_make_credential(&ek, BYTES(name), BYTES(secret), &object, &sent), ERR_NONE,
	       "a credential for an RSA endorsement key");
	char *label = OPENSSL_strdup("IDENTITY");
	bool good = EVP_PKEY_decrypt_init(context) == 1 &&
	            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	            EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
	            EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, 9) == 1 &&
	            EVP_PKEY_decrypt(context, seed, &seed_len, sent_store, sent.len) == 1;
	ok(good && seed_len == 32 &&
	           opens(&ek, (struct bytes){ seed, 32 }, BYTES(name), room_used(&object),
	                 BYTES(secret)),
	   "... is unwrapped with its private half");
	BN_free(n);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(pair);
}

/* Seeds of the published encapsulations: the ephemeral private half is given, so the derivation can
 * be followed. */
static void encapsulations(void)
{
	static const int curves[] = { [TPM_ECC_NIST_P256] = NID_X9_62_prime256v1,
		                      [TPM_ECC_NIST_P384] = NID_secp384r1,
		                      [TPM_ECC_NIST_P521] = NID_secp521r1 };
	int equal = 0, differ = 0;
	struct bytes text;
	size_t index;
	json_t *row;

	if (!attestation_file("tpmcrypto/ecc_labeled_encaps.json", &text)) {
		skip("the encapsulations are not here");
		return;
	}
	json_t *root = json_loadb((const char *)text.at, text.len, 0, NULL);
	json_array_foreach(root, index, row)
	{
		uint8_t point_store[ATTEST_POINT_MAX], z[66], own_x[66], seed_store[64];
		struct room point = ROOM(point_store), seed = ROOM(seed_store);
		struct tpm_public public;
		struct attest_key key;
		enum attest_hash hash;

		if (tpm_public_read(octets(row, "PublicKey"), false, &public) != ERR_NONE ||
		    tpm_hash(public.name_hash, &hash) != ERR_NONE ||
		    tpm_public_key(&public, &point, &key) != ERR_NONE)
			continue;
		size_t size = (key.point.len - 1) / 2;
		struct bytes d = octets(row, "EphemeralPrivate");
		EC_GROUP *on = EC_GROUP_new_by_curve_name(curves[public.curve]);
		BIGNUM *scalar = BN_bin2bn(d.at, (int)d.len, NULL), *x = BN_new();
		EC_POINT *peer = EC_POINT_new(on), *product = EC_POINT_new(on);
		EC_POINT_oct2point(on, peer, key.point.at, key.point.len, NULL);
		EC_POINT_mul(on, product, NULL, peer, scalar, NULL);
		EC_POINT_get_affine_coordinates(on, product, x, NULL, NULL);
		BN_bn2binpad(x, z, (int)size);
		EC_POINT_mul(on, product, scalar, NULL, NULL, NULL);
		EC_POINT_get_affine_coordinates(on, product, x, NULL, NULL);
		BN_bn2binpad(x, own_x, (int)size);
		bool same = tpm_kdfe(hash, (struct bytes){ z, size }, string(row, "Label"),
		                     (struct bytes){ own_x, size },
		                     (struct bytes){ key.point.at + 1, size },
		                     (uint32_t)(8 * attest_hash_size(hash)), &seed) == ERR_NONE &&
		            bytes_same(room_used(&seed), octets(row, "Secret"));
		equal += same;
		differ += !same;
		EC_POINT_free(peer);
		EC_POINT_free(product);
		BN_free(scalar);
		BN_free(x);
		EC_GROUP_free(on);
	}
	json_decref(root);
	ok(equal > 0 && differ == 0, "tpmcrypto/ecc_labeled_encaps.json: %d equal, %d differ",
	   equal, differ);
}

int main(void)
{
	derivations("tpmcrypto/kdfa.json", true);
	derivations("tpmcrypto/kdfe.json", false);
	encapsulations();
	for_ecc();
	for_rsa();
	return done();
}
