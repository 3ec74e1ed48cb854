/* SPDX-License-Identifier: Apache-2.0 */
#include "server/equipment.h"

#include "codec/hex.h"
#include "rsp/pairing.h"
#include "server/pack.h"

#include <stdio.h>

/* Both are known, and differ. */
static bool differ(struct bytes a, struct bytes b)
{
	return a.len > 0 && b.len > 0 && !bytes_same(a, b);
}

static struct bytes written(struct room *texts, size_t from)
{
	return (struct bytes){ texts->at + from, texts->len - from };
}

void equipment_machine_put(struct room *texts, struct bytes chip, struct bytes imei)
{
	room_put(texts, BYTES_STR("IMEI "));
	room_put(texts, imei.len > 0 ? imei : BYTES_STR("not known"));
	room_put(texts, BYTES_STR(", chip "));
	if (chip.len > 0)
		hex_put(texts, chip);
	else
		room_put(texts, BYTES_STR("not known"));
}

static struct bytes machine_text(struct room *texts, struct bytes chip, struct bytes imei)
{
	size_t from = texts->len;

	equipment_machine_put(texts, chip, imei);
	return written(texts, from);
}

static struct bytes chip_text(struct room *texts, struct bytes chip)
{
	size_t from = texts->len;

	if (chip.len == 0)
		return BYTES_STR("one that is not enrolled for this card");
	hex_put(texts, chip);
	return written(texts, from);
}

static struct bytes pairing_text(struct room *texts, const struct equipment_seen *seen)
{
	char line[64];
	size_t from = texts->len;

	snprintf(line, sizeof line, "%u refused, %u without proof",
	         seen->has_pairing ? (unsigned)seen->refused : 0,
	         seen->has_pairing ? (unsigned)seen->missed : 0);
	room_put(texts, bytes_text(line));
	return written(texts, from);
}

static struct equipment_event *add(struct equipment_event *events, size_t *count,
                                   enum event_kind kind, struct bytes before, struct bytes after)
{
	events[*count] = (struct equipment_event){ .kind = kind, .before = before, .after = after };
	return &events[(*count)++];
}

/* The machine as a whole: chip and IMEI together are another machine, one of them is a part of it. */
static void compare_machine(const struct equipment_seen *before, const struct equipment_seen *now,
                            struct room *texts, struct equipment_event *events, size_t *count)
{
	struct bytes chip = now->foreign ? (struct bytes){ NULL, 0 } : now->chip;
	bool new_chip = now->foreign ? !before->foreign : differ(before->chip, chip);
	bool new_imei = differ(before->imei, now->imei);

	if (new_imei && (new_chip || now->foreign)) {
		add(events, count, EVENT_MOVED_CARD,
		    machine_text(texts, before->chip, before->imei),
		    machine_text(texts, chip, now->imei));
		return;
	}
	if (new_chip)
		add(events, count, EVENT_NEW_CHIP,
		    before->chip.len > 0 ? chip_text(texts, before->chip) : BYTES_STR("none"),
		    chip_text(texts, chip));
	if (new_imei)
		add(events, count, EVENT_NEW_IMEI, before->imei, now->imei);
}

size_t equipment_compare(const struct equipment_seen *before, const struct equipment_seen *now,
                         struct room *texts, struct equipment_event events[static EVENT_KINDS])
{
	size_t count = 0;

	compare_machine(before, now, texts, events, &count);
	if (differ(before->firmware, now->firmware))
		add(events, &count, EVENT_NEW_FIRMWARE, before->firmware, now->firmware);
	/* A card that reports for the first time may tell of what happened before. */
	if (now->has_pairing && (now->refused > (before->has_pairing ? before->refused : 0) ||
	                         now->missed > (before->has_pairing ? before->missed : 0)))
		add(events, &count, EVENT_PAIRING_FAILED, pairing_text(texts, before),
		    pairing_text(texts, now));
	if (now->tampered && !before->tampered)
		add(events, &count, EVENT_TAMPER, BYTES_STR("intact"),
		    BYTES_STR("reports tampering"));
	if (before->has_decision && now->has_decision && before->decision != now->decision)
		add(events, &count, EVENT_DECISION_CHANGED,
		    bytes_text(decision_text(before->decision)),
		    bytes_text(decision_text(now->decision)));
	return count;
}

/* The card's report comes without its tag. */
void equipment_pairing(struct bytes report, struct equipment_seen *seen)
{
	uint8_t octets[128];
	struct room room = ROOM(octets);
	struct pairing_status status;

	if (report.len == 0)
		return;
	ber_put(&room, TAG_PAIRING_REPORT, report);
	if (room.full || pairing_report_find(room_used(&room), &status) != ERR_NONE)
		return;
	seen->has_pairing = true;
	seen->refused = status.refused;
	seen->missed = status.missed;
}

static struct bytes keep(struct bytes before, struct bytes now)
{
	return now.len > 0 ? now : before;
}

void equipment_merge(const struct equipment_seen *before, struct equipment_seen *now)
{
	now->chip = keep(before->chip, now->chip);
	now->imei = keep(before->imei, now->imei);
	now->firmware = keep(before->firmware, now->firmware);
	if (!now->has_pairing) {
		now->has_pairing = before->has_pairing;
		now->refused = before->refused;
		now->missed = before->missed;
	}
}

void pack_equipment(struct room *out, const struct equipment_seen *seen)
{
	pack_bytes(out, seen->chip);
	pack_bytes(out, seen->imei);
	pack_bytes(out, seen->firmware);
	room_put_u8(out, (uint8_t)((seen->foreign ? 1 : 0) | (seen->tampered ? 2 : 0) |
	                           (seen->has_pairing ? 4 : 0) | (seen->has_decision ? 8 : 0)));
	room_put_u32(out, seen->refused);
	room_put_u32(out, seen->missed);
	room_put_u8(out, (uint8_t)seen->decision);
}

static enum err take(struct bytes *in, size_t n, uint64_t max, uint64_t *out)
{
	struct bytes octets;

	if (!bytes_take(in, n, &octets) || !bytes_uint(octets, out))
		return ERR_TRUNCATED;
	return *out <= max ? ERR_NONE : ERR_VALUE;
}

enum err unpack_equipment(struct bytes *in, struct equipment_seen *out)
{
	uint64_t flags, refused, missed, decision;
	struct equipment_seen read = { .foreign = false };
	struct bytes rest = *in;

	TRY(unpack_bytes(&rest, &read.chip));
	TRY(unpack_bytes(&rest, &read.imei));
	TRY(unpack_bytes(&rest, &read.firmware));
	TRY(take(&rest, 1, 15, &flags));
	TRY(take(&rest, 4, UINT32_MAX, &refused));
	TRY(take(&rest, 4, UINT32_MAX, &missed));
	TRY(take(&rest, 1, DECISIONS - 1, &decision));
	read.foreign = flags & 1;
	read.tampered = flags & 2;
	read.has_pairing = flags & 4;
	read.has_decision = flags & 8;
	read.refused = (uint32_t)refused;
	read.missed = (uint32_t)missed;
	read.decision = (enum decision)decision;
	*in = rest;
	*out = read;
	return ERR_NONE;
}
