/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell completion. The scripts that a shell loads are a few lines that ask the program itself, with
 * the hidden first word COMPLETE_WORD, what may stand where the cursor is: so completion is as true as
 * the command tree.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/cli.h"

#define COMPLETE_WORD "__complete"

/* complete_print prints, one a line, what can replace the last of `words` (the one under the cursor,
 * perhaps empty); nothing where a file name or free text is expected. */
int complete_print(const struct cli_command *root, size_t count, char *const *words);

#endif
