/* SPDX-License-Identifier: Apache-2.0 */
/* The program `assay-agent`: the machine's side, a local profile assistant over PC/SC. */
#include "cli/agent.h"

static const struct cli_command *const subs[] = {
	&agent_info,         &agent_list,          &agent_download,
	&agent_enable,       &agent_disable,       &agent_delete,
	&agent_nickname,     &agent_notifications, &agent_default_server,
	&agent_memory_reset, &agent_readers,       &agent_pair,
	&agent_attest,       &agent_start,         &agent_components,
	&agent_enrol,        &agent_chip_restart,  NULL,
};

static const struct cli_command root = {
	.name = "assay-agent",
	.args = "",
	.help = "Downloads and manages the profiles of an eUICC in a smart card reader",
	.subs = subs,
};

int main(int argc, char **argv)
{
	return cli_main(&root, argc, argv);
}
