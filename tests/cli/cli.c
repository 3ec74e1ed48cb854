/* SPDX-License-Identifier: Apache-2.0 */
/* The command line's grammar: every program's words are sorted by these rules. */
#include "cli/cli.h"

#include "tests/tap.h"

#include <fcntl.h>
#include <unistd.h>

/* seen is what the command last run was given, in one line. */
static char seen[512];

static void note(const char *text)
{
	size_t len = strlen(seen);

	snprintf(seen + len, sizeof seen - len, "%s ", text != NULL ? text : "-");
}

static int run_new(struct cli *cli)
{
	uint64_t count;

	if (!cli_number(cli, "count", 1, 100, 7, &count))
		return CLI_USAGE;
	note(cli->path);
	note(cli_flag(cli, "json") ? "json" : "text");
	note(cli_value(cli, "name"));
	note(cli_value_nth(cli, "name", 0));
	for (size_t i = 0; i < cli->arg_count; i++)
		note(cli_arg(cli, i));
	if (count != 7)
		note(count == 18 ? "18" : "another count");
	return CLI_DONE;
}

static const struct cli_option options[] = {
	CLI_OPTION_JSON,
	{ "name", 'n', "NAME", "a name" },
	{ "count", 0, "N", "how many" },
	CLI_OPTION_END,
};
static const struct cli_command one = { "one", "ICCID [NAME]", "One or two", NULL, options, NULL, run_new };
static const struct cli_command many = { "many", "FILE...", "At least one", NULL, options, NULL, run_new };
static const struct cli_command none = { "none", "", "None", NULL, options, NULL, run_new };
static const struct cli_command *const order_subs[] = { &one, &many, &none, NULL };
static const struct cli_command order = { "order", "", "Orders", NULL, NULL, order_subs, NULL };
static const struct cli_command *const root_subs[] = { &order, NULL };
static const struct cli_command root = { "prog", "", "A program", NULL, NULL, root_subs, NULL };

static const struct {
	const char *says, *words;
	int exit;
	const char *seen;
} rows[] = {
	{ "an argument", "order one 89", 0, "prog order one text - - 89 " },
	{ "options stand anywhere", "order one -j 89 --name x", 0, "prog order one json x x 89 " },
	{ "value behind an equals sign", "order one --name=a=b 89", 0, "prog order one text a=b a=b 89 " },
	{ "empty value", "order one --name= 89", 0, "prog order one text   89 " },
	{ "letters together", "order none -jnx", 0, "prog order none json x x " },
	{ "letter with a value apart", "order none -n x", 0, "prog order none text x x " },
	{ "the last value counts, all are kept", "order none -n a -n b", 0, "prog order none text b a " },
	{ "a value may look like an option", "order none --name -j", 0, "prog order none text -j -j " },
	{ "everything behind -- is an argument", "order many -- -j --x", 0, "prog order many text - - -j --x " },
	{ "a lone dash is an argument", "order many -", 0, "prog order many text - - - " },
	{ "both arguments", "order one 89 x", 0, "prog order one text - - 89 x " },
	{ "one too many", "order one 89 x y", CLI_USAGE, "" },
	{ "one too few", "order one", CLI_USAGE, "" },
	{ "none where one or more must be", "order many", CLI_USAGE, "" },
	{ "one where none may be", "order none x", CLI_USAGE, "" },
	{ "unknown option", "order none --nam x", CLI_USAGE, "" },
	{ "unknown letter", "order none -x", CLI_USAGE, "" },
	{ "flag with a value", "order none --json=1", CLI_USAGE, "" },
	{ "value missing", "order none --name", CLI_USAGE, "" },
	{ "value of a letter missing", "order none -n", CLI_USAGE, "" },
	{ "unknown command", "orders", CLI_USAGE, "" },
	{ "unknown command below", "order two", CLI_USAGE, "" },
	{ "a group alone", "order", CLI_USAGE, "" },
	{ "nothing", "", CLI_USAGE, "" },
	{ "a number", "order none --count 18", 0, "prog order none text - - 18 " },
	{ "a number too small", "order none --count 0", CLI_USAGE, "" },
	{ "a number too large", "order none --count 101", CLI_USAGE, "" },
	{ "a number past 64 bits", "order none --count 18446744073709551634", CLI_USAGE, "" },
	{ "no number", "order none --count 1x", CLI_USAGE, "" },
	{ "an empty number", "order none --count=", CLI_USAGE, "" },
};

static int run_words(const char *words)
{
	char copy[256];
	char *argv[32] = { copy };
	int argc = 1;

	snprintf(copy, sizeof copy, "prog %s", words);
	strtok(copy, " ");
	for (char *word = strtok(NULL, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	seen[0] = 0;
	return cli_main(&root, argc, argv);
}

/* quiet sends standard error to nowhere: the complaints themselves are looked at in tests/e2e. */
static void quiet(void)
{
	int null = open("/dev/null", O_WRONLY);

	if (null >= 0)
		(void)!dup2(null, STDERR_FILENO);
}

static void option_limit(void)
{
	char words[256] = "order none";

	for (int i = 0; i <= CLI_GIVEN_MAX; i++)
		memcpy(words + strlen(words), " -j", 4);
	char *argv[CLI_GIVEN_MAX + 8];
	int argc = 0;
	char copy[256];
	snprintf(copy, sizeof copy, "prog %s", words);
	for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	ok(cli_main(&root, argc, argv) == CLI_USAGE, "more options than are kept are refused");
}

int main(void)
{
	quiet();
	for (size_t i = 0; i < COUNT(rows); i++) {
		int exit = run_words(rows[i].words);

		if (!ok(exit == rows[i].exit && strcmp(seen, rows[i].seen) == 0, "%s", rows[i].says))
			printf("# exit %d, seen \"%s\"\n", exit, seen);
	}
	option_limit();
	return done();
}
