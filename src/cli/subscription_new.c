/* SPDX-License-Identifier: Apache-2.0 */
/* assay subscription new and import: subscriptions from descriptions, whose keys the server's keeper draws,
 * and from finished packages. */
#include "cli/subscription.h"

#include "cli/profile_new.h"
#include "cli/progress.h"
#include "profile/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET_MAX = 4096, COUNT_MAX = 1000000, STEP_TEXT = 160 };

static json_t *events_json(void)
{
	return json_pack("[s, s, s, s]", "install", "enable", "disable", "delete");
}

static bool set_icon(const struct cli *cli, json_t *metadata)
{
	const char *path = cli_value(cli, "icon");
	size_t len;

	if (path == NULL)
		return true;
	uint8_t *at = admin_file(cli, path, &len);
	if (at == NULL)
		return false;
	bool png = len > 4 && memcmp(at, "\x89PNG", 4) == 0;
	json_object_set_new(metadata, "icon", admin_base64(at, len));
	json_object_set_new(metadata, "iconType", json_string(png ? "png" : "jpg"));
	free(at);
	return true;
}

static void set_lists(const struct cli *cli, json_t *metadata)
{
	json_t *rules = json_array(), *notifications = json_array();
	const char *value;

	for (size_t i = 0; (value = cli_value_nth(cli, "rule", i)) != NULL; i++)
		json_array_append_new(rules, json_string(value));
	for (size_t i = 0; (value = cli_value_nth(cli, "notify", i)) != NULL; i++)
		json_array_append_new(notifications, json_pack("{s:o, s:s}", "events",
		                                               events_json(), "address", value));
	if (json_array_size(rules) > 0)
		json_object_set(metadata, "policyRules", rules);
	if (json_array_size(notifications) > 0)
		json_object_set(metadata, "notifications", notifications);
	json_decref(rules);
	json_decref(notifications);
}

static json_t *metadata_json(const struct cli *cli)
{
	json_t *metadata = json_object();

	admin_set_option(cli, metadata, "provider", "serviceProvider");
	admin_set_option(cli, metadata, "name", "profileName");
	admin_set_option(cli, metadata, "class", "class");
	set_lists(cli, metadata);
	if (cli_value(cli, "owner") != NULL)
		json_object_set_new(metadata, "owner",
		                    json_pack("{s:s}", "mccMnc", cli_value(cli, "owner")));
	if (set_icon(cli, metadata))
		return metadata;
	json_decref(metadata);
	return NULL;
}

/* Requests that differ in one member only. */
struct batch {
	const struct cli *cli;
	json_t *metadata;
	bool many;
	struct progress progress;
};

static bool batch_begin(struct batch *batch, const struct cli *cli, uint64_t count)
{
	*batch = (struct batch){ .cli = cli, .metadata = metadata_json(cli), .many = count > 1 };
	if (batch->metadata != NULL && batch->many)
		progress_begin(&batch->progress, "subscriptions", count);
	return batch->metadata != NULL;
}

static void batch_end(struct batch *batch)
{
	progress_end(&batch->progress);
	json_decref(batch->metadata);
}

/* show prints the ICCID; with --json the whole answer, of many one a line. */
static int show(const struct batch *batch, json_t *answer)
{
	const char *iccid = json_string_value(json_object_get(answer, "iccid"));

	if (iccid == NULL || (!batch->many && cli_flag(batch->cli, "json")))
		return admin_show(batch->cli, answer, subscription_columns, SUBSCRIPTION_COLUMNS);
	if (cli_flag(batch->cli, "json")) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		puts(iccid);
	}
	json_decref(answer);
	return CLI_DONE;
}

/* add sends one more; it takes the reference of `value`. */
static int add(struct batch *batch, const char *path, const char *member, json_t *value)
{
	json_t *body = json_pack("{s:o, s:O}", member, value, "metadata", batch->metadata);
	json_t *answer = NULL;

	admin_set_option(batch->cli, body, "operator", "operator");
	admin_set_option(batch->cli, body, "type", "type");
	int exit = admin_call(batch->cli, "POST", path, body, &answer);
	json_decref(body);
	return exit == CLI_DONE ? show(batch, answer) : exit;
}

/* description_read gives the file's text with the lines of --set behind it: the last line wins. */
static char *description_read(const struct cli *cli)
{
	size_t len, used;
	uint8_t *at = admin_file(cli, cli_arg(cli, 0), &len);
	char *text = at != NULL ? malloc(len + SET_MAX) : NULL;
	const char *set;

	if (text == NULL) {
		free(at);
		return NULL;
	}
	memcpy(text, at, len);
	text[used = len] = 0;
	free(at);
	for (size_t i = 0; (set = cli_value_nth(cli, "set", i)) != NULL; i++) {
		if (strlen(set) + 2 > len + SET_MAX - used) {
			(void)cli_fail_err(cli, ERR_LIMIT, "--set");
			free(text);
			return NULL;
		}
		used += (size_t)snprintf(text + used, len + SET_MAX - used, "\n%s", set);
	}
	return text;
}

/* step_text writes the description of the nth next one: the first one's, and lines that replace numbers. */
static json_t *step_text(const char *text, const struct profile_description *first, uint64_t n)
{
	struct profile_description step = *first;
	char lines[STEP_TEXT];
	json_t *json = NULL;

	if (n == 0)
		return json_string(text);
	if (profile_step(&step, n) == ERR_NONE) {
		snprintf(lines, sizeof lines, "\niccid = %s\nimsi = %s%s%s", step.iccid, step.imsi,
		         step.msisdn[0] != 0 ? "\nmsisdn = " : "", step.msisdn);
		json = json_sprintf("%s%s", text, lines);
	}
	profile_description_clear(&step);
	return json;
}

static bool numbers_suffice(const struct profile_description *first, uint64_t count)
{
	struct profile_description last = *first;
	enum err err = profile_step(&last, count - 1);

	profile_description_clear(&last);
	return err == ERR_NONE;
}

static int make(const struct cli *cli, const char *text, const struct profile_description *first,
                uint64_t count)
{
	struct batch batch;
	int exit = CLI_DONE;

	if (!numbers_suffice(first, count))
		return cli_fail(cli, CLI_FAILED,
		                "%s: IMSI, ICCID or MSISDN runs out before %llu are made",
		                cli_arg(cli, 0), (unsigned long long)count);
	if (!batch_begin(&batch, cli, count))
		return CLI_FAILED;
	for (uint64_t n = 0; n < count && exit == CLI_DONE; n++) {
		json_t *description = step_text(text, first, n);

		exit = description != NULL
		               ? add(&batch, "/v1/profiles/generate", "description", description)
		               : cli_fail_err(cli, ERR_LIMIT, cli_arg(cli, 0));
		progress_at(&batch.progress, n + 1);
	}
	batch_end(&batch);
	return exit;
}

static enum err forget(void *ctx, const struct profile_description *what, struct bytes package)
{
	(void)ctx, (void)what, (void)package;
	return ERR_NONE;
}

/* missing names the member that is missing or wrong, as the server will find it; NULL when all is well. What is drawn for
 * the trial is thrown away: the keys that count are the keeper's. */
static const char *missing(const struct profile_description *first)
{
	const struct profile_sink nowhere = { NULL, forget };
	const char *flaw;

	(void)!profile_make(first, 0, &nowhere, &flaw); /* other causes are the server's to tell */
	return flaw;
}

static int run_new(struct cli *cli)
{
	struct profile_description first;
	struct describe_flaw flaw;
	const char *lacks;
	uint64_t count;
	int exit;

	if (!cli_number(cli, "count", 1, COUNT_MAX, 1, &count))
		return CLI_USAGE;
	char *text = description_read(cli);
	if (text == NULL)
		return CLI_FAILED;
	struct bytes in = bytes_text(text);
	/* Read here too: line numbers help whoever wrote it, and the server has none to tell. */
	if (profile_describe(in, &first, &flaw) != ERR_NONE) {
		exit = cli_fail(cli, CLI_FAILED, "%s:%u: %s", cli_arg(cli, 0), flaw.line,
		                flaw.says);
	} else if ((lacks = missing(&first)) != NULL) {
		exit = cli_fail(cli, CLI_FAILED,
		                "%s: %s is missing, or not of the form it must have",
		                cli_arg(cli, 0), lacks);
		profile_description_clear(&first);
	} else {
		exit = make(cli, text, &first, count);
		profile_description_clear(&first);
	}
	wipe(text, strlen(text));
	free(text);
	return exit;
}

static int import_one(struct batch *batch, const char *path)
{
	size_t len;
	uint8_t *at = admin_file(batch->cli, path, &len);

	if (at == NULL)
		return CLI_FAILED;
	json_t *package = admin_base64(at, len);
	wipe(at, len);
	free(at);
	return add(batch, "/v1/profiles", "package", package);
}

static int run_import(struct cli *cli)
{
	struct batch batch;
	int exit = CLI_DONE;

	if (!batch_begin(&batch, cli, cli->arg_count))
		return CLI_FAILED;
	for (size_t i = 0; cli_arg(cli, i) != NULL && exit == CLI_DONE; i++) {
		exit = import_one(&batch, cli_arg(cli, i));
		progress_at(&batch.progress, i + 1);
	}
	batch_end(&batch);
	return exit;
}

#define METADATA_OPTIONS                                                                      \
	{ "operator", 'o', "NAME", "whose profile it is: the name of an ES2+ client" },       \
		{ "type", 't', "TYPE", "profile type, for orders that name no ICCID" },       \
		{ "provider", 0, "TEXT",                                                      \
		  "service provider name that the person at the machine is shown" },          \
		{ "name", 0, "TEXT", "profile name that the person is shown" },               \
		{ "class", 0, "CLASS", "operational (default), test or provisioning" },       \
		{ "icon", 0, "FILE", "PNG or JPEG of 64 x 64 points, at most 1,024 octets" }, \
		{ "rule", 0, "RULE",                                                          \
		  "policy rule: disable-not-allowed or delete-not-allowed; repeatable" },     \
		{ "notify", 0, "ADDRESS", "server that is told of all events; repeatable" },  \
	{                                                                                     \
		"owner", 0, "MCCMNC", "profile owner, such as 00101"                          \
	}

static const struct cli_option new_options[] = {
	{"count", 'n', "NUMBER",    "make this many: IMSI, ICCID and MSISDN count up"             },
	{ "set",  0,   "KEY=VALUE", "a line of the description, instead of the file's; repeatable"},
	METADATA_OPTIONS,
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option import_options[] = { METADATA_OPTIONS, CLI_OPTION_SOCKET,
	                                            CLI_OPTION_JSON, CLI_OPTION_END };

const struct cli_command subscription_new = {
	.name = "new",
	.args = "DESCRIPTION",
	.help = "Makes subscriptions from a description; their keys never leave the server's "
		"keeper",
	.about =
		"Descriptions are those of \"assay profile new\"; docs/profiles.md lists the keys.",
	.options = new_options,
	.run = run_new,
};
const struct cli_command subscription_import = {
	.name = "import",
	.args = "PACKAGE...",
	.help = "Takes in finished profile packages (DER)",
	.options = import_options,
	.run = run_import,
};
