/* SPDX-License-Identifier: Apache-2.0 */
/* The program `assay`: the command line for people. */
#include "cli/commands.h"

static const struct cli_command *const subs[] = {
	&cli_status,
	&cli_subscription,
	&cli_order,
	&cli_device,
	&cli_manifest,
	&cli_events,
	&cli_audit,
	&cli_profile,
	&cli_pki,
	&cli_pairing,
	&cli_verifier,
	&cli_completion,
	NULL,
};

static const struct cli_command root = {
	.name = "assay",
	.args = "",
	.help = "Issues and manages mobile subscriptions for machines that prove they are intact",
	.subs = subs,
};

int main(int argc, char **argv)
{
	return cli_main(&root, argc, argv);
}
