/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent info, default-server, memory-reset, readers */
#include "agent/address.h"
#include "cli/agent.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static json_t *version_json(struct bytes version)
{
	if (version.len != RSP_VERSION_SIZE)
		return json_null();
	return json_sprintf("%u.%u.%u", version.at[0], version.at[1], version.at[2]);
}

static json_t *keys_json(struct bytes list)
{
	json_t *array = json_array();
	struct bytes id;
	char text[HEX_TEXT_MAX];

	while (ci_pkids_next(&list, &id) == ERR_NONE)
		json_array_append_new(array, json_string(hex_text(id, text)));
	return array;
}

static json_t *address_json(struct bytes address)
{
	char text[UTF8_TEXT_MAX];

	return address.len > 0 ? json_string(utf8_text(address, text)) : json_null();
}

static json_t *info2_json(const struct euicc_info2 *info)
{
	uint32_t applications = 0, flash = 0, ram = 0;
	char accreditation[UTF8_TEXT_MAX];

	if (ext_card_resource_read(info->ext_card_resource, &applications, &flash, &ram) !=
	    ERR_NONE)
		flash = ram = 0;
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:s}", "svn", version_json(info->svn),
	                 "profileVersion", version_json(info->profile_version), "firmwareVersion",
	                 version_json(info->firmware_version), "freeNonVolatileMemory",
	                 (json_int_t)flash, "freeVolatileMemory", (json_int_t)ram,
	                 "ciKeysForVerification", keys_json(info->ci_pkids_for_verification),
	                 "ciKeysForSigning", keys_json(info->ci_pkids_for_signing),
	                 "sasAccreditationNumber",
	                 utf8_text(info->sas_accreditation_number, accreditation));
}

static enum err gather(struct agent *agent, json_t **out)
{
	struct configured_addresses addresses;
	struct euicc_info2 info2;
	uint8_t eid[EID_SIZE];
	char text[HEX_TEXT_MAX];

	TRY(es10_eid(&agent->es10, eid));
	TRY(es10_configured_addresses(&agent->es10, &agent->store, &addresses));
	TRY(es10_euicc_info2(&agent->es10, &agent->store, &info2));
	*out = json_pack("{s:s, s:s, s:o, s:o, s:o}", "eid", hex_text(BYTES(eid), text), "reader",
	                 agent->pcsc.reader, "defaultSmdpAddress",
	                 address_json(addresses.default_dp), "rootDsAddress",
	                 address_json(addresses.root_ds), "euiccInfo2", info2_json(&info2));
	return *out != NULL ? ERR_NONE : ERR_FULL;
}

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "-";
}

static void print_keys(const char *label, const json_t *keys)
{
	for (size_t i = 0; i < json_array_size(keys); i++)
		printf("%-20s %s\n", i == 0 ? label : "",
		       json_string_value(json_array_get(keys, i)));
}

static void print_info(const json_t *info)
{
	const json_t *info2 = json_object_get(info, "euiccInfo2");

	printf("%-20s %s\n", "EID", member(info, "eid"));
	printf("%-20s %s\n", "reader", member(info, "reader"));
	printf("%-20s %s\n", "default SM-DP+", member(info, "defaultSmdpAddress"));
	printf("%-20s %s\n", "root SM-DS", member(info, "rootDsAddress"));
	printf("%-20s SGP.22 v%s\n", "specification", member(info2, "svn"));
	printf("%-20s %s\n", "profile format", member(info2, "profileVersion"));
	printf("%-20s %s\n", "firmware", member(info2, "firmwareVersion"));
	printf("%-20s %lld bytes of flash, %lld of RAM\n", "free memory",
	       (long long)json_integer_value(json_object_get(info2, "freeNonVolatileMemory")),
	       (long long)json_integer_value(json_object_get(info2, "freeVolatileMemory")));
	print_keys("trusted issuers", json_object_get(info2, "ciKeysForVerification"));
	print_keys("issuers of its own", json_object_get(info2, "ciKeysForSigning"));
	printf("%-20s %s\n", "accreditation", member(info2, "sasAccreditationNumber"));
}

static int run_info(struct cli *cli)
{
	struct agent agent;
	json_t *info = NULL;
	int exit = agent_open(&agent, cli);

	if (exit == CLI_DONE) {
		enum err err = gather(&agent, &info);
		exit = err == ERR_NONE ? CLI_DONE : agent_fail(&agent, err);
	}
	if (exit == CLI_DONE && cli_flag(cli, "json")) {
		json_dumpf(info, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (exit == CLI_DONE) {
		print_info(info);
	}
	json_decref(info);
	agent_close(&agent);
	return exit;
}

static int show_default(struct agent *agent)
{
	struct configured_addresses addresses;
	char text[UTF8_TEXT_MAX];
	enum err err = es10_configured_addresses(&agent->es10, &agent->store, &addresses);

	if (err != ERR_NONE)
		return agent_fail(agent, err);
	puts(utf8_text(addresses.default_dp, text));
	return CLI_DONE;
}

static int run_default_server(struct cli *cli)
{
	struct agent agent;
	const char *text = cli_flag(cli, "clear") ? "" : cli_arg(cli, 0);
	struct bytes address = { (const uint8_t *)text, text != NULL ? strlen(text) : 0 };

	if (cli_flag(cli, "clear") && cli_arg(cli, 0) != NULL)
		return cli_usage(cli, "an address or --clear, not both");
	if (address.len > 0 && !server_address_good(address))
		return cli_usage(cli, "\"%s\" is no server address", text);
	int exit = agent_open(&agent, cli);
	if (exit == CLI_DONE && text == NULL)
		exit = show_default(&agent);
	else if (exit == CLI_DONE) {
		enum err err = es10_set_default_dp_address(&agent.es10, address);
		exit = err == ERR_NONE ? CLI_DONE : agent_fail(&agent, err);
	}
	agent_close(&agent);
	return exit;
}

static uint32_t reset_options_of(const struct cli *cli)
{
	uint32_t options = 0;

	if (cli_flag(cli, "profiles"))
		options |= RESET_OPERATIONAL_PROFILES;
	if (cli_flag(cli, "test-profiles"))
		options |= RESET_TEST_PROFILES;
	if (cli_flag(cli, "server"))
		options |= RESET_DEFAULT_DP_ADDRESS;
	return options;
}

static int run_memory_reset(struct cli *cli)
{
	struct agent agent;
	size_t sent, kept;
	uint32_t options = reset_options_of(cli);

	if (options == 0)
		return cli_usage(cli, "say what to reset: --profiles, --test-profiles, --server");
	if (!cli_flag(cli, "yes") && !cli_ask("Delete all of this from the card for good?"))
		return cli_fail(cli, CLI_FAILED, "nothing deleted: nobody said yes (--yes)");
	int exit = agent_open(&agent, cli);
	if (exit == CLI_DONE)
		exit = agent_connect(&agent);
	if (exit == CLI_DONE) {
		enum err err = es10_memory_reset(&agent.es10, options);
		if (err == ERR_NONE)
			err = es10_refresh(&agent.es10);
		exit = err == ERR_NONE ? CLI_DONE : agent_fail(&agent, err);
	}
	if (exit == CLI_DONE)
		agent_notify(&agent, &sent, &kept);
	agent_close(&agent);
	return exit;
}

static int run_readers(struct cli *cli)
{
	struct pcsc pcsc;
	uint8_t store[PCSC_NAMES_MAX];
	struct room names = ROOM(store);
	enum err err = pcsc_readers(&pcsc, &names);

	if (err != ERR_NONE)
		return cli_fail(cli, CLI_UNREACHABLE, "%s", pcsc.why);
	for (size_t at = 0; at < names.len; at += strlen((const char *)store + at) + 1)
		puts((const char *)store + at);
	return CLI_DONE;
}

static const struct cli_option info_options[] = { AGENT_OPTION_PAIRING, AGENT_OPTION_READER,
	                                          CLI_OPTION_JSON, CLI_OPTION_END };
static const struct cli_option default_options[] = {
	AGENT_OPTION_PAIRING,
	AGENT_OPTION_READER,
	{"clear", 0, NULL, "forget the address"},
	CLI_OPTION_END
};
static const struct cli_option reset_options[] = {
	{"profiles",       0, NULL, "delete the operational profiles"          },
	{ "test-profiles", 0, NULL, "delete test profiles that were downloaded"},
	{ "server",        0, NULL, "forget the default SM-DP+ address"        },
	CLI_OPTION_YES,
	AGENT_OPTION_NO_NOTIFY,
	AGENT_OPTION_PAIRING,
	AGENT_OPTION_READER,
	AGENT_OPTION_ISSUER,
	AGENT_OPTION_CONNECT,
	CLI_OPTION_END,
};

const struct cli_command agent_info = {
	.name = "info",
	.args = "",
	.help = "Shows what the card says of itself: EID, versions, memory",
	.options = info_options,
	.run = run_info,
};
const struct cli_command agent_default_server = {
	.name = "default-server",
	.args = "[ADDRESS]",
	.help = "Shows or sets the card's default SM-DP+ address",
	.options = default_options,
	.run = run_default_server,
};
const struct cli_command agent_memory_reset = {
	.name = "memory-reset",
	.args = "",
	.help = "Deletes everything of a kind from the card",
	.options = reset_options,
	.run = run_memory_reset,
};
const struct cli_command agent_readers = {
	.name = "readers",
	.args = "",
	.help = "Lists the smart card readers",
	.run = run_readers,
};
