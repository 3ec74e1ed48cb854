/* SPDX-License-Identifier: Apache-2.0 */
/* assay order: from a profile on the shelf to an activation code, and back. */
#include "cli/admin.h"
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

static const struct admin_column list_columns[] = {
	{"iccid",          "ICCID"      },
        { "state",         "STATE"      },
        { "matchingId",    "MATCHING ID"},
	{ "eid",           "EID"        },
        { "name",          "NAME"       },
        { "downloadsLeft", "TRIES"      },
};

static const struct admin_column show_columns[] = {
	{"iccid",                 "ICCID"          },
	{ "state",                "state"          },
	{ "activationCode",       "activation code"},
	{ "matchingId",           "matching ID"    },
	{ "confirmationRequired", "needs a code"   },
	{ "eid",		  "EID"            },
	{ "imsi",                 "IMSI"           },
	{ "serviceProvider",      "provider"       },
	{ "name",                 "name"           },
	{ "class",                "class"          },
	{ "operator",             "operator"       },
	{ "type",                 "type"           },
	{ "expires",              "expires"        },
	{ "downloadsLeft",        "downloads left" },
	{ "confirmationsLeft",    "codes left"     },
};

static bool number_set(const struct cli *cli, json_t *body, const char *name)
{
	uint64_t value;

	if (!cli_number(cli, name, 1, 1000, 0, &value))
		return false;
	if (value != 0)
		json_object_set_new(body, name, json_integer((json_int_t)value));
	return true;
}

/* print_code prints what a person hands out: the code alone, so that a script can take it as it is. */
static int print_code(const struct cli *cli, json_t *profile)
{
	const char *code = json_string_value(json_object_get(profile, "activationCode"));

	if (cli_flag(cli, "json") || code == NULL)
		return admin_show(cli, profile, show_columns, COUNT(show_columns));
	puts(code);
	json_decref(profile);
	return CLI_DONE;
}

static int run_new(struct cli *cli)
{
	json_t *body, *answer = NULL;

	if ((cli_arg(cli, 0) == NULL) == (cli_value(cli, "type") == NULL))
		return cli_usage(cli, "needs either an ICCID or --type");
	body = json_object();
	if (cli_arg(cli, 0) != NULL)
		json_object_set_new(body, "iccid", json_string(cli_arg(cli, 0)));
	admin_set_option(cli, body, "type", "type");
	admin_set_option(cli, body, "operator", "operator");
	admin_set_option(cli, body, "eid", "eid");
	admin_set_option(cli, body, "matching-id", "matchingId");
	admin_set_option(cli, body, "confirmation-code", "confirmationCode");
	admin_set_option(cli, body, "expires", "expires");
	json_object_set_new(body, "release", json_boolean(!cli_flag(cli, "hold")));
	int exit = CLI_USAGE;
	if (number_set(cli, body, "downloads") && number_set(cli, body, "confirmations"))
		exit = admin_call(cli, "POST", "/v1/orders", body, &answer);
	json_decref(body);
	return exit == CLI_DONE ? print_code(cli, answer) : exit;
}

static int run_list(struct cli *cli)
{
	char path[ADMIN_PATH_MAX] = "/v1/orders";
	const char *state = cli_value(cli, "state");
	json_t *array = NULL;

	if (state != NULL && !admin_path(path, "/v1/orders?state=", state, ""))
		return cli_usage(cli, "\"%s\" is no state", state);
	int exit = admin_list(cli, path, "", "orders", &array);
	if (exit != CLI_DONE)
		return exit;
	return admin_show_list(cli, array, list_columns, COUNT(list_columns), "no orders");
}

static int run_show(struct cli *cli)
{
	char path[ADMIN_PATH_MAX];
	json_t *answer = NULL;

	if (!admin_path(path, "/v1/profiles/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no ICCID", cli_arg(cli, 0));
	int exit = admin_call(cli, "GET", path, NULL, &answer);
	return exit == CLI_DONE ? admin_show(cli, answer, show_columns, COUNT(show_columns)) : exit;
}

static int change(struct cli *cli, const char *suffix, json_t *body)
{
	char path[ADMIN_PATH_MAX];
	json_t *answer = NULL;
	int exit;

	if (!admin_path(path, "/v1/orders/", cli_arg(cli, 0), suffix))
		exit = cli_usage(cli, "\"%s\" is no ICCID", cli_arg(cli, 0));
	else
		exit = admin_call(cli, "POST", path, body, &answer);
	json_decref(body);
	if (exit != CLI_DONE)
		return exit;
	if (cli_flag(cli, "json"))
		return admin_show(cli, answer, show_columns, COUNT(show_columns));
	json_decref(answer);
	return CLI_DONE;
}

static int run_release(struct cli *cli)
{
	return change(cli, "/release", json_object());
}

static int run_cancel(struct cli *cli)
{
	const char *final = cli_flag(cli, "retire") ? "Unavailable" : "Available";

	return change(cli, "/cancel", json_pack("{s:s}", "final", final));
}

static const struct cli_option new_options[] = {
	{"type",               't', "TYPE", "any available profile of this type instead of an ICCID"       },
	{ "operator",          'o', "NAME", "whose profile of that type (default: the first operator's)"   },
	{ "eid",               'e', "EID",  "only for the card with this EID"                              },
	{ "matching-id",       'm', "ID",
         "matching ID (default: one is made up; empty: none is needed)"                                    },
	{ "confirmation-code", 'c', "CODE", "whoever downloads it must know this code"                     },
	{ "hold",              0,   NULL,   "do not release it yet: \"assay order release\" does"          },
	{ "downloads",         0,   "N",    "attempts to download (default: the server's)"                 },
	{ "confirmations",     0,   "N",    "wrong codes that are borne (default: the server's)"           },
	{ "expires",           0,   "TIME", "void from then on, such as 2030-01-31T12:00:00Z or 2030-01-31"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option list_options[] = {
	{"state", 0, "STATE", "only those in this state, such as Released"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option plain_options[] = { CLI_OPTION_SOCKET, CLI_OPTION_JSON,
	                                           CLI_OPTION_END };
static const struct cli_option cancel_options[] = {
	{"retire", 0, NULL, "never offer the profile again"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

static const struct cli_command new_command = {
	.name = "new",
	.args = "[ICCID]",
	.help = "Orders a profile and prints its activation code",
	.options = new_options,
	.run = run_new,
};
static const struct cli_command list_command = {
	.name = "list",
	.args = "",
	.help = "Lists the orders",
	.options = list_options,
	.run = run_list,
};
static const struct cli_command show_command = {
	.name = "show",
	.args = "ICCID",
	.help = "Shows one order",
	.options = plain_options,
	.run = run_show,
};
static const struct cli_command release_command = {
	.name = "release",
	.args = "ICCID",
	.help = "Lets an order be downloaded that was held",
	.options = plain_options,
	.run = run_release,
};
static const struct cli_command cancel_command = {
	.name = "cancel",
	.args = "ICCID",
	.help = "Takes an order back; the profile becomes available again",
	.options = cancel_options,
	.run = run_cancel,
};
static const struct cli_command *const subs[] = { &new_command,     &list_command,   &show_command,
	                                          &release_command, &cancel_command, NULL };

const struct cli_command cli_order = {
	.name = "order",
	.args = "",
	.help = "Orders profiles for download",
	.subs = subs,
};
