/* SPDX-License-Identifier: Apache-2.0 */
/* What an appraisal is for, and what comes of it: the two words of an attestation result that others than
 * the verifier act upon. */
#ifndef EVIDENCE_DECISION_H
#define EVIDENCE_DECISION_H

#include "base/bytes.h"

enum purpose { PURPOSE_PROVISIONING, PURPOSE_MANAGEMENT, PURPOSE_ACCESS, PURPOSES };

/* In the order of severity. */
enum decision { ADMIT, RESTRICT, REFUSE, DECISIONS };

/* The words that policies and people use; "unknown" for other values. */
const char *purpose_text(enum purpose purpose);
const char *decision_text(enum decision decision);

#endif
