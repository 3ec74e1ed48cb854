/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent download: the person's side of a profile download. */
#include "base/secret.h"
#include "cli/agent.h"
#include "cli/agent_device.h"
#include "cli/agent_pending.h"
#include "cli/progress.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct job {
	struct agent agent;
	struct progress progress;
	struct download download;
	struct download_user user;
	struct device_info device;
	struct device_octets octets;
	struct activation_code code;
	char text[ACTIVATION_CODE_MAX + 8]; /* the code as it was given */
	uint64_t tries;
	bool wrong_code; /* the server has refused a confirmation code */
	size_t sent, kept;
};

static void show_step(void *ctx, enum download_step step)
{
	struct job *job = ctx;

	progress_end(&job->progress);
	if (step == STEP_CONSENT || step == STEP_DONE)
		return; /* a person is asked: nothing else moves on the terminal */
	progress_begin(&job->progress, download_step_text(step), STEP_DONE);
	progress_at(&job->progress, (uint64_t)step);
}

static void show_loaded(void *ctx, size_t done, size_t total)
{
	struct job *job = ctx;

	job->progress.total = total;
	progress_at(&job->progress, done);
}

static void show_metadata(const struct store_metadata *metadata, bool rules)
{
	char iccid[ICCID_TEXT_MAX], provider[UTF8_TEXT_MAX], name[UTF8_TEXT_MAX];

	fprintf(stderr, "  %-10s %s\n", "provider",
	        utf8_text(metadata->service_provider_name, provider));
	fprintf(stderr, "  %-10s %s\n", "profile", utf8_text(metadata->profile_name, name));
	fprintf(stderr, "  %-10s %s\n", "ICCID", iccid_text(metadata->iccid, iccid));
	fprintf(stderr, "  %-10s %s\n", "class", class_text(metadata->profile_class));
	if (metadata->has_pprs && (metadata->pprs & PPR1_NO_DISABLE) != 0)
		fprintf(stderr, "  %-10s can not be disabled once it is enabled\n", "rule");
	if (metadata->has_pprs && (metadata->pprs & PPR2_NO_DELETE) != 0)
		fprintf(stderr, "  %-10s can not be deleted\n", "rule");
	if (rules)
		fprintf(stderr, "The card wants your consent to these rules.\n");
}

static enum download_answer consent(void *ctx, const struct store_metadata *metadata, bool rules)
{
	struct job *job = ctx;
	char answer[16];

	if (!cli_flag(job->agent.cli, "json"))
		show_metadata(metadata, rules);
	if (cli_flag(job->agent.cli, "yes"))
		return ANSWER_YES;
	fprintf(stderr, "Install it? [y]es, [n]o, [l]ater: ");
	(void)!fflush(stderr);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		return ANSWER_LATER;
	if (answer[0] == 'y' || answer[0] == 'Y')
		return ANSWER_YES;
	return answer[0] == 'n' || answer[0] == 'N' ? ANSWER_NO : ANSWER_LATER;
}

/* noted does nothing: a signal shall end the read, not the program while nobody sees what is typed. */
static void noted(int number)
{
	(void)number;
}

static bool read_unseen(struct room *code)
{
	const struct sigaction note = { .sa_handler = noted };
	struct sigaction interrupt, terminate;
	struct termios before, unseen;
	char line[CONFIRMATION_CODE_MAX + 2];

	if (tcgetattr(STDIN_FILENO, &before) != 0 || sigaction(SIGINT, &note, &interrupt) != 0 ||
	    sigaction(SIGTERM, &note, &terminate) != 0)
		return false;
	unseen = before;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	(void)!fputs("Confirmation code: ", stderr);
	(void)!tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
	bool read = fgets(line, sizeof line, stdin) != NULL;
	(void)!tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)!sigaction(SIGINT, &interrupt, NULL);
	(void)!sigaction(SIGTERM, &terminate, NULL);
	(void)!fputc('\n', stderr);
	if (read)
		room_put(code, (struct bytes){ (const uint8_t *)line, strcspn(line, "\r\n") });
	wipe(line, sizeof line);
	return read;
}

static bool confirmation_code(void *ctx, struct room *code)
{
	struct job *job = ctx;
	const char *given = cli_value(job->agent.cli, "confirmation-code");

	progress_end(&job->progress);
	if (given == NULL || job->wrong_code)
		return isatty(STDIN_FILENO) == 1 && read_unseen(code);
	room_put(code, bytes_text(given));
	return true;
}

static bool status_is(const struct es9_status *status, const char *subject, const char *reason)
{
	return strcmp(status->subject, subject) == 0 && strcmp(status->reason, reason) == 0;
}

/* again tells whether to start once more, after making ready for it. */
static bool again(struct job *job, enum err err, uint64_t attempt)
{
	struct agent *agent = &job->agent;

	if (attempt == job->tries)
		return false;
	if (err == ERR_DENIED && status_is(&agent->es9.status, "8.2.7", "3.8")) {
		job->wrong_code = true;
		return isatty(STDIN_FILENO) == 1;
	}
	if (!download_worth_retrying(&job->download, err))
		return false;
	cli_warn(agent->cli, "attempt %llu: %s; trying again", (unsigned long long)attempt,
	         job->download.why);
	(void)sleep((unsigned)attempt);
	return true;
}

/* attempt downloads once. A card that fell silent is reset, and asked whether it has the profile. */
static enum err attempt_once(struct job *job)
{
	struct agent *agent = &job->agent;
	bool installed = false;

	agent->store.len = 0;
	if (agent->es10.channel == 0) {
		enum err gone = es10_refresh(&agent->es10);
		if (gone != ERR_NONE) {
			snprintf(job->download.why, sizeof job->download.why, "%s", agent->es10.why);
			return gone;
		}
	}
	enum err err = download_run(&job->download, &job->code);
	progress_end(&job->progress);
	if (!es9_worth_retrying(err) || !download_step_of_card(job->download.step))
		return err;
	/* Silent, or reset by another program: the channel is gone either way. */
	if (es10_refresh(&agent->es10) != ERR_NONE)
		return err;
	if (download_installed(&job->download, &installed) != ERR_NONE || !installed)
		return err;
	return ERR_NONE;
}

static int run_download(struct job *job)
{
	enum err err = ERR_NONE;

	for (uint64_t attempt = 1; attempt <= job->tries; attempt++) {
		err = attempt_once(job);
		if (err == ERR_NONE || !again(job, err, attempt))
			break;
	}
	if (err == ERR_NONE) {
		pending_drop();
		return CLI_DONE;
	}
	int exit = cli_fail(job->agent.cli, agent_exit(err), "%s", job->download.why);
	if (download_worth_retrying(&job->download, err) || err == ERR_NOT_FOUND) /* the card is */
		fprintf(stderr, "\"assay-agent download --resume\" tries it again\n");
	else
		pending_drop();
	return exit;
}

static int finish(struct job *job)
{
	struct agent *agent = &job->agent;
	char iccid[ICCID_TEXT_MAX], name[UTF8_TEXT_MAX], provider[UTF8_TEXT_MAX];
	bool enabled = cli_flag(agent->cli, "enable");
	uint8_t octets[ICCID_SIZE];
	enum err err = ERR_NONE;

	iccid_text(job->download.metadata.iccid, iccid);
	utf8_text(job->download.metadata.profile_name, name);
	utf8_text(job->download.metadata.service_provider_name, provider);
	memcpy(octets, job->download.metadata.iccid.at, sizeof octets);
	if (enabled)
		err = agent_switch(agent, TAG_ENABLE_PROFILE, BYTES(octets));
	agent_notify(agent, &job->sent, &job->kept);
	if (cli_flag(agent->cli, "json")) {
		json_t *out = json_pack("{s:s, s:s, s:s, s:b, s:{s:i, s:i}}", "iccid", iccid,
		                        "serviceProvider", provider, "name", name, "enabled",
		                        enabled && err == ERR_NONE, "notifications", "sent",
		                        (int)job->sent, "kept", (int)job->kept);
		json_dumpf(out, stdout, 0);
		putchar('\n');
		json_decref(out);
	} else {
		printf("installed%s %s\n", enabled && err == ERR_NONE ? " and enabled" : "", iccid);
	}
	return err == ERR_NONE ? CLI_DONE : agent_fail(agent, err);
}

/* code_of takes the activation code from the argument, from the interrupted download, or, without either,
 * from the card's default SM-DP+. */
static int code_of(struct job *job)
{
	const struct cli *cli = job->agent.cli;
	struct room text = { (uint8_t *)job->text, sizeof job->text - 1, 0, false };
	struct configured_addresses addresses = { 0 };

	if (cli_flag(cli, "resume")) {
		if (pending_read(&text) != ERR_NONE)
			return cli_fail(cli, CLI_FAILED, "no download is waiting to be resumed");
	} else if (cli_arg(cli, 0) != NULL) {
		room_put(&text, (struct bytes){ (const uint8_t *)cli_arg(cli, 0),
		                                strcspn(cli_arg(cli, 0), " \r\n") });
	} else {
		enum err err =
			es10_configured_addresses(&job->agent.es10, &job->agent.store, &addresses);
		if (err != ERR_NONE)
			return agent_fail(&job->agent, err);
		if (addresses.default_dp.len == 0)
			return cli_usage(
				cli, "needs an activation code: the card has no default SM-DP+");
		job->code.smdp_address = addresses.default_dp;
		activation_code_put(&text, &job->code);
	}
	struct bytes given = room_used(&text);
	enum err err = text.full ? ERR_LIMIT : activation_code_read(given, &job->code);
	if (err != ERR_NONE)
		return cli_usage(cli, "this is no activation code: %s", err_text(err));
	job->text[text.len] = 0;
	return CLI_DONE;
}

/* A code that is none is told before anybody is asked or a reader is looked for. */
static bool code_is_one(const char *text, struct activation_code *code)
{
	struct bytes given = { (const uint8_t *)text, strcspn(text, " \r\n") };

	return activation_code_read(given, code) == ERR_NONE;
}

static int prepare(struct job *job, struct cli *cli)
{
	struct agent *agent = &job->agent;

	if (!cli_number(cli, "tries", 1, 20, 3, &job->tries))
		return CLI_USAGE;
	if (cli_flag(cli, "resume") && cli_arg(cli, 0) != NULL)
		return cli_usage(cli, "an activation code or --resume, not both");
	if (cli_arg(cli, 0) != NULL && !code_is_one(cli_arg(cli, 0), &job->code))
		return cli_usage(cli, "this is no activation code: LPA:1$ADDRESS$MATCHING-ID");
	if (!cli_flag(cli, "yes") && isatty(STDIN_FILENO) != 1)
		return cli_usage(cli, "nobody is there to ask: say --yes");
	int exit = agent_open(agent, cli);
	if (exit == CLI_DONE)
		exit = agent_device(agent, &job->octets, &job->device);
	if (exit == CLI_DONE)
		exit = agent_connect(agent);
	if (exit == CLI_DONE)
		exit = code_of(job);
	if (exit != CLI_DONE)
		return exit;
	job->user =
		(struct download_user){ job, consent, confirmation_code, show_step, show_loaded };
	job->download = (struct download){ .es10 = &agent->es10,
		                           .es9 = &agent->es9,
		                           .user = &job->user,
		                           .store = &agent->store,
		                           .device = &job->device,
		                           .prover = agent_prover(agent) };
	if (pending_keep(job->text) != ERR_NONE)
		cli_warn(cli, "the activation code can not be kept: --resume will not work");
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	static struct job job; /* one a process, and too large for a stack */
	int exit;

	job = (struct job){ .agent = { .cli = cli } };
	exit = prepare(&job, cli);
	if (exit == CLI_DONE)
		exit = run_download(&job);
	if (exit == CLI_DONE)
		exit = finish(&job);
	agent_close(&job.agent);
	return exit;
}

static const struct cli_option options[] = {
	{"confirmation-code", 'c', "CODE",
         "use this where the server wants a code (default: ask)"                                         },
	{ "enable",           'e', NULL,   "enable the profile once it is installed"                     },
	{ "resume",           0,   NULL,   "take up the download that was interrupted last"              },
	{ "tries",            't', "N",    "start at most N times when card or server fail (default: 3)" },
	{ "imei",             0,   "IMEI", "tell the server the machine's IMEI (default: the evidence's)"},
	CLI_OPTION_YES,
	AGENT_OPTION_NO_NOTIFY,
	AGENT_OPTION_EVIDENCE,
	AGENT_OPTION_PAIRING,
	AGENT_OPTION_READER,
	AGENT_OPTION_ISSUER,
	AGENT_OPTION_CONNECT,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command agent_download = {
	.name = "download",
	.args = "[ACTIVATION-CODE]",
	.help = "Downloads and installs a profile",
	.about = "An activation code looks like LPA:1$smdp.example.com$MATCHING-ID. Without one "
		 "the card's\n"
		 "default SM-DP+ is asked for what it has for this card.",
	.options = options,
	.run = run,
};
