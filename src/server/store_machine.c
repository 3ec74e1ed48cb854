/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of machines that enrolment shows (R9): another chip for a card, another card for a chip. They are raised in the
 * transaction that makes them so, and what the next appraisal compares with is moved on, so that it does not tell them again.
 */
#include "codec/hex.h"
#include "server/chip.h"
#include "server/pack.h"
#include "server/store_ops.h"

enum { APPRAISED_ROW_MAX = 64 << 10, TEXT_MAX = EVENT_TEXT_MAX };

/* What is known of a card's machine: as it was found last, or else as it is registered. */
struct known {
	uint8_t row[APPRAISED_ROW_MAX], holder_row[CHIP_ROW_MAX];
	struct appraised appraised; /* eid.len == 0: never */
	struct chip holder;
	struct equipment_seen seen;
};

static enum err load_appraised(struct db *db, struct bytes eid, struct known *out)
{
	struct room row = ROOM(out->row);
	enum err err = store_do_appraised_load(db, eid, &row);
	struct bytes octets = room_used(&row);

	out->appraised = (struct appraised){ .time_s = 0 };
	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	TRY(err);
	return row.full ? ERR_LIMIT : unpack_appraised(&octets, &out->appraised);
}

static enum err load(struct db *db, struct bytes eid, struct known *out)
{
	struct room holder_row = ROOM(out->holder_row);
	struct equipment_seen registered = { .foreign = false };
	enum err err;

	TRY(load_appraised(db, eid, out));
	err = store_chip_get(db, DB_CHIP_BY_EID, eid, &holder_row, &out->holder);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NONE) {
		registered.chip = BYTES(out->holder.id);
		registered.imei = out->holder.imei;
	}
	out->seen = out->appraised.seen;
	equipment_merge(&registered, &out->seen);
	return ERR_NONE;
}

/* An approved chip says that it is with another card now: that is told of the card that it was with. */
static enum err left(struct db *db, const struct chip *was, struct bytes eid)
{
	static struct known known;
	uint8_t before_octets[TEXT_MAX], after_octets[TEXT_MAX];
	struct room before = ROOM(before_octets), after = ROOM(after_octets);

	TRY(load_appraised(db, was->eid, &known));
	equipment_machine_put(&before, BYTES(was->id), was->imei);
	room_put(&after, BYTES_STR("that machine has card "));
	hex_put(&after, eid);
	return store_event(db, &(struct equipment_event){
				       .kind = EVENT_MOVED_CARD,
				       .eid = was->eid,
				       .operator_name = known.appraised.operator_name,
				       .before = room_used(&before),
				       .after = room_used(&after),
				       .detail = BYTES_STR("said by the chip at enrolment") });
}

/* What the next appraisal will compare with: the chip that was approved, instead of the one before. */
static enum err see(struct db *db, struct known *known, const struct chip *chip)
{
	static uint8_t octets[APPRAISED_ROW_MAX];
	struct room row = ROOM(octets);

	if (known->appraised.eid.len == 0)
		return ERR_NONE;
	known->appraised.seen.chip = BYTES(chip->id);
	if (chip->imei.len > 0)
		known->appraised.seen.imei = chip->imei;
	known->appraised.seen.foreign = false;
	pack_appraised(&row, &known->appraised);
	return row.full ? ERR_LIMIT : store_appraised_set(db, chip->eid, room_used(&row));
}

static enum err tell(struct db *db, const struct known *known, const struct chip *chip)
{
	struct equipment_seen before = { .chip = known->seen.chip, .imei = known->seen.imei };
	const struct equipment_seen now = { .chip = BYTES(chip->id), .imei = chip->imei };
	uint8_t text_octets[EQUIPMENT_TEXTS_MAX], detail_octets[TEXT_MAX];
	struct room texts = ROOM(text_octets), detail = ROOM(detail_octets);
	struct equipment_event events[EVENT_KINDS];
	size_t count = equipment_compare(&before, &now, &texts, events);

	room_put(&detail, chip->state == CHIP_APPROVED
	                          ? BYTES_STR("approved: ")
	                          : BYTES_STR("it claims the card, and waits: "));
	for (size_t i = 0; i < chip->how.len && room_left(&detail) > 0; i++)
		room_put_u8(&detail, chip->how.at[i]);
	for (size_t i = 0; i < count; i++) {
		events[i].eid = chip->eid;
		events[i].operator_name = known->appraised.operator_name;
		events[i].detail = room_used(&detail);
		TRY(store_event(db, &events[i]));
	}
	return texts.full ? ERR_LIMIT : ERR_NONE;
}

/* A card whose machine is known by another chip is claimed, or is given to the one that claims it. */
static enum err arrived(struct db *db, const struct chip *chip)
{
	static struct known known;
	uint8_t mark_octets[EID_SIZE + CHIP_ID_SIZE];
	struct room mark = ROOM(mark_octets);
	bool approved = chip->state == CHIP_APPROVED;
	uint64_t told_ms;

	TRY(load(db, chip->eid, &known));
	if (known.seen.chip.len == 0 || bytes_same(known.seen.chip, BYTES(chip->id)))
		return ERR_NONE;
	room_put(&mark, chip->eid);
	room_put(&mark, BYTES(chip->id));
	TRY(store_moment(db, MOMENT_TOLD, room_used(&mark), &told_ms));
	if (told_ms == 0)
		TRY(tell(db, &known, chip));
	if (!approved)
		return told_ms != 0 ? ERR_NONE
		                    : store_moment_set(db, MOMENT_TOLD, room_used(&mark));
	TRY(store_moment_forget(db, MOMENT_TOLD, room_used(&mark)));
	return see(db, &known, chip);
}

/* What a chip has claimed before is settled when it is approved for a card. */
static enum err claims_settle(struct db *db, const struct chip *chip)
{
	struct db_use use = db_use(db, DB_CLAIM_SETTLE);

	db_put_blob(&use, BYTES(chip->id));
	db_put_blob(&use, chip->eid);
	return db_done(&use);
}

enum err store_machine_changes(struct db *db, const struct chip *chip)
{
	static uint8_t octets[CHIP_ROW_MAX];
	struct room row = ROOM(octets);
	struct chip was;
	enum err err = store_chip_get(db, DB_CHIP_GET, BYTES(chip->id), &row, &was);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	bool known = err == ERR_NONE, same_card = known && bytes_same(was.eid, chip->eid);
	if (chip->eid.len != EID_SIZE || chip->state == CHIP_REVOKED ||
	    (same_card && was.state == chip->state))
		return ERR_NONE;
	if (known && !same_card && was.state == CHIP_APPROVED && was.eid.len == EID_SIZE)
		TRY(left(db, &was, chip->eid));
	TRY(arrived(db, chip));
	return chip->state == CHIP_APPROVED ? claims_settle(db, chip) : ERR_NONE;
}
