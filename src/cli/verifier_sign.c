/* SPDX-License-Identifier: Apache-2.0 */
/* `assay verifier sign`: reference values under their supplier's signature, for machines and servers. */
#include "cli/verifier_sign.h"

#include "cli/key_file.h"
#include "cli/profile_file.h"
#include "verifier/reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { AROUND_MAX = 512 }; /* headers and signature */

static int sign(const struct cli *cli, struct bytes values, struct room *out)
{
	const char *signer = cli_value(cli, "signer"), *key_path = cli_value(cli, "key");
	SECRET key = { .len = 0 };
	enum ec_curve curve;
	enum err err = key_file_private(key_path, &curve, &key);

	if (err == ERR_NONE && curve != EC_P256)
		err = ERR_UNSUPPORTED;
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, key_path);
	err = references_sign(out, &key, bytes_text(signer != NULL ? signer : "supplier"), values);
	return err == ERR_NONE ? cli_write_new(cli, cli_value(cli, "out"), room_used(out))
	                       : cli_fail_err(cli, err, cli_arg(cli, 0));
}

static int run_sign(struct cli *cli)
{
	struct room out = { 0 };
	struct bytes values;

	if (cli_value(cli, "key") == NULL || cli_value(cli, "out") == NULL)
		return cli_usage(cli, "--key and --out are needed");
	enum err err = profile_file_read(cli_arg(cli, 0), &values);
	if (err == ERR_IO)
		return cli_fail(cli, CLI_FAILED, "%s: %s", cli_arg(cli, 0), strerror(errno));
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, cli_arg(cli, 0));
	out.cap = values.len + AROUND_MAX;
	out.at = malloc(out.cap);
	int code = out.at == NULL ? cli_fail_err(cli, ERR_FULL, "memory") : sign(cli, values, &out);
	free(out.at);
	profile_file_free(&values);
	return code;
}

static const struct cli_option options[] = {
	{"key",     0, "FILE", "the supplier's private key, on P-256"              },
	{ "out",    0, "FILE", "the signed file to write"                          },
	{ "signer", 0, "NAME", "who signs, as a CoRIM names it (default: supplier)"},
	CLI_OPTION_END,
};

const struct cli_command cli_verifier_sign = {
	.name = "sign",
	.args = "FILE",
	.help = "Sign reference values",
	.about = "FILE has reference values: the text that learn prints, or an unsigned CoRIM. "
	         "What is "
		 "written is a\n"
		 "COSE_Sign1: of a CoRIM a signed CoRIM. A machine checks itself against it "
	         "(assay-agent "
		 "--evidence,\n"
		 "reference= and signer=), and a server takes it with: assay verifier add "
	         "reference, or "
		 "corim, when\n"
		 "it knows the signer's public key by: assay verifier add supplier.",
	.options = options,
	.run = run_sign,
};
