/* SPDX-License-Identifier: Apache-2.0 */
/* Events in the store, as its clients see them; they are raised with store_commit and store_chip_commit. */
#ifndef SERVER_STORE_EVENTS_H
#define SERVER_STORE_EVENTS_H

#include "server/event.h"
#include "server/store.h"

/* The function of a call-back that tells of an event: it goes to the operator's events-url, signed. */
#define EVENT_FUNCTION "event"

/* store_events lists those after a number, of one card or (empty) of all. */
struct store_event_row {
	uint64_t number, time_ms;
	struct equipment_event event;
};
NODISCARD enum err store_events(struct store_client *store, uint64_t after, struct bytes eid,
                                uint32_t limit, struct bytes *reply);
NODISCARD enum err store_events_next(struct bytes *reply, struct store_event_row *out);

#endif
