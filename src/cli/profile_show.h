/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the tree of a package (profile_read.h) for people. */
#ifndef CLI_PROFILE_SHOW_H
#define CLI_PROFILE_SHOW_H

#include <jansson.h>

/* profile_print prints every element with its files, codes and keys on standard output. */
void profile_print(const json_t *elements);

#endif
