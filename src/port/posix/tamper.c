/* SPDX-License-Identifier: Apache-2.0 */
/* A file that appears, a FIFO that is written to, or a line of the Linux GPIO character device (uAPI v2). */
#include "port/tamper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 512, LINES_MAX = 4096, LOOK_AGAIN_MS = 1000 };

static enum err cause(void)
{
	return errno == ENOENT || errno == ENODEV || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
}

/* The folder is watched, since the file is not there yet. */
static enum err open_file(struct tamper *tamper, const char *path)
{
	char folder[PATH_SIZE];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash[1] == '\0' || (size_t)(slash - path) >= sizeof folder)
		return ERR_VALUE;
	(void)snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path);
	tamper->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (tamper->fd < 0)
		return ERR_IO;
	if (inotify_add_watch(tamper->fd, folder,
	                      IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF) < 0)
		return cause();
	tamper->path = path;
	return ERR_NONE;
}

/* Open for writing, too: without a writer it would be readable all the time. */
static enum err open_fifo(struct tamper *tamper, const char *path)
{
	struct stat stat;

	tamper->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tamper->fd < 0)
		return cause();
	return fstat(tamper->fd, &stat) == 0 && S_ISFIFO(stat.st_mode) ? ERR_NONE : ERR_VALUE;
}

static enum err open_line(struct tamper *tamper, const char *path, unsigned number, bool low)
{
	struct gpio_v2_line_request request = { .num_lines = 1, .consumer = "assay tamper" };

	request.offsets[0] = number;
	request.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
	                       (low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
	int chip = open(path, O_RDWR | O_CLOEXEC);
	if (chip < 0)
		return cause();
	bool got = ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) == 0;
	close(chip);
	if (!got)
		return errno == EINVAL ? ERR_VALUE : ERR_IO;
	tamper->fd = tamper->line = request.fd;
	return ERR_NONE;
}

/* CHIP:LINE[:low] */
static enum err open_gpio(struct tamper *tamper, const char *text)
{
	const char *colon = strchr(text, ':');
	char path[PATH_SIZE], *end = NULL;

	if (colon == NULL || (size_t)(colon - text) >= sizeof path || colon[1] < '0' ||
	    colon[1] > '9')
		return ERR_VALUE;
	(void)snprintf(path, sizeof path, "%.*s", (int)(colon - text), text);
	unsigned long number = strtoul(colon + 1, &end, 10);
	if (number >= LINES_MAX || (*end != '\0' && strcmp(end, ":low") != 0))
		return ERR_VALUE;
	return open_line(tamper, path, (unsigned)number, *end != '\0');
}

enum err tamper_open(struct tamper *tamper, const char *how)
{
	enum err err = ERR_VALUE;

	*tamper = (struct tamper){ .fd = -1, .line = -1 };
	if (strncmp(how, "file:", 5) == 0) {
		tamper->kind = TAMPER_FILE;
		err = open_file(tamper, how + 5);
	} else if (strncmp(how, "fifo:", 5) == 0) {
		tamper->kind = TAMPER_FIFO;
		err = open_fifo(tamper, how + 5);
	} else if (strncmp(how, "gpio:", 5) == 0) {
		tamper->kind = TAMPER_GPIO;
		err = open_gpio(tamper, how + 5);
	}
	if (err != ERR_NONE)
		tamper_close(tamper);
	return err;
}

void tamper_close(struct tamper *tamper)
{
	if (tamper->fd >= 0)
		close(tamper->fd);
	tamper->fd = tamper->line = -1;
}

static bool readable(const struct tamper *tamper, int wait_ms)
{
	struct pollfd fd = { .fd = tamper->fd, .events = POLLIN };

	return poll(&fd, 1, wait_ms) > 0 && fd.revents != 0;
}

/* The event says that the folder changed, or is gone; what counts is the file. */
static bool file_now(const struct tamper *tamper)
{
	char events[4096] __attribute__((aligned(8)));
	ssize_t n = read(tamper->fd, events, sizeof events);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return true;
	for (ssize_t at = 0; n > 0 && at < n;) {
		const struct inotify_event *event = (const void *)(events + at);
		if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
			return true;
		at += (ssize_t)(sizeof *event + event->len);
	}
	return access(tamper->path, F_OK) == 0 || errno != ENOENT;
}

static bool line_now(const struct tamper *tamper)
{
	struct gpio_v2_line_values values = { .mask = 1 };

	if (readable(tamper, 0)) /* an edge since we look: it stays said */
		return true;
	return ioctl(tamper->line, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0 ||
	       (values.bits & 1) != 0;
}

bool tamper_now(struct tamper *tamper)
{
	if (tamper->kind == TAMPER_FILE)
		return file_now(tamper);
	return tamper->kind == TAMPER_GPIO ? line_now(tamper) : readable(tamper, 0);
}

void tamper_wait(struct tamper *tamper)
{
	while (!tamper_now(tamper))
		(void)!readable(tamper, LOOK_AGAIN_MS);
}
