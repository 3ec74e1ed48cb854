/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent notifications list, send, remove */
#include "cli/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool number_of(const struct cli *cli, const char *text, uint32_t *out)
{
	char *end;

	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || value > UINT32_MAX) {
		(void)cli_usage(cli, "\"%s\" is no sequence number", text);
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

static enum err row(struct table *table, json_t *array, const struct notification_metadata *one)
{
	char number[16], iccid[ICCID_TEXT_MAX], address[UTF8_TEXT_MAX];

	snprintf(number, sizeof number, "%u", one->seq_number);
	TRY(table_cell(table, number));
	TRY(table_cell(table, event_text(one->event)));
	TRY(table_cell(table, iccid_text(one->iccid, iccid)));
	TRY(table_cell(table, utf8_text(one->address, address)));
	json_array_append_new(array, json_pack("{s:I, s:s, s:s, s:s}", "seqNumber",
	                                       (json_int_t)one->seq_number, "event",
	                                       event_text(one->event), "iccid", iccid, "address",
	                                       address));
	return ERR_NONE;
}

static enum err collect(struct agent *agent, struct table *table, json_t *array)
{
	struct bytes list, element;

	TRY(es10_list_notifications(&agent->es10, &agent->store, &list));
	while (list.len > 0) {
		struct notification_metadata one;

		TRY(ber_read_whole(&list, TAG_NOTIFICATION_METADATA, &element));
		TRY(notification_metadata_read(element, &one));
		TRY(row(table, array, &one));
	}
	return ERR_NONE;
}

static int list_opened(struct agent *agent)
{
	static const char *const heads[] = { "NUMBER", "EVENT", "ICCID", "SERVER" };

	return agent_list_print(agent, heads, COUNT(heads), "no notifications", collect);
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

static int send_numbers(struct agent *agent)
{
	struct notify notify = {
		.es10 = &agent->es10, .es9 = &agent->es9, .store = &agent->store, .attempts = 1
	};
	uint32_t number;

	for (size_t i = 0; cli_arg(agent->cli, i) != NULL; i++) {
		if (!number_of(agent->cli, cli_arg(agent->cli, i), &number))
			return CLI_USAGE;
		enum err err = notify_send(&notify, number);
		if (err == ERR_NOT_FOUND)
			return cli_fail(agent->cli, CLI_REFUSED, "the card has no notification %u",
			                number);
		if (err != ERR_NONE)
			return agent_fail_server(agent, err);
	}
	return CLI_DONE;
}

static int send_all(struct agent *agent)
{
	struct notify notify = {
		.es10 = &agent->es10, .es9 = &agent->es9, .store = &agent->store, .attempts = 1
	};
	enum err err = notify_send_all(&notify);

	printf("%zu sent, %zu kept\n", notify.sent, notify.kept);
	if (err == ERR_NONE)
		return CLI_DONE;
	return notify.kept > 0 ? agent_fail_server(agent, err) : agent_fail(agent, err);
}

static int run_send(struct cli *cli)
{
	struct agent agent;
	int exit = agent_open(&agent, cli);

	if (exit == CLI_DONE)
		exit = agent_connect(&agent);
	if (exit == CLI_DONE)
		exit = cli_arg(cli, 0) != NULL ? send_numbers(&agent) : send_all(&agent);
	agent_close(&agent);
	return exit;
}

static int remove_numbers(struct agent *agent)
{
	uint32_t number;

	for (size_t i = 0; cli_arg(agent->cli, i) != NULL; i++) {
		if (!number_of(agent->cli, cli_arg(agent->cli, i), &number))
			return CLI_USAGE;
		enum err err = es10_remove_notification(&agent->es10, number);
		if (err != ERR_NONE)
			return agent_fail(agent, err);
	}
	return CLI_DONE;
}

static int run_remove(struct cli *cli)
{
	struct agent agent;
	int exit = agent_open(&agent, cli);

	if (exit == CLI_DONE)
		exit = remove_numbers(&agent);
	agent_close(&agent);
	return exit;
}

static const struct cli_option list_options[] = { AGENT_OPTION_PAIRING, AGENT_OPTION_READER,
	                                          CLI_OPTION_JSON, CLI_OPTION_END };
static const struct cli_option send_options[] = { AGENT_OPTION_PAIRING, AGENT_OPTION_READER,
	                                          AGENT_OPTION_ISSUER, AGENT_OPTION_CONNECT,
	                                          CLI_OPTION_END };
static const struct cli_option remove_options[] = { AGENT_OPTION_PAIRING, AGENT_OPTION_READER,
	                                            CLI_OPTION_END };

static const struct cli_command list_command = {
	.name = "list",
	.args = "",
	.help = "Lists the notifications that wait on the card",
	.options = list_options,
	.run = run_list,
};
static const struct cli_command send_command = {
	.name = "send",
	.args = "[NUMBER...]",
	.help = "Sends all, or those given; what a server takes leaves the card",
	.options = send_options,
	.run = run_send,
};
static const struct cli_command remove_command = {
	.name = "remove",
	.args = "NUMBER...",
	.help = "Removes notifications without sending them",
	.options = remove_options,
	.run = run_remove,
};
static const struct cli_command *const subs[] = { &list_command, &send_command, &remove_command,
	                                          NULL };

const struct cli_command agent_notifications = {
	.name = "notifications",
	.args = "",
	.help = "Shows, sends or removes the notifications that wait on the card",
	.subs = subs,
};
