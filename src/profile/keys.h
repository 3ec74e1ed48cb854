/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network authentication in a package: PE-AKAParameter (TCA 2.3.1, 8.5) with the subscriber's key, and
 * PE-CDMAParameter. This room knows what was said, not what is computed with it.
 */
#ifndef PROFILE_KEYS_H
#define PROFILE_KEYS_H

#include "base/secret.h"
#include "profile/pe.h"

enum { /* algorithmID */
       ALGORITHM_MILENAGE = 1,
       ALGORITHM_TUAK = 2,
       ALGORITHM_USIM_TEST = 3,
};

enum {
	AKA_SQN_INIT_COUNT = 32,
	AKA_SQN_INIT_SIZE = 6,
	AKA_SQN_OPTIONS = 0x02, /* default */
};

#define AKA_SEQ_MAX   0x07FFFFFFFFFFULL
#define AKA_SQN_DELTA 0x000010000000ULL /* default of sqnDelta and sqnAgeLimit */

struct aka_parameter {
	bool mapped; /* the algorithm and key of another application of the profile */
	uint8_t mapping_options;
	uint8_t source_len, source[16]; /* mappingSource: that application's AID */

	uint8_t algorithm;
	uint8_t options;        /* algorithmOptions: see aka_sizes */
	struct secret key, opc; /* OPc, or TOPc for TUAK */
	uint8_t rotation[5];    /* r1..r5 */
	uint8_t xoring[80];     /* c1..c5 */
	bool has_counter_max;
	uint8_t counter_max[3]; /* authCounterMax: how many authentications, ever */
	uint8_t iterations;     /* numberOfKeccak */

	uint8_t sqn_options;
	uint64_t sqn_delta, sqn_age_limit;
	struct element sqn_init; /* 32 times six octets, without IND; len 0: all are zero */
};

/* aka_defaults gives the values that a package need not state. */
void aka_defaults(struct aka_parameter *out);

/* aka_parameter_read takes the body of a PE-AKAParameter. On error `out` is wiped. */
NODISCARD enum err aka_parameter_read(const struct pe *pe, struct aka_parameter *out);

/* aka_sqn_init gives the nth initial sequence number, 0 to 31. */
NODISCARD enum err aka_sqn_init(const struct pe *pe, const struct aka_parameter *aka, unsigned n,
                                uint64_t *seq);

/* aka_parameter_put appends a whole PE-AKAParameter; sqnInit as `sqn_init` says, 32 values in a row of
 * six octets each, or empty for zeros. */
void aka_parameter_put(struct room *out, bool mandated, uint16_t identification,
                       const struct aka_parameter *aka, struct bytes sqn_init);

void aka_parameter_clear(struct aka_parameter *aka);

/* The sizes of what f1 to f4 give, in octets (algorithmOptions: TCA 2.3.1, 8.5). */
struct aka_sizes {
	uint8_t mac, res, ck, ik;
};

/* aka_sizes_of reads algorithmOptions; ERR_VALUE for a combination that does not exist. */
NODISCARD enum err aka_sizes_of(const struct aka_parameter *aka, struct aka_sizes *out);

#endif
