/* SPDX-License-Identifier: Apache-2.0 */
/* `assay pki`: the edge between the command line and the test PKI. */
#include "cli/commands.h"

#include "cli/pki.h"
#include "codec/hex.h"
#include "port/crypto.h"

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

static int run_chip(struct cli *cli)
{
	uint8_t digest[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1] = "";
	struct room text = { (uint8_t *)hex, sizeof hex - 1, 0, false };

	if (!pki_chip(cli_arg(cli, 0), cli_arg(cli, 1), digest))
		return CLI_FAILED;
	hex_put(&text, BYTES(digest));
	printf("%s\n", hex);
	return CLI_DONE;
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

static const struct cli_option options_chip[] = { CLI_OPTION_END };

static const struct cli_command command_new = {
	.name = "new",
	.args = "DIR",
	.help = "Make a test PKI: CI, EUM, eUICC, SM-DP+, an operator, and who endorses software "
	        "TPMs",
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

static const struct cli_command command_chip = {
	.name = "chip",
	.args = "DIR FILE",
	.help = "Make a software TPM in FILE, endorsed by the test authority of DIR",
	.about = "The chip's name is then \"soft:FILE\", where others are named as tpm2-tools do. "
	         "It "
		 "protects nothing:\n"
		 "whoever reads the file has its keys. Servers take it under a test root alone "
		 "(\"assay verifier add\n"
		 "test-root DIR/CERT_TPM_CA.pem\"), and only with \"test-chips = yes\". Prints "
	         "SHA-256 of "
		 "its endorsement\n"
		 "key, as lists of suppliers name it.",
	.options = options_chip,
	.run = run_chip,
};

static const struct cli_command *const subs[] = { &command_new, &command_card, &command_chip,
	                                          NULL };

const struct cli_command cli_pki = {
	.name = "pki",
	.args = "",
	.help = "Certificates for trying and testing",
	.subs = subs,
};
