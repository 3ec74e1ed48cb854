/* SPDX-License-Identifier: Apache-2.0 */
/* assay subscription: the profiles that the server holds, and whether the network serves them. */
#include "cli/subscription.h"
#include "cli/admin.h"
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct admin_column list_columns[] = {
	{"iccid",     "ICCID"   },
        { "imsi",     "IMSI"    },
        { "state",    "STATE"   },
	{ "operator", "OPERATOR"},
        { "type",     "TYPE"    },
        { "name",     "NAME"    },
};

const struct admin_column subscription_columns[SUBSCRIPTION_COLUMNS] = {
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
	{ "access",          "access"         },
	{ "accessSince",     "since"          },
	{ "accessUntil",     "until"          },
	{ "accessWhy",       "because"        },
	{ "accessPolicy",    "by policy"      },
	{ "appraised",       "last appraised" },
	{ "result",          "result"         },
};

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

/* An IMSI has at most 15 digits (TS 23.003 2.2), an ICCID 18 to 20 (ITU-T E.118). */
static bool is_imsi(const char *text)
{
	return admin_is_digits(text, IMSI_DIGITS_LEAST, IMSI_DIGITS_MOST);
}

static bool is_iccid(const char *text)
{
	return admin_is_digits(text, 18, 20);
}

/* Whether it is barred, by whom, since when, in words that take the place of the answer's member. */
static void tell_barred(json_t *subscription)
{
	const char *by = json_string_value(json_object_get(subscription, "barredBy"));
	const char *since = json_string_value(json_object_get(subscription, "accessSince"));

	if (json_object_get(subscription, "barred") == NULL)
		return; /* a profile without a subscription */
	json_object_set_new(
		subscription, "barred",
		by == NULL ? json_string("no")
			   : json_sprintf(
				     "by %s%s%s",
				     strcmp(by, "state") == 0 ? "the state of its machine" : "hand",
				     since == NULL ? "" : ", since ", since == NULL ? "" : since));
}

/* Profile and subscription are two things to the server, and one to people. */
static int add_other(const struct cli *cli, bool by_imsi, json_t *to)
{
	const char *name = json_string_value(json_object_get(to, by_imsi ? "iccid" : "imsi"));
	char path[ADMIN_PATH_MAX];
	json_t *other = NULL;

	if (name == NULL || *name == '\0' ||
	    !admin_path(path, by_imsi ? "/v1/profiles/" : "/v1/subscriptions/", name, ""))
		return CLI_DONE;
	int exit = admin_call(cli, "GET", path, NULL, &other);
	if (exit != CLI_DONE)
		return exit;
	json_object_update_missing(to, other);
	json_decref(other);
	return CLI_DONE;
}

static int run_show(struct cli *cli)
{
	char path[ADMIN_PATH_MAX];
	const char *name = cli_arg(cli, 0);
	bool by_imsi = is_imsi(name);
	json_t *answer = NULL;

	if ((!by_imsi && !is_iccid(name)) ||
	    !admin_path(path, by_imsi ? "/v1/subscriptions/" : "/v1/profiles/", name, ""))
		return cli_usage(
			cli, "\"%s\" is neither an ICCID (18 to 20 digits) nor an IMSI (6 to 15)",
			name);
	int exit = admin_call(cli, "GET", path, NULL, &answer);
	if (exit == CLI_DONE)
		exit = add_other(cli, by_imsi, answer);
	if (exit != CLI_DONE) {
		json_decref(answer);
		return exit;
	}
	if (!cli_flag(cli, "json"))
		tell_barred(answer);
	return admin_show(cli, answer, subscription_columns, SUBSCRIPTION_COLUMNS);
}

static int run_delete(struct cli *cli)
{
	char path[ADMIN_PATH_MAX], question[96];
	json_t *answer = NULL;

	snprintf(question, sizeof question, "Delete subscription %.30s with its keys for good?",
	         cli_arg(cli, 0));
	if (!is_iccid(cli_arg(cli, 0)) || !admin_path(path, "/v1/profiles/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no ICCID: 18 to 20 digits", cli_arg(cli, 0));
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

	if (!is_imsi(cli_arg(cli, 0)) ||
	    !admin_path(path, "/v1/subscriptions/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no IMSI: 6 to 15 digits", cli_arg(cli, 0));
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
	.help = "Shows one subscription, and what the AuC would say of it now",
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
	&subscription_new, &subscription_import, &list_command,  &show_command,
	&delete_command,   &bar_command,         &unbar_command, NULL,
};

const struct cli_command cli_subscription = {
	.name = "subscription",
	.args = "",
	.help = "Makes and manages subscriptions",
	.subs = subs,
};
