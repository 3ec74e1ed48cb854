/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include "server/task.h"

#include <poll.h>
#include <time.h>

enum { DRAIN_MS = 5000 };

bool http_loop_begin(struct http_loop *loop, int control)
{
	*loop = (struct http_loop){ .count = 0 };
	if (!links_begin(&loop->links, control))
		return false;
	loop->store = store_open(&loop->links, true);
	loop->appraiser = appraiser_open(&loop->links, true);
	loop->keeper = keeper_open(&loop->links);
	return loop->store != NULL && loop->appraiser != NULL && loop->keeper != NULL;
}

bool http_loop_add(struct http_loop *loop, const struct http_service *service, const int *listeners,
                   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct http *http =
			loop->count == HTTP_DAEMONS_MAX ? NULL : http_start(service, listeners[i]);
		if (http == NULL)
			return false;
		loop->daemons[loop->count++] = http;
	}
	return true;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Store and appraiser first: what they answer resumes connections, which the daemons then go on with. */
static void turn(struct http_loop *loop)
{
	struct pollfd fds[HTTP_DAEMONS_MAX + 3];
	bool waits = true;

	for (size_t i = 0; i < loop->count; i++) {
		fds[i] = (struct pollfd){ .fd = http_fd(loop->daemons[i]), .events = POLLIN };
		waits = waits && http_waits(loop->daemons[i]);
	}
	fds[loop->count] = (struct pollfd){ .fd = store_fd(loop->store), .events = POLLIN };
	fds[loop->count + 2] =
		(struct pollfd){ .fd = appraiser_fd(loop->appraiser), .events = POLLIN };
	fds[loop->count + 1] = (struct pollfd){ .fd = loop->links.closed ? -1 : loop->links.control,
		                                .events = POLLIN };
	(void)!poll(fds, loop->count + 3,
	            waits ? HTTP_CUT_MS : 0); /* interrupted or not: everything is looked at */
	if (fds[loop->count + 1].revents != 0)
		links_take(&loop->links);
	store_pump(loop->store);
	appraiser_pump(loop->appraiser);
	for (size_t i = 0; i < loop->count; i++)
		http_run(loop->daemons[i]);
}

static bool busy(const struct http_loop *loop)
{
	bool any = task_count() > 0;

	for (size_t i = 0; i < loop->count; i++)
		any = any || http_busy(loop->daemons[i]);
	return any;
}

void http_loop_run(struct http_loop *loop)
{
	int64_t cut_ms = 0, until_ms = 0;

	while (until_ms == 0 || (busy(loop) && now_ms() < until_ms)) {
		turn(loop);
		if (now_ms() >= cut_ms) {
			for (size_t i = 0; i < loop->count; i++)
				http_cut(loop->daemons[i]);
			if (loop->tick != NULL && !loop->links.closed)
				loop->tick(loop->tick_ctx);
			cut_ms = now_ms() + HTTP_CUT_MS;
		}
		if (loop->links.closed && until_ms == 0) {
			until_ms = now_ms() + DRAIN_MS;
			for (size_t i = 0; i < loop->count; i++)
				http_quiesce(loop->daemons[i]);
		}
	}
	for (size_t i = 0; i < loop->count && task_count() == 0; i++)
		http_stop(loop->daemons[i]);
}
