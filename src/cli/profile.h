/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `assay profile` that have a file of their own. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include "cli/cli.h"

extern const struct cli_command cli_profile_new;

#endif
