/* SPDX-License-Identifier: Apache-2.0 */
/* Inside an appraisal: what the steps share. For the files of this room that are named
 * appraise*. */
#ifndef VERIFIER_WORK_H
#define VERIFIER_WORK_H

#include "verifier/appraise.h"

struct work {
	struct verifier *verifier;
	const struct appraisal *appraisal;
	const struct policy_rule *rule;
	struct appraisal_result *result;
	struct evidence evidence;
	struct equipment_claims claims;
	bool over; /* a firm finding: nothing that follows could be believed */
};

/* work_found adds a finding and ends the appraisal when it is a firm one. */
struct finding *work_found(struct work *work, enum finding_cause cause);

/* Why there is no set in force. */
struct why_not {
	bool revoked, orphaned, expired;
};

/* work_reference gives the next set for the claimed model and firmware, from the `*from`th on, that
 * is in force; NULL when there is none left. */
const struct reference *work_reference(struct work *work, size_t *from, struct why_not *why);

/* work_no_reference adds the finding for why no set was in force. */
void work_no_reference(struct work *work, struct why_not why);

/* findings_copy copies what is there, and not the room behind it. */
void findings_copy(struct findings *to, const struct findings *from);

/* work_keep takes the findings of one set unless an earlier one had fewer. */
void work_keep(struct findings *best, bool *any, const struct findings *these);

/* work_key gives the enrolled attestation key of a TPM, its point written to `point`. R5: a key that may also
 * sign what it is given could sign a forged quote; only one that is `restricted` (part 1, 25.2), and the chip's
 * own, is taken. */
NODISCARD enum err work_key(const struct work *work, struct room *point, struct attest_key *out);

/* The steps of each format, from FORMAT to CONTENT; the claims step is common. */
void appraise_tpm(struct work *work);
void appraise_psa(struct work *work);
void appraise_statement(struct work *work);

/* Steps that all formats share. */
void step_binding(struct work *work, struct bytes bound);
void step_enrolment(struct work *work);
void step_clock(struct work *work, const struct tpm_clock *clock);

#endif
