/* SPDX-License-Identifier: Apache-2.0 */
/* Elliptic curves go through the low-level interface for the reason that ec.c gives. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "port/attest_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <string.h>

static EVP_MD *hashes[ATTEST_HASHES];

static void fetch(void)
{
	static const char *const names[ATTEST_HASHES] = { "SHA1", "SHA256", "SHA384", "SHA512" };

	for (size_t i = 0; i < COUNT(names); i++)
		hashes[i] = EVP_MD_fetch(NULL, names[i], NULL);
}

static const EVP_MD *fetched(enum attest_hash hash)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return (unsigned)hash < ATTEST_HASHES ? hashes[hash] : NULL;
}

static EVP_MD_CTX *md_context(void)
{
	static _Thread_local EVP_MD_CTX *context;

	if (context == NULL)
		context = EVP_MD_CTX_new();
	return context;
}

/* Appraisal is many short hashes: SHA-256 without the provider's ceremony is up to three times
 * faster. */
static void sha256_parts(uint8_t *out, const struct bytes *parts, size_t count)
{
	SHA256_CTX context;

	SHA256_Init(&context);
	for (size_t i = 0; i < count; i++)
		SHA256_Update(&context, parts[i].at, parts[i].len);
	SHA256_Final(out, &context);
}

enum err attest_digest(enum attest_hash hash, uint8_t out[static ATTEST_HASH_MAX],
                       const struct bytes *parts, size_t count)
{
	const EVP_MD *algorithm = fetched(hash);
	EVP_MD_CTX *context = md_context();

	if (hash == ATTEST_SHA256) {
		sha256_parts(out, parts, count);
		return ERR_NONE;
	}
	if (algorithm == NULL || context == NULL ||
	    EVP_DigestInit_ex2(context, algorithm, NULL) != 1)
		return ERR_CRYPTO;
	for (size_t i = 0; i < count; i++) {
		if (EVP_DigestUpdate(context, parts[i].at, parts[i].len) != 1)
			return ERR_CRYPTO;
	}
	return EVP_DigestFinal_ex(context, out, NULL) == 1 ? ERR_NONE : ERR_CRYPTO;
}

enum err attest_extend(enum attest_hash hash, uint8_t *pcr, const uint8_t *digest)
{
	size_t size = attest_hash_size(hash);
	struct bytes parts[2] = { { pcr, size }, { digest, size } };
	uint8_t next[ATTEST_HASH_MAX];

	TRY(attest_digest(hash, next, parts, 2));
	memcpy(pcr, next, size);
	return ERR_NONE;
}

static const EC_GROUP *group(enum attest_key_kind kind)
{
	static _Thread_local EC_GROUP *groups[ATTEST_RSA];
	static const int names[ATTEST_RSA] = { NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1 };

	if ((unsigned)kind >= ATTEST_RSA)
		return NULL;
	if (groups[kind] == NULL)
		groups[kind] = EC_GROUP_new_by_curve_name(names[kind]);
	return groups[kind];
}

static size_t field_size(enum attest_key_kind kind)
{
	return kind == ATTEST_P256 ? 32 : kind == ATTEST_P384 ? 48 : 66;
}

/* Objects a thread, made at first use and kept: none of them holds a secret, and to make them for
 * each signature costs a twentieth of a verification. */
struct verifying {
	EC_KEY *key;
	BN_CTX *scratch;
	ECDSA_SIG *signature;
};

static struct verifying *verifying(enum attest_key_kind kind)
{
	static _Thread_local struct verifying kept[ATTEST_RSA];
	const EC_GROUP *on = group(kind);

	if (on == NULL)
		return NULL;
	if (kept[kind].key == NULL && (kept[kind].key = EC_KEY_new()) != NULL &&
	    EC_KEY_set_group(kept[kind].key, on) == 1) {
		kept[kind].scratch = BN_CTX_new();
		kept[kind].signature = ECDSA_SIG_new();
	}
	return kept[kind].scratch != NULL && kept[kind].signature != NULL ? &kept[kind] : NULL;
}

/* ECDSA_SIG takes numbers over and frees those it had. */
static bool set_signature(ECDSA_SIG *signature, struct bytes rs)
{
	int half = (int)(rs.len / 2);
	BIGNUM *r = BN_bin2bn(rs.at, half, NULL), *s = BN_bin2bn(rs.at + half, half, NULL);

	if (r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1)
		return true;
	BN_free(r);
	BN_free(s);
	return false;
}

/* ERR_VALUE unless the point is on the curve; infinity, compressed and hybrid forms are no keys. The point is read into
 * the key where it is. */
static enum err set_key(struct verifying *with, const struct attest_key *from)
{
	return from->point.len == 1 + 2 * field_size(from->kind) &&
	                       from->point.at[0] == POINT_CONVERSION_UNCOMPRESSED &&
	                       EC_KEY_oct2key(with->key, from->point.at, from->point.len,
	                                      with->scratch) == 1
	               ? ERR_NONE
	               : ERR_VALUE;
}

static enum err ecdsa_verify(const struct attest_key *from, const uint8_t *digest, size_t size,
                             struct bytes signature)
{
	struct verifying *with = verifying(from->kind);

	if (signature.len != 2 * field_size(from->kind))
		return ERR_SIGNATURE;
	if (with == NULL)
		return ERR_CRYPTO;
	TRY(set_key(with, from));
	if (!set_signature(with->signature, signature))
		return ERR_CRYPTO;
	/* Malformed values (zero, above the order) answer -1: to the caller a bad signature. */
	return ECDSA_do_verify(digest, (int)size, with->signature, with->key) == 1 ? ERR_NONE
	                                                                           : ERR_SIGNATURE;
}

static bool rsa_is_key(const struct attest_key *key)
{
	return key->modulus.len >= ATTEST_RSA_MIN && key->modulus.len <= ATTEST_RSA_MAX &&
	       (key->modulus.at[0] & 0x80) && (key->modulus.at[key->modulus.len - 1] & 1) &&
	       key->exponent > 2 && (key->exponent & 1);
}

static EVP_PKEY *rsa_new(const struct attest_key *from)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = BN_bin2bn(from->modulus.at, (int)from->modulus.len, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (context != NULL && n != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_uint32(build, OSSL_PKEY_PARAM_RSA_E, from->exponent) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(build)) != NULL &&
	    EVP_PKEY_fromdata_init(context) == 1)
		(void)!EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY,
		                         params); /* NULL says it */
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	EVP_PKEY_CTX_free(context);
	return key;
}

/* A TPM signs RSAPSS with a salt as long as the hash or as long as fits (TPM 2.0 part 1, B.7): both
 * verify. */
static enum err rsa_verify(const struct attest_key *from, enum attest_scheme scheme,
                           enum attest_hash hash, const uint8_t *digest, struct bytes signature)
{
	if (!rsa_is_key(from))
		return ERR_VALUE;
	if (signature.len != from->modulus.len)
		return ERR_SIGNATURE;

	EVP_PKEY *key = rsa_new(from);
	EVP_PKEY_CTX *context = key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	int padding = scheme == ATTEST_RSAPSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
	enum err err = ERR_CRYPTO;

	if (context != NULL && EVP_PKEY_verify_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, fetched(hash)) == 1 &&
	    (scheme != ATTEST_RSAPSS ||
	     EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1))
		err = EVP_PKEY_verify(context, signature.at, signature.len, digest,
		                      attest_hash_size(hash)) == 1
		              ? ERR_NONE
		              : ERR_SIGNATURE;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
	return err;
}

enum err attest_verify(const struct attest_key *key, enum attest_scheme scheme,
                       enum attest_hash hash, const struct bytes *parts, size_t count,
                       struct bytes signature)
{
	uint8_t digest[ATTEST_HASH_MAX];

	if ((key->kind == ATTEST_RSA) != (scheme != ATTEST_ECDSA) || hash >= ATTEST_HASHES)
		return ERR_UNSUPPORTED;
	TRY(attest_digest(hash, digest, parts, count));
	if (key->kind == ATTEST_RSA)
		return rsa_verify(key, scheme, hash, digest, signature);
	return ecdsa_verify(key, digest, attest_hash_size(hash), signature);
}

static bool put_x(const EC_GROUP *on, const EC_POINT *point, size_t size, struct room *out)
{
	BIGNUM *x = BN_new();
	uint8_t *at = room_claim(out, size);
	bool good = x != NULL && at != NULL &&
	            EC_POINT_get_affine_coordinates(on, point, x, NULL, NULL) == 1 &&
	            BN_bn2binpad(x, at, (int)size) > 0;

	BN_clear_free(x);
	return good;
}

enum err attest_ecdh(const struct attest_key *peer, struct room *point, struct room *shared)
{
	struct verifying *with = peer->kind == ATTEST_RSA ? NULL : verifying(peer->kind);
	size_t size = field_size(peer->kind);
	EC_KEY *own = EC_KEY_new();
	EC_POINT *product = NULL;
	enum err err = with == NULL || own == NULL ? ERR_CRYPTO : set_key(with, peer);

	if (err == ERR_NONE) {
		const EC_GROUP *on = group(peer->kind);
		uint8_t *at = room_claim(point, 1 + 2 * size);
		product = EC_POINT_new(on);
		bool good = at != NULL && product != NULL && EC_KEY_set_group(own, on) == 1 &&
		            EC_KEY_generate_key(own) == 1 &&
		            EC_POINT_point2oct(on, EC_KEY_get0_public_key(own),
		                               POINT_CONVERSION_UNCOMPRESSED, at, 1 + 2 * size,
		                               NULL) == 1 + 2 * size &&
		            EC_POINT_mul(on, product, NULL, EC_KEY_get0_public_key(with->key),
		                         EC_KEY_get0_private_key(own), NULL) == 1 &&
		            put_x(on, product, size, shared);
		err = good ? ERR_NONE : ERR_CRYPTO;
	}
	EC_POINT_clear_free(product);
	EC_KEY_free(own);
	return err;
}

/* The library takes the label over, and frees it. */
static bool set_label(EVP_PKEY_CTX *context, struct bytes label)
{
	void *copy = label.len == 0 ? NULL : OPENSSL_memdup(label.at, label.len);

	if (label.len == 0)
		return true;
	if (copy != NULL && EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, (int)label.len) == 1)
		return true;
	OPENSSL_free(copy);
	return false;
}

enum err attest_oaep(const struct attest_key *key, enum attest_hash hash, struct bytes label,
                     struct bytes in, struct room *out)
{
	if (key->kind != ATTEST_RSA)
		return ERR_UNSUPPORTED;
	if (!rsa_is_key(key))
		return ERR_VALUE;

	EVP_PKEY *rsa = rsa_new(key);
	EVP_PKEY_CTX *context = rsa == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, rsa, NULL);
	size_t size = key->modulus.len;
	uint8_t *at = room_claim(out, size);
	bool good = context != NULL && at != NULL && EVP_PKEY_encrypt_init(context) == 1 &&
	            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	            EVP_PKEY_CTX_set_rsa_oaep_md(context, fetched(hash)) == 1 &&
	            EVP_PKEY_CTX_set_rsa_mgf1_md(context, fetched(hash)) == 1 &&
	            set_label(context, label) &&
	            EVP_PKEY_encrypt(context, at, &size, in.at, in.len) == 1;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(rsa);
	return good ? ERR_NONE : ERR_CRYPTO;
}
