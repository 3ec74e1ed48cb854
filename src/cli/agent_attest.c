/* SPDX-License-Identifier: Apache-2.0 */
/* `assay-agent attest`: shows a server the machine's state, and prints what the server decides. */
#include "cli/agent.h"
#include "cli/agent_device.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct attest {
	struct agent agent;
	struct device_info device;
	struct device_octets octets;
	struct activation_code server;
};

/* An activation code, or a bare address. */
static int server_of(struct attest *attest)
{
	const char *text = cli_arg(attest->agent.cli, 0);
	struct bytes given = bytes_text(text);

	if (strchr(text, '$') == NULL)
		attest->server.smdp_address = given;
	else if (activation_code_read(given, &attest->server) != ERR_NONE)
		return cli_usage(attest->agent.cli, "%s is no server", text);
	return CLI_DONE;
}

static void show_until(uint64_t expires)
{
	time_t seconds = (time_t)expires;
	struct tm parts;
	char text[32];

	if (expires == 0 || gmtime_r(&seconds, &parts) == NULL)
		return;
	(void)!strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
	printf("until %s\n", text);
}

/* What was shown, and what it cost on the air (R11). */
static const char *shown_form(const struct attest *attest, size_t octets)
{
	return octets == 0                              ? "none"
	       : attest->agent.evidence.shown.statement ? "statement"
	                                                : "quote";
}

static int show(const struct attest *attest, const struct equipment_result *result, size_t octets)
{
	const char *decision = decision_text(result->decision), *form = shown_form(attest, octets);

	if (cli_flag(attest->agent.cli, "json")) {
		json_t *out = json_pack("{s:s, s:I, s:s, s:s, s:I}", "decision", decision,
		                        "expires", (json_int_t)result->expires, "why", result->why,
		                        "evidence", form, "octets", (json_int_t)octets);
		json_dumpf(out, stdout, 0);
		putchar('\n');
		json_decref(out);
	} else {
		printf("%s%s%s\n", decision, result->why[0] != '\0' ? ": " : "", result->why);
		show_until(result->expires);
		printf("evidence: %s, %zu octets\n", form, octets);
	}
	return result->decision == REFUSE ? CLI_REFUSED : CLI_DONE;
}

static int attest_to(struct attest *attest)
{
	static const struct download_user nobody = { 0 };
	struct agent *agent = &attest->agent;
	struct download download = { .es10 = &agent->es10,
		                     .es9 = &agent->es9,
		                     .user = &nobody,
		                     .store = &agent->store,
		                     .device = &attest->device,
		                     .prover = agent_prover(agent) };
	struct equipment_result result = { .decision = REFUSE };

	if (download.prover == NULL)
		return cli_usage(agent->cli, "needs a way to show the machine's state: --evidence");
	enum err err = download_attest(&download, &attest->server, &result);
	if (err != ERR_NONE)
		return cli_fail(agent->cli, agent_exit(err), "%s", download.why);
	return show(attest, &result, download.shown);
}

static int run(struct cli *cli)
{
	struct attest attest = { .agent = { .cli = cli } };
	int code = server_of(&attest);

	if (code == CLI_DONE)
		code = agent_open(&attest.agent, cli);
	if (code == CLI_DONE)
		code = agent_device(&attest.agent, &attest.octets, &attest.device);
	if (code == CLI_DONE)
		code = agent_connect(&attest.agent);
	if (code == CLI_DONE)
		code = attest_to(&attest);
	agent_close(&attest.agent);
	return code;
}

static const struct cli_option options[] = {
	{"imei", 0, "IMEI", "tell the server the machine's IMEI (default: the evidence's)"},
	AGENT_OPTION_EVIDENCE,
	AGENT_OPTION_PAIRING,
	AGENT_OPTION_READER,
	AGENT_OPTION_ISSUER,
	AGENT_OPTION_CONNECT,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command agent_attest = {
	.name = "attest",
	.args = "SERVER",
	.help = "Shows a server the machine's state, and tells what it decides",
	.about = "Card and chip sign together, as they do for a download, but nothing is "
	         "downloaded.\n"
		 "SERVER is an address or an activation code. The exit status is 4 when the "
	         "machine is "
		 "refused.",
	.options = options,
	.run = run,
};
