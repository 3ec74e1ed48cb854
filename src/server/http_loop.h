/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a process that serves HTTP: its daemons, the link to the store, the supervisor. */
#ifndef SERVER_HTTP_LOOP_H
#define SERVER_HTTP_LOOP_H

#include "server/appraiser.h"
#include "server/http.h"
#include "server/links.h"
#include "server/store.h"

enum { HTTP_DAEMONS_MAX = 2 * LISTEN_MAX };

struct http_loop {
	struct links links;
	struct store_client *store;
	struct appraiser *appraiser;
	struct keeper *keeper;
	struct http *daemons[HTTP_DAEMONS_MAX];
	size_t count;
	void (*tick)(void *ctx); /* called every HTTP_CUT_MS or so; or NULL */
	void *tick_ctx;
};

/* http_loop_begin waits for the links and opens the clients. */
NODISCARD bool http_loop_begin(struct http_loop *loop, int control);

/* http_loop_add starts a service on each of the sockets. */
NODISCARD bool http_loop_add(struct http_loop *loop, const struct http_service *service,
                             const int *listeners, size_t count);

/* http_loop_run serves until the supervisor says stop, then finishes what is under way. */
void http_loop_run(struct http_loop *loop);

#endif
