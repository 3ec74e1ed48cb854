/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications (SGP.22 v2.5 3.5): the card keeps each until the server whose address it bears has taken
 * it. Sending goes through the list in order of sequence numbers; what a server did not take stays on the
 * card for the next time.
 */
#ifndef AGENT_NOTIFY_H
#define AGENT_NOTIFY_H

#include "agent/es10.h"
#include "agent/es9.h"

struct notify {
	struct es10 *es10;
	struct es9 *es9;
	struct room *store;
	unsigned attempts;               /* for each notification, at least 1 */
	void (*pause)(unsigned attempt); /* waits between attempts; may be NULL */
	/* told (may be NULL) hears of each: ERR_NONE when it was taken. */
	void (*told)(void *ctx, const struct notification_metadata *metadata, enum err err);
	void *ctx;

	size_t sent, kept; /* what has become of them */
};

/* notify_send_all sends every notification on the card's list, ERR_NONE when all were taken. A server
 * that is out of reach is not asked again for the next one. Otherwise the first cause. */
NODISCARD enum err notify_send_all(struct notify *notify);

/* notify_send sends one by its sequence number; ERR_NOT_FOUND when the card has no such. */
NODISCARD enum err notify_send(struct notify *notify, uint32_t seq_number);

#endif
