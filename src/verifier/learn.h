/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values derived from a machine that is known to be good: the text that `assay verifier
 * learn` writes, for a person to read, shorten and sign for. It admits exactly what that machine
 * did. */
#ifndef VERIFIER_LEARN_H
#define VERIFIER_LEARN_H

#include "evidence/ima.h"
#include "evidence/tpm.h"

struct learn {
	struct bytes model, firmware;
	enum attest_hash bank;
	uint32_t pcrs;    /* those to learn */
	struct bytes log; /* of the good machine */
	struct bytes ima; /* its IMA list; empty for none */
	enum ima_form ima_form;
};

/* learn_put appends the text. The caller has checked that the log is what the machine's chip
 * quoted. ERR_ROOM; causes of eventlog_replay and ima_next for a log or list that is not well
 * formed. */
NODISCARD enum err learn_put(struct room *out, const struct learn *learn);

/* learn_policy_put appends a policy (policy.h) of that name which demands of every machine, for each purpose,
 * what this one has shown: a quote over those PCRs in that bank, by the card's own chip. ERR_ROOM. */
NODISCARD enum err learn_policy_put(struct room *out, const struct learn *learn, struct bytes name);

#endif
