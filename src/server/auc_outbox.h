/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers on their way to peers that do not read as fast as we write: a datagram socket takes a few
 * (net.unix.max_dgram_qlen) and refuses the next. What is refused waits here until its peer would no
 * longer wait for it.
 */
#ifndef SERVER_AUC_OUTBOX_H
#define SERVER_AUC_OUTBOX_H

#include "server/auc.h"

enum {
	OUTBOX_ROWS = 1024,
	OUTBOX_PATIENCE_MS = 1000, /* hostapd gives up after a second */
	OUTBOX_RETRY_MS = 1,       /* a peer's socket cannot be polled for room */
};

struct outbox_row {
	struct auc_peer peer;
	uint64_t until_ms;
	uint16_t size;
	uint8_t octets[AUC_REPLY_MAX];
};

struct outbox {
	const int *sockets; /* peer.at[0] says which; the rest is the address */
	size_t count;
	uint64_t dropped;
	struct outbox_row rows[OUTBOX_ROWS];
};

/* outbox_send sends at once or keeps the answer; when there is no room it is dropped and counted. */
void outbox_send(struct outbox *outbox, uint64_t now_ms, const struct auc_peer *peer,
                 struct bytes datagram);

/* outbox_flush tries again with all that waits; call it until `count` is 0, OUTBOX_RETRY_MS apart. */
void outbox_flush(struct outbox *outbox, uint64_t now_ms);

#endif
