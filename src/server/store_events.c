/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests for events (R9). What raises one does so within its own commit. */
#include "server/store_events.h"
#include "server/pack.h"
#include "server/store_ops.h"

enum { ROW_MAX = 8 << 10, DETAIL_MAX = 3 * EVENT_TEXT_MAX + 32 };

static struct bytes word_of(enum event_kind kind)
{
	const char *word = event_word(kind);

	return bytes_text(word);
}

static enum err event_audit(struct db *db, const struct equipment_event *event)
{
	uint8_t name_octets[64], detail_octets[DETAIL_MAX];
	struct room name = ROOM(name_octets), detail = ROOM(detail_octets);

	room_put(&name, BYTES_STR("equipment."));
	room_put(&name, word_of(event->kind));
	room_put(&detail, event->before);
	room_put(&detail, BYTES_STR(" -> "));
	room_put(&detail, event->after);
	if (event->detail.len > 0) {
		room_put(&detail, BYTES_STR("; "));
		room_put(&detail, event->detail);
	}
	return store_audit(db, &(struct audit){ .event = room_used(&name),
	                                        .eid = event->eid,
	                                        .detail = room_used(&detail) });
}

enum err store_event(struct db *db, const struct equipment_event *event)
{
	uint8_t json_octets[EVENT_JSON_MAX];
	uint8_t octets[EVENT_JSON_MAX];
	struct room json = ROOM(json_octets), packed = ROOM(octets);
	struct db_use use = db_use(db, DB_EVENT_ADD);
	uint64_t now_ms = db->now_ms(), number;

	pack_event(&packed, event);
	if (packed.full)
		return ERR_LIMIT;
	db_put_number(&use, now_ms);
	db_put_blob(&use, event->eid);
	db_put_blob(&use, room_used(&packed));
	TRY(db_done(&use));
	number = (uint64_t)sqlite3_last_insert_rowid(db->sqlite);
	TRY(event_audit(db, event));
	event_json_put(&json, number, now_ms, event);
	if (json.full)
		return ERR_LIMIT;
	return store_callback(db, &(struct callback){ .operator_name = event->operator_name,
	                                              .function = BYTES_STR(EVENT_FUNCTION),
	                                              .body = room_used(&json) });
}

enum err store_events_take(struct db *db, struct bytes *in)
{
	struct equipment_event event;
	uint64_t count;

	TRY(unpack_u64(in, &count));
	if (count > EVENT_KINDS)
		return ERR_LIMIT;
	for (uint64_t i = 0; i < count; i++) {
		TRY(unpack_event(in, &event));
		TRY(store_event(db, &event));
	}
	return ERR_NONE;
}

enum err store_do_event_list(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_EVENT_LIST);
	uint64_t after, limit;
	struct bytes eid;
	enum err err = ERR_NONE;

	TRY(unpack_u64(&in, &after));
	TRY(unpack_bytes(&in, &eid));
	TRY(unpack_u64(&in, &limit));
	db_put_number(&use, after);
	db_put_blob(&use, eid.len == 0 ? (struct bytes){ NULL, 0 } : eid);
	db_put_number(&use, limit);
	while (room_left(out) >= ROW_MAX && (err = db_row(&use)) == ERR_NONE) {
		room_put_u64(out, db_number(&use, 0));
		room_put_u64(out, db_number(&use, 1));
		room_put(out, db_blob(&use, 2));
	}
	db_reset(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}
