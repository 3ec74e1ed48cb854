/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Milenage, TS 35.206: f1 to f5* around AES-128, with the operator's own r1..r5 and c1..c5 where a
 * profile brings them. Pure functions over port/crypto.h; every result is as long as the standard says.
 *
 * Secrets (R7): keys and results that are keys live in caller's memory; nothing of them stays here.
 */
#ifndef AKA_MILENAGE_H
#define AKA_MILENAGE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

enum {
	AKA_RAND_SIZE = 16,
	AKA_SQN_SIZE = 6,
	AKA_AMF_SIZE = 2,
	MILENAGE_KEY_SIZE = 16, /* K, OP, OPc, CK, IK */
	MILENAGE_RES_SIZE = 8,
	MILENAGE_MAC_SIZE = 8,
	AKA_KC_SIZE = 8,
	AKA_SRES_SIZE = 4,
	AKA_AK_SIZE = 6,
};

/* r1..r5 in bits, 0 to 127, and c1..c5 (TS 35.206 4.1). */
struct milenage_constants {
	uint8_t r[5];
	uint8_t c[5][16];
};

/* The values that TS 35.206 4.1 recommends. */
extern const struct milenage_constants milenage_standard;

/* What one subscriber computes with. */
struct milenage {
	const struct secret *k;   /* 16 octets */
	const struct secret *opc; /* 16 octets */
	const struct milenage_constants *constants;
};

/* milenage_constants_usable tells whether no two of the functions collapse into one: the five pairs
 * differ as TS 35.206 5.3 demands, and every rotation is below 128. */
bool milenage_constants_usable(const struct milenage_constants *constants);

/* milenage_opc derives OPc from OP: E[OP]_K xor OP. On error `opc` is untouched. */
NODISCARD enum err milenage_opc(const struct secret *k, const struct secret *op,
                                struct secret *opc);

/* milenage_f1 computes MAC-A and MAC-S (f1*) in one go; either result may be NULL. */
NODISCARD enum err milenage_f1(const struct milenage *who, const uint8_t rand[static AKA_RAND_SIZE],
                               const uint8_t sqn[static AKA_SQN_SIZE],
                               const uint8_t amf[static AKA_AMF_SIZE], uint8_t *mac_a,
                               uint8_t *mac_s);

/* What f2 to f5 give for one RAND. */
struct milenage_keys {
	uint8_t res[MILENAGE_RES_SIZE];
	uint8_t ck[MILENAGE_KEY_SIZE];
	uint8_t ik[MILENAGE_KEY_SIZE];
	uint8_t ak[AKA_AK_SIZE];
};

/* milenage_f2345 computes RES, CK, IK and AK. On error `out` is wiped. */
NODISCARD enum err milenage_f2345(const struct milenage *who,
                                  const uint8_t rand[static AKA_RAND_SIZE],
                                  struct milenage_keys *out);

/* milenage_quintet is f1 and f2 to f5 with the common part computed once. On error `mac_a` and `out`
 * are wiped. */
NODISCARD enum err
milenage_quintet(const struct milenage *who, const uint8_t rand[static AKA_RAND_SIZE],
                 const uint8_t sqn[static AKA_SQN_SIZE], const uint8_t amf[static AKA_AMF_SIZE],
                 uint8_t mac_a[static MILENAGE_MAC_SIZE], struct milenage_keys *out);

/* milenage_f5_star computes the AK that hides SQN in AUTS. On error `ak` is wiped. */
NODISCARD enum err milenage_f5_star(const struct milenage *who,
                                    const uint8_t rand[static AKA_RAND_SIZE],
                                    uint8_t ak[static AKA_AK_SIZE]);

#endif
