/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, REDRAW_MS = 100 };

static uint64_t now_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	*progress = (struct progress){ .what = what, .total = total };
	progress->shown = isatty(STDERR_FILENO) == 1;
}

void progress_at(struct progress *progress, uint64_t done)
{
	uint64_t now = progress->shown ? now_ms() : 0;
	char bar[BAR_WIDTH + 1];

	if (!progress->shown || (now < progress->drawn_ms + REDRAW_MS && done != progress->total))
		return;
	progress->drawn_ms = now;
	if (progress->total == 0) {
		fprintf(stderr, "\r%-24s %llu\033[K", progress->what, (unsigned long long)done);
		return;
	}
	if (done > progress->total)
		done = progress->total;
	size_t filled = (size_t)(done * BAR_WIDTH / progress->total);
	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', filled);
	bar[BAR_WIDTH] = 0;
	fprintf(stderr, "\r%-24s [%s] %3u%%\033[K", progress->what, bar,
	        (unsigned)(done * 100 / progress->total));
	(void)!fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		(void)!fputs("\r\033[K", stderr);
	progress->shown = false;
}
