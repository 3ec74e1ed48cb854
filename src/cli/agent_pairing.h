/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the agent proves its machine to the card: from one line of text, given as --pairing or in
 * /etc/assay/pairing.
 *
 *     tpm:TCTI,approval=FILE,signer=FILE   the pairing key in the TPM (or soft:FILE), in the state that signer approved
 *     file:FILE                            a private key in a file: for tests, there is no chip behind it
 *
 * Chip and files are opened for each proof and closed again: proofs are rare, the chip is wanted by others,
 * and an approval that a firmware update brings is used from the next proof on.
 */
#ifndef CLI_AGENT_PAIRING_H
#define CLI_AGENT_PAIRING_H

#include "agent/pairing.h"
#include "cli/cli.h"

enum { AGENT_PAIRING_MAX = 512, AGENT_PAIRING_WHY = 256 };

#define AGENT_OPTION_PAIRING                                                             \
	{                                                                                \
		"pairing", 0, "HOW",                                                     \
			"prove the machine to the card with tpm:TCTI,approval=FILE,"     \
			"signer=FILE or file:KEY (default: what /etc/assay/pairing has)" \
	}

struct agent_pairing {
	char text[AGENT_PAIRING_MAX]; /* the line, cut into its parts */
	const char *tcti, *approval, *signer, *key;
	char why[AGENT_PAIRING_WHY]; /* what went wrong last, in words */
};

/* agent_pairing_read takes a line apart. ERR_VALUE. */
NODISCARD enum err agent_pairing_read(struct agent_pairing *pairing, const char *how);

/* agent_pairing_default reads /etc/assay/pairing. ERR_NOT_FOUND when there is no such file. */
NODISCARD enum err agent_pairing_default(struct agent_pairing *pairing);

/* agent_pairing_signer lends it as a signer. */
struct pairing_signer agent_pairing_signer(struct agent_pairing *pairing);

/* agent_pairing_text says in words what a cause means that a proof failed with. */
const char *agent_pairing_text(const struct agent_pairing *pairing, enum err err);

/* agent_file_load appends a whole small file. ERR_NOT_FOUND, ERR_IO, ERR_ROOM. */
NODISCARD enum err agent_file_load(const char *path, struct room *out);

#endif
