/* SPDX-License-Identifier: Apache-2.0 */
#include "server/links.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

void links_lost(int *link)
{
	if (*link >= 0)
		close(*link);
	*link = -1;
}

static void link_set(int *link, int fd, unsigned *turn)
{
	links_lost(link);
	*link = fd;
	++*turn;
}

static void offer_take(struct links *links, const struct link_offer *offer)
{
	if (offer->to == LINK_TO_KEEPER)
		link_set(&links->keeper, offer->fd, &links->keeper_turn);
	else if (offer->to == LINK_TO_STORE)
		link_set(&links->store, offer->fd, &links->store_turn);
	else if (offer->to == LINK_TO_APPRAISER)
		link_set(&links->appraiser, offer->fd, &links->appraiser_turn);
	else if (links->client_count < LINK_CLIENTS_MAX)
		links->clients[links->client_count++] = *offer;
	else
		close(offer->fd);
}

void links_take(struct links *links)
{
	struct link_offer offer;
	struct pollfd one = { .fd = links->control, .events = POLLIN };
	enum err err;

	while (!links->closed && poll(&one, 1, 0) > 0) {
		err = link_offer_receive(links->control, &offer);
		if (err == ERR_BUSY)
			return;
		if (err != ERR_NONE) {
			links->closed = true;
			return;
		}
		offer_take(links, &offer);
	}
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool links_wait(struct links *links, const int *link, int wait_ms)
{
	int64_t until = now_ms() + wait_ms, left;

	links_take(links);
	while (*link < 0 && !links->closed && (left = until - now_ms()) > 0) {
		struct pollfd one = { .fd = links->control, .events = POLLIN };
		(void)!poll(&one, 1, (int)left); /* the loop looks again */
		links_take(links);
	}
	return *link >= 0;
}

bool links_begin(struct links *links, int control)
{
	enum { PATIENCE_MS = 30000 };

	*links = (struct links){ .control = control, .keeper = -1, .store = -1, .appraiser = -1 };
	return links_wait(links, &links->keeper, PATIENCE_MS) &&
	       links_wait(links, &links->store, PATIENCE_MS);
}
