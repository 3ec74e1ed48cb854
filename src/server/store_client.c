/* SPDX-License-Identifier: Apache-2.0 */
#include "server/buffer.h"
#include "server/link.h"
#include "server/links.h"
#include "server/pack.h"
#include "server/store.h"
#include "server/store_ops.h"
#include "server/task.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ASKED_MAX = 8192, READ_SIZE = 64 << 10, LINK_PATIENCE_MS = 5000, SMALL = 256 };

/* A request under way. Its number is its place, with a count above that tells old answers apart. */
struct asked {
	store_later *then;
	void *ctx;
	uint32_t id, next_free;
};

struct store_client {
	struct links *links;
	bool waits_as_task;
	unsigned turn; /* links->store_turn that the requests went out on */
	struct asked asked[ASKED_MAX];
	uint32_t first_free, under_way;
	struct buffer in, out;
	struct buffer *kept; /* replies of synchronous calls outside of tasks */
	size_t kept_count;
	uint8_t *message; /* where requests are put together */
};

struct store_client *store_open(struct links *links, bool waits_as_task)
{
	struct store_client *store = calloc(1, sizeof *store);

	if (store == NULL)
		return NULL;
	store->message = malloc(MESSAGE_MAX);
	if (store->message == NULL) {
		free(store);
		return NULL;
	}
	store->links = links;
	store->waits_as_task = waits_as_task;
	store->turn = links->store_turn;
	for (uint32_t i = 0; i < ASKED_MAX; i++)
		store->asked[i] = (struct asked){ .id = i, .next_free = i + 1 };
	return store;
}

void store_close(struct store_client *store)
{
	store_forget(store);
	buffer_free(&store->in);
	buffer_free(&store->out);
	free(store->kept);
	free(store->message);
	free(store);
}

int store_fd(const struct store_client *store)
{
	return store->links->store;
}

static void answered(struct store_client *store, uint32_t id, enum err err, struct bytes reply)
{
	struct asked *asked = &store->asked[id % ASKED_MAX];
	store_later *then = asked->then;

	if (asked->id != id || then == NULL)
		return;
	asked->then = NULL;
	asked->id += ASKED_MAX;
	asked->next_free = store->first_free;
	store->first_free = id % ASKED_MAX;
	store->under_way--;
	then(asked->ctx, err, reply);
}

/* The link has ended: what was under way may or may not have been done. */
static void link_ended(struct store_client *store)
{
	buffer_free(&store->in);
	buffer_free(&store->out);
	for (uint32_t i = 0; i < ASKED_MAX && store->under_way > 0; i++)
		if (store->asked[i].then != NULL)
			answered(store, store->asked[i].id, ERR_BUSY, (struct bytes){ NULL, 0 });
}

static void turn_check(struct store_client *store)
{
	if (store->turn == store->links->store_turn)
		return;
	store->turn = store->links->store_turn;
	link_ended(store);
}

static bool read_some(struct store_client *store)
{
	uint8_t *at = buffer_space(&store->in, READ_SIZE);
	ssize_t n;

	if (at == NULL || store->links->store < 0)
		return false;
	n = recv(store->links->store, at, READ_SIZE, MSG_DONTWAIT);
	if (n > 0)
		store->in.len += (size_t)n;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		links_lost(&store->links->store);
		link_ended(store);
	}
	return n > 0;
}

static void flush(struct store_client *store)
{
	while (store->out.len > 0 && store->links->store >= 0) {
		ssize_t n = send(store->links->store, store->out.at, store->out.len,
		                 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			return; /* EAGAIN: pump again; otherwise reading finds the end */
		buffer_drop(&store->out, (size_t)n);
	}
}

/* Callbacks may ask again, and through that read again: each answer is taken off before it is told. */
static bool take_one(struct store_client *store)
{
	struct bytes in = buffer_bytes(&store->in), octets, body;
	struct buffer reply = { NULL, 0, 0 };
	struct link_head head;
	bool kept;

	if (link_head_read(in, &head) != ERR_NONE || !bytes_take(&in, LINK_HEAD, &octets) ||
	    !bytes_take(&in, head.len, &body))
		return false;
	kept = buffer_add(&reply, body);
	buffer_drop(&store->in, LINK_HEAD + head.len);
	answered(store, head.id, kept ? (enum err)head.code : ERR_FULL, buffer_bytes(&reply));
	buffer_free(&reply);
	return true;
}

void store_pump(struct store_client *store)
{
	turn_check(store);
	flush(store);
	while (read_some(store))
		while (take_one(store))
			;
}

static enum err ask(struct store_client *store, enum store_request request, struct bytes body,
                    store_later *then, void *ctx)
{
	uint8_t octets[LINK_HEAD];
	struct link_head head = { .len = (uint32_t)body.len, .code = (uint16_t)request };
	struct asked *asked;

	if (store->links->store < 0 &&
	    !links_wait(store->links, &store->links->store, LINK_PATIENCE_MS))
		return ERR_BUSY;
	/* Those that wait on the old link are told from the main stack, where tasks can be woken. */
	if (task_current() != NULL && store->under_way > 0 &&
	    store->turn != store->links->store_turn)
		return ERR_BUSY;
	turn_check(store);
	if (store->first_free >= ASKED_MAX || body.len > MESSAGE_MAX)
		return ERR_BUSY;
	asked = &store->asked[store->first_free];
	head.id = asked->id;
	link_head_put(octets, &head);
	if (!buffer_add(&store->out, BYTES(octets)) || !buffer_add(&store->out, body))
		return ERR_FULL;
	store->first_free = asked->next_free;
	asked->then = then;
	asked->ctx = ctx;
	store->under_way++;
	flush(store);
	return ERR_NONE;
}

/* --- waiting ---------------------------------------------------------------------------------- */

struct waiting {
	struct store_client *store;
	struct task *task;
	bool over;
	enum err err;
	struct bytes reply; /* while the callback runs */
	struct buffer copy;
};

static void arrived(void *ctx, enum err err, struct bytes reply)
{
	struct waiting *waiting = ctx;

	waiting->err = err;
	waiting->over = true;
	if (err == ERR_NONE && !buffer_add(&waiting->copy, reply))
		waiting->err = ERR_FULL;
	if (waiting->task != NULL)
		task_wake(waiting->task);
}

static void wait_in_poll(struct store_client *store, struct waiting *waiting)
{
	while (!waiting->over) {
		struct pollfd fds[] = {
			{.fd = store->links->control, .events = POLLIN},
			{ .fd = store->links->store,  .events = POLLIN}
		};
		if (store->out.len > 0)
			fds[1].events |= POLLOUT;
		(void)!poll(fds, COUNT(fds), -1); /* the loop looks again */
		if (fds[0].revents != 0)
			links_take(store->links);
		store_pump(store);
		if (store->links->closed && store->links->store < 0)
			link_ended(store);
	}
}

static enum err keep_outside(struct store_client *store, struct buffer *copy, struct bytes *reply)
{
	struct buffer *more = realloc(store->kept, (store->kept_count + 1) * sizeof *more);

	if (more == NULL)
		return ERR_FULL;
	store->kept = more;
	store->kept[store->kept_count++] = *copy;
	*reply = buffer_bytes(copy);
	*copy = (struct buffer){ NULL, 0, 0 };
	return ERR_NONE;
}

void store_forget(struct store_client *store)
{
	while (store->kept_count > 0)
		buffer_free(&store->kept[--store->kept_count]);
}

static enum err call(struct store_client *store, enum store_request request, struct bytes body,
                     struct bytes *reply)
{
	struct waiting waiting = { .store = store, .over = false };
	enum err err;

	if (store->waits_as_task)
		waiting.task = task_current();
	TRY(ask(store, request, body, arrived, &waiting));
	if (waiting.task != NULL)
		while (!waiting.over)
			task_wait();
	else
		wait_in_poll(store, &waiting);
	err = waiting.err;
	if (err == ERR_NONE && reply != NULL && waiting.copy.len > 0 && waiting.task != NULL) {
		*reply = task_keep(buffer_bytes(&waiting.copy));
		err = reply->at == NULL ? ERR_FULL : ERR_NONE;
	} else if (err == ERR_NONE && reply != NULL) {
		err = keep_outside(store, &waiting.copy, reply);
	}
	buffer_free(&waiting.copy);
	return err;
}

/* --- requests --------------------------------------------------------------------------------- */

static struct room message(const struct store_client *store)
{
	return (struct room){ store->message, MESSAGE_MAX, 0, false };
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

static enum err order_read(struct bytes *reply, struct order *out)
{
	uint64_t version;

	TRY(unpack_u64(reply, &version));
	TRY(unpack_order(reply, out));
	out->version = version;
	return ERR_NONE;
}

enum err store_order_find(struct store_client *store, enum smdp_find by, struct bytes key,
                          struct order *out)
{
	struct room room = message(store);
	struct bytes reply;

	room_put_u64(&room, by);
	pack_bytes(&room, key);
	TRY(call(store, STORE_ORDER_FIND, room_used(&room), &reply));
	return order_read(&reply, out);
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
	                            (change->audit != NULL ? 8u : 0u));
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
	pack_bytes(&room, which->operator);
	pack_bytes(&room, which->type);
	room_put_u64(&room, which->limit);
	return call(store, STORE_ORDER_LIST, room_used(&room), reply);
}

enum err store_orders_next(struct bytes *reply, struct order *out)
{
	return reply->len == 0 ? ERR_NOT_FOUND : order_read(reply, out);
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
	return unpack_u64(reply, &out->seq);
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

enum err store_audit_list(struct store_client *store, uint64_t after, uint32_t limit,
                          struct bytes *reply)
{
	struct room room = message(store);

	room_put_u64(&room, after);
	room_put_u64(&room, limit);
	return call(store, STORE_AUDIT_LIST, room_used(&room), reply);
}

enum err store_audit_next(struct bytes *reply, struct store_audit_row *out)
{
	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_u64(reply, &out->number));
	TRY(unpack_u64(reply, &out->time_ms));
	TRY(unpack_audit(reply, &out->audit));
	return unpack_bytes(reply, &out->hash);
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

enum err store_subscription_read(struct bytes reply, struct subscription *out)
{
	return unpack_subscription(&reply, out);
}

enum err store_subscription_load(struct store_client *store, struct bytes imsi,
                                 struct subscription *out)
{
	struct bytes reply;

	TRY(call(store, STORE_SUBSCRIPTION_LOAD, imsi, &reply));
	return store_subscription_read(reply, out);
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
