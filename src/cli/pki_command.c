/* SPDX-License-Identifier: Apache-2.0 */
/* `assay pki`: the edge between the command line and the test PKI. */
#include "cli/commands.h"

#include "cli/pki.h"

#include <stdio.h>
#include <sys/stat.h>

static int run_new(struct cli *cli)
{
	const struct pki_choice choice = {
		.eid = cli_value(cli, "eid"),
		.host = cli_value(cli, "host"),
		.dp_oid = cli_value(cli, "oid"),
		.operator_name = cli_value(cli, "operator"),
	};

	return pki_new(cli_arg(cli, 0), &choice) ? CLI_DONE : CLI_FAILED;
}

static int run_card(struct cli *cli)
{
	const char *dir = cli_arg(cli, 0), *eid = cli_arg(cli, 1), *out = cli_value(cli, "out");
	char path[4096];

	if (!pki_eid_valid(eid))
		return cli_usage(
			cli, "%s is not an EID: 32 digits, the last two being check digits", eid);
	if (out != NULL)
		return pki_card(dir, eid, out) ? CLI_DONE : CLI_FAILED;
	if (snprintf(path, sizeof path, "%s/cards", dir) >= (int)sizeof path)
		return cli_fail_err(cli, ERR_LIMIT, dir);
	(void)!mkdir(path, 0755); /* may be there; pki_card says it when that did not work */
	if (snprintf(path, sizeof path, "%s/cards/%s", dir, eid) >= (int)sizeof path)
		return cli_fail_err(cli, ERR_LIMIT, dir);
	return pki_card(dir, eid, path) ? CLI_DONE : CLI_FAILED;
}

static const struct cli_option options_new[] = {
	{"eid",       0, "EID",  "EID of the first card (32 digits)"                            },
	{ "host",     0, "NAME", "DNS name of the SM-DP+ (default: localhost)"                  },
	{ "oid",      0, "OID",  "OID of the SM-DP+ (default: 2.999.10)"                        },
	{ "operator", 0, "NAME", "name in the operator's client certificate (default: operator)"},
	CLI_OPTION_END,
};

static const struct cli_option options_card[] = {
	{"out", 0, "DIR", "where to write (default: DIR/cards/EID)"},
	CLI_OPTION_END,
};

static const struct cli_command command_new = {
	.name = "new",
	.args = "DIR",
	.help = "Make a test PKI: CI, EUM, eUICC, SM-DP+ and an operator, on both curves",
	.about = "File names and contents follow SGP.26. The keys of the issuers lie beside their\n"
		 "certificates: this is for trying and testing, never for a network that matters.",
	.options = options_new,
	.run = run_new,
};

static const struct cli_command command_card = {
	.name = "card",
	.args = "DIR EID",
	.help = "Issue certificates for one more card, signed by the EUM of DIR",
	.options = options_card,
	.run = run_card,
};

static const struct cli_command *const subs[] = { &command_new, &command_card, NULL };

const struct cli_command cli_pki = {
	.name = "pki",
	.args = "",
	.help = "Certificates for trying and testing",
	.subs = subs,
};
