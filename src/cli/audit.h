/* SPDX-License-Identifier: Apache-2.0 */
/* `assay audit verify`, which asks no server, beside the commands that do. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/cli.h"

extern const struct cli_command audit_verify_command;

#endif
