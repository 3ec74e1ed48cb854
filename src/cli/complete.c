/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/complete.h"

#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* wants_value tells whether the word is an option whose value is the next word. */
static bool wants_value(const struct cli_command *command, const char *word)
{
	for (const struct cli_option *o = command->options; o != NULL && o->name != NULL; o++) {
		if (o->value == NULL || word[0] != '-')
			continue;
		if (word[1] == '-' ? strcmp(word + 2, o->name) == 0
		                   : word[1] == o->letter && word[1] != 0 && word[2] == 0)
			return true;
	}
	return false;
}

static void print_options(const struct cli_command *command, bool root, const char *word)
{
	char text[64];

	for (const struct cli_option *o = command->options; o != NULL && o->name != NULL; o++) {
		snprintf(text, sizeof text, "--%s", o->name);
		if (starts(text, word))
			puts(text);
	}
	if (starts("--help", word))
		puts("--help");
	if (root && starts("--version", word))
		puts("--version");
}

int complete_print(const struct cli_command *root, size_t count, char *const *words)
{
	const struct cli_command *command = root;
	const char *word = count > 0 ? words[count - 1] : "";

	for (size_t i = 0; i + 1 < count; i++) {
		const struct cli_command *const *sub = command->subs;

		while (sub != NULL && *sub != NULL && strcmp((*sub)->name, words[i]) != 0)
			sub++;
		if (sub != NULL && *sub != NULL)
			command = *sub;
	}
	if (count > 1 && wants_value(command, words[count - 2]))
		return CLI_DONE;
	if (word[0] == '-') {
		print_options(command, command == root, word);
		return CLI_DONE;
	}
	for (const struct cli_command *const *sub = command->subs; sub != NULL && *sub != NULL;
	     sub++) {
		if (starts((*sub)->name, word))
			puts((*sub)->name);
	}
	return CLI_DONE;
}

static const char bash_script[] =
	"# assay completion bash: load with  eval \"$(assay completion bash)\"\n"
	"_assay_complete() {\n"
	"\tlocal IFS=$'\\n'\n"
	"\tCOMPREPLY=($(\"${COMP_WORDS[0]}\" " COMPLETE_WORD
	" \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
	"}\n"
	"complete -o default -F _assay_complete assay assay-agent assay-card\n";

static const char zsh_script[] =
	"#compdef assay assay-agent assay-card\n"
	"# assay completion zsh: load with  eval \"$(assay completion zsh)\"\n"
	"_assay_complete() {\n"
	"\tlocal -a found\n"
	"\tfound=(\"${(@f)$(\"${words[1]}\" " COMPLETE_WORD
	" \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
	"\tif [[ -n \"${found[1]}\" ]]; then\n"
	"\t\tcompadd -a found\n"
	"\telse\n"
	"\t\t_files\n"
	"\tfi\n"
	"}\n"
	"compdef _assay_complete assay assay-agent assay-card\n";

static int run_bash(struct cli *cli)
{
	(void)cli;
	(void)!fputs(bash_script, stdout);
	return CLI_DONE;
}

static int run_zsh(struct cli *cli)
{
	(void)cli;
	(void)!fputs(zsh_script, stdout);
	return CLI_DONE;
}

static const struct cli_command completion_bash = {
	.name = "bash",
	.args = "",
	.help = "Prints a completion script for bash",
	.run = run_bash,
};
static const struct cli_command completion_zsh = {
	.name = "zsh",
	.args = "",
	.help = "Prints a completion script for zsh",
	.run = run_zsh,
};
static const struct cli_command *const completion_subs[] = { &completion_bash, &completion_zsh,
	                                                     NULL };

const struct cli_command cli_completion = {
	.name = "completion",
	.args = "",
	.help = "Prints a shell's completion script for all programs",
	.subs = completion_subs,
};
