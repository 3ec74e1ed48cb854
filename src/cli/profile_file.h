/* SPDX-License-Identifier: Apache-2.0 */
/* Files of `assay profile`: read whole, written so that nobody else can read them. */
#ifndef CLI_PROFILE_FILE_H
#define CLI_PROFILE_FILE_H

#include "base/bytes.h"
#include "base/err.h"

enum { PROFILE_FILE_MAX = 1 << 20 }; /* no card takes a package of a megabyte */

/* profile_file_read reads a file ("-": standard input) of at most PROFILE_FILE_MAX octets into memory
 * that profile_file_free wipes and frees. ERR_IO with errno set; ERR_LIMIT. */
NODISCARD enum err profile_file_read(const char *path, struct bytes *out);
void profile_file_free(struct bytes *file);

/* profile_file_write makes a file of mode 0600 that did not exist; ERR_EXISTS when it did, unless
 * `replace`. ERR_IO with errno set; then no part of it is left under the name. */
NODISCARD enum err profile_file_write(const char *path, struct bytes content, bool replace);

#endif
