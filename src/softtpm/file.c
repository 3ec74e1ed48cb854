/* SPDX-License-Identifier: Apache-2.0 */
#include "softtpm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 10000, LOOK_MS = 10 };

static uint64_t now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now); /* there is one */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void pause_a_little(void)
{
	const struct timespec time = { 0, LOOK_MS * 1000000L };

	(void)nanosleep(&time, NULL); /* a shorter wait looks earlier */
}

static enum err cause(void)
{
	return errno == ENOENT ? ERR_NOT_FOUND : errno == EEXIST ? ERR_EXISTS : ERR_IO;
}

/* A new name in a folder is durable when the folder is. */
static bool sync_folder(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
		return false;
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

/* write_new makes a file that was not there and locks it. On failure it is not there. */
static enum err write_new(const char *path, struct bytes octets, int *out)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return cause();
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    write(fd, octets.at, octets.len) == (ssize_t)octets.len && fsync(fd) == 0) {
		*out = fd;
		return ERR_NONE;
	}
	close(fd);
	(void)unlink(path); /* the cause is told either way */
	return ERR_IO;
}

enum err softtpm_file_new(const char *path, const struct softtpm *tpm, struct bytes certificate)
{
	uint8_t octets[SOFTTPM_STATE_MAX];
	struct room room = ROOM(octets);
	int fd = -1;

	softtpm_state_put(&room, tpm, now_ms(), certificate);
	enum err err = room.full ? ERR_LENGTH : write_new(path, room_used(&room), &fd);
	wipe(octets, sizeof octets);
	TRY(err);
	close(fd);
	if (sync_folder(path))
		return ERR_NONE;
	(void)unlink(path); /* the cause is told either way */
	return ERR_IO;
}

/* Whoever had it open may have replaced the file that we waited for. */
static bool is_current(int fd, const char *path)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

static enum err lock(const char *path, int *out)
{
	for (unsigned waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
		int fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return cause();
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_current(fd, path)) {
			*out = fd;
			return ERR_NONE;
		}
		close(fd);
		pause_a_little();
	}
	return ERR_BUSY;
}

static enum err load(struct softtpm_file *file)
{
	uint8_t octets[SOFTTPM_STATE_MAX + 1];
	ssize_t len = read(file->fd, octets, sizeof octets);
	struct bytes certificate;

	if (len < 0)
		return ERR_IO;
	enum err err = softtpm_state_read((struct bytes){ octets, (size_t)len }, &file->tpm,
	                                  &file->at_ms, &certificate);
	if (err == ERR_NONE && certificate.len > 0)
		memcpy(file->certificate, certificate.at, certificate.len);
	if (err == ERR_NONE)
		file->certificate_len = certificate.len;
	wipe(octets, sizeof octets);
	return err;
}

enum err softtpm_file_open(struct softtpm_file *file, const char *path)
{
	*file = (struct softtpm_file){ .fd = -1 };
	file->path = realpath(path, NULL); /* a link stays one when the file is replaced */
	if (file->path == NULL)
		return cause();
	enum err err = lock(file->path, &file->fd);
	if (err == ERR_NONE)
		err = load(file);
	if (err != ERR_NONE)
		softtpm_file_close(file);
	return err;
}

void softtpm_file_close(struct softtpm_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	wipe(file, sizeof *file);
	file->fd = -1;
}

void softtpm_file_tick(struct softtpm_file *file)
{
	uint64_t now = now_ms(), passed = now > file->at_ms ? now - file->at_ms : 1;

	softtpm_tick(&file->tpm, passed);
	file->at_ms = now;
}

/* The new file is locked before it has the name, so that there is no moment in which nobody has the chip. */
static enum err replace(struct softtpm_file *file, struct bytes octets)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof path, "%s.new", file->path) >= (int)sizeof path)
		return ERR_LIMIT;
	(void)unlink(path); /* what a crash left; usually there is none */
	TRY(write_new(path, octets, &fd));
	if (rename(path, file->path) != 0) {
		close(fd);
		(void)unlink(path); /* the cause is told either way */
		return ERR_IO;
	}
	close(file->fd);
	file->fd = fd;
	return ERR_NONE;
}

enum err softtpm_file_save(struct softtpm_file *file, const struct softtpm *tpm)
{
	const struct bytes certificate = { file->certificate, file->certificate_len };
	uint8_t octets[SOFTTPM_STATE_MAX];
	struct room room = ROOM(octets);

	softtpm_state_put(&room, tpm, file->at_ms, certificate);
	enum err err = room.full ? ERR_FULL : replace(file, room_used(&room));
	wipe(octets, sizeof octets);
	TRY(err);
	file->tpm = *tpm;
	return sync_folder(file->path) ? ERR_NONE : ERR_IO;
}

enum err softtpm_file_restart(const char *path)
{
	struct softtpm_file file;
	struct softtpm next;

	TRY(softtpm_file_open(&file, path));
	softtpm_file_tick(&file);
	next = file.tpm;
	softtpm_restart(&next);
	enum err err = softtpm_file_save(&file, &next);
	softtpm_clear(&next);
	softtpm_file_close(&file);
	return err;
}
