/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of a service (keeper, store): takes links from the supervisor, collects whole requests from
 * all of them, has each answered, and only then lets the answers out. What came while the last
 * group was at work is the next group: the store commits once for all of it.
 */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "base/bytes.h"
#include "base/err.h"
#include "server/links.h"

struct serve {
	void *ctx;

	/* permits tells whether a link of that role may ask for `code`; a link that asks for anything else is
	 * closed. */
	bool (*permits)(void *ctx, uint8_t role, uint16_t code);

	/* answer does what is asked. On error what it wrote to `reply` is dropped. */
	enum err (*answer)(void *ctx, uint16_t code, struct bytes request, struct room *reply);

	/* begin and end surround a group; when end fails, every answer of the group becomes its error.
	 * NULL: nothing to do. */
	enum err (*begin)(void *ctx);
	enum err (*end)(void *ctx);

	/* Of a service that is a client of others as well: where its links come in; NULL for others. */
	struct links *links;

	/* idle runs about once a second. NULL: nothing to do. */
	void (*idle)(void *ctx);
};

/* serve_run serves until the supervisor closes `control`, and answers what had come by then. */
NODISCARD enum err serve_run(const struct serve *serve, int control);

#endif
