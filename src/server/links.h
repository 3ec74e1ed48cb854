/* SPDX-License-Identifier: Apache-2.0 */
/* A client process's ends: the control socket to the supervisor, and the links to the services that come
 * through it, again whenever one of those has been started anew. */
#ifndef SERVER_LINKS_H
#define SERVER_LINKS_H

#include "base/err.h"
#include "server/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINK_CLIENTS_MAX = 128 }; /* that may come while the process waits for a service */

struct links {
	int control;
	int keeper, store, appraiser; /* -1: none at present */
	unsigned keeper_turn, store_turn, appraiser_turn; /* count links: answers of an old one will not come */
	bool closed; /* the supervisor wants us to stop, or is gone */

	/* Of a client that is a service, too: links from its own clients, for serve_run to take. */
	struct link_offer clients[LINK_CLIENTS_MAX];
	size_t client_count;
};

/* links_begin waits until keeper and store can be asked; false when the supervisor went away first. */
NODISCARD bool links_begin(struct links *links, int control);

/* links_take accepts what the supervisor offers now; never waits. */
void links_take(struct links *links);

/* links_lost closes a link that has ended. */
void links_lost(int *link);

/* links_wait waits up to wait_ms for the link (one of those above) to come back. */
NODISCARD bool links_wait(struct links *links, const int *link, int wait_ms);

#endif
