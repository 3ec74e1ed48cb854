/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"
#include "server/pack.h"
#include "server/store_chips.h"
#include "server/store_ops.h"

static enum err call(struct store_client *store, enum store_request request,
                     const struct room *room, struct bytes *reply)
{
	return room->full
	               ? ERR_LIMIT
	               : asker_call(store_asker(store), (uint16_t)request, room_used(room), reply);
}

static struct room message(struct store_client *store)
{
	return asker_message(store_asker(store));
}

/* A row is its version, then what was packed when it was written. */
static enum err chip_row(struct bytes *in, struct chip *out)
{
	struct bytes rest = *in;
	uint64_t version;

	TRY(unpack_u64(&rest, &version));
	TRY(unpack_chip(&rest, out));
	out->version = version;
	*in = rest;
	return ERR_NONE;
}

enum err store_chip_load(struct store_client *store, enum chip_by by, struct bytes key,
                         uint64_t *generation, struct chip *out)
{
	struct room room = message(store);
	struct bytes reply;

	room_put_u64(&room, by);
	pack_bytes(&room, key);
	TRY(call(store, STORE_CHIP_LOAD, &room, &reply));
	TRY(unpack_u64(&reply, generation));
	return reply.len == 0 ? ERR_NOT_FOUND : chip_row(&reply, out);
}

enum err store_card_load(struct store_client *store, struct bytes eid, struct bytes iccid,
                         struct card_facts *out)
{
	struct room room = message(store);
	struct bytes reply, chip, appraised, order;

	pack_bytes(&room, eid);
	pack_bytes(&room, iccid);
	TRY(call(store, STORE_CARD_LOAD, &room, &reply));
	TRY(unpack_u64(&reply, &out->generation));
	TRY(unpack_bytes(&reply, &chip));
	TRY(unpack_bytes(&reply, &appraised));
	TRY(unpack_bytes(&reply, &order));
	out->has_chip = chip.at != NULL;
	out->has_appraised = appraised.at != NULL;
	out->has_order = order.at != NULL;
	if (out->has_chip)
		TRY(chip_row(&chip, &out->chip));
	if (out->has_appraised)
		TRY(unpack_appraised(&appraised, &out->appraised));
	return out->has_order ? unpack_order_row(&order, &out->order) : ERR_NONE;
}

static struct room change_put(struct store_client *store, const struct chip_change *change)
{
	struct room room = message(store);

	room_put_u64(&room,
	             (change->chip != NULL ? 1u : 0u) | (change->appraised != NULL ? 2u : 0u) |
	                     (change->log.len > 0 ? 4u : 0u) | (change->audit != NULL ? 8u : 0u) |
	                     (change->event_count > 0 ? 16u : 0u));
	if (change->chip != NULL)
		pack_chip(&room, change->chip);
	if (change->appraised != NULL)
		pack_appraised(&room, change->appraised);
	if (change->log.len > 0)
		pack_bytes(&room, change->log);
	if (change->audit != NULL)
		pack_audit(&room, change->audit);
	if (change->event_count > 0)
		room_put_u64(&room, change->event_count);
	for (size_t i = 0; i < change->event_count; i++)
		pack_event(&room, &change->events[i]);
	return room;
}

enum err store_chip_commit(struct store_client *store, const struct chip_change *change)
{
	const struct room room = change_put(store, change);

	return call(store, STORE_CHIP_COMMIT, &room, NULL);
}

enum err store_ask_chip_commit(struct store_client *store, const struct chip_change *change,
                               store_later *then, void *ctx)
{
	const struct room room = change_put(store, change);

	return room.full ? ERR_LIMIT
	                 : asker_ask(store_asker(store), STORE_CHIP_COMMIT, room_used(&room), then,
	                             ctx);
}

enum err store_appraised_load(struct store_client *store, struct bytes eid, struct appraised *out)
{
	struct bytes reply;

	TRY(asker_call(store_asker(store), STORE_APPRAISED_LOAD, eid, &reply));
	return unpack_appraised(&reply, out);
}

enum err store_log_load(struct store_client *store, struct bytes digest, struct bytes *log)
{
	return asker_call(store_asker(store), STORE_LOG_LOAD, digest, log);
}

enum err store_access_load(struct store_client *store, struct bytes imsi, struct access_facts *out)
{
	struct bytes reply;

	TRY(asker_call(store_asker(store), STORE_ACCESS_LOAD, imsi, &reply));
	return store_access_read(reply, out);
}

enum err store_ask_access(struct store_client *store, struct bytes imsi, store_later *then,
                          void *ctx)
{
	return asker_ask(store_asker(store), STORE_ACCESS_LOAD, imsi, then, ctx);
}

enum err store_access_read(struct bytes reply, struct access_facts *out)
{
	struct access_facts facts = { .has_appraised = false };

	TRY(unpack_u64(&reply, &facts.own_policy_ms));
	TRY(unpack_u64(&reply, &facts.common_policy_ms));
	TRY(unpack_u64(&reply, &facts.revoked_ms));
	TRY(unpack_u64(&reply, &facts.generation));
	TRY(unpack_bytes(&reply, &facts.operator_name));
	TRY(unpack_bytes(&reply, &facts.eid));
	if (reply.len > 0) {
		uint64_t version, state;
		TRY(unpack_u64(&reply, &version));
		TRY(unpack_u64(&reply, &state));
		facts.chip_revoked = state == CHIP_REVOKED;
	}
	facts.has_appraised = reply.len > 0;
	if (facts.has_appraised)
		TRY(unpack_appraised(&reply, &facts.appraised));
	*out = facts;
	return ERR_NONE;
}

static enum err list(struct store_client *store, enum store_request request, struct bytes after,
                     uint32_t limit, struct bytes *reply)
{
	struct room room = message(store);

	pack_bytes(&room, after);
	room_put_u64(&room, limit);
	return call(store, request, &room, reply);
}

enum err store_chips(struct store_client *store, struct bytes after, uint32_t limit,
                     struct bytes *reply)
{
	return list(store, STORE_CHIP_LIST, after, limit, reply);
}

enum err store_chips_next(struct bytes *reply, struct chip *out)
{
	return reply->len == 0 ? ERR_NOT_FOUND : chip_row(reply, out);
}

enum err store_appraisals(struct store_client *store, struct bytes after_eid, uint32_t limit,
                          struct bytes *reply)
{
	return list(store, STORE_APPRAISED_LIST, after_eid, limit, reply);
}

enum err store_appraisals_next(struct bytes *reply, struct appraised *out)
{
	return reply->len == 0 ? ERR_NOT_FOUND : unpack_appraised(reply, out);
}

enum err store_item_set(struct store_client *store, const struct item *item)
{
	struct room room = message(store);

	pack_item(&room, item);
	return call(store, STORE_ITEM_SET, &room, NULL);
}

enum err store_items(struct store_client *store, const struct item *after, uint32_t limit,
                     struct bytes *reply)
{
	struct room room = message(store);

	room_put_u64(&room, after == NULL ? UINT64_MAX : (uint64_t)after->kind);
	pack_bytes(&room, after == NULL ? (struct bytes){ NULL, 0 } : after->name);
	room_put_u64(&room, limit);
	return call(store, STORE_ITEM_LIST, &room, reply);
}

enum err store_items_next(struct bytes *reply, struct item *out)
{
	return reply->len == 0 ? ERR_NOT_FOUND : unpack_item(reply, out);
}
