/* SPDX-License-Identifier: Apache-2.0 */
/* `assay-agent enrol`: makes the machine's chip known to a server. */
#include "agent/address.h"
#include "agent/enrol.h"
#include "cli/agent.h"
#include "cli/key_file.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void progress(void *ctx, enum enrol_step step)
{
	static const char *const says[ENROL_STEPS] = {
		"reading the chip's keys and certificate",
		"asking the server for a challenge",
		"the chip opens the challenge",
		"showing the server the proof",
	};
	const struct agent *agent = ctx;

	if (!cli_flag(agent->cli, "json"))
		fprintf(stderr, "%s ...\n", says[step]);
}

static int show(const struct agent *agent, const struct enrolment_outcome *out)
{
	if (cli_flag(agent->cli, "json")) {
		json_t *object = json_pack("{s:s, s:s, s:s}", "state", out->state, "chip",
		                           out->chip, "how", out->how);
		json_dumpf(object, stdout, 0);
		putchar('\n');
		json_decref(object);
	} else {
		printf("%s: %s\nchip ", out->state, out->how);
		for (const char *c = out->chip; *c != '\0'; c++) /* as assay has it */
			putchar(tolower((unsigned char)*c));
		putchar('\n');
	}
	return CLI_DONE;
}

static struct bytes given(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, text == NULL ? 0 : strlen(text) };
}

static int fail(const struct agent *agent, enum err err, const struct enrolment_outcome *out)
{
	if (out->reason[0] != '\0')
		return cli_fail(agent->cli, agent_exit(err), "the server refuses the chip: %s (%s)",
		                out->why, out->reason);
	return cli_fail(agent->cli, agent_exit(err), "%s", out->why);
}

/* The pairing key is enrolled where this machine has one in its chip: its policy names who approves states. */
static int pairing_policy(const struct agent *agent, struct trust_policy *policy, bool *has)
{
	*has = agent->pairing.tcti != NULL && agent->pairing.signer != NULL;
	if (!*has)
		return CLI_DONE;
	enum err err = key_file_public(agent->pairing.signer, policy->signer);
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(agent->cli, err, agent->pairing.signer);
}

static int enrol(struct agent *agent)
{
	const char *imei = cli_value(agent->cli, "imei"), *model = cli_value(agent->cli, "model");
	struct enrolment_request request = { .http = &agent->http,
		                             .host = given(cli_arg(agent->cli, 0)),
		                             .body = agent->es9.body,
		                             .ctx = agent,
		                             .progress = progress };
	struct enrolment_outcome out;
	struct trust_policy policy;
	bool has_pairing;
	int code = pairing_policy(agent, &policy, &has_pairing);

	if (code != CLI_DONE)
		return code;
	request.imei = given(imei != NULL ? imei : agent->evidence.imei);
	request.model = given(model != NULL ? model : agent->evidence.model);
	request.pairing = has_pairing ? &policy : NULL;
	if (request.model.len == 0)
		return cli_usage(agent->cli, "needs the machine's model: --model");
	enum err err = es10_eid(&agent->es10, request.eid);
	if (err != ERR_NONE)
		return agent_fail(agent, err);
	err = trust_open(&request.trust, agent->evidence.tcti);
	if (err != ERR_NONE)
		return cli_fail(agent->cli, CLI_UNREACHABLE, "%s: %s", agent->evidence.tcti,
		                trust_open_text(err));
	err = enrol_machine(&request, &out);
	trust_close(request.trust);
	return err == ERR_NONE ? show(agent, &out) : fail(agent, err, &out);
}

static int run(struct cli *cli)
{
	struct agent agent = { .cli = cli };
	int code;

	if (!server_address_good(given(cli_arg(cli, 0))))
		return cli_usage(cli, "%s is no server", cli_arg(cli, 0));
	code = agent_open(&agent, cli);
	if (code == CLI_DONE)
		code = agent_evidence_configure(&agent.evidence, cli);
	if (code == CLI_DONE && agent.evidence.tcti == NULL)
		code = cli_usage(cli, "needs the machine's chip: --evidence");
	if (code == CLI_DONE)
		code = agent_connect(&agent);
	if (code == CLI_DONE)
		code = enrol(&agent);
	agent_close(&agent);
	return code;
}

static const struct cli_option options[] = {
	{"imei",   0, "IMEI", "the machine's IMEI (default: the evidence's)" },
	{ "model", 0, "NAME", "the machine's model (default: the evidence's)"},
	AGENT_OPTION_EVIDENCE,
	AGENT_OPTION_PAIRING,
	AGENT_OPTION_READER,
	AGENT_OPTION_ISSUER,
	AGENT_OPTION_CONNECT,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command agent_enrol = {
	.name = "enrol",
	.args = "SERVER",
	.help = "Makes the machine's chip known to a server, for its card",
	.about = "The chip's maker has certified its endorsement key; the server checks that, and "
	         "that the "
		 "key\nthat will sign evidence is in the same chip. Approved at once when the "
	         "supplier has "
		 "listed this\nmachine; otherwise it waits for somebody's approval (assay device "
	         "approve). "
		 "Enrolling again\nchanges nothing but what has changed.",
	.options = options,
	.run = run,
};
