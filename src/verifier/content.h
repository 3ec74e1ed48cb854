/* SPDX-License-Identifier: Apache-2.0 */
/* The content of logs and tokens against reference values: which event, file or component deviates,
 * what was expected and what was found. Nothing here trusts event data; an event is known by its
 * digest. */
#ifndef VERIFIER_CONTENT_H
#define VERIFIER_CONTENT_H

#include "evidence/eat.h"
#include "evidence/ima.h"
#include "verifier/reference.h"

enum { FINDINGS_MAX = 16 };

/* What was found; `more` when there was no room for all of it, which refuses like the worst of
 * them. */
struct findings {
	size_t count;
	bool more;
	struct finding at[FINDINGS_MAX];
};

/* findings_add returns the place to say more, or a place that is thrown away. */
struct finding *findings_add(struct findings *findings, enum finding_cause cause);

void finding_expected(struct finding *finding, struct bytes digest);
void finding_found(struct finding *finding, struct bytes digest);

/* content_log looks at a log that has been replayed to `bank`: the events of the PCRs in `pcrs`. A
 * PCR of `pcrs` that the log does not extend must have a final value that is listed. */
NODISCARD enum err content_log(struct bytes log, const struct tpm_bank *bank, uint32_t pcrs,
                               const struct reference *reference, struct findings *findings);

/* content_values looks at PCRs that no log explains. */
void content_values(const struct tpm_bank *bank, uint32_t pcrs, const struct reference *reference,
                    struct findings *findings);

void content_ima(const struct ima_entry *entry, const struct reference *reference,
                 struct findings *findings);

void content_psa(const struct psa_claims *claims, const struct reference *reference,
                 struct findings *findings);

#endif
