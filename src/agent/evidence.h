/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of the machine from its sensitive chip (R2, R5): a statement of what the machine itself finds wrong with it
 * (statement.c), or a quote over the PCRs that the server wants, bound
 * to the session, the card and the claims; the logs behind the PCRs; and the values of those PCRs that no log
 * explains. Of an IMA list goes what the server does not have yet, up to where the quote is. A PCR that is not what the log makes of it is told too: the server shall be able to say which.
 */
#ifndef AGENT_EVIDENCE_H
#define AGENT_EVIDENCE_H

#include "agent/equipment.h"
#include "evidence/statement.h"
#include "port/trust.h"

/* The machine as its own verifier. What it is measured by, signed reference values, and the comparison are with who
 * has them: room verifier, which this one does not know. */
struct machine_check {
	void *ctx;
	uint32_t pcrs; /* of which the reference values for this machine speak; 0: there are none */
	/* check fills in the reference and what deviates; `now` has those PCRs. `ima` is the kernel's list, loaded
	 * after the PCRs were read; empty: there is none. */
	enum err (*check)(void *ctx, const struct tpm_bank *now, struct bytes log, struct bytes ima,
	                  struct statement *out);
};

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
	/* NULL: it does not check itself, or a quote is asked for. */
	const struct machine_check *self;
};

/* What was shown of an IMA list: where the next evidence of the same start may go on. Of a log and a list that a
 * statement was made of nothing was shown. */
struct machine_shown {
	bool statement;
	uint64_t ima_entries;
	uint32_t ima_reset;
};

/* The label of the binding for provisioning. */
#define EVIDENCE_LABEL "assay provisioning v1"

/* evidence_gather appends the bundle: a statement where the server takes one and the machine can check itself, else a
 * quote. ERR_UNSUPPORTED when the server takes neither that nor quotes of the SHA-256 bank, ERR_BUSY when PCRs
 * moved each time they were read, causes of trust.h, and of an IMA list that cannot be loaded. */
NODISCARD enum err evidence_gather(const struct machine *machine,
                                   const struct equipment_session *session, struct room *out,
                                   struct machine_shown *shown);

/* In this room: machine_pcrs reads PCRs of the SHA-256 bank, machine_state has the machine check itself and appends
 * its signed statement, causes of machine_check included. */
NODISCARD enum err machine_pcrs(struct trust *trust, uint32_t pcrs, struct tpm_bank *out);
NODISCARD enum err machine_state(const struct machine *machine, struct bytes binding,
                                 struct room *out);

#endif
