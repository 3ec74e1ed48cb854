/* SPDX-License-Identifier: Apache-2.0 */
/* `assay profile`: packages shown and checked. Making them is in profile_make.c. */
#include "cli/commands.h"

#include "cli/profile.h"
#include "cli/profile_file.h"
#include "cli/profile_read.h"
#include "cli/profile_show.h"
#include "profile/check.h"
#include "profile/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool load(const struct cli *cli, const char *path, struct bytes *file)
{
	enum err err = profile_file_read(path, file);

	if (err == ERR_NONE)
		return true;
	if (err == ERR_IO)
		(void)cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
	else
		(void)cli_fail_err(cli, err, path);
	return false;
}

/* What the flaw says, in one line; a tag that was expected is named as it is written on the wire. */
static void flaw_text(const struct profile_flaw *flaw, char *out, size_t cap)
{
	int n = snprintf(out, cap, "offset %" PRIu32 ", element %u (%s", flaw->offset, flaw->number,
	                 pe_kind_name(flaw->kind));

	if (flaw->identified && n > 0 && (size_t)n < cap)
		n += snprintf(out + n, cap - (size_t)n, ", identification %u",
		              flaw->identification);
	if (n > 0 && (size_t)n < cap)
		n += snprintf(out + n, cap - (size_t)n, "): %s", flaw->says);
	if (flaw->want != 0 && n > 0 && (size_t)n < cap)
		(void)snprintf(out + n, cap - (size_t)n, "; tag %" PRIX32 " was expected",
		               flaw->want);
}

static void flaw_json(const char *path, const struct profile_flaw *flaw)
{
	json_t *object = json_pack("{s:s, s:b}", "file", path, "valid", flaw->cause == ERR_NONE);

	if (object != NULL && flaw->cause != ERR_NONE) {
		json_t *more =
			json_pack("{s:I, s:i, s:s, s:s, s:I}", "offset", (json_int_t)flaw->offset,
		                  "element", (int)flaw->number, "kind", pe_kind_name(flaw->kind),
		                  "says", flaw->says, "expected-tag", (json_int_t)flaw->want);
		if (more != NULL)
			(void)json_object_update_new(object, more);
	}
	json_dumpf(object, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(object);
}

static int check_one(struct cli *cli, const char *path)
{
	struct profile_flaw flaw;
	struct bytes file;
	char text[256];

	if (!load(cli, path, &file))
		return CLI_FAILED;
	struct source source = source_memory(&file);
	enum err err = profile_check(&source, &flaw);
	if (cli_flag(cli, "json"))
		flaw_json(path, &flaw);
	else if (err == ERR_NONE)
		printf("%s: %u elements, nothing is wrong\n", path, flaw.number);
	flaw_text(&flaw, text, sizeof text);
	profile_file_free(&file);
	if (err == ERR_NONE)
		return CLI_DONE;
	return cli_flag(cli, "json") ? CLI_FAILED : cli_fail(cli, CLI_FAILED, "%s: %s", path, text);
}

static int run_check(struct cli *cli)
{
	int worst = CLI_DONE;

	for (size_t n = 0; cli_arg(cli, n) != NULL; n++) {
		int one = check_one(cli, cli_arg(cli, n));
		worst = one != CLI_DONE ? one : worst;
	}
	return worst;
}

static int show(struct cli *cli, struct bytes *file)
{
	struct profile_reading reading = { .secrets = cli_flag(cli, "show-secrets") };
	struct source source = source_memory(file);
	enum err err;
	json_t *tree = profile_tree(&source, &reading, &err);

	if (tree == NULL)
		return cli_fail_err(cli, err, cli_arg(cli, 0));
	if (cli_flag(cli, "json")) {
		json_dumpf(tree, stdout, JSON_INDENT(2));
		printf("\n");
	} else {
		profile_print(tree);
	}
	size_t read = json_array_size(tree);
	json_decref(tree);
	if (err == ERR_NONE)
		return CLI_DONE;
	return cli_fail(cli, CLI_FAILED,
	                "%s: reading ended in element %zu at offset %" PRIu32 ": %s",
	                cli_arg(cli, 0), read, reading.fault.at, err_text(err));
}

static int run_show(struct cli *cli)
{
	struct bytes file;

	if (!load(cli, cli_arg(cli, 0), &file))
		return CLI_FAILED;
	int done = show(cli, &file);
	profile_file_free(&file);
	return done;
}

static const struct cli_option options_check[] = {
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

static const struct cli_option options_show[] = {
	CLI_OPTION_JSON,
	{"show-secrets", 0, NULL, "show codes and keys too"},
	CLI_OPTION_END,
};

static const struct cli_command command_check = {
	.name = "check",
	.args = "FILE...",
	.help = "Find what is wrong with interoperable profile packages",
	.about = "The first flaw of each file is told with its offset, its element and what was\n"
		 "expected there. \"-\" is standard input.",
	.options = options_check,
	.run = run_check,
};

static const struct cli_command command_show = {
	.name = "show",
	.args = "FILE",
	.help = "Print an interoperable profile package: its files, codes and keys",
	.about = "Codes and keys stay hidden unless asked for. \"-\" is standard input.",
	.options = options_show,
	.run = run_show,
};

static const struct cli_command *const subs[] = { &cli_profile_new, &command_show, &command_check,
	                                          NULL };

const struct cli_command cli_profile = {
	.name = "profile",
	.args = "",
	.help = "Profile packages in files: make, show, check",
	.subs = subs,
};
