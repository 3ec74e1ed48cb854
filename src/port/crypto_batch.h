/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Milenage with the standard constants for many subscribers at once. It stands beside crypto.h because
 * only the backend knows how many AES blocks under different keys its CPU can have under way: one
 * subscriber's blocks depend on each other, those of eight or sixteen do not.
 *
 * Every backend gives the same octets as crypto_aes_ecb would, and takes a time that depends on `count`
 * only. Key schedules are wiped before a call returns.
 */
#ifndef PORT_CRYPTO_BATCH_H
#define PORT_CRYPTO_BATCH_H

#include "base/bytes.h"
#include "base/err.h"

/* One subscriber's share: a quintet (TS 33.102 6.3.2) of Milenage. Nothing overlaps. */
struct crypto_milenage {
	const uint8_t *k, *opc, *rand; /* 16 octets each */
	uint64_t sqn_amf;              /* SQN || AMF as a number */
	uint8_t *autn, *res, *ck, *ik; /* 16, 8, 16 and 16 octets */
};

/* crypto_milenage_batch computes AUTN, RES, CK and IK of every lane. On error they are wiped. */
NODISCARD enum err crypto_milenage_batch(const struct crypto_milenage *lanes, size_t count);

/* The ways to do it that this build knows, the best last; for tests and measurements. */
struct crypto_milenage_backend {
	const char *name;
	bool (*available)(void); /* on this CPU */
	enum err (*run)(const struct crypto_milenage *lanes, size_t count);
};

extern const struct crypto_milenage_backend crypto_milenage_backends[];
extern const size_t crypto_milenage_backend_count;

#endif
