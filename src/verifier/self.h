/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine as its own verifier (semi-autonomous validation): what its chip has now, and the logs behind
 * it, against reference values that somebody has signed for it. What deviates goes into a statement. Only
 * sets of the SHA-256 bank are of use, as that is what the machine reads of its chip.
 */
#ifndef VERIFIER_SELF_H
#define VERIFIER_SELF_H

#include "evidence/ima.h"
#include "evidence/statement.h"
#include "verifier/reference.h"

struct self {
	struct bytes model, firmware; /* as it claims them */
	const struct tpm_bank *now;   /* at least the PCRs of self_pcrs */
	struct bytes log;             /* event log of this start; empty: none */
	enum ima_form ima_form;
	struct bytes ima; /* the list, whole; empty: none */
};

/* self_pcrs gives the PCRs of which the reference values for this model and firmware speak; 0 when there are
 * none. */
uint32_t self_pcrs(const struct references *references, struct bytes model, struct bytes firmware);

/* self_check fills in the reference and what deviates from the set that explains the machine best, and
 * leaves the clock alone; `reference` is a view of the set. ERR_NOT_FOUND when there is no set for this model and
 * firmware. Whether the set is still in force is for the server to say. */
NODISCARD enum err self_check(const struct references *references, const struct self *self,
                              struct statement *out);

#endif
