/* SPDX-License-Identifier: Apache-2.0 */
/* A package as a tree for people and programs: what `assay profile show` prints. */
#ifndef CLI_PROFILE_READ_H
#define CLI_PROFILE_READ_H

#include "profile/source.h"

#include <jansson.h>

struct profile_reading {
	bool secrets;       /* show codes and keys; else the word "redacted" stands for them */
	struct fault fault; /* where reading ended, when it did not go through */
};

/* profile_tree reads the package; NULL when memory runs out. What could be read is there even when
 * *err is not ERR_NONE. */
json_t *profile_tree(const struct source *package, struct profile_reading *reading, enum err *err);

#endif
