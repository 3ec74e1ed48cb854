/* SPDX-License-Identifier: Apache-2.0 */
/* What a command says on standard error, what it asks there, and the file that comes of it. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

__attribute__((format(printf, 2, 0))) static void say(const struct cli *cli, const char *format,
                                                      va_list args)
{
	(void)!fflush(stdout);
	fprintf(stderr, "%s: ", cli->path);
	(void)!vfprintf(stderr, format, args);
	(void)!fputc('\n', stderr);
}

int cli_fail(const struct cli *cli, enum cli_exit exit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, format, args);
	va_end(args);
	return (int)exit;
}

int cli_fail_err(const struct cli *cli, enum err err, const char *what)
{
	return cli_fail(cli, CLI_FAILED, "%s: %s", what, err_text(err));
}

int cli_write_new(const struct cli *cli, const char *path, struct bytes octets)
{
	FILE *file = fopen(path, "wxe");

	if (file == NULL)
		return cli_fail_err(cli, errno == EEXIST ? ERR_EXISTS : ERR_IO, path);
	bool whole = fwrite(octets.at, 1, octets.len, file) == octets.len;
	whole = fclose(file) == 0 && whole;
	return whole ? CLI_DONE : cli_fail_err(cli, ERR_IO, path);
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, format, args);
	va_end(args);
	fprintf(stderr, "see \"%s --help\"\n", cli->path);
	return CLI_USAGE;
}

void cli_warn(const struct cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cli, format, args);
	va_end(args);
}

bool cli_ask(const char *question)
{
	char answer[16];

	if (!isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, "%s [y/N] ", question);
	(void)!fflush(stderr);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}
