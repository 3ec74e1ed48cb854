/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authentication and key agreement, TS 33.102 6.3: one subscriber, whichever algorithm, seen from both
 * ends. The keeper makes vectors and verifies AUTS; the card's USIM verifies AUTN and makes AUTS.
 *
 * The room knows no storage: whoever calls it keeps K, the SQN array and the counter, and makes a
 * changed array durable *before* it lets an answer out (I5).
 */
#ifndef AKA_AKA_H
#define AKA_AKA_H

#include "aka/milenage.h"
#include "aka/sqn.h"
#include "aka/tuak.h"

/* The numbers of the profile package's algorithmID. */
enum aka_algorithm {
	AKA_MILENAGE = 1,
	AKA_TUAK = 2,
	AKA_TEST = 3, /* TS 34.108 8.1.2: in test profiles only, keeps nothing secret */
};

enum {
	AKA_VALUE_MAX = TUAK_VALUE_MAX,
	AKA_AUTN_MAX = AKA_SQN_SIZE + AKA_AMF_SIZE + AKA_VALUE_MAX, /* 16 with a MAC of 8 octets */
	AKA_AUTS_MAX = AKA_SQN_SIZE + AKA_VALUE_MAX,                /* 14 with a MAC of 8 octets */
	AKA_RECORD_MAX = 168,        /* what aka_subscriber_put writes at most */
	AKA_AMF_SEPARATION = 0x8000, /* TS 33.102 annex H: set in vectors for EPS, EAP-AKA', 5G */
};

/* A subscriber's secrets and parameters. Fields that the algorithm does not use are zero. */
struct aka_subscriber {
	enum aka_algorithm algorithm;
	struct secret k;   /* 16 octets; TUAK 16 or 32 */
	struct secret opc; /* OPc 16 octets, TOPc 32; the test algorithm has none */
	struct milenage_constants constants;          /* Milenage only */
	uint8_t iterations;                           /* TUAK only */
	uint8_t mac_size, res_size, ck_size, ik_size; /* octets; Milenage: 8, 8 (4 to 8), 16, 16 */
};

/* aka_subscriber_init gives a subscriber the sizes and constants that are usual for the algorithm; the
 * caller then sets k and opc. */
void aka_subscriber_init(struct aka_subscriber *who, enum aka_algorithm algorithm);

/* aka_subscriber_valid tells whether keys, sizes and constants fit together. Every function below that
 * takes a subscriber answers ERR_VALUE otherwise. */
bool aka_subscriber_valid(const struct aka_subscriber *who);

/* aka_subscriber_op sets opc from the operator's OP (16 octets) or TOP (32). */
NODISCARD enum err aka_subscriber_op(struct aka_subscriber *who, const struct secret *op);

/* aka_subscriber_put writes the subscriber, keys included, as one record for sealed storage;
 * aka_subscriber_read takes such a record. On error `out` is untouched. */
void aka_subscriber_put(struct room *out, const struct aka_subscriber *who);
NODISCARD enum err aka_subscriber_read(struct bytes in, struct aka_subscriber *out);

void aka_subscriber_clear(struct aka_subscriber *who);

/* --- home network --------------------------------------------------------------------------- */

struct aka_request {
	const struct aka_subscriber *who;
	uint8_t rand[AKA_RAND_SIZE]; /* unpredictable: from crypto_random */
	uint64_t sqn;                /* never used before */
	uint16_t amf;                /* AKA_AMF_SEPARATION or 0 */
};

/* A quintet (TS 33.102 6.3.2). The sizes are the subscriber's. */
struct aka_vector {
	uint8_t rand[AKA_RAND_SIZE];
	uint8_t autn[AKA_AUTN_MAX];
	uint8_t xres[AKA_VALUE_MAX];
	uint8_t ck[AKA_VALUE_MAX];
	uint8_t ik[AKA_VALUE_MAX];
	uint8_t autn_size, xres_size, ck_size, ik_size;
};

/* aka_vector_make computes one quintet. On error `out` is wiped. */
NODISCARD enum err aka_vector_make(const struct aka_request *request, struct aka_vector *out);

/* aka_vectors computes many at once, several subscribers interleaved where the CPU gains by it; the
 * same octets as aka_vector_make one by one. On error all of `out` is wiped. */
NODISCARD enum err aka_vectors(const struct aka_request *requests, size_t count,
                               struct aka_vector *out);

/* A GSM triplet, by the conversion functions c2 and c3 (TS 33.102 6.8.1.2). */
struct aka_triplet {
	uint8_t rand[AKA_RAND_SIZE];
	uint8_t sres[AKA_SRES_SIZE];
	uint8_t kc[AKA_KC_SIZE];
};

/* aka_triplet_make computes one triplet. On error `out` is wiped. */
NODISCARD enum err aka_triplet_make(const struct aka_subscriber *who,
                                    const uint8_t rand[static AKA_RAND_SIZE],
                                    struct aka_triplet *out);

/* aka_auts_verify checks MAC-S and uncovers SQN_MS. ERR_LENGTH, or ERR_MAC when the USIM did not make
 * it for this RAND; then `sqn_ms` is untouched. */
NODISCARD enum err aka_auts_verify(const struct aka_subscriber *who,
                                   const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts,
                                   uint64_t *sqn_ms);

/* --- USIM ----------------------------------------------------------------------------------- */

/* What the USIM answers to AUTHENTICATE in 3G context. */
struct aka_answer {
	uint8_t res[AKA_VALUE_MAX];
	uint8_t ck[AKA_VALUE_MAX];
	uint8_t ik[AKA_VALUE_MAX];
	uint8_t kc[AKA_KC_SIZE]; /* for USIMs with service 27, GSM access */
	uint8_t auts[AKA_AUTS_MAX];
	uint8_t res_size, ck_size, ik_size, auts_size;
};

/* aka_usim_check does what TS 33.102 6.3.3 asks of the USIM: verify AUTN, then the freshness of SQN.
 * ERR_NONE: RES, CK, IK and Kc are set and `seen` has noted SQN. ERR_SYNC: only AUTS is set (6.3.5).
 * ERR_MAC or ERR_LENGTH: `out` is wiped. `seen` changes on ERR_NONE only. */
NODISCARD enum err aka_usim_check(const struct aka_subscriber *who, struct sqn_array *seen,
                                  const struct sqn_rules *rules,
                                  const uint8_t rand[static AKA_RAND_SIZE], struct bytes autn,
                                  struct aka_answer *out);

/* aka_usim_gsm answers AUTHENTICATE in GSM context: SRES and Kc (TS 31.102 7.1.1.2); aka_triplet_make
 * under the name it has on this end. */
NODISCARD static inline enum err aka_usim_gsm(const struct aka_subscriber *who,
                                              const uint8_t rand[static AKA_RAND_SIZE],
                                              struct aka_triplet *out)
{
	return aka_triplet_make(who, rand, out);
}

#endif
