/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of the audit log that the keeper signed last, in a file that only the keeper writes (I6): so that a store
 * which was put back, or begun anew, between two lives of the keeper is noticed. The file has two places, written in
 * turn, each in a sector of its own: a write that was cut leaves the other. It is opened before the keeper gives
 * up opening files.
 */
#ifndef SERVER_HEAD_FILE_H
#define SERVER_HEAD_FILE_H

#include "server/audit.h"

#include <stdbool.h>

struct head_file {
	bool open;
	int fd;
	unsigned next; /* place to be written */
};

/* head_file_open opens the file, or makes it. `head` gets the later of its heads, which must be signed with the key
 * of that point; `has` is false when the file is new. ERR_CORRUPT when there is something else in it, ERR_IO. */
NODISCARD enum err head_file_open(struct head_file *file, const char *path,
                                  const uint8_t point[static EC_POINT_SIZE],
                                  struct audit_head *head, bool *has);

/* head_file_put makes a head durable; ERR_IO when that cannot be promised. */
NODISCARD enum err head_file_put(struct head_file *file, const struct audit_head *head);

void head_file_close(struct head_file *file);

#endif
