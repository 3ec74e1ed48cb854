/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What appraising evidence asks of cryptography beyond port/crypto.h: the hashes that TPMs have
 * banks for, and signatures of the kinds that TPMs and attestation tokens bear. Kept apart so that
 * a card, which signs and verifies over 256-bit curves only, does not carry it.
 *
 * Nothing here handles a private key that outlives the call. Errors are as in port/crypto.h.
 */
#ifndef PORT_ATTEST_CRYPTO_H
#define PORT_ATTEST_CRYPTO_H

#include "base/bytes.h"
#include "base/err.h"

enum attest_hash { ATTEST_SHA1, ATTEST_SHA256, ATTEST_SHA384, ATTEST_SHA512, ATTEST_HASHES };

enum {
	ATTEST_HASH_MAX = 64,   /* SHA-512 */
	ATTEST_POINT_MAX = 133, /* P-521: 04 || X || Y */
	ATTEST_RSA_MIN = 256,   /* octets of a modulus: 2048 bits, NIST SP 800-131A 3 */
	ATTEST_RSA_MAX = 512,
};

/* attest_hash_size is the octets of the hash's output. */
static inline size_t attest_hash_size(enum attest_hash hash)
{
	return hash == ATTEST_SHA1     ? 20
	       : hash == ATTEST_SHA256 ? 32
	       : hash == ATTEST_SHA384 ? 48
	                               : 64;
}

/* attest_digest hashes the parts one after the other into attest_hash_size octets of `out`. */
NODISCARD enum err attest_digest(enum attest_hash hash, uint8_t out[static ATTEST_HASH_MAX],
                                 const struct bytes *parts, size_t count);

/* attest_extend makes `pcr` the hash of itself and `digest`, as TPM2_PCR_Extend does. Both have
 * attest_hash_size octets. */
NODISCARD enum err attest_extend(enum attest_hash hash, uint8_t *pcr, const uint8_t *digest);

enum attest_key_kind { ATTEST_P256, ATTEST_P384, ATTEST_P521, ATTEST_RSA };

/* A public key: a point 04 || X || Y, or a modulus without leading zeros and an exponent. */
struct attest_key {
	enum attest_key_kind kind;
	struct bytes point;
	struct bytes modulus;
	uint32_t exponent;
};

enum attest_scheme { ATTEST_ECDSA, ATTEST_RSASSA, ATTEST_RSAPSS };

/* attest_verify checks a signature over the hash of the parts. An ECDSA signature is r || s, each
 * as long as the curve's field; an RSA signature as long as the modulus. ERR_SIGNATURE when it does
 * not verify; ERR_VALUE when the key is none (off the curve, even or too small a modulus);
 * ERR_UNSUPPORTED when key and scheme do not go together. */
NODISCARD enum err attest_verify(const struct attest_key *key, enum attest_scheme scheme,
                                 enum attest_hash hash, const struct bytes *parts, size_t count,
                                 struct bytes signature);

/* attest_ecdh makes an ephemeral key on the peer's curve, and gives its point and the x coordinate
 * of the shared point, both as wide as the field. `shared` is secret: the caller wipes it. */
NODISCARD enum err attest_ecdh(const struct attest_key *peer, struct room *point,
                               struct room *shared);

/* attest_oaep encrypts to an RSA key with OAEP, MGF1 with the same hash, and the label as it is. */
NODISCARD enum err attest_oaep(const struct attest_key *key, enum attest_hash hash,
                               struct bytes label, struct bytes in, struct room *out);

#endif
