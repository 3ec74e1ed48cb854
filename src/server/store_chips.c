/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests for the verifier: chips, appraisals, known logs, items. */
#include "server/store_chips.h"
#include "codec/hex.h"
#include "server/chip.h"
#include "server/pack.h"
#include "server/store_ops.h"

#include <string.h>

enum { ROW_MAX = 300 << 10, CLAIMS_MAX = 16 };

static enum err generation_get(struct db *db, uint64_t *out)
{
	struct db_use use = db_use(db, DB_GENERATION_GET);

	TRY(db_row(&use));
	*out = db_number(&use, 0);
	db_reset(&use);
	return ERR_NONE;
}

static void put_chip_row(struct room *out, const struct db_use *use)
{
	room_put_u64(out, db_number(use, 0));
	room_put(out, db_blob(use, 1));
}

enum err store_do_chip_load(struct db *db, struct bytes in, struct room *out)
{
	uint64_t by, generation;
	struct bytes key;
	struct db_use use;

	TRY(unpack_u64(&in, &by));
	TRY(unpack_bytes(&in, &key));
	if (by > CHIP_BY_EID)
		return ERR_VALUE;
	TRY(generation_get(db, &generation));
	room_put_u64(out, generation);
	use = db_use(db, by == CHIP_BY_EID ? DB_CHIP_BY_EID : DB_CHIP_GET);
	db_put_blob(&use, key);
	enum err err = db_row(&use);
	if (err == ERR_NONE) {
		put_chip_row(out, &use);
		db_reset(&use);
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err; /* the generation alone */
}

/* put_row writes a row as one string: its version, unless it has none, and its body. Absent when there is no row. */
static enum err put_row(struct db *db, enum db_statement which, struct bytes key, bool versioned,
                        struct room *out)
{
	struct db_use use = db_use(db, which);
	struct bytes body;
	enum err err;

	db_put_blob(&use, key);
	err = db_row(&use);
	if (err == ERR_NOT_FOUND) {
		pack_bytes(out, (struct bytes){ NULL, 0 });
		return ERR_NONE;
	}
	TRY(err);
	body = db_blob(&use, versioned ? 1 : 0);
	room_put_u32(out, (uint32_t)body.len + (versioned ? 8 : 0));
	if (versioned)
		room_put_u64(out, db_number(&use, 0));
	room_put(out, body);
	db_reset(&use);
	return ERR_NONE;
}

enum err store_do_card_load(struct db *db, struct bytes in, struct room *out)
{
	uint64_t generation;
	struct bytes eid, iccid;

	TRY(unpack_bytes(&in, &eid));
	TRY(unpack_bytes(&in, &iccid));
	TRY(generation_get(db, &generation));
	room_put_u64(out, generation);
	TRY(put_row(db, DB_CHIP_BY_EID, eid, true, out));
	TRY(put_row(db, DB_APPRAISED_GET, eid, false, out));
	TRY(put_row(db, DB_ORDER_GET, iccid, true, out));
	return out->full ? ERR_ROOM : ERR_NONE;
}

static enum err claims(struct db *db, enum db_statement of, struct bytes whose, uint64_t *out)
{
	struct db_use use = db_use(db, of);

	db_put_blob(&use, whose);
	TRY(db_row(&use));
	*out = db_number(&use, 0);
	db_reset(&use);
	return ERR_NONE;
}

/* Whoever has a chip may claim a card: more than a few chips for a card, or cards for a chip, is somebody who plays. */
static enum err claim_add(struct db *db, const struct chip *chip)
{
	struct db_use use = db_use(db, DB_CLAIM_ADD);
	uint64_t chips, cards;

	db_put_blob(&use, chip->eid);
	db_put_blob(&use, BYTES(chip->id));
	TRY(db_done(&use));
	if (sqlite3_changes(db->sqlite) == 0)
		return ERR_NONE; /* it had claimed it before */
	TRY(claims(db, DB_CLAIM_COUNT, chip->eid, &chips));
	TRY(claims(db, DB_CLAIM_CARDS, BYTES(chip->id), &cards));
	return chips > CLAIMS_MAX || cards > CLAIMS_MAX ? ERR_DENIED : ERR_NONE;
}

enum err store_chip_set(struct db *db, const struct chip *chip, bool holds)
{
	static uint8_t store[CHIP_ROW_MAX];
	struct room packed = ROOM(store);
	struct db_use use = db_use(db, chip->version == 0 ? DB_CHIP_ADD : DB_CHIP_SET);

	pack_chip(&packed, chip);
	if (packed.full)
		return ERR_LIMIT;
	if (chip->eid.len == EID_SIZE)
		TRY(claim_add(db, chip));
	db_put_blob(&use,
	            holds && chip->eid.len == EID_SIZE ? chip->eid : (struct bytes){ NULL, 0 });
	db_put_blob(&use, room_used(&packed));
	db_put_blob(&use, BYTES(chip->id));
	if (chip->version != 0)
		db_put_number(&use, chip->version);
	TRY(db_done(&use));
	return sqlite3_changes(db->sqlite) == 1 ? ERR_NONE : ERR_BUSY;
}

enum err store_appraised_set(struct db *db, struct bytes eid, struct bytes packed)
{
	struct db_use use = db_use(db, DB_APPRAISED_SET);

	db_put_blob(&use, eid);
	db_put_blob(&use, packed);
	return db_done(&use);
}

static enum err log_add(struct db *db, struct bytes log)
{
	uint8_t digest[SHA256_SIZE];
	struct db_use use = db_use(db, DB_LOG_ADD);

	TRY(crypto_sha256(digest, &log, 1));
	db_put_blob(&use, BYTES(digest));
	db_put_blob(&use, log);
	db_put_number(&use, db->now_ms());
	TRY(db_done(&use));
	use = db_use(db, DB_LOG_PURGE);
	return db_done(&use);
}

enum err store_do_chip_commit(struct db *db, struct bytes in, struct room *out)
{
	struct bytes log, appraised_octets;
	struct appraised appraised;
	struct audit audit;
	struct chip chip;
	uint64_t parts;

	(void)out;
	TRY(unpack_u64(&in, &parts));
	if (parts & 1) {
		TRY(unpack_chip(&in, &chip));
		TRY(store_machine_changes(db, &chip));
		TRY(store_chip_set(db, &chip, chip.state != CHIP_PENDING));
	}
	if (parts & 2) {
		appraised_octets = in;
		TRY(unpack_appraised(&in, &appraised));
		appraised_octets.len -= in.len;
		TRY(store_appraised_set(db, appraised.eid, appraised_octets));
	}
	if (parts & 4) {
		TRY(unpack_bytes(&in, &log));
		TRY(log_add(db, log));
	}
	if (parts & 8) {
		TRY(unpack_audit(&in, &audit));
		TRY(store_audit(db, &audit));
	}
	return parts & 16 ? store_events_take(db, &in) : ERR_NONE;
}

static enum err blob_get(struct db *db, enum db_statement which, struct bytes key, struct room *out)
{
	struct db_use use = db_use(db, which);

	db_put_blob(&use, key);
	TRY(db_row(&use));
	room_put(out, db_blob(&use, 0));
	db_reset(&use);
	return ERR_NONE;
}

enum err store_do_appraised_load(struct db *db, struct bytes in, struct room *out)
{
	return blob_get(db, DB_APPRAISED_GET, in, out);
}

enum err store_do_log_load(struct db *db, struct bytes in, struct room *out)
{
	return blob_get(db, DB_LOG_GET, in, out);
}

/* order_of gives the order behind an IMSI, in the caller's memory. */
static enum err order_of(struct db *db, struct bytes imsi, struct room *store, struct order *out)
{
	struct db_use use = db_use(db, DB_ORDER_OF_IMSI);
	struct bytes row;

	db_put_text(&use, imsi);
	TRY(db_row(&use));
	room_put(store, db_blob(&use, 0));
	db_reset(&use);
	if (store->full)
		return ERR_LIMIT;
	row = room_used(store);
	return unpack_order(&row, out);
}

/* Version and state of the card's chip; of none 0 and CHIP_STATES. `id` is the chip's, and empty for none. */
static enum err put_chip_state(struct db *db, struct bytes eid, struct room *out, struct room *id)
{
	struct chip chip = { .state = CHIP_STATES };
	struct db_use use = db_use(db, DB_CHIP_BY_EID);
	uint64_t version = 0;
	enum err err;

	db_put_blob(&use, eid);
	err = db_row(&use);
	if (err == ERR_NONE) {
		struct bytes body = db_blob(&use, 1);
		version = db_number(&use, 0);
		err = unpack_chip(&body, &chip);
		if (err == ERR_NONE)
			room_put(id, BYTES(chip.id));
		db_reset(&use);
	}
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	room_put_u64(out, version);
	room_put_u64(out, chip.state);
	return ERR_NONE;
}

/* What a ruling rests upon, and whose it is: the operator, and the chip's id, if there is one, in the caller's memory. */
static enum err put_facts(struct db *db, struct bytes imsi, struct room *out,
                          struct bytes *operator_name, struct room *chip_id)
{
	static uint8_t store[32 << 10];
	struct room room = ROOM(store);
	uint64_t generation;
	struct order order;
	struct bytes eid;
	enum err err;

	TRY(generation_get(db, &generation));
	TRY(order_of(db, imsi, &room, &order));
	*operator_name = order.operator_name;
	/* Who has a package has the profile; before that, whom the order is for. */
	eid = order.bound_eid.len == EID_SIZE ? order.bound_eid : order.eid;
	room_put_u64(out, generation);
	pack_bytes(out, order.operator_name);
	pack_bytes(out, eid);
	if (eid.len != EID_SIZE)
		return ERR_NONE;
	TRY(put_chip_state(db, eid, out, chip_id));
	err = blob_get(db, DB_APPRAISED_GET, eid, out);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err put_moment(struct db *db, enum moment kind, struct bytes name, struct room *out)
{
	uint64_t at_ms;

	TRY(store_moment(db, kind, name, &at_ms));
	room_put_u64(out, at_ms);
	return ERR_NONE;
}

/* Since when they are so is told as well: first, because what follows ends where the reply does. */
enum err store_do_access_load(struct db *db, struct bytes in, struct room *out)
{
	static uint8_t facts_octets[64 << 10];
	uint8_t id_octets[CHIP_ID_SIZE];
	struct room facts = ROOM(facts_octets), id = ROOM(id_octets);
	struct bytes operator_name;

	TRY(put_facts(db, in, &facts, &operator_name, &id));
	TRY(put_moment(db, MOMENT_POLICY, operator_name, out));
	TRY(put_moment(db, MOMENT_POLICY, BYTES_STR(""), out));
	TRY(put_moment(db, MOMENT_REVOKED, room_used(&id), out));
	room_put(out, room_used(&facts));
	return facts.full ? ERR_LIMIT : ERR_NONE;
}

enum err store_access_basis(struct db *db, struct bytes imsi, uint64_t *out)
{
	static uint8_t octets[64 << 10];
	uint8_t id_octets[CHIP_ID_SIZE];
	struct room facts = ROOM(octets), id = ROOM(id_octets);
	uint8_t digest[SHA256_SIZE];
	struct bytes all, operator_name;
	enum err err = put_facts(db, imsi, &facts, &operator_name, &id);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (facts.full)
		return ERR_LIMIT;
	all = room_used(&facts);
	TRY(crypto_sha256(digest, &all, 1));
	memcpy(out, digest, sizeof *out);
	return ERR_NONE;
}

static bool row_fits(const struct room *out)
{
	return room_left(out) >= ROW_MAX;
}

static enum err list(struct db_use *use, struct room *out,
                     void (*put)(struct room *out, const struct db_use *use))
{
	enum err err = ERR_NONE;

	while (row_fits(out) && (err = db_row(use)) == ERR_NONE) {
		struct room before = *out;
		put(out, use);
		if (!out->full)
			continue;
		/* A row is there whole, in the next answer if not in this one. */
		*out = before;
		err = before.len > 0 ? ERR_NONE : ERR_LIMIT;
		break;
	}
	db_reset(use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static void put_blob_row(struct room *out, const struct db_use *use)
{
	room_put(out, db_blob(use, 0));
}

static enum err list_after(struct db *db, enum db_statement which, struct bytes in,
                           struct room *out,
                           void (*put)(struct room *out, const struct db_use *use))
{
	struct db_use use = db_use(db, which);
	struct bytes after;
	uint64_t limit;

	TRY(unpack_bytes(&in, &after));
	TRY(unpack_u64(&in, &limit));
	db_put_blob(&use, after.at == NULL ? BYTES_STR("") : after);
	db_put_number(&use, limit);
	return list(&use, out, put);
}

enum err store_do_chip_list(struct db *db, struct bytes in, struct room *out)
{
	return list_after(db, DB_CHIP_LIST, in, out, put_chip_row);
}

enum err store_do_appraised_list(struct db *db, struct bytes in, struct room *out)
{
	return list_after(db, DB_APPRAISED_LIST, in, out, put_blob_row);
}

static void put_item_row(struct room *out, const struct db_use *use)
{
	const struct item item = { (enum item_kind)db_number(use, 0), db_blob(use, 1),
		                   db_blob(use, 2) };

	pack_item(out, &item);
}

enum err store_do_item_list(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_ITEM_LIST);
	uint64_t kind, limit;
	struct bytes name;

	TRY(unpack_u64(&in, &kind)); /* of the last one; -1: from the beginning */
	TRY(unpack_bytes(&in, &name));
	TRY(unpack_u64(&in, &limit));
	db_put_number(&use, kind);
	db_put_number(&use, kind);
	db_put_text(&use, name);
	db_put_number(&use, limit);
	return list(&use, out, put_item_row);
}

/* What was changed, and the digest of what it is now. */
static enum err item_audit(struct db *db, const struct item *item)
{
	static const char *const kinds[ITEM_KINDS] = {
		"policy", "reference", "corim", "root", "test root", "supplier", "revoked firmware"
	};
	uint8_t digest[SHA256_SIZE], detail_octets[512];
	struct room detail = ROOM(detail_octets);

	TRY(crypto_sha256(digest, &item->body, 1));
	room_put(&detail, bytes_text(kinds[item->kind]));
	room_put(&detail, BYTES_STR(" \""));
	for (size_t i = 0; i < item->name.len && i < 128; i++)
		room_put_u8(&detail, item->name.at[i] < ' ' ? ' ' : item->name.at[i]);
	room_put(&detail, BYTES_STR("\""));
	if (item->body.len > 0) {
		room_put(&detail, BYTES_STR(" sha256 "));
		hex_put(&detail, BYTES(digest));
	}
	return store_audit(db, &(struct audit){ .event = item->body.len > 0
	                                                         ? BYTES_STR("verifier.set")
	                                                         : BYTES_STR("verifier.removed"),
	                                        .detail = room_used(&detail) });
}

enum err store_do_item_set(struct db *db, struct bytes in, struct room *out)
{
	struct item item;
	struct db_use use;

	(void)out;
	TRY(unpack_item(&in, &item));
	use = db_use(db, item.body.len == 0 ? DB_ITEM_DELETE : DB_ITEM_SET);
	db_put_number(&use, item.kind);
	db_put_text(&use, item.name);
	if (item.body.len > 0)
		db_put_blob(&use, item.body);
	TRY(db_done(&use));
	if (sqlite3_changes(db->sqlite) == 0)
		return ERR_NOT_FOUND;
	use = db_use(db, DB_GENERATION_NEXT);
	TRY(db_done(&use));
	if (item.kind == ITEM_POLICY)
		TRY(store_moment_set(db, MOMENT_POLICY, item.name));
	return item_audit(db, &item);
}
