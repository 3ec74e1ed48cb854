/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `assay subscription` that have a file of their own. */
#ifndef CLI_SUBSCRIPTION_H
#define CLI_SUBSCRIPTION_H

#include "cli/admin.h"

extern const struct cli_command subscription_new, subscription_import;

/* How one subscription is shown. */
enum { SUBSCRIPTION_COLUMNS = 18 };
extern const struct admin_column subscription_columns[SUBSCRIPTION_COLUMNS];

#endif
