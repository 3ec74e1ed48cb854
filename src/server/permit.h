/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A permit says that the appraiser has decided to release one thing to one subject (I4). Only the keeper makes
 * permits, and only for the appraiser; it wants to see one before it binds a profile or computes a vector,
 * so that a worker or an AuC that was taken over gets nothing that was not admitted. One for provisioning names
 * the key of the card whose certificate the appraiser has verified, so that the keeper can check for itself
 * what that card has signed.
 *
 *     version (1) || purpose (1) || decision (1) || expires, seconds since 1970 (8) || subject (16) || result (32)
 *     || HMAC-SHA-256 over what precedes, under a key of the keeper's own (32)
 */
#ifndef SERVER_PERMIT_H
#define SERVER_PERMIT_H

#include "base/err.h"
#include "base/limits.h"
#include "base/secret.h"
#include "evidence/decision.h"
#include "port/crypto.h"
#include "server/smdp_card.h"

enum {
	PERMIT_SUBJECT_SIZE = 16,
	PERMIT_SIZE = 1 + 1 + 1 + 8 + PERMIT_SUBJECT_SIZE + SHA256_SIZE + SHA256_SIZE,
};

struct permit {
	enum purpose purpose;
	enum decision decision; /* REFUSE is never permitted */
	uint64_t expires_s;
	uint8_t subject[PERMIT_SUBJECT_SIZE];
	uint8_t result[SHA256_SIZE]; /* digest of what the decision rests on; for the record */
};

/* Whom a permit is for: the first octets of SHA-256 over the purpose and what names the subject. For provisioning
 * that is a profile (ICCID), a card with its key, and a session with its transactionId of 16 octets. */
NODISCARD enum err permit_subject_provisioning(const struct smdp_card *card,
                                               struct bytes transaction_id,
                                               const uint8_t iccid[static ICCID_SIZE],
                                               uint8_t out[static PERMIT_SUBJECT_SIZE]);
NODISCARD enum err permit_subject_access(struct bytes imsi,
                                         uint8_t out[static PERMIT_SUBJECT_SIZE]);

/* permit_make writes a permit. ERR_DENIED for a decision to refuse, ERR_VALUE for others than there are. */
NODISCARD enum err permit_make(const struct secret *key, const struct permit *permit,
                               uint8_t out[static PERMIT_SIZE]);

/* permit_check reads one: ERR_DENIED unless it was made with this key, for this purpose and subject, and
 * has not expired. `out` is written only then. */
NODISCARD enum err permit_check(const struct secret *key, struct bytes octets, enum purpose purpose,
                                const uint8_t subject[static PERMIT_SUBJECT_SIZE], uint64_t now_s,
                                struct permit *out);

#endif
