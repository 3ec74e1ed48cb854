/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"
#include "server/pack.h"
#include "server/store_enrol.h"
#include "server/store_ops.h"

static enum err call(struct store_client *store, enum store_request request,
                     const struct room *room, struct bytes *reply)
{
	return room->full
	               ? ERR_LIMIT
	               : asker_call(store_asker(store), (uint16_t)request, room_used(room), reply);
}

enum err store_chips_of_card(struct store_client *store, struct bytes eid, struct bytes *reply)
{
	return asker_call(store_asker(store), STORE_CHIPS_OF_CARD, eid, reply);
}

enum err store_chip_decide(struct store_client *store, const uint8_t id[static CHIP_ID_SIZE],
                           enum chip_state state, struct bytes how, struct chip *out)
{
	struct room room = asker_message(store_asker(store));
	struct bytes reply;

	pack_bytes(&room, (struct bytes){ id, CHIP_ID_SIZE });
	room_put_u64(&room, state);
	pack_bytes(&room, how);
	TRY(call(store, STORE_CHIP_DECIDE, &room, &reply));
	return store_chips_next(&reply, out);
}

enum err store_chip_add(struct store_client *store, const struct chip *chip, struct chip *out)
{
	struct room room = asker_message(store_asker(store));
	struct bytes reply;

	pack_chip(&room, chip);
	TRY(call(store, STORE_CHIP_ADD, &room, &reply));
	return store_chips_next(&reply, out);
}

enum err store_challenge_add(struct store_client *store, struct bytes id, uint64_t expires_s,
                             struct bytes body)
{
	struct room room = asker_message(store_asker(store));

	pack_bytes(&room, id);
	room_put_u64(&room, expires_s);
	pack_bytes(&room, body);
	return call(store, STORE_CHALLENGE_ADD, &room, NULL);
}

enum err store_challenge_take(struct store_client *store, struct bytes id, uint64_t now_s,
                              struct bytes *body)
{
	struct room room = asker_message(store_asker(store));
	struct bytes reply = { NULL, 0 };

	pack_bytes(&room, id);
	room_put_u64(&room, now_s);
	TRY(call(store, STORE_CHALLENGE_TAKE, &room, &reply));
	if (reply.len == 0)
		return ERR_NOT_FOUND;
	*body = reply;
	return ERR_NONE;
}

enum err store_manifest_find(struct store_client *store, struct bytes eid, struct listed *out)
{
	struct bytes reply;
	struct listed read;

	TRY(asker_call(store_asker(store), STORE_MANIFEST_FIND, eid, &reply));
	TRY(unpack_bytes(&reply, &read.ek_digest));
	TRY(unpack_bytes(&reply, &read.imei));
	TRY(unpack_bytes(&reply, &read.model));
	TRY(unpack_bytes(&reply, &read.supplier));
	TRY(unpack_bytes(&reply, &read.batch));
	*out = read;
	return ERR_NONE;
}

enum err store_manifest_add(struct store_client *store, struct bytes supplier, struct bytes batch,
                            struct bytes digest, uint64_t count, struct bytes entries)
{
	struct room room = asker_message(store_asker(store));

	pack_bytes(&room, supplier);
	pack_bytes(&room, batch);
	pack_bytes(&room, digest);
	room_put_u64(&room, count);
	pack_bytes(&room, entries);
	return call(store, STORE_MANIFEST_ADD, &room, NULL);
}
