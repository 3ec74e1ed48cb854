/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

const struct cli_option help_option = { "help", 'h', NULL, "print this" };
const struct cli_option help_version_option = { "version", 'V', NULL, "print the version" };

enum { COLUMN = 26 }; /* where the second column of a list begins */

static void line(const char *left, const char *right)
{
	int width = (int)strlen(left);

	if (width + 1 < COLUMN)
		printf("  %-*s %s\n", COLUMN, left, right);
	else
		printf("  %s\n  %-*s %s\n", left, COLUMN, "", right);
}

static void option_line(const struct cli_option *option)
{
	char left[80];

	if (option->letter != 0)
		snprintf(left, sizeof left, "-%c, --%s", option->letter, option->name);
	else
		snprintf(left, sizeof left, "    --%s", option->name);
	if (option->value != NULL) {
		size_t len = strlen(left);
		snprintf(left + len, sizeof left - len, " %s", option->value);
	}
	line(left, option->help);
}

static void options(const struct cli *cli)
{
	printf("\noptions:\n");
	for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL; o++)
		option_line(o);
	option_line(&help_option);
	if (cli->command == cli->root)
		option_line(&help_version_option);
}

static void commands(const struct cli_command *command)
{
	printf("\ncommands:\n");
	for (const struct cli_command *const *sub = command->subs; *sub != NULL; sub++) {
		char left[80];

		snprintf(left, sizeof left, "%s%s%s", (*sub)->name, *(*sub)->args != 0 ? " " : "",
		         (*sub)->args);
		line(left, (*sub)->help);
	}
}

int help_print(const struct cli *cli)
{
	const struct cli_command *command = cli->command;

	printf("usage: %s%s", cli->path, command->subs != NULL ? " COMMAND" : "");
	printf(" [OPTION...]%s%s\n", *command->args != 0 ? " " : "", command->args);
	printf("%s.\n", command->help);
	if (command->about != NULL)
		printf("\n%s\n", command->about);
	if (command->subs != NULL)
		commands(command);
	options(cli);
	return CLI_DONE;
}

int help_version(const struct cli *cli)
{
	printf("%s %s\n", cli->root->name, PROJECT_VERSION);
	return CLI_DONE;
}
