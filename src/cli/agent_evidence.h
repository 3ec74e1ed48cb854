/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the agent shows servers in which state its machine is: from one line of text, given as --evidence or in
 * /etc/assay/evidence.
 *
 *     tpm:TCTI[,log=FILE]...[,ima=FILE][,imei=IMEI][,model=NAME][,firmware=VERSION]
 *             [,reference=FILE,signer=KEY]
 *
 * TCTI is as tpm2-tools take it, or soft:FILE (port/trust.h). Logs are event logs of this start, put one behind the other: the firmware's, then our own start log. The chip
 * is opened for each proof and closed again. Which log a server has taken, and how much of the IMA list, is
 * remembered, so that the next time a digest will do, and what is new. Where a server takes it, a machine with
 * reference values that the signer has signed checks itself and sends a statement instead.
 */
#ifndef CLI_AGENT_EVIDENCE_H
#define CLI_AGENT_EVIDENCE_H

#include "agent/evidence.h"
#include "cli/agent_self.h"
#include "cli/cli.h"

enum { AGENT_EVIDENCE_MAX = 1024, AGENT_EVIDENCE_LOGS = 4, AGENT_EVIDENCE_WHY = 320 };

#define AGENT_OPTION_EVIDENCE                                                          \
	{                                                                              \
		"evidence", 0, "HOW",                                                  \
			"show the server the machine's state with tpm:TCTI,log=FILE,"  \
			"imei=IMEI,model=NAME,firmware=VERSION, and check it against " \
			"signed reference values with reference=FILE,signer=KEY "      \
			"(default: what /etc/assay/evidence has)"                      \
	}

struct agent_evidence {
	char text[AGENT_EVIDENCE_MAX]; /* the line, cut into its parts */
	const char *tcti, *log[AGENT_EVIDENCE_LOGS], *ima, *imei, *model, *firmware, *reference,
		*signer;
	size_t logs;
	const struct cli *cli;           /* whom to warn; NULL: nobody */
	struct room files, list, values; /* what is loaded for a proof */
	struct agent_self self;
	/* What was shown last: its log's digest (zeros: none), and how far its IMA list. */
	uint8_t digest[SHA256_SIZE];
	struct machine_shown shown;
	char why[AGENT_EVIDENCE_WHY];
};

/* agent_evidence_read takes a line apart. ERR_VALUE. */
NODISCARD enum err agent_evidence_read(struct agent_evidence *evidence, const char *how);

/* agent_evidence_configure does it with --evidence or else the file; without either tcti stays NULL. Complains
 * and returns an exit code when it cannot. */
NODISCARD int agent_evidence_configure(struct agent_evidence *evidence, const struct cli *cli);

/* agent_evidence_claims is what the line says of the machine. */
struct equipment_claims agent_evidence_claims(const struct agent_evidence *evidence);

/* agent_evidence_prover lends it as a prover; agent_evidence_clear frees what it loaded. */
struct equipment_prover agent_evidence_prover(struct agent_evidence *evidence);
void agent_evidence_clear(struct agent_evidence *evidence);

#endif
