/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests for people and for the caller: lists, callbacks. A list answers
 * rows one after the other until its limit or until the answer is full; who asks goes on after the last. */
#include "server/pack.h"
#include "server/store_ops.h"

enum { ROW_MAX = 40 << 10, MOMENT_NAME_MAX = 256 };

/* --- moments ---------------------------------------------------------------------------------- */

static enum err moment_key(enum moment kind, struct bytes name, struct room *out)
{
	room_put_u8(out, (uint8_t)kind);
	room_put(out, name);
	return out->full ? ERR_LENGTH : ERR_NONE;
}

enum err store_moment_set(struct db *db, enum moment kind, struct bytes name)
{
	uint8_t octets[MOMENT_NAME_MAX];
	struct room key = ROOM(octets);
	struct db_use use = db_use(db, DB_MOMENT_SET);

	TRY(moment_key(kind, name, &key));
	db_put_blob(&use, room_used(&key));
	db_put_number(&use, db->now_ms());
	return db_done(&use);
}

enum err store_moment_forget(struct db *db, enum moment kind, struct bytes name)
{
	uint8_t octets[MOMENT_NAME_MAX];
	struct room key = ROOM(octets);
	struct db_use use = db_use(db, DB_MOMENT_FORGET);

	TRY(moment_key(kind, name, &key));
	db_put_blob(&use, room_used(&key));
	return db_done(&use);
}

enum err store_moment(struct db *db, enum moment kind, struct bytes name, uint64_t *out)
{
	uint8_t octets[MOMENT_NAME_MAX];
	struct room key = ROOM(octets);
	struct db_use use = db_use(db, DB_MOMENT_GET);
	enum err err;

	*out = 0;
	TRY(moment_key(kind, name, &key));
	db_put_blob(&use, room_used(&key));
	err = db_row(&use);
	if (err == ERR_NONE) {
		*out = db_number(&use, 0);
		db_reset(&use);
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* --- lists ------------------------------------------------------------------------------------ */

/* row_fits tells whether another row may be begun: what is unfinished must never be sent. */
static bool row_fits(const struct room *out)
{
	return room_left(out) >= ROW_MAX;
}

static enum err end_of(enum err err)
{
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err store_do_order_list(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_ORDER_LIST);
	struct bytes after, operator_name, type;
	uint64_t states, limit;
	enum err err = ERR_NONE;

	TRY(unpack_bytes(&in, &after));
	TRY(unpack_u64(&in, &states));
	TRY(unpack_bytes(&in, &operator_name));
	TRY(unpack_bytes(&in, &type));
	TRY(unpack_u64(&in, &limit));
	db_put_blob(&use, after.at == NULL ? BYTES_STR("") : after);
	db_put_number(&use, states);
	db_put_text(&use, operator_name);
	db_put_text(&use, operator_name);
	db_put_text(&use, type);
	db_put_text(&use, type);
	db_put_number(&use, limit);
	while (row_fits(out) && (err = db_row(&use)) == ERR_NONE) {
		room_put_u64(out, db_number(&use, 0));
		room_put(out, db_blob(&use, 1));
	}
	db_reset(&use);
	return row_fits(out) ? end_of(err) : ERR_NONE;
}

enum err store_do_subscription_list(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_SUBSCRIPTION_LIST);
	struct bytes after;
	uint64_t limit;
	enum err err = ERR_NONE;

	TRY(unpack_bytes(&in, &after));
	TRY(unpack_u64(&in, &limit));
	db_put_text(&use, after);
	db_put_number(&use, limit);
	while (row_fits(out) && (err = db_row(&use)) == ERR_NONE) {
		uint64_t since_ms;
		pack_bytes(out, db_blob(&use, 0));
		pack_bytes(out, db_blob(&use, 1));
		room_put_u64(out, db_number(&use, 2));
		room_put_u64(out, db_number(&use, 3));
		err = store_moment(db, MOMENT_BARRED, db_blob(&use, 0), &since_ms);
		if (err != ERR_NONE)
			break;
		room_put_u64(out, since_ms);
	}
	db_reset(&use);
	return row_fits(out) ? end_of(err) : ERR_NONE;
}

enum err store_do_subscription_bar(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_SUBSCRIPTION_GET);
	struct bytes imsi;
	uint64_t barred;

	(void)out;
	TRY(unpack_bytes(&in, &imsi));
	TRY(unpack_u64(&in, &barred));
	db_put_text(&use, imsi);
	TRY(db_row(&use));
	bool was = db_number(&use, 2) != 0;
	db_reset(&use);
	if (was != (barred != 0)) /* barred again, it is barred since the first time */
		TRY(store_moment_set(db, MOMENT_BARRED, imsi));
	use = db_use(db, DB_SUBSCRIPTION_BAR);
	db_put_number(&use, barred != 0);
	db_put_text(&use, imsi);
	TRY(db_done(&use));
	return store_audit(db,
	                   &(struct audit){ .event = barred ? BYTES_STR("subscription.barred")
	                                                    : BYTES_STR("subscription.unbarred"),
	                                    .detail = imsi });
}

enum err store_do_device_list(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_DEVICE_LIST);
	struct bytes after;
	uint64_t limit;
	enum err err = ERR_NONE;

	TRY(unpack_bytes(&in, &after));
	TRY(unpack_u64(&in, &limit));
	db_put_blob(&use, after.at == NULL ? BYTES_STR("") : after);
	db_put_number(&use, limit);
	while (row_fits(out) && (err = db_row(&use)) == ERR_NONE) {
		pack_bytes(out, db_blob(&use, 0));
		room_put_u64(out, db_number(&use, 1));
		room_put_u64(out, db_number(&use, 2));
	}
	db_reset(&use);
	return row_fits(out) ? end_of(err) : ERR_NONE;
}

enum err store_do_callback_next(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_CALLBACK_NEXT);
	uint64_t limit;
	enum err err = ERR_NONE;

	TRY(unpack_u64(&in, &limit));
	db_put_number(&use, db->now_ms());
	db_put_number(&use, limit);
	while (row_fits(out) && (err = db_row(&use)) == ERR_NONE) {
		const struct callback callback = { db_blob(&use, 1), db_blob(&use, 2),
			                           db_blob(&use, 3) };
		room_put_u64(out, db_number(&use, 0));
		room_put_u64(out, db_number(&use, 4));
		pack_callback(out, &callback);
	}
	db_reset(&use);
	return row_fits(out) ? end_of(err) : ERR_NONE;
}

/* due 0: it was taken, or has been given up. */
enum err store_do_callback_done(struct db *db, struct bytes in, struct room *out)
{
	uint64_t number, due_ms;
	struct db_use use;

	(void)out;
	TRY(unpack_u64(&in, &number));
	TRY(unpack_u64(&in, &due_ms));
	use = db_use(db, due_ms == 0 ? DB_CALLBACK_DELETE : DB_CALLBACK_LATER);
	if (due_ms != 0)
		db_put_number(&use, due_ms);
	db_put_number(&use, number);
	return db_done(&use);
}

enum err store_do_counts(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_COUNTS);
	enum err err = ERR_NONE;

	(void)in;
	while ((err = db_row(&use)) == ERR_NONE) {
		room_put_u64(out, db_number(&use, 0));
		room_put_u64(out, db_number(&use, 1));
	}
	return end_of(err);
}
