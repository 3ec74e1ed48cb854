/* SPDX-License-Identifier: Apache-2.0 */
/* assay device, status: what the server has seen. */
#include "cli/admin.h"
#include "cli/commands.h"

#include <stdio.h>

static const struct admin_column device_columns[] = {
	{"eid",        "EID"       },
        { "firstSeen", "FIRST SEEN"},
        { "lastSeen",  "LAST SEEN" }
};
static const struct admin_column profile_columns[] = {
	{"iccid",  "ICCID"},
        { "imsi",  "IMSI" },
        { "state", "STATE"},
        { "name",  "NAME" }
};
static const struct admin_column health_columns[] = {
	{"status",   "status"        },
        { "version", "version"       },
        { "address", "SM-DP+ address"}
};

static int run_list(struct cli *cli)
{
	json_t *array = NULL;
	int exit = admin_list(cli, "/v1/devices", "", "devices", &array);

	if (exit != CLI_DONE)
		return exit;
	return admin_show_list(cli, array, device_columns, COUNT(device_columns), "no devices");
}

static int run_show(struct cli *cli)
{
	char path[ADMIN_PATH_MAX];
	json_t *device = NULL;

	if (!admin_path(path, "/v1/devices/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no EID", cli_arg(cli, 0));
	int exit = admin_call(cli, "GET", path, NULL, &device);
	if (exit != CLI_DONE || cli_flag(cli, "json"))
		return exit != CLI_DONE ? exit : admin_show(cli, device, NULL, 0);
	json_t *profiles = json_incref(json_object_get(device, "profiles"));
	exit = admin_show(cli, device, device_columns, COUNT(device_columns));
	if (exit != CLI_DONE || profiles == NULL)
		return exit;
	putchar('\n');
	return admin_show_list(cli, profiles, profile_columns, COUNT(profile_columns),
	                       "no profiles");
}

static int run_status(struct cli *cli)
{
	json_t *health = NULL;
	int exit = admin_call(cli, "GET", "/v1/health", NULL, &health);

	return exit == CLI_DONE ? admin_show(cli, health, health_columns, COUNT(health_columns))
	                        : exit;
}

static const struct cli_option options[] = { CLI_OPTION_SOCKET, CLI_OPTION_JSON, CLI_OPTION_END };
static const struct cli_command list_command = {
	.name = "list",
	.args = "",
	.help = "Lists the cards that have proved themselves",
	.options = options,
	.run = run_list,
};
static const struct cli_command show_command = {
	.name = "show",
	.args = "EID",
	.help = "Shows one card and its profiles",
	.options = options,
	.run = run_show,
};
static const struct cli_command *const subs[] = { &list_command, &show_command, NULL };

const struct cli_command cli_device = {
	.name = "device",
	.args = "",
	.help = "Shows the devices that the server has met",
	.subs = subs,
};
const struct cli_command cli_status = {
	.name = "status",
	.args = "",
	.help = "Tells whether the server is well",
	.options = options,
	.run = run_status,
};
