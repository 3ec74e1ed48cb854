/* SPDX-License-Identifier: Apache-2.0 */
#include "server/head_file.h"

#include <fcntl.h>
#include <unistd.h>

enum { PLACES = 2, PLACE_SIZE = 4096 };

static bool place_read(int fd, unsigned place, const uint8_t *point, struct audit_head *out)
{
	uint8_t octets[AUDIT_HEAD_SIZE];

	return pread(fd, octets, sizeof octets, (off_t)place * PLACE_SIZE) ==
	               (ssize_t)sizeof octets &&
	       audit_head_read(BYTES(octets), out) == ERR_NONE &&
	       audit_head_verify(out, point) == ERR_NONE;
}

static enum err places_read(struct head_file *file, const uint8_t *point, struct audit_head *head,
                            bool *has)
{
	struct audit_head read;
	bool found = false;

	for (unsigned i = 0; i < PLACES; i++) {
		if (!place_read(file->fd, i, point, &read) || (found && read.size < head->size))
			continue;
		*head = read;
		found = true;
		file->next = (i + 1) % PLACES;
	}
	*has = found;
	return found || lseek(file->fd, 0, SEEK_END) == 0 ? ERR_NONE : ERR_CORRUPT;
}

enum err head_file_open(struct head_file *file, const char *path,
                        const uint8_t point[static EC_POINT_SIZE], struct audit_head *head,
                        bool *has)
{
	enum err err;

	*file = (struct head_file){ .fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		                               0600) };
	if (file->fd < 0)
		return ERR_IO;
	err = places_read(file, point, head, has);
	file->open = err == ERR_NONE;
	if (err != ERR_NONE)
		close(file->fd);
	return err;
}

enum err head_file_put(struct head_file *file, const struct audit_head *head)
{
	uint8_t octets[AUDIT_HEAD_SIZE];
	struct room room = ROOM(octets);

	audit_head_put(&room, head);
	if (pwrite(file->fd, octets, room.len, (off_t)file->next * PLACE_SIZE) !=
	            (ssize_t)room.len ||
	    fdatasync(file->fd) != 0)
		return ERR_IO;
	file->next = (file->next + 1) % PLACES;
	return ERR_NONE;
}

void head_file_close(struct head_file *file)
{
	if (file->open)
		close(file->fd);
	file->open = false;
}
