/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elliptic curves over the low-level interface of libcrypto. It is marked as deprecated in 3.0, and
 * still what the EVP layer calls: making a key object from a raw point for each use costs a third of
 * a P-256 verification (bench/crypto prints it), and callers here hold raw points, not key objects.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "port/openssl/openssl.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <string.h>

enum { EC_FIELD_SIZE = 32 }; /* both curves */

static const EC_GROUP *group(enum ec_curve curve)
{
	static _Thread_local EC_GROUP *groups[EC_CURVES];
	static const int names[EC_CURVES] = { NID_X9_62_prime256v1, NID_brainpoolP256r1 };

	if ((unsigned)curve >= EC_CURVES)
		return NULL;
	if (groups[curve] == NULL)
		groups[curve] = EC_GROUP_new_by_curve_name(names[curve]);
	return groups[curve];
}

/* A key of the curve with neither half set. */
static EC_KEY *key_new(enum ec_curve curve)
{
	const EC_GROUP *on = group(curve);
	EC_KEY *key = on == NULL ? NULL : EC_KEY_new();

	if (key != NULL && EC_KEY_set_group(key, on) != 1) {
		EC_KEY_free(key);
		return NULL;
	}
	return key;
}

/* ERR_VALUE unless 1 <= scalar < n. */
static enum err key_set_scalar(EC_KEY *key, const struct secret *scalar)
{
	BIGNUM *number = BN_secure_new();
	enum err err = ERR_CRYPTO;

	if (scalar->len == EC_FIELD_SIZE && number != NULL &&
	    BN_bin2bn(scalar->at, scalar->len, number) != NULL) {
		BN_set_flags(number, BN_FLG_CONSTTIME);
		bool inside = !BN_is_zero(number) &&
			      BN_cmp(number, EC_GROUP_get0_order(EC_KEY_get0_group(key))) < 0;
		err = !inside ? ERR_VALUE
			      : EC_KEY_set_private_key(key, number) == 1 ? ERR_NONE : ERR_CRYPTO;
	}
	BN_clear_free(number);
	return err;
}

/* EC_POINT_oct2point checks that the point is on the curve, but takes infinity, compressed and hybrid
 * forms too. */
static EC_POINT *point_new(const EC_GROUP *on, const uint8_t *octets)
{
	EC_POINT *point;

	if (octets[0] != POINT_CONVERSION_UNCOMPRESSED || (point = EC_POINT_new(on)) == NULL)
		return NULL;
	if (EC_POINT_oct2point(on, point, octets, EC_POINT_SIZE, NULL) == 1)
		return point;
	EC_POINT_free(point);
	return NULL;
}

static bool point_put(const EC_GROUP *on, const EC_POINT *point, uint8_t *octets)
{
	return EC_POINT_point2oct(on, point, POINT_CONVERSION_UNCOMPRESSED, octets, EC_POINT_SIZE,
	                          NULL) == EC_POINT_SIZE;
}

enum err crypto_ec_generate(enum ec_curve curve, struct secret *scalar,
                            uint8_t point[static EC_POINT_SIZE])
{
	EC_KEY *key = key_new(curve);
	bool good = key != NULL && EC_KEY_generate_key(key) == 1 &&
		    BN_bn2binpad(EC_KEY_get0_private_key(key), scalar->at, EC_FIELD_SIZE) > 0 &&
		    point_put(EC_KEY_get0_group(key), EC_KEY_get0_public_key(key), point);

	scalar->len = good ? EC_FIELD_SIZE : 0;
	EC_KEY_free(key);
	return good ? ERR_NONE : ERR_CRYPTO;
}

enum err crypto_ec_public(enum ec_curve curve, const struct secret *scalar,
                          uint8_t point[static EC_POINT_SIZE])
{
	EC_KEY *key = key_new(curve);
	enum err err = key == NULL ? ERR_CRYPTO : key_set_scalar(key, scalar);

	if (err == ERR_NONE) {
		const EC_GROUP *on = EC_KEY_get0_group(key);
		EC_POINT *product = EC_POINT_new(on);
		bool good = product != NULL &&
			    EC_POINT_mul(on, product, EC_KEY_get0_private_key(key), NULL, NULL,
		                         NULL) == 1 &&
			    point_put(on, product, point);
		EC_POINT_free(product);
		err = good ? ERR_NONE : ERR_CRYPTO;
	}
	EC_KEY_free(key);
	return err;
}

static bool signature_put(const ECDSA_SIG *sig, uint8_t *octets)
{
	return sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), octets, EC_FIELD_SIZE) > 0 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(sig), octets + EC_FIELD_SIZE, EC_FIELD_SIZE) > 0;
}

enum err crypto_ecdsa_sign(enum ec_curve curve, const struct secret *scalar,
                           const struct bytes *parts, size_t count,
                           uint8_t signature[static EC_SIGNATURE_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	TRY(crypto_sha256(digest, parts, count));

	EC_KEY *key = key_new(curve);
	enum err err = key == NULL ? ERR_CRYPTO : key_set_scalar(key, scalar);
	if (err == ERR_NONE) {
		ECDSA_SIG *sig = ECDSA_do_sign(digest, sizeof digest, key);
		err = signature_put(sig, signature) ? ERR_NONE : ERR_CRYPTO;
		ECDSA_SIG_free(sig);
	}
	EC_KEY_free(key);
	return err;
}

static ECDSA_SIG *signature_new(const uint8_t *octets)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(octets, EC_FIELD_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(octets + EC_FIELD_SIZE, EC_FIELD_SIZE, NULL);

	if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1)
		return sig;
	ECDSA_SIG_free(sig);
	BN_free(r);
	BN_free(s);
	return NULL;
}

enum err crypto_ecdsa_verify(enum ec_curve curve, const uint8_t point[static EC_POINT_SIZE],
                             const struct bytes *parts, size_t count,
                             const uint8_t signature[static EC_SIGNATURE_SIZE])
{
	uint8_t digest[SHA256_SIZE];
	EC_POINT *public;
	ECDSA_SIG *sig;
	EC_KEY *key;
	enum err err;

	TRY(crypto_sha256(digest, parts, count));
	key = key_new(curve);
	if (key == NULL)
		return ERR_CRYPTO;
	public = point_new(EC_KEY_get0_group(key), point);
	sig = signature_new(signature);
	if (public == NULL) {
		err = ERR_VALUE;
	} else if (sig == NULL || EC_KEY_set_public_key(key, public) != 1) {
		err = ERR_CRYPTO;
	} else {
		/* Malformed values (zero, above the order) answer -1: to the caller a bad signature. */
		err = ECDSA_do_verify(digest, sizeof digest, sig, key) == 1 ? ERR_NONE
									    : ERR_SIGNATURE;
	}
	ECDSA_SIG_free(sig);
	EC_POINT_free(public);
	EC_KEY_free(key);
	return err;
}

enum err crypto_ecdh(enum ec_curve curve, const struct secret *scalar,
                     const uint8_t point[static EC_POINT_SIZE], struct secret *shared)
{
	EC_KEY *key = key_new(curve);
	enum err err = key == NULL ? ERR_CRYPTO : key_set_scalar(key, scalar);
	EC_POINT *peer = NULL;

	if (err == ERR_NONE && (peer = point_new(EC_KEY_get0_group(key), point)) == NULL)
		err = ERR_VALUE;
	if (err == ERR_NONE) {
		wipe(shared, sizeof *shared);
		bool good = ECDH_compute_key(shared->at, EC_FIELD_SIZE, peer, key, NULL) ==
			    EC_FIELD_SIZE;
		shared->len = good ? EC_FIELD_SIZE : 0;
		err = good ? ERR_NONE : ERR_CRYPTO;
	}
	EC_POINT_free(peer);
	EC_KEY_free(key);
	return err;
}

enum err crypto_ec_expand(enum ec_curve curve, const uint8_t compressed[static EC_COMPRESSED_SIZE],
                          uint8_t out[static EC_POINT_SIZE])
{
	const EC_GROUP *on = group(curve);
	EC_POINT *point = on == NULL ? NULL : EC_POINT_new(on);
	enum err err = point == NULL ? ERR_CRYPTO : ERR_VALUE;
	uint8_t octets[EC_POINT_SIZE];

	if (point != NULL && (compressed[0] == 0x02 || compressed[0] == 0x03) &&
	    EC_POINT_oct2point(on, point, compressed, EC_COMPRESSED_SIZE, NULL) == 1 &&
	    point_put(on, point, octets)) {
		memcpy(out, octets, sizeof octets);
		err = ERR_NONE;
	}
	EC_POINT_free(point);
	return err;
}
