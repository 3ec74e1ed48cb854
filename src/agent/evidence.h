/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of the machine from its sensitive chip (R2, R5): a quote over the PCRs that the server wants, bound
 * to the session, the card and the claims; the logs behind the PCRs; and the values of those PCRs that no log
 * explains. Of an IMA list goes what the server does not have yet, up to where the quote is. A PCR that is not what the log makes of it is told too: the server shall be able to say which.
 */
#ifndef AGENT_EVIDENCE_H
#define AGENT_EVIDENCE_H

#include "agent/equipment.h"
#include "port/trust.h"

struct machine {
	struct trust *trust;
	struct equipment_claims claims;
	struct bytes log; /* event log of this start: the firmware's, then our own; empty: none */
	bool log_known;   /* the server has this log: its digest will do */
	/* ima loads the kernel's list as it is now; NULL: there is none. It is called after the quote, so
	 * that the list has at least what was quoted. */
	enum err (*ima)(void *ctx, struct bytes *list);
	void *ima_ctx;
	enum ima_form ima_form;
	uint64_t ima_first; /* entries that the server has already, of the start ... */
	uint32_t ima_reset; /* ... with this reset count of the chip */
};

/* What was shown of an IMA list: where the next evidence of the same start may go on. */
struct machine_shown {
	uint64_t ima_entries;
	uint32_t ima_reset;
};

/* The label of the binding for provisioning. */
#define EVIDENCE_LABEL "assay provisioning v1"

/* evidence_gather appends the bundle. ERR_UNSUPPORTED when the server takes no quotes of the SHA-256 bank,
 * ERR_BUSY when PCRs moved each time they were read, causes of trust.h, and of an IMA list that cannot be
 * loaded. */
NODISCARD enum err evidence_gather(const struct machine *machine,
                                   const struct equipment_session *session, struct room *out,
                                   struct machine_shown *shown);

#endif
