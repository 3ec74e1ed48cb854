/* SPDX-License-Identifier: Apache-2.0 */
/* assay device, status: what the server has seen. */
#include "cli/admin.h"
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct admin_column list_columns[] = {
	{ "eid",       "EID"        },
	{ "lastSeen",  "LAST SEEN"  },
	{ "chip",      "CHIP"       },
	{ "model",     "MODEL"      },
	{ "decision",  "LAST FOUND" },
};
static const struct admin_column device_columns[] = {
	{ "eid",       "EID"        },
	{ "firstSeen", "FIRST SEEN" },
	{ "lastSeen",  "LAST SEEN"  },
};
static const struct admin_column chip_columns[] = {
	{ "chip",      "CHIP"       },
	{ "format",    "KIND"       },
	{ "state",     "STATE"      },
	{ "eid",       "EID"        },
	{ "imei",      "IMEI"       },
	{ "model",     "MODEL"      },
	{ "how",       "BECAUSE"    },
};
static const struct admin_column one_chip_columns[] = {
	{ "chip",           "chip"            },
	{ "format",         "kind"            },
	{ "state",          "state"           },
	{ "how",            "because"         },
	{ "imei",           "IMEI"            },
	{ "model",          "model"           },
	{ "firmware",       "firmware"        },
	{ "endorsementKey", "endorsement key" },
	{ "instance",       "instance"        },
	{ "pairingKey",     "pairing key"     },
};
static const struct admin_column appraisal_columns[] = {
	{ "time",      "last appraisal" },
	{ "purpose",   "for"            },
	{ "decision",  "decision"       },
	{ "policy",    "policy"         },
	{ "evidence",  "evidence"       },
};
/* clang-format on */
static const struct admin_column profile_columns[] = {
	{"iccid",  "ICCID"},
        { "imsi",  "IMSI" },
        { "state", "STATE"},
        { "name",  "NAME" }
};
static const struct admin_column access_columns[] = {
	{"imsi",         "IMSI"          },
	{ "access",      "NETWORK ACCESS"},
	{ "accessSince", "SINCE"         },
	{ "accessUntil", "UNTIL"         },
	{ "accessWhy",   "BECAUSE"       }
};
static const struct admin_column change_columns[] = {
	{"time",    "TIME"   },
	{ "kind",   "CHANGE" },
	{ "before", "BEFORE" },
	{ "after",  "AFTER"  },
	{ "detail", "BECAUSE"}
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
	return admin_show_list(cli, array, list_columns, COUNT(list_columns), "no devices");
}

static int run_chips(struct cli *cli)
{
	const char *state = cli_value(cli, "state");
	json_t *array = NULL;

	if (state != NULL && strcmp(state, "pending") != 0 && strcmp(state, "approved") != 0 &&
	    strcmp(state, "revoked") != 0)
		return cli_usage(cli, "a chip is pending, approved or revoked, not \"%s\"", state);
	int exit = admin_list(cli, "/v1/chips", "", "chips", &array);
	if (exit != CLI_DONE)
		return exit;
	for (size_t i = json_array_size(array); state != NULL && i-- > 0;) {
		const char *is =
			json_string_value(json_object_get(json_array_get(array, i), "state"));
		if (is == NULL || strcmp(is, state) != 0)
			json_array_remove(array, i);
	}
	return admin_show_list(cli, array, chip_columns, COUNT(chip_columns), "no chips");
}

static void show_chips(struct cli *cli, json_t *device)
{
	json_t *chips = json_object_get(device, "chips"), *chip;
	size_t i;

	if (json_array_size(chips) == 0)
		printf("\nno chip has enrolled for this card\n");
	json_array_foreach(chips, i, chip)
	{
		putchar('\n');
		(void)!admin_show(cli, json_incref(chip), one_chip_columns,
		                  COUNT(one_chip_columns)); /* it only prints */
		if (json_is_true(json_object_get(chip, "test")))
			printf("a test chip: it protects nothing\n");
	}
}

static void show_appraisal(struct cli *cli, json_t *device)
{
	json_t *appraisal = json_object_get(device, "appraisal");
	const char *text = json_string_value(json_object_get(appraisal, "explanation"));

	putchar('\n');
	if (!json_is_object(appraisal)) {
		printf("never appraised\n");
		return;
	}
	(void)!admin_show(cli, json_incref(appraisal), appraisal_columns,
	                  COUNT(appraisal_columns)); /* it only prints */
	if (text != NULL)
		printf("%s%s", text, *text == '\0' || text[strlen(text) - 1] == '\n' ? "" : "\n");
}

static int show_list(struct cli *cli, json_t *device, const char *member,
                     const struct admin_column *columns, size_t count, const char *none)
{
	json_t *rows = json_object_get(device, member);

	putchar('\n');
	return admin_show_list(cli, json_incref(rows), columns, count, none);
}

static json_t *decision_body(const struct cli *cli)
{
	json_t *body = json_object();

	admin_set_option(cli, body, "because", "how");
	return body;
}

static int decide(struct cli *cli, const char *verb)
{
	char path[ADMIN_PATH_MAX];
	json_t *chip = NULL, *body = decision_body(cli);
	const char *name = cli_arg(cli, 0);
	bool named = strlen(name) == EID_DIGITS &&
	             strspn(name, "0123456789abcdefABCDEF") == EID_DIGITS &&
	             admin_path(path, "/v1/chips/", name, verb);
	int exit = named ? admin_call(cli, "POST", path, body, &chip) : CLI_USAGE;

	json_decref(body);
	if (!named)
		return cli_usage(cli,
		                 "\"%s\" is no EID (32 digits) and no chip (32 hexadecimal digits)",
		                 name);
	return exit == CLI_DONE ? admin_show(cli, chip, one_chip_columns, COUNT(one_chip_columns))
	                        : exit;
}

static int run_approve(struct cli *cli)
{
	return decide(cli, "/approve");
}

static int run_revoke(struct cli *cli)
{
	return decide(cli, "/revoke");
}

static int run_add(struct cli *cli)
{
	const char *file = cli_value(cli, "psa");
	json_t *request, *chip = NULL;
	size_t len;

	if (!admin_is_eid(cli_arg(cli, 0)))
		return cli_usage(cli, "\"%s\" is no EID: 32 digits", cli_arg(cli, 0));
	if (file == NULL || cli_value(cli, "instance") == NULL || cli_value(cli, "model") == NULL)
		return cli_usage(cli, "--psa, --instance and --model are needed");
	uint8_t *at = admin_file(cli, file, &len);
	if (at == NULL)
		return CLI_FAILED;
	request = json_pack("{s:s, s:s, s:o}", "format", "psa", "eid", cli_arg(cli, 0), "key",
	                    admin_der(at, len));
	free(at);
	admin_set_option(cli, request, "instance", "instance");
	admin_set_option(cli, request, "model", "model");
	admin_set_option(cli, request, "imei", "imei");
	admin_set_option(cli, request, "because", "how");
	int exit = admin_call(cli, "POST", "/v1/chips", request, &chip);
	json_decref(request);
	return exit == CLI_DONE ? admin_show(cli, chip, one_chip_columns, COUNT(one_chip_columns))
	                        : exit;
}

static int run_import(struct cli *cli)
{
	json_t *answer = NULL, *request;
	size_t len;
	uint8_t *at = admin_file(cli, cli_arg(cli, 0), &len);

	if (at == NULL)
		return CLI_FAILED;
	request = json_pack("{s:o}", "manifest", admin_base64(at, len));
	free(at);
	int exit = admin_call(cli, "POST", "/v1/manifests", request, &answer);
	json_decref(request);
	if (exit != CLI_DONE || cli_flag(cli, "json"))
		return exit != CLI_DONE ? exit : admin_show(cli, answer, NULL, 0);
	printf("%lld machines\n",
	       (long long)json_integer_value(json_object_get(answer, "machines")));
	json_decref(answer);
	return CLI_DONE;
}

static int run_show(struct cli *cli)
{
	char path[ADMIN_PATH_MAX];
	json_t *device = NULL;

	if (!admin_is_eid(cli_arg(cli, 0)) ||
	    !admin_path(path, "/v1/devices/", cli_arg(cli, 0), ""))
		return cli_usage(cli, "\"%s\" is no EID: 32 digits", cli_arg(cli, 0));
	int exit = admin_call(cli, "GET", path, NULL, &device);
	if (exit != CLI_DONE || cli_flag(cli, "json"))
		return exit != CLI_DONE ? exit : admin_show(cli, device, NULL, 0);
	exit = admin_show(cli, json_incref(device), device_columns, COUNT(device_columns));
	show_chips(cli, device);
	show_appraisal(cli, device);
	if (exit == CLI_DONE)
		exit = show_list(cli, device, "profiles", profile_columns, COUNT(profile_columns),
		                 "no profiles");
	if (exit == CLI_DONE)
		exit = show_list(cli, device, "subscriptions", access_columns,
		                 COUNT(access_columns), "no subscription, so no network access");
	if (exit == CLI_DONE)
		exit = show_list(cli, device, "changes", change_columns, COUNT(change_columns),
		                 "no changes");
	json_decref(device);
	return exit;
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
	.help = "Lists the cards that have proved themselves, with their machines",
	.options = options,
	.run = run_list,
};
static const struct cli_command show_command = {
	.name = "show",
	.args = "EID",
	.help = "Shows one card, its machine's chip, how it was last found, profiles, network "
		"access, changes",
	.about = "NETWORK ACCESS is what the AuC would say of each subscription now. It changes by "
		 "itself at "
		 "UNTIL,\nwhen the last evidence gets too old; otherwise with new evidence, "
		 "another policy, or by "
		 "hand.",
	.options = options,
	.run = run_show,
};
static const struct cli_option chips_options[] = {
	{"state", 0, "STATE", "only those that are pending, approved or revoked"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option decide_options[] = {
	{"because", 0, "TEXT", "what the decision rests on, for the record (default: by hand)"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option add_options[] = {
	{"psa", 0, "FILE", "its attestation key: a public key on P-256 or P-384 (PEM, DER), or a CoRIM that has it"},
	{"instance", 0, "HEX", "its instance ID, 33 octets of which the first is 01"},
	{"model", 0, "MODEL", "the model that its machine claims to be"},
	{"imei", 0, "IMEI", "the machine's IMEI, 15 digits"},
	{"because", 0, "TEXT", "what the decision rests on, for the record (default: by hand)"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_command add_command = {
	.name = "add",
	.args = "EID",
	.help = "Says that a PSA root of trust belongs to that card, and is ours",
	.about = "TPMs enrol themselves; a PSA root of trust is made known by its key and instance "
		 "ID, as its maker hands\nthem over. It is approved at once, on your word that the key "
		 "is in such hardware. The same key\nagain takes the place of what was said of it. A CoRIM's attest-key triple is that of the "
		 "instance;\none that is signed counts while its supplier is known: assay verifier add supplier.",
	.options = add_options,
	.run = run_add,
};
static const struct cli_command chips_command = {
	.name = "chips",
	.args = "",
	.help = "Lists the chips that have enrolled",
	.options = chips_options,
	.run = run_chips,
};
static const struct cli_command approve_command = {
	.name = "approve",
	.args = "EID|CHIP",
	.help = "Says that a chip that has enrolled belongs to that card, and is ours",
	.about = "By the card's EID when only one chip waits for it; otherwise by the chip's own "
		 "name.",
	.options = decide_options,
	.run = run_approve,
};
static const struct cli_command revoke_command = {
	.name = "revoke",
	.args = "EID|CHIP",
	.help = "Takes a chip out of service for good",
	.about = "Its evidence is refused from now on, it cannot enrol again, and no other chip "
	         "gets "
		 "its card\nwithout somebody's approval.",
	.options = decide_options,
	.run = run_revoke,
};
static const struct cli_command import_command = {
	.name = "import",
	.args = "MANIFEST",
	.help = "Takes a supplier's signed list of machines, which enrol without approval",
	.about = "The supplier's key is made known before with: assay verifier add supplier KEY "
	         "--name "
		 "SUPPLIER.\nA machine that waits already is approved when it enrols again.",
	.options = options,
	.run = run_import,
};
static const struct cli_command *const subs[] = {
	&list_command,    &show_command,   &chips_command,  &add_command,
	&approve_command, &revoke_command, &import_command, NULL
};

const struct cli_command cli_device = {
	.name = "device",
	.args = "",
	.help = "Machines and their cards: seen, enrolled, approved, revoked",
	.subs = subs,
};
const struct cli_command cli_status = {
	.name = "status",
	.args = "",
	.help = "Tells whether the server is well",
	.options = options,
	.run = run_status,
};
