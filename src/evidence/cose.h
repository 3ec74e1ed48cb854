/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COSE_Sign1 and COSE_Mac0 (RFC 9052, RFC 9053): reading, verifying, writing. Knows ES256, ES384,
 * ES512 and HMAC 256/256, one curve for each ECDSA algorithm, and no extension that a sender calls
 * critical.
 */
#ifndef EVIDENCE_COSE_H
#define EVIDENCE_COSE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "port/attest_crypto.h"
#include "port/crypto.h"

enum {
	COSE_TAG_MAC0 = 17,
	COSE_TAG_SIGN1 = 18,
	COSE_ES256 = -7,
	COSE_ES384 = -35,
	COSE_ES512 = -36,
	COSE_HMAC_256 = 5,
	COSE_MESSAGE_MAX = 1024, /* what chips take in one command */
};

struct cose {
	uint64_t tag;             /* COSE_TAG_SIGN1 or COSE_TAG_MAC0 */
	bool tagged;              /* the tag was there, not assumed */
	bool algorithm_protected; /* the algorithm is among what is signed */
	int64_t algorithm;
	struct bytes protected;   /* the header map's octets; empty when it has no entries */
	struct bytes unprotected; /* pairs of the map */
	struct bytes kid;         /* at == NULL when absent */
	struct bytes payload;     /* at == NULL when detached: supply it before verifying */
	struct bytes signature;   /* or the MAC */
};

/* cose_read takes a whole message. One without tag is read as `untagged` says (COSE_TAG_*; 0
 * refuses it). */
NODISCARD enum err cose_read(struct bytes in, uint64_t untagged, struct cose *out);

/* cose_verify checks a COSE_Sign1. ERR_SIGNATURE; ERR_UNSUPPORTED when algorithm and key do not go
 * together; ERR_NOT_FOUND when the payload is detached and was not supplied. */
NODISCARD enum err cose_verify(const struct cose *message, const struct attest_key *key,
                               struct bytes external_aad);

/* cose_verify_mac checks a COSE_Mac0: ERR_MAC, otherwise as cose_verify. */
NODISCARD enum err cose_verify_mac(const struct cose *message, const struct secret *key,
                                   struct bytes external_aad);

/* cose_sign1_put appends a tagged COSE_Sign1 under ES256; the key id is protected, and left out
 * when empty. On error the room is of no use. */
NODISCARD enum err cose_sign1_put(struct room *out, const struct secret *scalar, struct bytes kid,
                                  struct bytes external_aad, struct bytes payload);

/* Protected headers beside the algorithm: a key id, left out when empty, or others, encoded, their labels above
 * 1 and ascending. */
struct cose_headers {
	struct bytes kid, pairs;
	uint64_t others; /* how many `pairs` has */
};

/* cose_sign1_put_with does the same with other protected headers. */
NODISCARD enum err cose_sign1_put_with(struct room *out, const struct secret *scalar,
                                       const struct cose_headers *more, struct bytes external_aad,
                                       struct bytes payload);

/* Who signs with ES256 where the key is in a chip: r || s over SHA-256 of the message. */
struct cose_signer {
	void *ctx;
	enum err (*sign)(void *ctx, struct bytes message,
	                 uint8_t signature[static EC_SIGNATURE_SIZE]);
};

/* cose_sign1_put_by does the same without a key id; ERR_LIMIT when what is to be signed is above
 * COSE_MESSAGE_MAX octets; causes of the signer. */
NODISCARD enum err cose_sign1_put_by(struct room *out, const struct cose_signer *signer,
                                     struct bytes external_aad, struct bytes payload);

/* cose_mac0_put appends a tagged COSE_Mac0 under HMAC 256/256, in the same way. */
NODISCARD enum err cose_mac0_put(struct room *out, const struct secret *key, struct bytes kid,
                                 struct bytes external_aad, struct bytes payload);

#endif
