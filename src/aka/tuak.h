/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TUAK, TS 35.231: f1 to f5* around Keccak-f[1600]. The algorithm fills the last octets of Keccak's
 * input just as SHAKE256 pads a message, so each of its calls *is* SHAKE256 of the 96 octets that
 * matter, and further iterations are further blocks of the same squeeze; no own Keccak is needed.
 *
 * All sizes of the standard: K 16 or 32 octets, MAC 8, 16 or 32, RES 4, 8, 16 or 32, CK and IK 16 or 32.
 */
#ifndef AKA_TUAK_H
#define AKA_TUAK_H

#include "aka/milenage.h"

enum {
	TUAK_TOP_SIZE = 32,
	TUAK_VALUE_MAX = 32,       /* the longest MAC, RES, CK or IK */
	TUAK_ITERATIONS_MAX = 255, /* one octet in profile packages */
};

/* What one subscriber computes with. */
struct tuak {
	const struct secret *k;                       /* 16 or 32 octets */
	const struct secret *topc;                    /* 32 octets */
	uint8_t iterations;                           /* of Keccak, 1 as a rule */
	uint8_t mac_size, res_size, ck_size, ik_size; /* octets */
};

/* tuak_sizes_valid tells whether iterations and sizes are ones that TS 35.231 knows. */
bool tuak_sizes_valid(const struct tuak *who);

/* tuak_topc derives TOPc from TOP. On error `topc` is untouched. */
NODISCARD enum err tuak_topc(const struct secret *k, const struct secret *top, uint8_t iterations,
                             struct secret *topc);

/* tuak_f1 computes MAC-A; tuak_f1_star MAC-S; who->mac_size octets. On error `result` is untouched. */
NODISCARD enum err tuak_f1(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                           const uint8_t sqn[static AKA_SQN_SIZE],
                           const uint8_t amf[static AKA_AMF_SIZE], uint8_t *result);
NODISCARD enum err tuak_f1_star(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                                const uint8_t sqn[static AKA_SQN_SIZE],
                                const uint8_t amf[static AKA_AMF_SIZE], uint8_t *result);

/* What f2 to f5 give for one RAND: the first res_size, ck_size, ik_size octets count. */
struct tuak_keys {
	uint8_t res[TUAK_VALUE_MAX];
	uint8_t ck[TUAK_VALUE_MAX];
	uint8_t ik[TUAK_VALUE_MAX];
	uint8_t ak[AKA_AK_SIZE];
};

/* tuak_f2345 computes RES, CK, IK and AK. On error `out` is wiped. */
NODISCARD enum err tuak_f2345(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                              struct tuak_keys *out);

/* tuak_f5_star computes the AK that hides SQN in AUTS. On error `ak` is wiped. */
NODISCARD enum err tuak_f5_star(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                                uint8_t ak[static AKA_AK_SIZE]);

#endif
