/* SPDX-License-Identifier: Apache-2.0 */
/* A client process's ends: the control socket to the supervisor, and the links to keeper and store that
 * come through it, again whenever one of those has been started anew. */
#ifndef SERVER_LINKS_H
#define SERVER_LINKS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct links {
	int control;
	int keeper, store;   /* -1: none at present */
	unsigned store_turn; /* counts links to the store: answers of an old one will not come */
	bool closed;         /* the supervisor wants us to stop, or is gone */
};

/* links_begin waits until both links have come; false when the supervisor went away first. */
NODISCARD bool links_begin(struct links *links, int control);

/* links_take accepts what the supervisor offers now; never waits. */
void links_take(struct links *links);

/* links_lost closes a link that has ended. */
void links_lost(int *link);

/* links_wait waits up to wait_ms for the link (one of the two) to come back. */
NODISCARD bool links_wait(struct links *links, const int *link, int wait_ms);

#endif
