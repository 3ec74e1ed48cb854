/* SPDX-License-Identifier: Apache-2.0 */
/* --help and --version, printed from the rows of the command tree. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

/* The two options that every command, and the program itself, have beside their own. */
extern const struct cli_option help_option, help_version_option;

/* help_print prints usage, options and commands of cli->command on standard output: CLI_DONE. */
int help_print(const struct cli *cli);

/* help_version prints "assay 0.1.0": CLI_DONE. */
int help_version(const struct cli *cli);

#endif
