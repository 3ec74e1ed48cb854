/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers, TS 33.102 annex C: SQN = SEQ || IND, 48 bits, IND the low five. The home network
 * counts SEQ up, not by the clock; the USIM keeps the highest SQN accepted for each IND, so numbers
 * from parallel sources may overtake each other without a resynchronisation.
 */
#ifndef AKA_SQN_H
#define AKA_SQN_H

#include "aka/milenage.h"

enum {
	SQN_IND_BITS = 5,
	SQN_INDS = 1 << SQN_IND_BITS, /* TS 33.102 C.3.2: a = 32 */
};

#define SQN_MAX ((uint64_t)0xFFFFFFFFFFFF)
#define SEQ_MAX (SQN_MAX >> SQN_IND_BITS)

/* What a USIM has accepted: for each IND the last SQN, IND included. */
struct sqn_array {
	uint64_t at[SQN_INDS];
};

/* How a USIM judges (TS 33.102 C.2.2). */
struct sqn_rules {
	uint64_t delta;     /* SEQ may exceed the highest accepted by at most this; 0: unlimited */
	uint64_t age_limit; /* SEQ may lag behind the highest by less than this; 0: unlimited */
};

/* sqn_make puts SEQ and IND together; sqn_seq and sqn_ind take them apart. */
static inline uint64_t sqn_make(uint64_t seq, unsigned ind)
{
	return (seq << SQN_IND_BITS | (ind & (SQN_INDS - 1))) & SQN_MAX;
}

static inline uint64_t sqn_seq(uint64_t sqn)
{
	return sqn >> SQN_IND_BITS;
}

static inline unsigned sqn_ind(uint64_t sqn)
{
	return (unsigned)(sqn & (SQN_INDS - 1));
}

/* sqn_put and sqn_get convert to and from the six octets on the wire. */
void sqn_put(uint64_t sqn, uint8_t out[static AKA_SQN_SIZE]);
uint64_t sqn_get(const uint8_t in[static AKA_SQN_SIZE]);

/* sqn_highest is SQN_MS, the highest SQN ever accepted. */
uint64_t sqn_highest(const struct sqn_array *array);

/* sqn_accept checks freshness and notes the number; ERR_SYNC when it is not fresh, and then the array
 * is untouched. */
NODISCARD enum err sqn_accept(struct sqn_array *array, const struct sqn_rules *rules, uint64_t sqn);

#endif
