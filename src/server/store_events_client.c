/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"
#include "server/pack.h"
#include "server/store_events.h"
#include "server/store_ops.h"

enum err store_events(struct store_client *store, uint64_t after, struct bytes eid, uint32_t limit,
                      struct bytes *reply)
{
	struct asker *asker = store_asker(store);
	struct room room = asker_message(asker);

	room_put_u64(&room, after);
	pack_bytes(&room, eid);
	room_put_u64(&room, limit);
	return room.full ? ERR_LIMIT : asker_call(asker, STORE_EVENT_LIST, room_used(&room), reply);
}

enum err store_events_next(struct bytes *reply, struct store_event_row *out)
{
	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_u64(reply, &out->number));
	TRY(unpack_u64(reply, &out->time_ms));
	return unpack_event(reply, &out->event);
}
