/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests about enrolment: challenges, suppliers' lists, approval. */
#include "codec/hex.h"
#include "evidence/manifest.h"
#include "server/chip.h"
#include "server/pack.h"
#include "server/store_ops.h"

#include <stdio.h>
#include <string.h>

enum { CHALLENGES_MAX = 20000, DETAIL_MAX = 512 };

enum err store_do_chips_of_card(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_CLAIM_LIST);
	enum err err;

	db_put_blob(&use, in.at == NULL ? BYTES_STR("") : in);
	while ((err = db_row(&use)) == ERR_NONE) {
		room_put_u64(out, db_number(&use, 0));
		room_put(out, db_blob(&use, 1));
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* --- approval --------------------------------------------------------------------------------- */

enum err store_chip_get(struct db *db, enum db_statement by, struct bytes key, struct room *store,
                        struct chip *out)
{
	struct db_use use = db_use(db, by);

	db_put_blob(&use, key);
	TRY(db_row(&use));
	uint64_t version = db_number(&use, 0);
	room_put(store, db_blob(&use, 1));
	db_reset(&use);
	if (store->full)
		return ERR_LIMIT;
	struct bytes row = room_used(store);
	TRY(unpack_chip(&row, out));
	out->version = version;
	return ERR_NONE;
}

static enum err run_on(struct db *db, enum db_statement which, struct bytes first,
                       struct bytes second)
{
	struct db_use use = db_use(db, which);

	db_put_blob(&use, first);
	if (second.at != NULL)
		db_put_blob(&use, second);
	return db_done(&use);
}

/* make_way looks at who has the card of a chip that is to be approved. */
static enum err make_way(struct db *db, const struct chip *chip)
{
	static uint8_t octets[CHIP_ROW_MAX];
	struct room store = ROOM(octets);
	struct chip holder;
	enum err err = store_chip_get(db, DB_CHIP_BY_EID, chip->eid, &store, &holder);

	if (err == ERR_NOT_FOUND ||
	    (err == ERR_NONE && memcmp(holder.id, chip->id, CHIP_ID_SIZE) == 0))
		return ERR_NONE;
	TRY(err);
	if (holder.state != CHIP_REVOKED)
		return ERR_EXISTS;
	return run_on(db, DB_CHIP_RELEASE, BYTES(holder.id), (struct bytes){ NULL, 0 });
}

static enum err decide_audit(struct db *db, struct bytes event, const struct chip *chip)
{
	bool psa = chip->format == EVIDENCE_PSA;
	uint8_t octets[DETAIL_MAX];
	struct room detail = ROOM(octets);

	room_put(&detail, BYTES_STR("chip "));
	hex_put(&detail, BYTES(chip->id));
	room_put(&detail, psa ? BYTES_STR(", psa instance ") : BYTES_STR(", endorsement key "));
	hex_put(&detail, psa ? chip->instance : chip->ek_digest);
	room_put(&detail, BYTES_STR(", "));
	room_put(&detail, chip->how);
	return store_audit(db, &(struct audit){ .event = event,
	                                        .eid = chip->eid,
	                                        .detail = room_used(&detail) });
}

/* What is revoked holds its card, unless another has it. */
static enum err revoke(struct db *db, struct chip *chip)
{
	static uint8_t octets[CHIP_ROW_MAX];
	struct room store = ROOM(octets);
	struct chip holder;
	enum err err = store_chip_get(db, DB_CHIP_BY_EID, chip->eid, &store, &holder);
	bool free = err == ERR_NOT_FOUND ||
	            (err == ERR_NONE && memcmp(holder.id, chip->id, CHIP_ID_SIZE) == 0);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (chip->ek_digest.len > 0)
		TRY(run_on(db, DB_MANIFEST_DELETE, chip->eid, chip->ek_digest));
	TRY(store_moment_set(db, MOMENT_REVOKED, BYTES(chip->id)));
	return store_chip_set(db, chip, free);
}

enum err store_do_chip_decide(struct db *db, struct bytes in, struct room *out)
{
	static uint8_t octets[CHIP_ROW_MAX];
	struct room store = ROOM(octets);
	struct bytes id, how;
	struct chip chip;
	uint64_t state;

	TRY(unpack_bytes(&in, &id));
	TRY(unpack_u64(&in, &state));
	TRY(unpack_bytes(&in, &how));
	if (id.len != CHIP_ID_SIZE || (state != CHIP_APPROVED && state != CHIP_REVOKED))
		return ERR_VALUE;
	TRY(store_chip_get(db, DB_CHIP_GET, id, &store, &chip));
	if (chip.state == (enum chip_state)state)
		return ERR_ORDER;
	chip.state = (enum chip_state)state;
	chip.how = how;
	if (state == CHIP_APPROVED) {
		TRY(store_machine_changes(db, &chip));
		TRY(make_way(db, &chip));
		TRY(store_chip_set(db, &chip, true));
	} else {
		TRY(revoke(db, &chip));
	}
	chip.version++;
	room_put_u64(out, chip.version);
	pack_chip(out, &chip);
	return decide_audit(db,
	                    state == CHIP_APPROVED ? BYTES_STR("chip.approved")
	                                           : BYTES_STR("chip.revoked"),
	                    &chip);
}

enum err store_do_chip_add(struct db *db, struct bytes in, struct room *out)
{
	static uint8_t octets[CHIP_ROW_MAX];
	struct room store = ROOM(octets);
	struct chip chip, before;

	TRY(unpack_chip(&in, &chip));
	if (in.len > 0 || chip.state != CHIP_APPROVED)
		return ERR_VALUE;
	enum err err = store_chip_get(db, DB_CHIP_GET, BYTES(chip.id), &store, &before);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NONE && before.state == CHIP_REVOKED)
		return ERR_ORDER;
	chip.version = err == ERR_NONE ? before.version : 0;
	TRY(store_machine_changes(db, &chip));
	TRY(make_way(db, &chip));
	TRY(store_chip_set(db, &chip, true));
	chip.version++;
	room_put_u64(out, chip.version);
	pack_chip(out, &chip);
	return decide_audit(db, BYTES_STR("chip.enrolled"), &chip);
}

/* --- challenges ------------------------------------------------------------------------------- */

enum err store_do_challenge_add(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_CHALLENGE_COUNT);
	struct bytes id, body;
	uint64_t expires;

	(void)out;
	TRY(unpack_bytes(&in, &id));
	TRY(unpack_u64(&in, &expires));
	TRY(unpack_bytes(&in, &body));
	TRY(db_row(&use));
	uint64_t count = db_number(&use, 0);
	db_reset(&use);
	if (count >= CHALLENGES_MAX)
		return ERR_BUSY;
	use = db_use(db, DB_CHALLENGE_ADD);
	db_put_blob(&use, id);
	db_put_number(&use, expires);
	db_put_blob(&use, body);
	return db_done(&use);
}

/* Whatever comes of it, it is used up: a request that fails would be undone, so that no body is the answer
 * where there is none. */
enum err store_do_challenge_take(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_CHALLENGE_GET);
	struct bytes id;
	uint64_t now;

	TRY(unpack_bytes(&in, &id));
	TRY(unpack_u64(&in, &now));
	db_put_blob(&use, id.at == NULL ? BYTES_STR("") : id);
	enum err err = db_row(&use);
	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	TRY(err);
	if (db_number(&use, 0) >= now)
		room_put(out, db_blob(&use, 1));
	db_reset(&use);
	return run_on(db, DB_CHALLENGE_DELETE, id, (struct bytes){ NULL, 0 });
}

/* --- suppliers' lists ------------------------------------------------------------------------- */

enum err store_do_manifest_find(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_MANIFEST_GET);

	db_put_blob(&use, in);
	TRY(db_row(&use));
	for (int column = 0; column < 5; column++)
		pack_bytes(out, db_blob(&use, column));
	db_reset(&use);
	return ERR_NONE;
}

static enum err manifest_set(struct db *db, const struct manifest_entry *entry,
                             struct bytes supplier, struct bytes batch)
{
	struct db_use use = db_use(db, DB_MANIFEST_SET);

	db_put_blob(&use, entry->eid);
	db_put_blob(&use, entry->ek_digest);
	db_put_text(&use, entry->imei);
	db_put_text(&use, entry->model);
	db_put_text(&use, supplier);
	db_put_text(&use, batch);
	TRY(db_done(&use));
	return sqlite3_changes(db->sqlite) == 1 ? ERR_NONE : ERR_EXISTS;
}

static enum err manifest_audit(struct db *db, struct bytes supplier, struct bytes batch,
                               struct bytes digest, uint64_t count)
{
	uint8_t octets[DETAIL_MAX];
	struct room detail = ROOM(octets);
	char number[48];

	room_put(&detail, BYTES_STR("supplier \""));
	room_put(&detail, supplier);
	room_put(&detail, BYTES_STR("\", batch \""));
	room_put(&detail, batch);
	snprintf(number, sizeof number, "\", %llu machines, sha256 ", (unsigned long long)count);
	room_put(&detail, bytes_text(number));
	hex_put(&detail, digest);
	return store_audit(db, &(struct audit){ .event = BYTES_STR("manifest.imported"),
	                                        .detail = room_used(&detail) });
}

enum err store_do_manifest_add(struct db *db, struct bytes in, struct room *out)
{
	struct bytes supplier, batch, digest, entries;
	struct manifest_entry entry;
	uint64_t count;
	enum err err;

	(void)out;
	TRY(unpack_bytes(&in, &supplier));
	TRY(unpack_bytes(&in, &batch));
	TRY(unpack_bytes(&in, &digest));
	TRY(unpack_u64(&in, &count));
	TRY(unpack_bytes(&in, &entries));
	if (supplier.len > 128 || batch.len > MANIFEST_TEXT_MAX || digest.len != SHA256_SIZE)
		return ERR_LENGTH;
	while ((err = manifest_next(&entries, &entry)) == ERR_NONE)
		TRY(manifest_set(db, &entry, supplier, batch));
	if (err != ERR_NOT_FOUND)
		return err;
	return manifest_audit(db, supplier, batch, digest, count);
}
