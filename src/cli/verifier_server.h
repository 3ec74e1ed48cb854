/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands of `assay verifier` that speak to a server. */
#ifndef CLI_VERIFIER_SERVER_H
#define CLI_VERIFIER_SERVER_H

#include "cli/cli.h"

extern const struct cli_command cli_verifier_add, cli_verifier_list, cli_verifier_remove,
	cli_verifier_revoke, cli_verifier_try, cli_verifier_result;

#endif
