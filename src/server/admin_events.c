/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of equipment in the admin API (R9). */
#include "server/admin.h"
#include "server/store_events.h"

#include <stdlib.h>
#include <string.h>

static json_t *event_json(const struct store_event_row *row)
{
	uint8_t octets[EVENT_JSON_MAX];
	struct room room = ROOM(octets);

	event_json_put(&room, row->number, row->time_ms, &row->event);
	return room.full ? NULL : json_loadb((const char *)octets, room.len, 0, NULL);
}

enum err admin_events_of(struct admin *admin, uint64_t after, struct bytes eid, uint32_t limit,
                         json_t *rows, uint64_t *last)
{
	struct store_event_row row;
	struct bytes reply;
	enum err err;

	TRY(store_events(admin->loop.store, after, eid, limit, &reply));
	while ((err = store_events_next(&reply, &row)) == ERR_NONE) {
		json_array_append_new(rows, event_json(&row));
		*last = row.number;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err admin_events(struct admin *admin, struct http_request *request, const char *rest,
                      json_t *body, struct admin_answer *answer)
{
	const char *after = http_query(request, "after"), *of = http_query(request, "eid");
	json_t *rows = json_array();
	struct bytes card = { NULL, 0 };
	uint8_t eid[EID_SIZE];
	uint64_t last = 0;

	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o}", "events", rows);
	if (of != NULL) {
		answer->detail = "eid";
		TRY(admin_eid(of, eid));
		card = BYTES(eid);
	}
	TRY(admin_events_of(admin, after == NULL ? 0 : strtoull(after, NULL, 10), card,
	                    admin_limit(request), rows, &last));
	json_object_set_new(answer->body, "next",
	                    json_array_size(rows) > 0 ? json_integer((json_int_t)last)
	                                              : json_null());
	return ERR_NONE;
}
