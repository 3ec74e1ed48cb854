/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pure code asks of cryptography. Pure functions, linked from a backend in a subfolder (openssl/,
 * psa/): no state that a caller sees, nothing to free. Inputs come as parts that are taken one after
 * the other, so that nobody has to copy to concatenate.
 *
 * ERR_CRYPTO means that the backend itself failed; every other cause is named where it can occur. On
 * error outputs are untouched or wiped.
 */
#ifndef PORT_CRYPTO_H
#define PORT_CRYPTO_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

enum {
	SHA256_SIZE = 32,
	AES_BLOCK_SIZE = 16,
	SHAKE256_BLOCK_SIZE = 136, /* FIPS 202: the rate, (1600 - 512) / 8 */
	GCM_NONCE_SIZE = 12,
	GCM_TAG_SIZE = 16,
	EC_POINT_SIZE = 65,     /* 04 || X || Y, the only form accepted */
	EC_SIGNATURE_SIZE = 64, /* r || s, BSI TR-03111 5.2.1 */
	EC_COMPRESSED_SIZE = 33, /* 02 or 03 || X: only where a format brings it, see crypto_ec_expand */
	X25519_SIZE = 32,
};

enum ec_curve { EC_P256, EC_BRAINPOOL_P256R1, EC_CURVES };

NODISCARD enum err crypto_random(uint8_t *out, size_t len);

NODISCARD enum err crypto_sha256(uint8_t out[static SHA256_SIZE], const struct bytes *parts,
                                 size_t count);

NODISCARD enum err crypto_hmac_sha256(uint8_t out[static SHA256_SIZE], const struct secret *key,
                                      const struct bytes *parts, size_t count);

/* crypto_shake256 squeezes out->cap - out->len octets (FIPS 202) into the room. */
NODISCARD enum err crypto_shake256(struct room *out, struct bytes in);

/* crypto_shake256_block squeezes n blocks, n >= 1 (ERR_VALUE), and keeps only the last: n permutations
 * of a short input, as TUAK asks for. `in` has at most SHAKE256_BLOCK_SIZE - 1 octets (ERR_LENGTH). */
NODISCARD enum err crypto_shake256_block(uint8_t out[static SHAKE256_BLOCK_SIZE], struct bytes in,
                                         uint8_t n);

/* crypto_aes_ecb enciphers whole blocks, one by one: the building stone of Milenage. The key has 16 or
 * 32 octets; in.len is a multiple of 16 (ERR_LENGTH); out has in.len octets and may be in.at. */
NODISCARD enum err crypto_aes_ecb(const struct secret *key, struct bytes in, uint8_t *out);

/* crypto_aes_cbc_* work on whole blocks without padding, in the same way. */
NODISCARD enum err crypto_aes_cbc_encrypt(const struct secret *key,
                                          const uint8_t iv[static AES_BLOCK_SIZE], struct bytes in,
                                          uint8_t *out);
NODISCARD enum err crypto_aes_cbc_decrypt(const struct secret *key,
                                          const uint8_t iv[static AES_BLOCK_SIZE], struct bytes in,
                                          uint8_t *out);

/* crypto_aes_cmac is NIST SP 800-38B over the parts. */
NODISCARD enum err crypto_aes_cmac(uint8_t out[static AES_BLOCK_SIZE], const struct secret *key,
                                   const struct bytes *parts, size_t count);

/* crypto_gcm_seal writes in.len octets of ciphertext to `out` and the tag behind them; `out` may be
 * in.at. A nonce is used once per key. */
NODISCARD enum err crypto_gcm_seal(const struct secret *key,
                                   const uint8_t nonce[static GCM_NONCE_SIZE], struct bytes aad,
                                   struct bytes in, uint8_t *out);

/* crypto_gcm_open takes ciphertext with the tag behind it and writes in.len - 16 octets. ERR_MAC when
 * it is not what was sealed; then `out` holds nothing of it. */
NODISCARD enum err crypto_gcm_open(const struct secret *key,
                                   const uint8_t nonce[static GCM_NONCE_SIZE], struct bytes aad,
                                   struct bytes in, uint8_t *out);

/* crypto_ec_generate makes a key pair; crypto_ec_public computes the point that belongs to a scalar
 * (ERR_VALUE when it is not in 1..n-1). */
NODISCARD enum err crypto_ec_generate(enum ec_curve curve, struct secret *scalar,
                                      uint8_t point[static EC_POINT_SIZE]);
NODISCARD enum err crypto_ec_public(enum ec_curve curve, const struct secret *scalar,
                                    uint8_t point[static EC_POINT_SIZE]);

/* crypto_ecdsa_sign hashes the parts with SHA-256 and signs. */
NODISCARD enum err crypto_ecdsa_sign(enum ec_curve curve, const struct secret *scalar,
                                     const struct bytes *parts, size_t count,
                                     uint8_t signature[static EC_SIGNATURE_SIZE]);

/* crypto_ecdsa_verify is ERR_NONE, ERR_SIGNATURE, or ERR_VALUE when the point is not on the curve. */
NODISCARD enum err crypto_ecdsa_verify(enum ec_curve curve,
                                       const uint8_t point[static EC_POINT_SIZE],
                                       const struct bytes *parts, size_t count,
                                       const uint8_t signature[static EC_SIGNATURE_SIZE]);

/* crypto_ecdh gives the x coordinate of scalar * point, 32 octets (BSI TR-03111 4.3.1); ERR_VALUE when
 * the point is not on the curve. */
NODISCARD enum err crypto_ecdh(enum ec_curve curve, const struct secret *scalar,
                               const uint8_t point[static EC_POINT_SIZE], struct secret *shared);

/* crypto_ec_expand computes the point of a compressed one. ERR_VALUE when there is none. */
NODISCARD enum err crypto_ec_expand(enum ec_curve curve,
                                    const uint8_t compressed[static EC_COMPRESSED_SIZE],
                                    uint8_t point[static EC_POINT_SIZE]);

/* crypto_x25519_* are RFC 7748 5: a scalar is any 32 octets. ERR_VALUE when the result is all zeros. */
NODISCARD enum err crypto_x25519_public(const struct secret *scalar,
                                        uint8_t point[static X25519_SIZE]);
NODISCARD enum err crypto_x25519(const struct secret *scalar, const uint8_t point[static X25519_SIZE],
                                 struct secret *shared);

#endif
