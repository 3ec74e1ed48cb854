/* SPDX-License-Identifier: Apache-2.0 */
/* assay subscription: the profiles that the server holds, and whether the network serves them. */
#include "cli/admin.h"
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMSI_MAX = 15 };

static const struct admin_column list_columns[] = {
	{"iccid",     "ICCID"   },
        { "imsi",     "IMSI"    },
        { "state",    "STATE"   },
	{ "operator", "OPERATOR"},
        { "type",     "TYPE"    },
        { "name",     "NAME"    },
};

static const struct admin_column show_columns[] = {
	{"iccid",            "ICCID"          },
	{ "imsi",            "IMSI"           },
	{ "state",           "state"          },
	{ "serviceProvider", "provider"       },
	{ "name",            "name"           },
	{ "class",           "class"          },
	{ "operator",        "operator"       },
	{ "type",            "type"           },
	{ "eid",             "EID"            },
	{ "barred",          "barred"         },
	{ "seq",             "sequence number"},
};

static json_t *events_json(void)
{
	return json_pack("[s, s, s, s]", "install", "enable", "disable", "delete");
}

static bool set_icon(const struct cli *cli, json_t *metadata)
{
	const char *path = cli_value(cli, "icon");
	size_t len;

	if (path == NULL)
		return true;
	uint8_t *at = admin_file(cli, path, &len);
	if (at == NULL)
		return false;
	bool png = len > 4 && memcmp(at, "\x89PNG", 4) == 0;
	json_object_set_new(metadata, "icon", admin_base64(at, len));
	json_object_set_new(metadata, "iconType", json_string(png ? "png" : "jpg"));
	free(at);
	return true;
}

static void set_lists(const struct cli *cli, json_t *metadata)
{
	json_t *rules = json_array(), *notifications = json_array();
	const char *value;

	for (size_t i = 0; (value = cli_value_nth(cli, "rule", i)) != NULL; i++)
		json_array_append_new(rules, json_string(value));
	for (size_t i = 0; (value = cli_value_nth(cli, "notify", i)) != NULL; i++)
		json_array_append_new(notifications, json_pack("{s:o, s:s}", "events",
		                                               events_json(), "address", value));
	if (json_array_size(rules) > 0)
		json_object_set(metadata, "policyRules", rules);
	if (json_array_size(notifications) > 0)
		json_object_set(metadata, "notifications", notifications);
	json_decref(rules);
	json_decref(notifications);
}

static json_t *metadata_json(const struct cli *cli)
{
	json_t *metadata = json_object();

	admin_set_option(cli, metadata, "provider", "serviceProvider");
	admin_set_option(cli, metadata, "name", "profileName");
	admin_set_option(cli, metadata, "class", "class");
	set_lists(cli, metadata);
	if (cli_value(cli, "owner") != NULL)
		json_object_set_new(metadata, "owner",
		                    json_pack("{s:s}", "mccMnc", cli_value(cli, "owner")));
	if (set_icon(cli, metadata))
		return metadata;
	json_decref(metadata);
	return NULL;
}

/* add sends a file's content as one member beside the metadata that the options say. */
static int add(struct cli *cli, const char *path, json_t *body)
{
	json_t *metadata = metadata_json(cli), *answer = NULL;
	int exit = CLI_FAILED;

	if (metadata != NULL) {
		admin_set_option(cli, body, "operator", "operator");
		admin_set_option(cli, body, "type", "type");
		json_object_set(body, "metadata", metadata);
		exit = admin_call(cli, "POST", path, body, &answer);
	}
	json_decref(metadata);
	json_decref(body);
	if (exit != CLI_DONE)
		return exit;
	const char *iccid = json_string_value(json_object_get(answer, "iccid"));
	if (cli_flag(cli, "json") || iccid == NULL)
		return admin_show(cli, answer, show_columns, COUNT(show_columns));
	puts(iccid);
	json_decref(answer);
	return CLI_DONE;
}

static int run_new(struct cli *cli)
{
	size_t len;
	uint8_t *at = admin_file(cli, cli_arg(cli, 0), &len);

	if (at == NULL)
		return CLI_FAILED;
	json_t *text = json_stringn((const char *)at, len);
	free(at);
	if (text == NULL)
		return cli_fail(cli, CLI_FAILED, "%s is no text in UTF-8", cli_arg(cli, 0));
	return add(cli, "/v1/profiles/generate", json_pack("{s:o}", "description", text));
}

static int run_import(struct cli *cli)
{
	size_t len;
	uint8_t *at = admin_file(cli, cli_arg(cli, 0), &len);

	if (at == NULL)
		return CLI_FAILED;
	json_t *package = admin_base64(at, len);
	free(at);
	return add(cli, "/v1/profiles", json_pack("{s:o}", "package", package));
}

static int run_list(struct cli *cli)
{
	char path[ADMIN_PATH_MAX] = "/v1/profiles";
	const char *state = cli_value(cli, "state");
	json_t *array = NULL;

	if (state != NULL && !admin_path(path, "/v1/profiles?state=", state, ""))
		return cli_usage(cli, "\"%s\" is no state", state);
	int exit = admin_list(cli, path, "", "profiles", &array);
	if (exit != CLI_DONE)
		return exit;
	return admin_show_list(cli, array, list_columns, COUNT(list_columns), "no subscriptions");
}

/* An IMSI has at most 15 digits (TS 23.003 2.2), an ICCID at least 18. */
static bool is_imsi(const char *text)
{
	return strlen(text) <= IMSI_MAX;
}

static int run_show(struct cli *cli)
{
	char path[ADMIN_PATH_MAX];
	const char *name = cli_arg(cli, 0);
	json_t *answer = NULL;

	if (!admin_path(path, is_imsi(name) ? "/v1/subscriptions/" : "/v1/profiles/", name, ""))
		return cli_usage(cli, "\"%s\" is neither ICCID nor IMSI", name);
	int exit = admin_call(cli, "GET", path, NULL, &answer);
	return exit == CLI_DONE ? admin_show(cli, answer, show_columns, COUNT(show_columns)) : exit;
}

static int run_delete(struct cli *cli)
{
	char path[ADMIN_PATH_MAX], question[96];
	json_t *answer = NULL;

	snprintf(question, sizeof question, "Delete subscription %.30s with its keys for good?",
	         cli_arg(cli, 0));
	if (!admin_path(path, "/v1/profiles/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no ICCID", cli_arg(cli, 0));
	if (!cli_flag(cli, "yes") && !cli_ask(question))
		return cli_fail(cli, CLI_FAILED, "not deleted: nobody said yes (--yes)");
	int exit = admin_call(cli, "DELETE", path, NULL, &answer);
	if (exit == CLI_DONE)
		json_decref(answer);
	return exit;
}

static int set_barred(struct cli *cli, bool barred)
{
	char path[ADMIN_PATH_MAX];
	json_t *answer = NULL;

	if (!admin_path(path, "/v1/subscriptions/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no IMSI", cli_arg(cli, 0));
	json_t *body = json_pack("{s:b}", "barred", barred);
	int exit = admin_call(cli, "POST", path, body, &answer);
	json_decref(body);
	if (exit == CLI_DONE)
		json_decref(answer);
	return exit;
}

static int run_bar(struct cli *cli)
{
	return set_barred(cli, true);
}

static int run_unbar(struct cli *cli)
{
	return set_barred(cli, false);
}

static const struct cli_option add_options[] = {
	{"operator",  'o', "NAME",    "whose profile it is: the name of an ES2+ client"                   },
	{ "type",     't', "TYPE",    "profile type, for orders that name no ICCID"                       },
	{ "provider", 0,   "TEXT",    "service provider name that the person at the machine is shown"     },
	{ "name",     'n', "TEXT",    "profile name that the person is shown"                             },
	{ "class",    0,   "CLASS",   "operational (default), test or provisioning"                       },
	{ "icon",     0,   "FILE",    "PNG or JPEG of 64 x 64 points, at most 1,024 octets"               },
	{ "rule",     0,   "RULE",    "policy rule: disable-not-allowed or delete-not-allowed; repeatable"},
	{ "notify",   0,   "ADDRESS", "server that is told of all events; repeatable"                     },
	{ "owner",    0,   "MCCMNC",  "profile owner, such as 00101"                                      },
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option list_options[] = {
	{"state", 0, "STATE", "only those in this state, such as Available"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option show_options[] = { CLI_OPTION_SOCKET, CLI_OPTION_JSON,
	                                          CLI_OPTION_END };
static const struct cli_option bar_options[] = { CLI_OPTION_SOCKET, CLI_OPTION_END };
static const struct cli_option delete_options[] = { CLI_OPTION_YES, CLI_OPTION_SOCKET,
	                                            CLI_OPTION_END };

static const struct cli_command new_command = {
	.name = "new",
	.args = "DESCRIPTION",
	.help = "Makes a subscription from a description; its keys never leave the server's keeper",
	.options = add_options,
	.run = run_new,
};
static const struct cli_command import_command = {
	.name = "import",
	.args = "PACKAGE",
	.help = "Takes in a profile package (DER)",
	.options = add_options,
	.run = run_import,
};
static const struct cli_command list_command = {
	.name = "list",
	.args = "",
	.help = "Lists the subscriptions",
	.options = list_options,
	.run = run_list,
};
static const struct cli_command show_command = {
	.name = "show",
	.args = "ICCID|IMSI",
	.help = "Shows one subscription",
	.options = show_options,
	.run = run_show,
};
static const struct cli_command delete_command = {
	.name = "delete",
	.args = "ICCID",
	.help = "Deletes a subscription that nobody has ordered",
	.options = delete_options,
	.run = run_delete,
};
static const struct cli_command bar_command = {
	.name = "bar",
	.args = "IMSI",
	.help = "Gives out no more vectors for a subscription",
	.options = bar_options,
	.run = run_bar,
};
static const struct cli_command unbar_command = {
	.name = "unbar",
	.args = "IMSI",
	.help = "Serves a barred subscription again",
	.options = bar_options,
	.run = run_unbar,
};
static const struct cli_command *const subs[] = {
	&new_command,    &import_command, &list_command,  &show_command,
	&delete_command, &bar_command,    &unbar_command, NULL,
};

const struct cli_command cli_subscription = {
	.name = "subscription",
	.args = "",
	.help = "Makes and manages subscriptions",
	.subs = subs,
};
