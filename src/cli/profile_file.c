/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile_file.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err read_all(int fd, struct bytes *out)
{
	uint8_t *at = malloc(PROFILE_FILE_MAX + 1);
	size_t len = 0;

	if (at == NULL)
		return ERR_FULL;
	for (;;) {
		ssize_t n = read(fd, at + len, PROFILE_FILE_MAX + 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || len + (size_t)n > PROFILE_FILE_MAX) {
			if (n == 0) {
				*out = (struct bytes){ at, len };
				return ERR_NONE;
			}
			wipe(at, len);
			free(at);
			return n < 0 ? ERR_IO : ERR_LIMIT;
		}
		len += (size_t)n;
	}
}

enum err profile_file_read(const char *path, struct bytes *out)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	enum err err = read_all(fd, out);
	int saved = errno;
	if (fd != STDIN_FILENO)
		close(fd);
	errno = saved;
	return err;
}

void profile_file_free(struct bytes *file)
{
	union {
		const uint8_t *lent;
		uint8_t *own;
	} at = { file->at };

	if (at.own == NULL)
		return;
	wipe(at.own, file->len);
	free(at.own);
	*file = (struct bytes){ NULL, 0 };
}

static bool write_all(int fd, struct bytes content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.at, content.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		content = (struct bytes){ content.at + n, content.len - (size_t)n };
	}
	return true;
}

enum err profile_file_write(const char *path, struct bytes content, bool replace)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL);
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	bool whole = fchmod(fd, 0600) == 0 && write_all(fd, content);
	int saved = errno;
	if (close(fd) != 0 && whole) {
		whole = false;
		saved = errno;
	}
	if (!whole)
		unlink(path);
	errno = saved;
	return whole ? ERR_NONE : ERR_IO;
}
