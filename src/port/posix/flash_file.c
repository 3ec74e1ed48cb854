/* SPDX-License-Identifier: Apache-2.0 */
#include "port/posix/flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err write_all(int fd, uint32_t at, struct bytes data)
{
	while (data.len > 0) {
		ssize_t n = pwrite(fd, data.at, data.len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		at += (uint32_t)n;
		data = (struct bytes){ data.at + n, data.len - (size_t)n };
	}
	return ERR_NONE;
}

static enum err erase(int fd, uint32_t size)
{
	uint8_t erased[4096];

	memset(erased, 0xFF, sizeof erased);
	for (uint32_t at = 0; at < size;) {
		size_t n = size - at < sizeof erased ? size - at : sizeof erased;
		TRY(write_all(fd, at, (struct bytes){ erased, n }));
		at += (uint32_t)n;
	}
	return fsync(fd) == 0 ? ERR_NONE : ERR_IO;
}

enum err flash_file_create(struct flash_file *file, const char *path, uint32_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || erase(fd, size) != ERR_NONE) {
		(void)!unlink(path); /* the cause reported is the first one */
		close(fd);
		return ERR_IO;
	}
	*file = (struct flash_file){ fd, size };
	return ERR_NONE;
}

enum err flash_file_open(struct flash_file *file, const char *path)
{
	struct stat stat;
	enum err err = ERR_NONE;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		err = ERR_BUSY;
	else if (fstat(fd, &stat) != 0)
		err = ERR_IO;
	else if (stat.st_size > UINT32_MAX)
		err = ERR_LIMIT;
	if (err != ERR_NONE) {
		close(fd);
		return err;
	}
	*file = (struct flash_file){ fd, (uint32_t)stat.st_size };
	return ERR_NONE;
}

static enum err file_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
	const struct flash_file *file = ctx;

	if (at > file->size || len > file->size - at)
		return ERR_VALUE;
	while (len > 0) {
		ssize_t n = pread(file->fd, out, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		at += (uint32_t)n;
		out += n;
		len -= (size_t)n;
	}
	return ERR_NONE;
}

static enum err file_write(void *ctx, uint32_t at, struct bytes data)
{
	const struct flash_file *file = ctx;

	if (at > file->size || data.len > file->size - at)
		return ERR_VALUE;
	return write_all(file->fd, at, data);
}

static enum err file_sync(void *ctx)
{
	const struct flash_file *file = ctx;

	return fdatasync(file->fd) == 0 ? ERR_NONE : ERR_IO;
}

struct flash flash_file_port(struct flash_file *file)
{
	return (struct flash){
		.ctx = file,
		.size = file->size,
		.read = file_read,
		.write = file_write,
		.sync = file_sync,
	};
}

void flash_file_close(struct flash_file *file)
{
	close(file->fd);
	file->fd = -1;
}
