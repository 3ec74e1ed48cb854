/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text protocol between hostapd and its authentication centre (hostapd's name for it is
 * hlr_auc_gw): one ASCII message a datagram, no terminator, one space between words, lower-case hex.
 *
 *     AKA-REQ-AUTH <IMSI>              AKA-RESP-AUTH <IMSI> <RAND> <AUTN> <IK> <CK> <RES>
 *     SIM-REQ-AUTH <IMSI> <n>          SIM-RESP-AUTH <IMSI> <Kc>:<SRES>:<RAND> ... n times
 *     AKA-AUTS <IMSI> <AUTS> <RAND>    nothing: the next AKA-REQ-AUTH shows whether it was believed
 *
 * An answer may be FAILURE in place of all that follows the IMSI. There is no request identifier: hostapd
 * tells answers apart by IMSI.
 *
 * A message has exactly one form; anything else is refused. So what was read writes back to itself.
 */
#ifndef SERVER_AUC_TEXT_H
#define SERVER_AUC_TEXT_H

#include "aka/aka.h"
#include "base/limits.h"

enum {
	AUC_IMSI_MIN = 6,      /* TS 23.003 2.2: MCC, MNC and a digit */
	AUC_TRIPLETS_MAX = 5,  /* RFC 4186 asks for 2 or 3; GSM networks fetch up to 5 */
	AUC_AUTS_SIZE = 14,    /* the protocol knows MACs of 64 bits only */
	AUC_REQUEST_MAX = 128, /* octets; the longest, AKA-AUTS, has 86 */
	AUC_REPLY_MAX = 384,   /* octets; five triplets have 322 with their IMSI */
};

enum auc_kind { AUC_VECTOR, AUC_TRIPLETS, AUC_RESYNC };

struct auc_request {
	enum auc_kind kind;
	uint8_t imsi_size;
	char imsi[IMSI_DIGITS_MAX];  /* ASCII digits, no NUL */
	uint8_t count;               /* AUC_TRIPLETS: 1 to AUC_TRIPLETS_MAX; else 0 */
	uint8_t auts[AUC_AUTS_SIZE]; /* AUC_RESYNC; else zero */
	uint8_t rand[AKA_RAND_SIZE]; /* AUC_RESYNC; else zero */
};

static inline struct bytes auc_imsi(const struct auc_request *request)
{
	return (struct bytes){ (const uint8_t *)request->imsi, request->imsi_size };
}

/* auc_request_read takes a whole datagram. ERR_VALUE or ERR_LIMIT when it is no request; then `out` is
 * untouched. */
NODISCARD enum err auc_request_read(struct bytes datagram, struct auc_request *out);

/* auc_request_put writes what auc_request_read reads. */
void auc_request_put(struct room *out, const struct auc_request *request);

/* auc_put_vector answers AUC_VECTOR. ERR_UNSUPPORTED when a value has a size that the protocol cannot
 * carry (AUTN, CK, IK of 16 octets; RES of 4 to 16); then nothing is written. */
NODISCARD enum err auc_put_vector(struct room *out, const struct auc_request *request,
                                  const struct aka_vector *vector);

/* auc_put_triplets answers AUC_TRIPLETS. */
void auc_put_triplets(struct room *out, const struct auc_request *request,
                      const struct aka_triplet *triplets, size_t count);

/* auc_put_failure answers AUC_VECTOR and AUC_TRIPLETS; writes nothing for AUC_RESYNC. */
void auc_put_failure(struct room *out, const struct auc_request *request);

#endif
