/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation port against keys and signatures that the library itself makes. */
#include "port/attest_crypto.h"

#include "tests/tap.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

static const struct {
	const char *says;
	enum attest_hash hash;
	const char *hex;
} digests[] = {
	{ "SHA-1 of abc (FIPS 180-4)", ATTEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "SHA-256 of abc", ATTEST_SHA256,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "SHA-384 of abc", ATTEST_SHA384,
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	  "8086072ba1e7cc2358baeca134c825a7" },
	{ "SHA-512 of abc", ATTEST_SHA512,
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void hashes(void)
{
	for (size_t i = 0; i < COUNT(digests); i++) {
		struct bytes parts[2] = { BYTES_STR("a"), BYTES_STR("bc") };
		uint8_t want[ATTEST_HASH_MAX], got[ATTEST_HASH_MAX], pcr[ATTEST_HASH_MAX] = { 0 };
		uint8_t again[ATTEST_HASH_MAX], zero[ATTEST_HASH_MAX] = { 0 };
		size_t size = attest_hash_size(digests[i].hash);
		struct bytes both[2] = { { zero, size }, { got, size } };

		unhex(digests[i].hex, want, sizeof want);
		ok(attest_digest(digests[i].hash, got, parts, 2) == ERR_NONE &&
		           memcmp(got, want, size) == 0,
		   "%s", digests[i].says);
		ok(attest_extend(digests[i].hash, pcr, got) == ERR_NONE &&
		           attest_digest(digests[i].hash, again, both, 2) == ERR_NONE &&
		           memcmp(pcr, again, size) == 0,
		   "... and extending is hashing both");
	}
}

/* r || s out of the DER that EVP gives. */
static struct bytes raw(const uint8_t *der, size_t len, uint8_t *out, int half)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);

	BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, half);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + half, half);
	ECDSA_SIG_free(sig);
	return (struct bytes){ out, 2 * (size_t)half };
}

static void judge(const char *says, const struct attest_key *key, enum attest_scheme scheme,
                  enum attest_hash hash, struct bytes signature)
{
	struct bytes parts[2] = { BYTES_STR("what is "), BYTES_STR("signed") };
	struct bytes other = BYTES_STR("what is sighed");
	uint8_t bent[ATTEST_RSA_MAX];

	printf("# %s\n", says);
	ok_err(attest_verify(key, scheme, hash, parts, 2, signature), ERR_NONE, says);
	ok_err(attest_verify(key, scheme, hash, &other, 1, signature), ERR_SIGNATURE,
	       "... not over other octets");
	memcpy(bent, signature.at, signature.len);
	bent[signature.len - 1] ^= 1;
	ok_err(attest_verify(key, scheme, hash, parts, 2, (struct bytes){ bent, signature.len }),
	       ERR_SIGNATURE, "... not with a bit changed");
	ok_err(attest_verify(key, scheme, hash, parts, 2,
	                     (struct bytes){ signature.at, signature.len - 1 }),
	       ERR_SIGNATURE, "... not when cut short");
	ok_err(attest_verify(key, scheme == ATTEST_ECDSA ? ATTEST_RSASSA : ATTEST_ECDSA, hash,
	                     parts, 2, signature),
	       ERR_UNSUPPORTED, "... not under a scheme of another kind of key");
}

static void curve(const char *name, enum attest_key_kind kind, const char *md,
                  enum attest_hash hash, int half)
{
	EVP_PKEY *pair = EVP_EC_gen(name);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[256], rs[256], point[ATTEST_POINT_MAX];
	size_t len = sizeof der, point_len = 0;

	EVP_DigestSignInit_ex(context, NULL, md, NULL, NULL, pair, NULL);
	EVP_DigestSign(context, der, &len, (const uint8_t *)"what is signed", 14);
	EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
	                                &point_len);
	struct attest_key key = { .kind = kind, .point = { point, point_len } };
	judge(name, &key, ATTEST_ECDSA, hash, raw(der, len, rs, half));
	point[point_len - 1] ^= 1;
	struct bytes data = BYTES_STR("what is signed"), signature = raw(der, len, rs, half);
	ok_err(attest_verify(&key, ATTEST_ECDSA, hash, &data, 1, signature), ERR_VALUE,
	       "... a point off the curve is no key");
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pair);
}

static void rsa(unsigned bits, enum attest_scheme scheme, const char *says)
{
	EVP_PKEY *pair = EVP_RSA_gen(bits);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL;
	uint8_t signature[ATTEST_RSA_MAX], modulus[ATTEST_RSA_MAX];
	size_t len = sizeof signature;
	BIGNUM *n = NULL;

	EVP_DigestSignInit_ex(context, &options, "SHA256", NULL, NULL, pair, NULL);
	if (scheme == ATTEST_RSAPSS)
		EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
	EVP_DigestSign(context, signature, &len, (const uint8_t *)"what is signed", 14);
	EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n);
	BN_bn2bin(n, modulus);
	struct attest_key key = { ATTEST_RSA, { NULL, 0 }, { modulus, bits / 8 }, 65537 };
	struct bytes data = BYTES_STR("what is signed");
	if (bits / 8 >= ATTEST_RSA_MIN)
		judge(says, &key, scheme, ATTEST_SHA256, (struct bytes){ signature, len });
	else
		ok_err(attest_verify(&key, scheme, ATTEST_SHA256, &data, 1,
		                     (struct bytes){ signature, len }),
		       ERR_VALUE, says);
	BN_free(n);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pair);
}

int main(void)
{
	hashes();
	curve("P-256", ATTEST_P256, "SHA256", ATTEST_SHA256, 32);
	curve("P-384", ATTEST_P384, "SHA384", ATTEST_SHA384, 48);
	curve("P-521", ATTEST_P521, "SHA512", ATTEST_SHA512, 66);
	rsa(2048, ATTEST_RSASSA, "RSASSA, 2048 bits");
	rsa(2048, ATTEST_RSAPSS, "RSAPSS, 2048 bits");
	rsa(1024, ATTEST_RSASSA, "1024 bits are too few");
	return done();
}
