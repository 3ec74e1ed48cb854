/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "cli/complete.h"
#include "cli/help.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != 0;
}

static const struct cli_command *sub_named(const struct cli_command *command, const char *name)
{
	for (const struct cli_command *const *sub = command->subs; sub != NULL && *sub != NULL;
	     sub++) {
		if (strcmp((*sub)->name, name) == 0)
			return *sub;
	}
	return NULL;
}

static const struct cli_option *option_long(const struct cli *cli, const char *name, size_t len)
{
	for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL;
	     o++) {
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	}
	if (len == strlen("help") && memcmp(name, "help", len) == 0)
		return &help_option;
	if (cli->command == cli->root && len == strlen("version") &&
	    memcmp(name, "version", len) == 0)
		return &help_version_option;
	return NULL;
}

static const struct cli_option *option_letter(const struct cli *cli, char letter)
{
	for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL;
	     o++) {
		if (o->letter == letter)
			return o;
	}
	if (letter == help_option.letter)
		return &help_option;
	if (cli->command == cli->root && letter == help_version_option.letter)
		return &help_version_option;
	return NULL;
}

static bool give(struct cli *cli, const struct cli_option *option, const char *value)
{
	if (cli->given_count == CLI_GIVEN_MAX) {
		(void)cli_usage(cli, "more than %d options", CLI_GIVEN_MAX);
		return false;
	}
	cli->given[cli->given_count].option = option;
	cli->given[cli->given_count++].value = value;
	return true;
}

/* parse_long takes "--name", "--name=value" or "--name value"; `next` is the word behind it. */
static bool parse_long(struct cli *cli, const char *word, const char *next, bool *took_next)
{
	size_t len = strcspn(word, "=");
	const struct cli_option *option = option_long(cli, word, len);
	const char *value = word[len] == '=' ? word + len + 1 : NULL;

	*took_next = false;
	if (option == NULL) {
		(void)cli_usage(cli, "unknown option --%.*s", (int)len, word);
		return false;
	}
	if (option->value == NULL && value != NULL) {
		(void)cli_usage(cli, "option --%s takes no value", option->name);
		return false;
	}
	if (option->value != NULL && value == NULL) {
		value = next;
		*took_next = true;
	}
	if (option->value != NULL && value == NULL) {
		(void)cli_usage(cli, "option --%s needs a %s", option->name, option->value);
		return false;
	}
	return give(cli, option, value);
}

/* parse_letters takes "-j", "-jy", "-sPATH" or "-s PATH". */
static bool parse_letters(struct cli *cli, const char *word, const char *next, bool *took_next)
{
	*took_next = false;
	for (; *word != 0; word++) {
		const struct cli_option *option = option_letter(cli, *word);

		if (option == NULL) {
			(void)cli_usage(cli, "unknown option -%c", *word);
			return false;
		}
		if (option->value == NULL) {
			if (!give(cli, option, NULL))
				return false;
			continue;
		}
		*took_next = word[1] == 0;
		const char *value = *took_next ? next : word + 1;
		if (value == NULL) {
			(void)cli_usage(cli, "option -%c needs a %s", *word, option->value);
			return false;
		}
		return give(cli, option, value);
	}
	return true;
}

/* parse_words sorts the words behind the command's name into options and arguments. Arguments are moved
 * to the front of the array, in their order. */
static bool parse_words(struct cli *cli, char **words, size_t count)
{
	bool only_args = false;

	cli->args = words;
	for (size_t i = 0; i < count; i++) {
		char *word = words[i];
		const char *next = i + 1 < count ? words[i + 1] : NULL;
		bool took_next = false;

		if (only_args || !is_option(word)) {
			words[cli->arg_count++] = word;
			continue;
		}
		if (strcmp(word, "--") == 0) {
			only_args = true;
			continue;
		}
		bool good = word[1] == '-' ? parse_long(cli, word + 2, next, &took_next)
		                           : parse_letters(cli, word + 1, next, &took_next);
		if (!good)
			return false;
		i += took_next;
	}
	return true;
}

/* args_range reads how many arguments a row's `args` asks for: "A [B]" is 1 to 2, "A..." 1 or more. */
static void args_range(const char *args, size_t *min, size_t *max)
{
	*min = *max = 0;
	while (*args != 0) {
		size_t len = strcspn(args, " ");
		bool repeats = memmem(args, len, "...", 3) != NULL;

		*min += args[0] != '[';
		*max = repeats ? SIZE_MAX : *max + 1;
		args += len;
		args += strspn(args, " ");
	}
}

static bool args_fit(const struct cli *cli)
{
	size_t min, max;

	args_range(cli->command->args, &min, &max);
	if (cli->arg_count < min) {
		(void)cli_usage(cli, "needs %s", cli->command->args);
		return false;
	}
	if (cli->arg_count > max) {
		(void)cli_usage(cli, "unexpected argument \"%s\"", cli->args[max]);
		return false;
	}
	return true;
}

static void path_add(struct cli *cli, const char *name)
{
	size_t len = strlen(cli->path);

	snprintf(cli->path + len, sizeof cli->path - len, "%s%s", len > 0 ? " " : "", name);
}

/* descend follows the names at the front of the words down the tree and returns how many it took. */
static size_t descend(struct cli *cli, size_t count, char **words)
{
	size_t taken = 0;

	path_add(cli, cli->root->name);
	while (taken < count && cli->command->subs != NULL) {
		const struct cli_command *sub = sub_named(cli->command, words[taken]);

		if (sub == NULL)
			break;
		cli->command = sub;
		path_add(cli, sub->name);
		taken++;
	}
	return taken;
}

int cli_main(const struct cli_command *root, int argc, char **argv)
{
	struct cli cli = { .root = root, .command = root };
	size_t count = argc > 0 ? (size_t)argc - 1 : 0;
	char **words = argv + (argc > 0);

	if (count > 0 && strcmp(words[0], COMPLETE_WORD) == 0)
		return complete_print(root, count - 1, words + 1);
	size_t taken = descend(&cli, count, words);
	if (cli.command->subs != NULL && taken < count && !is_option(words[taken]))
		return cli_usage(&cli, "unknown command \"%s\"", words[taken]);
	if (!parse_words(&cli, words + taken, count - taken))
		return CLI_USAGE;
	for (size_t i = 0; i < cli.given_count; i++) {
		if (cli.given[i].option == &help_option)
			return help_print(&cli);
		if (cli.given[i].option == &help_version_option)
			return help_version(&cli);
	}
	if (cli.command->run == NULL)
		return cli_usage(&cli, "needs a command");
	return args_fit(&cli) ? cli.command->run(&cli) : CLI_USAGE;
}

const char *cli_value_nth(const struct cli *cli, const char *name, size_t nth)
{
	const struct cli_option *option = option_long(cli, name, strlen(name));

	assert(option != NULL && option->value != NULL);
	for (size_t i = 0; i < cli->given_count; i++) {
		if (cli->given[i].option == option && nth-- == 0)
			return cli->given[i].value;
	}
	return NULL;
}

const char *cli_value(const struct cli *cli, const char *name)
{
	const char *last = NULL;

	for (size_t nth = 0;; nth++) {
		const char *value = cli_value_nth(cli, name, nth);

		if (value == NULL)
			return last;
		last = value;
	}
}

bool cli_flag(const struct cli *cli, const char *name)
{
	const struct cli_option *option = option_long(cli, name, strlen(name));

	assert(option != NULL && option->value == NULL);
	for (size_t i = 0; i < cli->given_count; i++) {
		if (cli->given[i].option == option)
			return true;
	}
	return false;
}

bool cli_number(const struct cli *cli, const char *name, uint64_t min, uint64_t max,
                uint64_t otherwise, uint64_t *out)
{
	const char *text = cli_value(cli, name);
	uint64_t value = 0;
	bool good = text == NULL || *text != 0;

	for (const char *at = text; good && at != NULL && *at != 0; at++) {
		uint64_t digit = (uint64_t)(unsigned char)*at - '0';

		good = digit <= 9 && value <= (UINT64_MAX - digit) / 10;
		value = good ? 10 * value + digit : 0;
	}
	if (text == NULL)
		value = otherwise;
	else if (!good || value < min || value > max) {
		(void)cli_usage(cli, "--%s is to be a number from %llu to %llu, not \"%s\"", name,
		                (unsigned long long)min, (unsigned long long)max, text);
		return false;
	}
	*out = value;
	return true;
}

const char *cli_arg(const struct cli *cli, size_t nth)
{
	return nth < cli->arg_count ? cli->args[nth] : NULL;
}
