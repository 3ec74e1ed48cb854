/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests for SM-DP+: sessions, orders with their lookups, the one durable step. */
#include "server/pack.h"
#include "server/smdp_ports.h"
#include "server/store_ops.h"

#include <string.h>

enum err store_do_session_load(struct db *db, struct bytes in, struct room *out)
{
	struct session session = { .version = 0 };
	uint64_t now_ms;
	struct db_use use = db_use(db, DB_SESSION_GET);

	TRY(unpack_bytes(&in, &session.transaction_id));
	TRY(unpack_u64(&in, &now_ms));
	db_put_blob(&use, session.transaction_id);
	TRY(db_row(&use));
	session.version = db_number(&use, 0);
	session.expires_ms = db_number(&use, 1);
	session.body = db_blob(&use, 2);
	if (session.expires_ms > now_ms)
		pack_session(out, &session);
	db_reset(&use);
	return session.expires_ms > now_ms ? ERR_NONE : ERR_NOT_FOUND;
}

/* order_get copies the row of an ICCID into `out`: the version, then the packed order. */
static enum err order_get(struct db *db, struct bytes iccid, struct room *out)
{
	struct db_use use = db_use(db, DB_ORDER_GET);

	db_put_blob(&use, iccid);
	TRY(db_row(&use));
	room_put_u64(out, db_number(&use, 0));
	room_put(out, db_blob(&use, 1));
	db_reset(&use);
	return ERR_NONE;
}

/* order_by follows a lookup to an ICCID, and that to the order. */
static enum err order_by(struct db *db, struct db_use *use, struct room *out)
{
	uint8_t iccid[ICCID_SIZE];
	struct bytes found;

	TRY(db_row(use));
	found = db_blob(use, 0);
	if (found.len == sizeof iccid)
		memcpy(iccid, found.at, sizeof iccid);
	db_reset(use);
	return found.len == sizeof iccid ? order_get(db, BYTES(iccid), out) : ERR_CORRUPT;
}

/* What there was not: a profile left, or a type of this operator's, or the type at all. */
static enum err type_missing(struct db *db, struct bytes operator_name, struct bytes type)
{
	struct db_use use = db_use(db, DB_TYPE_GET);
	bool own;

	db_put_text(&use, operator_name);
	db_put_text(&use, type);
	TRY(db_row(&use));
	own = db_number(&use, 0) != 0;
	db_reset(&use);
	return own ? ERR_ORDER : ERR_DENIED;
}

enum err store_do_order_find(struct db *db, struct bytes in, struct room *out)
{
	static const enum db_statement lookup[SMDP_FINDS] = {
		[SMDP_BY_MATCHING_ID] = DB_MATCHING_GET,
		[SMDP_BY_EID] = DB_EID_GET,
		[SMDP_BY_TYPE] = DB_STOCK_GET,
	};
	struct bytes key, operator_name = { NULL, 0 };
	struct db_use use;
	uint64_t by;
	enum err err;

	TRY(unpack_u64(&in, &by));
	TRY(unpack_bytes(&in, &key));
	if (by >= SMDP_FINDS)
		return ERR_VALUE;
	if (by == SMDP_BY_ICCID)
		return order_get(db, key, out);
	use = db_use(db, lookup[by]);
	if (by == SMDP_BY_EID) {
		db_put_blob(&use, key);
		return order_by(db, &use, out);
	}
	if (by == SMDP_BY_TYPE) {
		const uint8_t *nul = key.len == 0 ? NULL : memchr(key.at, 0, key.len);
		if (nul == NULL || !bytes_take(&key, (size_t)(nul - key.at), &operator_name))
			return ERR_VALUE;
		key = (struct bytes){ key.at + 1, key.len - 1 };
		db_put_text(&use, operator_name);
	}
	db_put_text(&use, key);
	err = order_by(db, &use, out);
	return by == SMDP_BY_TYPE && err == ERR_NOT_FOUND ? type_missing(db, operator_name, key)
	                                                  : err;
}

enum err store_do_package_load(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_PACKAGE_GET);

	db_put_blob(&use, in);
	TRY(db_row(&use));
	room_put(out, db_blob(&use, 0));
	db_reset(&use);
	return ERR_NONE;
}

static enum err session_change(struct db *db, const struct session *session)
{
	bool deletes = session->body.len == 0;
	struct db_use use = db_use(db, session->version == 0 ? DB_SESSION_ADD
	                               : deletes             ? DB_SESSION_DELETE
	                                                     : DB_SESSION_SET);

	if (session->version == 0 && deletes)
		return ERR_NONE;
	if (session->version == 0)
		db_put_blob(&use, session->transaction_id);
	if (!deletes) {
		db_put_number(&use, session->expires_ms);
		db_put_blob(&use, session->body);
	}
	if (session->version == 0)
		return db_done(&use);
	db_put_blob(&use, session->transaction_id);
	db_put_number(&use, session->version);
	TRY(db_done(&use));
	return sqlite3_changes(db->sqlite) == 1 ? ERR_NONE : ERR_BUSY;
}

static bool has_matching_id(const struct order *order)
{
	return order->matching_id.len > 0 && order->state >= PROFILE_ALLOCATED &&
	       order->state < PROFILE_UNAVAILABLE;
}

/* Found by EID alone: the default SM-DP+ use case, SGP.22 3.1.3 with an empty matching id. */
static bool waits_for_eid(const struct order *order)
{
	return order->eid.len == EID_SIZE && order->matching_id.at != NULL &&
	       order->matching_id.len == 0 &&
	       (order->state == PROFILE_RELEASED || order->state == PROFILE_DOWNLOADED);
}

static enum err lookup_matching_id(struct db *db, const struct order *was, const struct order *is)
{
	bool had = was != NULL && has_matching_id(was), has = has_matching_id(is);
	struct db_use use;

	if (had && has && bytes_same(was->matching_id, is->matching_id))
		return ERR_NONE;
	if (had) {
		use = db_use(db, DB_MATCHING_DELETE);
		db_put_text(&use, was->matching_id);
		TRY(db_done(&use));
	}
	if (!has)
		return ERR_NONE;
	use = db_use(db, DB_MATCHING_ADD);
	db_put_text(&use, is->matching_id);
	db_put_blob(&use, BYTES(is->iccid));
	return db_done(&use);
}

static enum err lookup_eid(struct db *db, const struct order *was, const struct order *is)
{
	bool had = was != NULL && waits_for_eid(was), has = waits_for_eid(is);
	struct db_use use;

	if (had && has && bytes_same(was->eid, is->eid))
		return ERR_NONE;
	if (had) {
		use = db_use(db, DB_EID_DELETE);
		db_put_blob(&use, was->eid);
		db_put_blob(&use, BYTES(was->iccid));
		TRY(db_done(&use));
	}
	if (!has)
		return ERR_NONE;
	use = db_use(db, DB_EID_ADD);
	db_put_blob(&use, is->eid);
	db_put_number(&use, db->now_ms());
	db_put_blob(&use, BYTES(is->iccid));
	return db_done(&use);
}

static enum err stock_change(struct db *db, enum db_statement which, const struct order *order)
{
	struct db_use use = db_use(db, which);

	db_put_text(&use, order->operator_name);
	db_put_text(&use, order->profile_type);
	db_put_blob(&use, BYTES(order->iccid));
	return db_done(&use);
}

static enum err lookup_stock(struct db *db, const struct order *was, const struct order *is)
{
	bool had = was != NULL && was->state == PROFILE_AVAILABLE;
	bool has = is->state == PROFILE_AVAILABLE;

	if (had && has && bytes_same(was->operator_name, is->operator_name) &&
	    bytes_same(was->profile_type, is->profile_type))
		return ERR_NONE;
	if (had)
		TRY(stock_change(db, DB_STOCK_DELETE, was));
	return has ? stock_change(db, DB_STOCK_ADD, is) : ERR_NONE;
}

static enum err lookups(struct db *db, const struct order *was, const struct order *is)
{
	TRY(lookup_matching_id(db, was, is));
	TRY(lookup_eid(db, was, is));
	return lookup_stock(db, was, is);
}

static void order_columns(struct db_use *use, const struct order *order, struct bytes packed)
{
	db_put_number(use, order->state);
	db_put_text(use, order->operator_name);
	db_put_text(use, order->profile_type);
	db_put_blob(use, packed);
}

/* order_old reads the row that a change is based on, into `store`; ERR_BUSY when it has moved on. */
static enum err order_old(struct db *db, const struct order *based, struct room *store,
                          struct order *out)
{
	struct bytes row;
	uint64_t version;

	TRY(order_get(db, BYTES(based->iccid), store));
	row = room_used(store);
	TRY(unpack_u64(&row, &version));
	TRY(unpack_order(&row, out));
	return version == based->version ? ERR_NONE : ERR_BUSY;
}

enum { ORDER_ROW_MAX = 32 << 10 }; /* metadata with an icon of 1 KB is the largest part */

static enum err order_change(struct db *db, const struct order *order)
{
	static uint8_t old_store[ORDER_ROW_MAX], new_store[ORDER_ROW_MAX];
	struct room old_room = ROOM(old_store), packed = ROOM(new_store);
	struct order was;
	struct db_use use;

	pack_order(&packed, order);
	if (packed.full)
		return ERR_LIMIT;
	if (order->version == 0) {
		use = db_use(db, DB_ORDER_ADD);
		db_put_blob(&use, BYTES(order->iccid));
		order_columns(&use, order, room_used(&packed));
		TRY(db_done(&use));
		use = db_use(db, DB_TYPE_ADD);
		db_put_text(&use, order->profile_type);
		db_put_text(&use, order->operator_name);
		TRY(db_done(&use));
		return lookups(db, NULL, order);
	}
	TRY(order_old(db, order, &old_room, &was));
	/* By whose policy it is released (I4) goes by this: nobody changes it, a worker that was taken over either. */
	if (!bytes_same(was.operator_name, order->operator_name))
		return ERR_DENIED;
	use = db_use(db, DB_ORDER_SET);
	order_columns(&use, order, room_used(&packed));
	db_put_blob(&use, BYTES(order->iccid));
	db_put_number(&use, order->version);
	TRY(db_done(&use));
	return lookups(db, &was, order);
}

enum err store_callback(struct db *db, const struct callback *callback)
{
	struct db_use use = db_use(db, DB_CALLBACK_ADD);

	if (callback->operator_name.len == 0)
		return ERR_NONE;
	db_put_text(&use, callback->operator_name);
	db_put_text(&use, callback->function);
	db_put_blob(&use, callback->body);
	db_put_number(&use, db->now_ms());
	return db_done(&use);
}

static enum err device_seen(struct db *db, struct bytes eid, struct bytes info)
{
	struct db_use use = db_use(db, DB_DEVICE_SEEN);

	db_put_blob(&use, eid);
	db_put_number(&use, db->now_ms());
	db_put_blob(&use, info.len == 0 ? (struct bytes){ NULL, 0 } : info);
	return db_done(&use);
}

enum err store_do_commit(struct db *db, struct bytes in, struct room *out)
{
	struct session session;
	struct order order;
	struct audit audit;
	struct callback callback;
	struct bytes eid, info;
	uint64_t parts;

	(void)out;
	TRY(unpack_u64(&in, &parts));
	if (parts & 1) {
		TRY(unpack_session(&in, &session));
		TRY(session_change(db, &session));
	}
	if (parts & 2) {
		TRY(unpack_order(&in, &order));
		TRY(order_change(db, &order));
	}
	if (parts & 4) {
		TRY(unpack_callback(&in, &callback));
		TRY(store_callback(db, &callback));
	}
	TRY(unpack_bytes(&in, &eid));
	TRY(unpack_bytes(&in, &info));
	if (eid.len == EID_SIZE)
		TRY(device_seen(db, eid, info));
	if (parts & 8) {
		TRY(unpack_audit(&in, &audit));
		TRY(store_audit(db, &audit));
	}
	return parts & 16 ? store_events_take(db, &in) : ERR_NONE;
}

enum err store_do_profile_add(struct db *db, struct bytes in, struct room *out)
{
	struct order order;
	struct subscription subscription;
	struct bytes package;
	uint64_t with_subscription;
	struct db_use use;

	(void)out;
	TRY(unpack_order(&in, &order));
	TRY(unpack_bytes(&in, &package));
	TRY(unpack_u64(&in, &with_subscription));
	order.version = 0;
	TRY(order_change(db, &order));
	use = db_use(db, DB_PACKAGE_ADD);
	db_put_blob(&use, BYTES(order.iccid));
	db_put_blob(&use, package);
	TRY(db_done(&use));
	if (with_subscription) {
		TRY(unpack_subscription(&in, &subscription));
		use = db_use(db, DB_SUBSCRIPTION_ADD);
		db_put_text(&use, subscription.imsi);
		db_put_blob(&use, BYTES(subscription.iccid));
		db_put_blob(&use, subscription.sealed);
		db_put_number(&use, subscription.barred);
		TRY(db_done(&use));
	}
	return store_audit(db, &(struct audit){ .event = BYTES_STR("profile.added"),
	                                        .iccid = BYTES(order.iccid),
	                                        .detail = order.imsi });
}

/* Deletes a profile nobody holds; whatever has been installed stays on record. */
enum err store_do_profile_delete(struct db *db, struct bytes in, struct room *out)
{
	static uint8_t store[ORDER_ROW_MAX];
	static const enum db_statement also[] = { DB_ORDER_DELETE, DB_PACKAGE_DELETE };
	struct room room = ROOM(store);
	struct order order;
	struct bytes row;
	uint64_t version;
	struct db_use use;

	(void)out;
	TRY(order_get(db, in, &room));
	row = room_used(&room);
	TRY(unpack_u64(&row, &version));
	TRY(unpack_order(&row, &order));
	if (order.state != PROFILE_AVAILABLE && order.state != PROFILE_ERROR &&
	    order.state != PROFILE_UNAVAILABLE)
		return ERR_ORDER;
	struct order gone = order;
	gone.state = PROFILE_UNAVAILABLE;
	TRY(lookups(db, &order, &gone));
	for (size_t i = 0; i < COUNT(also); i++) {
		use = db_use(db, also[i]);
		db_put_blob(&use, BYTES(order.iccid));
		TRY(db_done(&use));
	}
	use = db_use(db, DB_SUBSCRIPTION_DELETE);
	db_put_text(&use, order.imsi);
	TRY(db_done(&use));
	return store_audit(db, &(struct audit){ .event = BYTES_STR("profile.deleted"),
	                                        .iccid = BYTES(order.iccid) });
}
