/* SPDX-License-Identifier: Apache-2.0 */
/* `assay-agent chip-restart`: a software TPM has no power that comes and goes with the machine's. */
#include "cli/agent.h"

#include "softtpm/file.h"

#include <string.h>

static int run(struct cli *cli)
{
	static const char soft[] = "soft:";
	const char *name = cli_arg(cli, 0);

	if (strncmp(name, soft, sizeof soft - 1) != 0 || name[sizeof soft - 1] == '\0')
		return cli_usage(cli, "%s is not soft:FILE; other chips start with the machine",
		                 name);
	enum err err = softtpm_file_restart(name + sizeof soft - 1);
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, name);
}

static const struct cli_option options[] = { CLI_OPTION_END };

const struct cli_command agent_chip_restart = {
	.name = "chip-restart",
	.args = "soft:FILE",
	.help = "Restart a software TPM, as a reset of the machine does with a chip",
	.about = "Its PCRs begin anew and it counts the reset: for the first of a machine's start "
		 "scripts, where the\n"
		 "machine is simulated. \"assay pki chip\" makes such a chip. It protects nothing.",
	.options = options,
	.run = run,
};
