/* SPDX-License-Identifier: Apache-2.0 */
/* What both ends of an enrolment compute (docs/protocol.md, "Enrolment"). */
#ifndef EVIDENCE_ENROLMENT_H
#define EVIDENCE_ENROLMENT_H

#include "base/secret.h"
#include "port/crypto.h"

enum { ENROL_ID_SIZE = 16, ENROL_SECRET_SIZE = 32 };

/* enrol_proof is what shows that the secret was opened, bound to what was claimed:
 * HMAC-SHA-256(secret, "assay enrolment v1" || 00 || EID || SHA-256(AK's TPMT_PUBLIC) || IMEI || 00 || model). */
NODISCARD enum err enrol_proof(const struct secret *secret, struct bytes eid,
                               struct bytes ak_public, struct bytes imei, struct bytes model,
                               uint8_t out[static SHA256_SIZE]);

#endif
