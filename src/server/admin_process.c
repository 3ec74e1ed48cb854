/* SPDX-License-Identifier: Apache-2.0 */
/* The admin process: the API of docs/admin-api.md on a Unix socket, and the catalogue directory. */
#include "server/admin.h"
#include "server/child.h"
#include "server/log.h"
#include "server/sandbox.h"

#include <malloc.h>
#include <stdlib.h>

/* What was imported came in as JSON, in clear: it does not linger in freed memory. */
static void wiping_free(void *at)
{
	if (at != NULL)
		wipe(at, malloc_usable_size(at));
	free(at);
}

int admin_process(const struct child_start *start)
{
	static struct admin admin;
	const struct http_service service = {
		.name = "admin",
		.serve = admin_serve,
		.ctx = &admin,
		.body_max = BODY_ADMIN_MAX,
		.config = start->config,
	};

	admin.config = start->config;
	admin.counters = start->pages;
	json_set_alloc_funcs(malloc, wiping_free);
	if (!sandbox_user(start->config) || !http_loop_begin(&admin.loop, start->control))
		return admin.loop.links.closed ? 0 : 1;
	if (ports_begin(&admin.ports, start->config, admin.loop.store, admin.loop.keeper, admin.loop.appraiser) !=
	            ERR_NONE ||
	    !http_loop_add(&admin.loop, &service, start->listeners->admin,
	                   start->listeners->admin_count) ||
	    !sandbox_enter(start->config, SANDBOX_ADMIN))
		return CHILD_CANNOT_START;
	admin_catalogue(&admin);
	admin.loop.tick = admin_heads;
	admin.loop.tick_ctx = &admin;
	child_ready(start);
	http_loop_run(&admin.loop);
	return 0;
}
