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

/* Where an answer belongs that is given later, and whether a request is answered so. */
struct serve_ticket {
	uint32_t link, request;
};
enum serve_when { SERVE_NOW, SERVE_LATER, SERVE_FULL };
struct serving;

struct serve {
	void *ctx;

	/* permits tells whether a link of that role may ask for `code`; a link that asks for anything else is
	 * closed. */
	bool (*permits)(void *ctx, uint8_t role, uint16_t code);

	/* answer does what is asked. On error what it wrote to `reply` is dropped. */
	enum err (*answer)(void *ctx, uint16_t code, struct bytes request, struct room *reply);

	/* How many requests of one link are answered in one group, before it is the others' turn; 0: many. Those that are
	 * put off are not counted. */
	size_t at_once;

	/* begin and end surround a group; when end fails, every answer of the group becomes its error.
	 * NULL: nothing to do. */
	enum err (*begin)(void *ctx);
	enum err (*end)(void *ctx);

	/* later may take a request that is to be answered by serve_later (SERVE_LATER), so that others need not wait for it.
	 * SERVE_NOW: `answer` is asked. SERVE_FULL: not at present; the link waits until an answer was given.
	 * NULL: all are answered now. */
	enum serve_when (*later)(void *ctx, uint16_t code, struct bytes request,
	                         const struct serve_ticket *ticket);

	/* turn runs after each group, and when there is something to read on what `fd` gives; here answers are given
	 * that were to come later. NULL, both: nothing of that kind. */
	void (*turn)(void *ctx, struct serving *serving);
	int (*fd)(void *ctx);

	/* Of a service that is a client of others as well: where its links come in; NULL for others. */
	struct links *links;

	/* idle runs about once a second. NULL: nothing to do. */
	void (*idle)(void *ctx);
};

/* serve_run serves until the supervisor closes `control`, and answers what had come by then. */
NODISCARD enum err serve_run(const struct serve *serve, int control);

/* serve_later gives an answer that `later` has put off; from `turn` only. A link that has gone gets none. */
void serve_later(struct serving *serving, const struct serve_ticket *ticket, enum err err,
                 struct bytes reply);

#endif
