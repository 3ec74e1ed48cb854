/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"
#include "server/pack.h"
#include "server/store.h"
#include "server/store_ops.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL = 256 };

struct store_client {
	struct asker asker;
};

struct store_client *store_open(struct links *links, bool waits_as_task)
{
	struct store_client *store = calloc(1, sizeof *store);

	if (store != NULL && asker_begin(&store->asker, links, &links->store, &links->store_turn,
	                                 waits_as_task) == ERR_NONE)
		return store;
	free(store);
	return NULL;
}

void store_close(struct store_client *store)
{
	asker_end(&store->asker);
	free(store);
}

struct asker *store_asker(struct store_client *store)
{
	return &store->asker;
}

int store_fd(const struct store_client *store)
{
	return asker_fd(&store->asker);
}

void store_pump(struct store_client *store)
{
	asker_pump(&store->asker);
}

void store_forget(struct store_client *store)
{
	asker_forget(&store->asker);
}

static enum err call(struct store_client *store, enum store_request request, struct bytes body,
                     struct bytes *reply)
{
	return asker_call(&store->asker, (uint16_t)request, body, reply);
}

static enum err ask(struct store_client *store, enum store_request request, struct bytes body,
                    store_later *then, void *ctx)
{
	return asker_ask(&store->asker, (uint16_t)request, body, then, ctx);
}

/* --- requests --------------------------------------------------------------------------------- */

static struct room message(const struct store_client *store)
{
	return asker_message(&store->asker);
}

enum err store_session_load(struct store_client *store, struct bytes transaction_id,
                            uint64_t now_ms, struct session *out)
{
	struct room room = message(store);
	struct bytes reply;

	pack_bytes(&room, transaction_id);
	room_put_u64(&room, now_ms);
	TRY(call(store, STORE_SESSION_LOAD, room_used(&room), &reply));
	return unpack_session(&reply, out);
}

enum err store_order_find(struct store_client *store, enum smdp_find by, struct bytes key,
                          struct order *out)
{
	struct room room = message(store);
	struct bytes reply;

	room_put_u64(&room, by);
	pack_bytes(&room, key);
	TRY(call(store, STORE_ORDER_FIND, room_used(&room), &reply));
	return unpack_order_row(&reply, out);
}

enum err store_package_load(struct store_client *store, const uint8_t iccid[static ICCID_SIZE],
                            struct bytes *sealed)
{
	return call(store, STORE_PACKAGE_LOAD, (struct bytes){ iccid, ICCID_SIZE }, sealed);
}

enum err store_commit(struct store_client *store, const struct smdp_change *change)
{
	struct room room = message(store);

	room_put_u64(&room, (change->session != NULL ? 1u : 0u) |
	                            (change->order != NULL ? 2u : 0u) |
	                            (change->callback != NULL ? 4u : 0u) |
	                            (change->audit != NULL ? 8u : 0u) |
	                            (change->event != NULL ? 16u : 0u));
	if (change->session != NULL)
		pack_session(&room, change->session);
	if (change->order != NULL)
		pack_order(&room, change->order);
	if (change->callback != NULL)
		pack_callback(&room, change->callback);
	pack_bytes(&room, change->seen_card);
	pack_bytes(&room, change->seen_card_info);
	if (change->audit != NULL)
		pack_audit(&room, change->audit);
	if (change->event != NULL) {
		room_put_u64(&room, 1);
		pack_event(&room, change->event);
	}
	return room.full ? ERR_LIMIT : call(store, STORE_COMMIT, room_used(&room), NULL);
}

enum err store_profile_add(struct store_client *store, const struct order *order,
                           struct bytes sealed_package, const struct subscription *subscription)
{
	struct room room = message(store);

	pack_order(&room, order);
	pack_bytes(&room, sealed_package);
	room_put_u64(&room, subscription != NULL);
	if (subscription != NULL)
		pack_subscription(&room, subscription);
	return room.full ? ERR_LIMIT : call(store, STORE_PROFILE_ADD, room_used(&room), NULL);
}

enum err store_profile_delete(struct store_client *store, const uint8_t iccid[static ICCID_SIZE])
{
	return call(store, STORE_PROFILE_DELETE, (struct bytes){ iccid, ICCID_SIZE }, NULL);
}

enum err store_orders(struct store_client *store, const struct store_list_orders *which,
                      struct bytes *reply)
{
	struct room room = message(store);

	pack_bytes(&room, which->after);
	room_put_u64(&room, which->states);
	pack_bytes(&room, which->operator_name);
	pack_bytes(&room, which->type);
	room_put_u64(&room, which->limit);
	return call(store, STORE_ORDER_LIST, room_used(&room), reply);
}

enum err store_orders_next(struct bytes *reply, struct order *out)
{
	return reply->len == 0 ? ERR_NOT_FOUND : unpack_order_row(reply, out);
}

static enum err list_after(struct store_client *store, enum store_request request,
                           struct bytes after, uint32_t limit, struct bytes *reply)
{
	struct room room = message(store);

	pack_bytes(&room, after);
	room_put_u64(&room, limit);
	return call(store, request, room_used(&room), reply);
}

enum err store_subscriptions(struct store_client *store, struct bytes after, uint32_t limit,
                             struct bytes *reply)
{
	return list_after(store, STORE_SUBSCRIPTION_LIST, after, limit, reply);
}

enum err store_subscriptions_next(struct bytes *reply, struct store_subscription_row *out)
{
	uint64_t barred;

	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(reply, &out->imsi));
	TRY(unpack_bytes(reply, &out->iccid));
	TRY(unpack_u64(reply, &barred));
	out->barred = barred != 0;
	TRY(unpack_u64(reply, &out->seq));
	return unpack_u64(reply, &out->barred_ms);
}

enum err store_subscription_bar(struct store_client *store, struct bytes imsi, bool barred)
{
	return list_after(store, STORE_SUBSCRIPTION_BAR, imsi, barred, NULL);
}

enum err store_devices(struct store_client *store, struct bytes after, uint32_t limit,
                       struct bytes *reply)
{
	return list_after(store, STORE_DEVICE_LIST, after, limit, reply);
}

enum err store_devices_next(struct bytes *reply, struct store_device_row *out)
{
	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(reply, &out->eid));
	TRY(unpack_u64(reply, &out->first_ms));
	return unpack_u64(reply, &out->last_ms);
}

enum err store_counts(struct store_client *store, uint64_t counts[static PROFILE_STATES])
{
	struct bytes reply = { NULL, 0 };
	uint64_t state, count;

	TRY(call(store, STORE_COUNTS, (struct bytes){ NULL, 0 }, &reply));
	memset(counts, 0, PROFILE_STATES * sizeof *counts);
	while (reply.len > 0) {
		TRY(unpack_u64(&reply, &state));
		TRY(unpack_u64(&reply, &count));
		if (state < PROFILE_STATES)
			counts[state] = count;
	}
	return ERR_NONE;
}

enum err store_callbacks(struct store_client *store, uint32_t limit, struct bytes *reply)
{
	struct room room = message(store);

	room_put_u64(&room, limit);
	return call(store, STORE_CALLBACK_NEXT, room_used(&room), reply);
}

enum err store_callbacks_next(struct bytes *reply, struct store_callback_row *out)
{
	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_u64(reply, &out->number));
	TRY(unpack_u64(reply, &out->attempts));
	return unpack_callback(reply, &out->callback);
}

enum err store_callback_done(struct store_client *store, uint64_t number, uint64_t due_ms)
{
	struct room room = message(store);

	room_put_u64(&room, number);
	room_put_u64(&room, due_ms);
	return call(store, STORE_CALLBACK_DONE, room_used(&room), NULL);
}

/* --- AuC -------------------------------------------------------------------------------------- */

enum err store_subscription_read(struct bytes reply, struct subscription *out, uint64_t *basis)
{
	struct subscription read;

	TRY(unpack_subscription(&reply, &read));
	TRY(unpack_u64(&reply, basis));
	*out = read;
	return ERR_NONE;
}

enum err store_subscription_load(struct store_client *store, struct bytes imsi,
                                 struct subscription *out, uint64_t *basis)
{
	struct bytes reply;

	TRY(call(store, STORE_SUBSCRIPTION_LOAD, imsi, &reply));
	return store_subscription_read(reply, out, basis);
}

enum err store_ask_subscription(struct store_client *store, struct bytes imsi, store_later *then,
                                void *ctx)
{
	return ask(store, STORE_SUBSCRIPTION_LOAD, imsi, then, ctx);
}

static struct bytes reserve_put(struct room *room, struct bytes imsi, uint8_t ind, uint32_t count)
{
	pack_bytes(room, imsi);
	room_put_u64(room, ind);
	room_put_u64(room, count);
	return room_used(room);
}

enum err store_sqn_read(struct bytes reply, uint64_t *first)
{
	return unpack_u64(&reply, first);
}

enum err store_sqn_reserve(struct store_client *store, struct bytes imsi, uint8_t ind,
                           uint32_t count, uint64_t *first)
{
	uint8_t octets[SMALL];
	struct room room = ROOM(octets);
	struct bytes reply;

	TRY(call(store, STORE_SQN_RESERVE, reserve_put(&room, imsi, ind, count), &reply));
	return store_sqn_read(reply, first);
}

enum err store_ask_sqn_reserve(struct store_client *store, struct bytes imsi, uint8_t ind,
                               uint32_t count, store_later *then, void *ctx)
{
	uint8_t octets[SMALL];
	struct room room = ROOM(octets);

	return ask(store, STORE_SQN_RESERVE, reserve_put(&room, imsi, ind, count), then, ctx);
}

static struct bytes raise_put(struct room *room, struct bytes imsi, uint64_t seq)
{
	pack_bytes(room, imsi);
	room_put_u64(room, seq);
	return room_used(room);
}

enum err store_sqn_raise(struct store_client *store, struct bytes imsi, uint64_t seq)
{
	uint8_t octets[SMALL];
	struct room room = ROOM(octets);

	return call(store, STORE_SQN_RAISE, raise_put(&room, imsi, seq), NULL);
}

enum err store_ask_sqn_raise(struct store_client *store, struct bytes imsi, uint64_t seq,
                             store_later *then, void *ctx)
{
	uint8_t octets[SMALL];
	struct room room = ROOM(octets);

	return ask(store, STORE_SQN_RAISE, raise_put(&room, imsi, seq), then, ctx);
}
