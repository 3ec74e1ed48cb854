/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_TEXT_MAX = 512 };

static bool path_of(char *out, size_t cap, const char *slash, const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len = -1;

	if (state != NULL && state[0] == '/')
		len = snprintf(out, cap, "%s/assay-agent%s%s", state, slash, name);
	else if (geteuid() == 0)
		len = snprintf(out, cap, "/var/lib/assay-agent%s%s", slash, name);
	else if (home != NULL && home[0] == '/')
		len = snprintf(out, cap, "%s/.local/state/assay-agent%s%s", home, slash, name);
	return len > 0 && (size_t)len < cap;
}

/* make_dirs makes the directory and what is above it. */
static bool make_dirs(char *path)
{
	for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = 0;
		bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*at = '/';
		if (!made)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool write_new(const char *path, struct bytes content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return false;
	bool written = write(fd, content.at, content.len) == (ssize_t)content.len && fsync(fd) == 0;
	return close(fd) == 0 && written;
}

/* The old content stays until the new is whole: power may go, and the disk be full. */
enum err agent_state_keep(const char *name, struct bytes content)
{
	char path[PATH_TEXT_MAX], beside[PATH_TEXT_MAX + 4];

	if (!path_of(path, sizeof path, "", ""))
		return ERR_NONE;
	if (!make_dirs(path) || !path_of(path, sizeof path, "/", name))
		return ERR_IO;
	snprintf(beside, sizeof beside, "%s.new", path);
	if (write_new(beside, content) && rename(beside, path) == 0)
		return ERR_NONE;
	(void)!unlink(beside); /* the cause is told either way */
	return ERR_IO;
}

void agent_state_drop(const char *name)
{
	char path[PATH_TEXT_MAX];

	if (path_of(path, sizeof path, "/", name))
		(void)!unlink(path); /* usually there is none */
}

enum err agent_state_read(const char *name, struct room *out)
{
	char path[PATH_TEXT_MAX];
	uint8_t text[1024];

	if (!path_of(path, sizeof path, "/", name))
		return ERR_NOT_FOUND;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	ssize_t len = read(fd, text, sizeof text);
	close(fd);
	if (len < 0)
		return ERR_IO;
	room_put(out, (struct bytes){ text, (size_t)len });
	return out->full ? ERR_ROOM : ERR_NONE;
}
