/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between our processes, over stream sockets that the supervisor made: a head of twelve octets
 * (length of the body, number of the request, what is asked or how it went) and the body.
 *
 * The supervisor hands the ends out over each child's control socket. When a service dies, its
 * clients see the end of the link, wait for the next one and go on; a request that was under way then
 * has ended in ERR_BUSY and may or may not have been done.
 */
#ifndef SERVER_LINK_H
#define SERVER_LINK_H

#include "base/bytes.h"
#include "base/err.h"

enum { LINK_HEAD = 12 };

struct link_head {
	uint32_t len, id;
	uint16_t code; /* request: which; answer: an enum err */
	uint16_t zero;
};

void link_head_put(uint8_t out[static LINK_HEAD], const struct link_head *head);

/* link_head_read is ERR_TRUNCATED when there are not yet twelve octets, ERR_LIMIT when the body would be
 * longer than MESSAGE_MAX. */
NODISCARD enum err link_head_read(struct bytes in, struct link_head *head);

/* link_send writes head and body, waiting as long as it takes; ERR_IO when the other end is gone. */
NODISCARD enum err link_send(int fd, const struct link_head *head, struct bytes body);

/* link_receive reads one message, waiting as long as it takes: the body into `room`, from its start.
 * ERR_IO when the other end is gone, ERR_ROOM (and the link is of no more use) when it does not fit. */
NODISCARD enum err link_receive(int fd, struct link_head *head, struct room *body);

/* What a control message says about the descriptor that comes with it. */
enum link_to { LINK_TO_KEEPER, LINK_TO_STORE, LINK_TO_APPRAISER, LINK_FROM_CLIENT, LINK_TOS };

struct link_offer {
	enum link_to to;
	uint8_t role; /* LINK_FROM_CLIENT: a role that the service knows */
	int fd;
};

/* link_offer_send passes an end on; link_offer_receive takes one. ERR_IO when the supervisor (or child) is
 * gone, ERR_BUSY when nothing is there and the socket does not wait. */
NODISCARD enum err link_offer_send(int control, const struct link_offer *offer);
NODISCARD enum err link_offer_receive(int control, struct link_offer *offer);

#endif
