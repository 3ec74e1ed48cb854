/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of every program: a tree of rows. A row says its name, its arguments, its options
 * and one line of help; parsing, --help, shell completion and the check of the man pages all read the
 * same rows, so they cannot disagree.
 *
 * A program is its root row. To add a command to `assay`: write `const struct cli_command cli_NAME` in
 * its own file, declare it in cli/commands.h, and hang it into the table in cli/assay.c.
 *
 * A command prints its result on standard output and everything else on standard error, as
 * "assay order new: what went wrong". It ends in one of the exit codes below.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1, /* tried and did not work */
	CLI_USAGE = 2,  /* the command line is not one that the program understands */
	CLI_UNREACHABLE =
		3,       /* card, reader or server could not be reached: trying again may help */
	CLI_REFUSED = 4, /* card or server said no: trying again will not help */
};

struct cli;

struct cli_option {
	const char *name;  /* "json", without dashes; NULL ends the list */
	char letter;       /* 'j', or 0 */
	const char *value; /* "FILE" when the option takes a value, NULL when it is a flag */
	const char *help;  /* one phrase */
};

struct cli_command {
	const char *name;
	const char *args;  /* "ICCID [NAME]", "FILE..." or "": also what is checked */
	const char *help;  /* one line */
	const char *about; /* more for --help, or NULL */
	const struct cli_option *options;      /* or NULL; --help is everywhere */
	const struct cli_command *const *subs; /* ends in NULL; or NULL when it has run */
	int (*run)(struct cli *cli);
};

/* Rows that several commands share, so that they read the same everywhere. */
#define CLI_OPTION_JSON                                         \
	{                                                       \
		"json", 'j', NULL, "print JSON instead of text" \
	}
#define CLI_OPTION_YES                                                 \
	{                                                              \
		"yes", 'y', NULL, "do not ask, take yes for an answer" \
	}
#define CLI_OPTION_SOCKET                                                                          \
	{                                                                                          \
		"server", 's', "SOCKET", "admin socket of assayd (default: /run/assay/admin.sock)" \
	}
#define CLI_OPTION_END              \
	{                           \
		NULL, 0, NULL, NULL \
	}

enum {
	CLI_GIVEN_MAX = 64,
	CLI_PATH_MAX = 96
}; /* options on one line; "assay subscription import" */

/* One invocation, as parsed. */
struct cli {
	const struct cli_command *root, *command;
	char path[CLI_PATH_MAX]; /* "assay order new" */
	struct {
		const struct cli_option *option;
		const char *value;
	} given[CLI_GIVEN_MAX];
	size_t given_count;
	char **args;
	size_t arg_count;
};

/* cli_main parses and runs; what it returns is main's return value. `argv` is reordered. */
NODISCARD int cli_main(const struct cli_command *root, int argc, char **argv);

/* cli_flag tells whether the option was given. Asking for one that the row lacks is a mistake of ours. */
NODISCARD bool cli_flag(const struct cli *cli, const char *name);

/* cli_value is the option's last value, or NULL. */
NODISCARD const char *cli_value(const struct cli *cli, const char *name);

/* cli_value_nth is the value of the nth (from 0) time that the option was given, or NULL. */
NODISCARD const char *cli_value_nth(const struct cli *cli, const char *name, size_t nth);

/* cli_number reads the option's value as a decimal number of min to max; `otherwise` when not given.
 * When malformed it complains and returns false. */
NODISCARD bool cli_number(const struct cli *cli, const char *name, uint64_t min, uint64_t max,
                          uint64_t otherwise, uint64_t *out);

/* cli_arg is the nth argument (from 0), or NULL. */
NODISCARD const char *cli_arg(const struct cli *cli, size_t nth);

/* cli_fail prints "assay order new: ..." on standard error and returns `exit`. */
__attribute__((format(printf, 3, 4))) int cli_fail(const struct cli *cli, enum cli_exit exit,
                                                   const char *format, ...);

/* cli_fail_err is cli_fail with the cause's phrase behind: "assay profile show: FILE: ...". */
int cli_fail_err(const struct cli *cli, enum err err, const char *what);

/* cli_write_new writes a file that did not exist, for all to read; complains when it cannot. */
int cli_write_new(const struct cli *cli, const char *path, struct bytes octets);

/* cli_usage complains about the command line, points to --help and returns CLI_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage(const struct cli *cli, const char *format, ...);

/* cli_warn prints like cli_fail and goes on. */
__attribute__((format(printf, 2, 3))) void cli_warn(const struct cli *cli, const char *format, ...);

/* cli_ask prints "QUESTION [y/N] " and tells whether a person at a terminal said yes; false without
 * asking when standard input is not a terminal. */
NODISCARD bool cli_ask(const char *question);

#endif
