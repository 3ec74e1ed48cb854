/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"
#include "server/pack.h"
#include "server/store_audit.h"
#include "server/store_ops.h"

#include <string.h>

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

static enum err list(struct store_client *store, enum store_request request, uint64_t after,
                     uint32_t limit, struct bytes *reply)
{
	struct room room = message(store);

	room_put_u64(&room, after);
	room_put_u64(&room, limit);
	return call(store, request, &room, reply);
}

enum err store_audit_list(struct store_client *store, uint64_t after, uint32_t limit,
                          struct bytes *reply)
{
	return list(store, STORE_AUDIT_LIST, after, limit, reply);
}

enum err store_audit_next(struct bytes *reply, struct store_audit_row *out)
{
	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(reply, &out->octets));
	return audit_entry_read(out->octets, &out->entry);
}

enum err store_audit_proof(struct store_client *store, enum audit_proof kind, uint64_t from,
                           uint64_t size, struct room *proof)
{
	struct room room = message(store);
	struct bytes reply;

	room_put_u64(&room, kind);
	room_put_u64(&room, from);
	room_put_u64(&room, size);
	TRY(call(store, STORE_AUDIT_PROOF, &room, &reply));
	room_put(proof, reply);
	return proof->full ? ERR_ROOM : ERR_NONE;
}

enum err store_audit_state(struct store_client *store, struct store_audit_state *out)
{
	struct store_audit_state state = { .has_head = false };
	struct room room = message(store);
	struct bytes reply, root;

	TRY(call(store, STORE_AUDIT_STATE, &room, &reply));
	TRY(unpack_u64(&reply, &state.size));
	if (!bytes_take(&reply, MERKLE_HASH, &root))
		return ERR_TRUNCATED;
	memcpy(state.root, root.at, MERKLE_HASH);
	state.has_head = reply.len > 0;
	if (state.has_head)
		TRY(audit_head_read(reply, &state.head));
	*out = state;
	return ERR_NONE;
}

enum err store_head_add(struct store_client *store, const struct audit_head *head)
{
	struct room room = message(store);

	audit_head_put(&room, head);
	return call(store, STORE_AUDIT_HEAD_ADD, &room, NULL);
}

enum err store_heads(struct store_client *store, uint64_t after, uint32_t limit,
                     struct bytes *reply)
{
	return list(store, STORE_AUDIT_HEAD_LIST, after, limit, reply);
}

enum err store_heads_next(struct bytes *reply, struct audit_head *out)
{
	struct bytes octets;

	if (reply->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(reply, &octets));
	return audit_head_read(octets, out);
}
