/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent.h"

#include "codec/hex.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOTIFY_ATTEMPTS = 3, STORE_SIZE = DOWNLOAD_STORE + (1 << 20) };

static const char issuer_file[] = "/etc/assay/ci.pem";

enum cli_exit agent_exit(enum err err)
{
	switch ((int)err) {
	case ERR_NONE:
		return CLI_DONE;
	case ERR_IO:
	case ERR_TIMEOUT:
	case ERR_BUSY:
		return CLI_UNREACHABLE;
	case ERR_DENIED:
	case ERR_UNSUPPORTED:
	case ERR_NOT_FOUND:
	case ERR_CERTIFICATE:
		return CLI_REFUSED;
	default:
		return CLI_FAILED;
	}
}

int agent_fail(const struct agent *agent, enum err err)
{
	const char *why = agent->es10.why[0] != 0 ? agent->es10.why : err_text(err);

	return cli_fail(agent->cli, agent_exit(err), "%s", why);
}

int agent_fail_server(const struct agent *agent, enum err err)
{
	const char *why = agent->es9.why[0] != 0 ? agent->es9.why : err_text(err);

	return cli_fail(agent->cli, agent_exit(err), "%s", why);
}

static int configure(struct agent *agent)
{
	const char *how = cli_value(agent->cli, "pairing");
	enum err err = how != NULL ? agent_pairing_read(&agent->pairing, how)
	                           : agent_pairing_default(&agent->pairing);

	agent->card = pcsc_link(&agent->pcsc);
	agent->link = agent->card;
	if (how == NULL && err == ERR_NOT_FOUND)
		return CLI_DONE;
	if (err != ERR_NONE)
		return cli_usage(agent->cli, "%s is no way to prove the machine",
		                 how != NULL ? how : "what /etc/assay/pairing has");
	agent->signer = agent_pairing_signer(&agent->pairing);
	agent->paired = (struct pairing_link){ &agent->card, &agent->signer, ERR_NONE };
	agent->link = pairing_link_on(&agent->paired);
	return CLI_DONE;
}

int agent_prove(struct agent *agent)
{
	struct pairing_seen seen;

	if (agent->signer.sign == NULL)
		return CLI_DONE;
	enum err err = pairing_prove_machine(&agent->card, &agent->signer, &seen);
	if (err == ERR_NONE)
		return CLI_DONE;
	return cli_fail(agent->cli, CLI_REFUSED, "proof of the machine: %s",
	                agent_pairing_text(&agent->pairing, err));
}

int agent_attach(struct agent *agent, const struct cli *cli)
{
	*agent = (struct agent){ .cli = cli, .memory = malloc(STORE_SIZE) };
	if (agent->memory == NULL)
		return cli_fail_err(cli, ERR_FULL, "memory");
	agent->store = (struct room){ agent->memory, STORE_SIZE, 0, false };
	enum err err = pcsc_open(&agent->pcsc, cli_value(cli, "reader"));
	if (err != ERR_NONE) {
		(void)cli_fail(cli, CLI_UNREACHABLE, "%s", agent->pcsc.why);
		return CLI_UNREACHABLE;
	}
	return configure(agent);
}

int agent_open(struct agent *agent, const struct cli *cli)
{
	int code = agent_attach(agent, cli);

	if (code != CLI_DONE)
		return code;
	/* What can be done without a proof, reading, still can: the card decides, and agent_fail says why. */
	(void)!agent_prove(agent);
	enum err err = es10_open(&agent->es10, &agent->link);
	return err == ERR_NONE ? CLI_DONE : agent_fail(agent, err);
}

int agent_connect(struct agent *agent)
{
	struct curl_options options = { .issuers = cli_value(agent->cli, "issuer"),
		                        .connect_to = cli_value(agent->cli, "connect-to") };
	uint8_t *body = malloc(2 * (size_t)ES9_BODY_MAX);

	if (body == NULL)
		return cli_fail_err(agent->cli, ERR_FULL, "memory");
	agent->es9.body = (struct room){ body, 2 * (size_t)ES9_BODY_MAX, 0, false };
	if (options.issuers == NULL && access(issuer_file, R_OK) == 0)
		options.issuers = issuer_file;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return cli_fail_err(agent->cli, ERR_IO, "libcurl");
	if (curl_http_open(&agent->curl, &options) != ERR_NONE)
		return cli_fail(agent->cli, CLI_FAILED, "%s", agent->curl.why);
	agent->http = curl_http_port(&agent->curl);
	agent->es9.http = &agent->http;
	return CLI_DONE;
}

const struct equipment_prover *agent_prover(struct agent *agent)
{
	if (agent->evidence.tcti == NULL)
		return NULL;
	agent->prover = agent_evidence_prover(&agent->evidence);
	return &agent->prover;
}

int agent_device(struct agent *agent, struct device_octets *octets, struct device_info *device)
{
	const char *imei = cli_value(agent->cli, "imei");
	int code = agent_evidence_configure(&agent->evidence, agent->cli);

	if (code != CLI_DONE)
		return code;
	if (imei == NULL)
		imei = agent->evidence.imei;
	if (device_info_make(imei, octets, device) != ERR_NONE)
		return cli_usage(agent->cli,
		                 "an IMEI has 15 digits, the last of which checks the others");
	return CLI_DONE;
}

void agent_close(struct agent *agent)
{
	agent_evidence_clear(&agent->evidence);
	if (agent->pcsc.connected)
		es10_close(&agent->es10);
	pcsc_close(&agent->pcsc);
	if (agent->curl.easy != NULL)
		curl_http_close(&agent->curl);
	free(agent->es9.body.at);
	free(agent->memory);
}

static void pause_before(unsigned attempt)
{
	(void)sleep(attempt); /* 1 s, 2 s: the card keeps what does not get through */
}

static void told(void *ctx, const struct notification_metadata *metadata, enum err err)
{
	const struct agent *agent = ctx;

	if (err != ERR_NONE)
		cli_warn(agent->cli, "notification %u stays on the card: %s", metadata->seq_number,
		         agent->es9.why[0] != 0 ? agent->es9.why : err_text(err));
}

void agent_notify(struct agent *agent, size_t *sent, size_t *kept)
{
	struct notify notify = { &agent->es10,
		                 &agent->es9,
		                 &agent->store,
		                 NOTIFY_ATTEMPTS,
		                 pause_before,
		                 told,
		                 agent,
		                 0,
		                 0 };

	*sent = *kept = 0;
	if (cli_flag(agent->cli, "no-notify"))
		return;
	enum err err = notify_send_all(&notify);
	if (err != ERR_NONE && notify.kept == 0)
		cli_warn(agent->cli, "notifications: %s",
		         agent->es10.why[0] != 0 ? agent->es10.why : err_text(err));
	*sent = notify.sent;
	*kept = notify.kept;
}

static bool means(const struct profile_info *info, const char *name)
{
	char iccid[ICCID_TEXT_MAX], aid[HEX_TEXT_MAX], nickname[UTF8_TEXT_MAX];

	return strcmp(iccid_text(info->iccid, iccid), name) == 0 ||
	       strcasecmp(hex_text(info->isdp_aid, aid), name) == 0 ||
	       (info->nickname.len > 0 && strcmp(utf8_text(info->nickname, nickname), name) == 0);
}

int agent_profile(struct agent *agent, const char *name, struct profile_info *out)
{
	struct bytes list, element;
	size_t found = 0;
	enum err err = es10_profiles(&agent->es10, &agent->store, &list);

	while (err == ERR_NONE && list.len > 0) {
		struct profile_info info = { 0 };

		err = ber_read_whole(&list, TAG_PROFILE_INFO, &element);
		if (err == ERR_NONE)
			err = profile_info_read(element, &info);
		if (err != ERR_NONE || !means(&info, name))
			continue;
		*out = info;
		found++;
	}
	if (err != ERR_NONE)
		return agent_fail(agent, err);
	if (found == 1)
		return CLI_DONE;
	return cli_fail(agent->cli, CLI_REFUSED,
	                found == 0 ? "the card has no profile \"%s\"" : "\"%s\" is not unique",
	                name);
}

int agent_list_print(struct agent *agent, const char *const *heads, size_t columns,
                     const char *none, agent_collect_fn *collect)
{
	struct table table;
	json_t *array = json_array();

	table_begin(&table, heads, columns);
	enum err err = collect(agent, &table, array);
	if (err == ERR_NONE && cli_flag(agent->cli, "json")) {
		json_dumpf(array, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (err == ERR_NONE) {
		table_print(&table, none);
	}
	table_end(&table);
	json_decref(array);
	return err == ERR_NONE ? CLI_DONE : agent_fail(agent, err);
}

enum err agent_switch(struct agent *agent, ber_tag tag, struct bytes iccid)
{
	struct switch_profile request = { .profile = { .iccid = iccid }, .refresh = true };
	enum err err = es10_switch(&agent->es10, tag, &request);

	/* SGP.22 5.7.16: catBusy says that a proactive session is open; a reset ends it. */
	if (err == ERR_DENIED && agent->es10.result == ENABLE_CAT_BUSY) {
		TRY(es10_refresh(&agent->es10));
		err = es10_switch(&agent->es10, tag, &request);
	}
	TRY(err);
	return es10_refresh(&agent->es10);
}
