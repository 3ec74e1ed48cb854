/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_pending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_TEXT_MAX = 512 };

/* path_of follows the XDG base directory specification; root's state belongs to the machine. */
static bool path_of(char *out, size_t cap, const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len = -1;

	if (state != NULL && state[0] == '/')
		len = snprintf(out, cap, "%s/assay-agent%s", state, name);
	else if (geteuid() == 0)
		len = snprintf(out, cap, "/var/lib/assay-agent%s", name);
	else if (home != NULL && home[0] == '/')
		len = snprintf(out, cap, "%s/.local/state/assay-agent%s", home, name);
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

enum err pending_keep(const char *code)
{
	char path[PATH_TEXT_MAX];

	if (!path_of(path, sizeof path, ""))
		return ERR_NONE;
	if (!make_dirs(path) || !path_of(path, sizeof path, "/pending"))
		return ERR_IO;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_IO;
	size_t len = strlen(code);
	bool written = write(fd, code, len) == (ssize_t)len && fsync(fd) == 0;
	return close(fd) == 0 && written ? ERR_NONE : ERR_IO;
}

void pending_drop(void)
{
	char path[PATH_TEXT_MAX];

	if (path_of(path, sizeof path, "/pending"))
		(void)!unlink(path); /* usually there is none */
}

enum err pending_read(struct room *code)
{
	char path[PATH_TEXT_MAX];
	uint8_t text[1024];

	if (!path_of(path, sizeof path, "/pending"))
		return ERR_NOT_FOUND;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	ssize_t len = read(fd, text, sizeof text);
	close(fd);
	if (len < 0)
		return ERR_IO;
	room_put(code, (struct bytes){ text, (size_t)len });
	return code->full ? ERR_ROOM : ERR_NONE;
}
