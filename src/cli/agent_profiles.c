/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent list, enable, disable, delete, nickname */
#include "cli/agent.h"

#include <stdio.h>
#include <string.h>

static json_t *rules_json(uint32_t pprs)
{
	json_t *rules = json_array();

	if ((pprs & PPR1_NO_DISABLE) != 0)
		json_array_append_new(rules, json_string("ppr1"));
	if ((pprs & PPR2_NO_DELETE) != 0)
		json_array_append_new(rules, json_string("ppr2"));
	return rules;
}

static json_t *profile_json(const struct profile_info *info)
{
	char iccid[ICCID_TEXT_MAX], aid[HEX_TEXT_MAX];
	char nickname[UTF8_TEXT_MAX], provider[UTF8_TEXT_MAX], name[UTF8_TEXT_MAX];

	return json_pack(
		"{s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:o}", "iccid", iccid_text(info->iccid, iccid),
		"isdpAid", hex_text(info->isdp_aid, aid), "enabled", info->state == PROFILE_ENABLED,
		"nickname", utf8_text(info->nickname, nickname), "serviceProvider",
		utf8_text(info->service_provider_name, provider), "name",
		utf8_text(info->profile_name, name), "class", class_text(info->profile_class),
		"rules", rules_json(info->has_pprs ? info->pprs : 0));
}

static enum err profile_row(struct table *table, const struct profile_info *info)
{
	char text[UTF8_TEXT_MAX];

	TRY(table_cell(table, iccid_text(info->iccid, text)));
	TRY(table_cell(table, info->state == PROFILE_ENABLED ? "enabled" : "disabled"));
	TRY(table_cell(table, utf8_text(info->nickname, text)));
	TRY(table_cell(table, utf8_text(info->service_provider_name, text)));
	TRY(table_cell(table, utf8_text(info->profile_name, text)));
	return table_cell(table, class_text(info->profile_class));
}

static enum err collect(struct agent *agent, struct table *table, json_t *array)
{
	struct bytes list, element;

	TRY(es10_profiles(&agent->es10, &agent->store, &list));
	while (list.len > 0) {
		struct profile_info info;

		TRY(ber_read_whole(&list, TAG_PROFILE_INFO, &element));
		TRY(profile_info_read(element, &info));
		TRY(profile_row(table, &info));
		json_array_append_new(array, profile_json(&info));
	}
	return ERR_NONE;
}

static int list_opened(struct agent *agent)
{
	static const char *const heads[] = { "ICCID",    "STATE", "NICKNAME",
		                             "PROVIDER", "NAME",  "CLASS" };

	return agent_list_print(agent, heads, COUNT(heads), "no profiles", collect);
}

static int run_list(struct cli *cli)
{
	struct agent agent;
	int exit = agent_open(&agent, cli);

	if (exit == CLI_DONE)
		exit = list_opened(&agent);
	agent_close(&agent);
	return exit;
}

static void say_done(struct agent *agent, const char *what, struct bytes iccid)
{
	char text[ICCID_TEXT_MAX];
	size_t sent, kept;

	iccid_text(iccid, text);
	agent_notify(agent, &sent, &kept);
	if (!cli_flag(agent->cli, "json")) {
		printf("%s %s\n", what, text);
		return;
	}
	json_t *out = json_pack("{s:s, s:s, s:{s:i, s:i}}", "iccid", text, "done", what,
	                        "notifications", "sent", (int)sent, "kept", (int)kept);
	json_dumpf(out, stdout, 0);
	putchar('\n');
	json_decref(out);
}

/* A function that changes one profile; `done` says it in the past tense. */
static int change(struct cli *cli, enum err (*function)(struct agent *, struct bytes iccid),
                  const char *done)
{
	struct agent agent;
	struct profile_info info;
	uint8_t iccid[ICCID_SIZE];
	int exit = agent_open(&agent, cli);

	if (exit == CLI_DONE)
		exit = agent_connect(&agent);
	if (exit == CLI_DONE)
		exit = agent_profile(&agent, cli_arg(cli, 0), &info);
	if (exit == CLI_DONE && info.iccid.len != ICCID_SIZE)
		exit = cli_fail(cli, CLI_FAILED, "the profile has no ICCID");
	if (exit == CLI_DONE) {
		memcpy(iccid, info.iccid.at, sizeof iccid);
		enum err err = function(&agent, BYTES(iccid));
		exit = err == ERR_NONE ? CLI_DONE : agent_fail(&agent, err);
	}
	if (exit == CLI_DONE)
		say_done(&agent, done, BYTES(iccid));
	agent_close(&agent);
	return exit;
}

static enum err enable(struct agent *agent, struct bytes iccid)
{
	return agent_switch(agent, TAG_ENABLE_PROFILE, iccid);
}

static enum err disable(struct agent *agent, struct bytes iccid)
{
	return agent_switch(agent, TAG_DISABLE_PROFILE, iccid);
}

static enum err delete (struct agent *agent, struct bytes iccid) {
	struct profile_identifier profile = { .iccid = iccid };

	return es10_delete(&agent->es10, &profile);
}

static int run_enable(struct cli *cli)
{
	return change(cli, enable, "enabled");
}

static int run_disable(struct cli *cli)
{
	return change(cli, disable, "disabled");
}

static int run_delete(struct cli *cli)
{
	char question[128];

	snprintf(question, sizeof question, "Delete profile %.40s for good?", cli_arg(cli, 0));
	if (!cli_flag(cli, "yes") && !cli_ask(question))
		return cli_fail(cli, CLI_FAILED, "not deleted: nobody said yes (--yes)");
	return change(cli, delete, "deleted");
}

static int run_nickname(struct cli *cli)
{
	struct agent agent;
	struct profile_info info;
	const char *name = cli_arg(cli, 1) != NULL ? cli_arg(cli, 1) : "";
	struct set_nickname request = { .nickname = bytes_text(name) };

	if (request.nickname.len > PROFILE_NICKNAME_MAX)
		return cli_usage(cli, "a nickname has at most %d octets", PROFILE_NICKNAME_MAX);
	int exit = agent_open(&agent, cli);
	if (exit == CLI_DONE)
		exit = agent_profile(&agent, cli_arg(cli, 0), &info);
	if (exit == CLI_DONE) {
		request.iccid = info.iccid;
		enum err err = es10_set_nickname(&agent.es10, &request);
		exit = err == ERR_NONE ? CLI_DONE : agent_fail(&agent, err);
	}
	agent_close(&agent);
	return exit;
}

static const struct cli_option list_options[] = { AGENT_OPTION_PAIRING, AGENT_OPTION_READER,
	                                          CLI_OPTION_JSON, CLI_OPTION_END };
static const struct cli_option change_options[] = {
	AGENT_OPTION_PAIRING,   AGENT_OPTION_READER, AGENT_OPTION_ISSUER, AGENT_OPTION_CONNECT,
	AGENT_OPTION_NO_NOTIFY, CLI_OPTION_JSON,     CLI_OPTION_END,
};
static const struct cli_option delete_options[] = {
	AGENT_OPTION_PAIRING,   AGENT_OPTION_READER, AGENT_OPTION_ISSUER, AGENT_OPTION_CONNECT,
	AGENT_OPTION_NO_NOTIFY, CLI_OPTION_JSON,     CLI_OPTION_YES,      CLI_OPTION_END,
};
static const struct cli_option nickname_options[] = { AGENT_OPTION_PAIRING, AGENT_OPTION_READER,
	                                              CLI_OPTION_END };

const struct cli_command agent_list = {
	.name = "list",
	.args = "",
	.help = "Lists the card's profiles",
	.options = list_options,
	.run = run_list,
};
const struct cli_command agent_enable = {
	.name = "enable",
	.args = "PROFILE",
	.help = "Enables a profile, given by ICCID, AID or nickname",
	.about = "Another profile that is enabled is disabled with the same step. The card is "
		 "reset, so\n"
		 "that the machine sees the new profile, and notifications are sent.",
	.options = change_options,
	.run = run_enable,
};
const struct cli_command agent_disable = {
	.name = "disable",
	.args = "PROFILE",
	.help = "Disables a profile",
	.options = change_options,
	.run = run_disable,
};
const struct cli_command agent_delete = {
	.name = "delete",
	.args = "PROFILE",
	.help = "Deletes a disabled profile for good",
	.options = delete_options,
	.run = run_delete,
};
const struct cli_command agent_nickname = {
	.name = "nickname",
	.args = "PROFILE [NAME]",
	.help = "Gives a profile a nickname, or takes it away",
	.options = nickname_options,
	.run = run_nickname,
};
