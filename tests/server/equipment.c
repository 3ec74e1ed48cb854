/* SPDX-License-Identifier: Apache-2.0 */
/* R9: which changes of a machine its operator hears of, and that nothing else is told. */
#include "server/equipment.h"
#include "rsp/pairing.h"

#include "tests/tap.h"

static const uint8_t chip_a[16] = { 0xA1 }, chip_b[16] = { 0xB2 };

static const struct equipment_seen usual = {
	.chip = {chip_a,			      sizeof chip_a},
	.imei = { (const uint8_t *)"490154203237518", 15           },
	.firmware = { (const uint8_t *)"1.0",             3            },
	.has_pairing = true,
	.refused = 2,
	.missed = 3,
	.has_decision = true,
	.decision = ADMIT,
};

static uint8_t texts_store[EQUIPMENT_TEXTS_MAX];
static struct equipment_event events[EVENT_KINDS];

static size_t compare(const struct equipment_seen *before, const struct equipment_seen *now)
{
	struct room texts = ROOM(texts_store);
	size_t count = equipment_compare(before, now, &texts, events);

	if (texts.full)
		exit(EXIT_FAILURE);
	return count;
}

static void one(const struct equipment_seen *now, enum event_kind kind, const char *before,
                const char *after, const char *says)
{
	size_t count = compare(&usual, now);

	ok(count == 1 && events[0].kind == kind, "R9: %s is told as %s", says, event_word(kind));
	ok_bytes(events[0].before, bytes_text(before), "... with what was before");
	ok_bytes(events[0].after, bytes_text(after), "... and what is now");
}

static void each(void)
{
	struct equipment_seen now = usual;

	now.imei = BYTES_STR("356938035643809");
	one(&now, EVENT_NEW_IMEI, "490154203237518", "356938035643809", "a new IMEI");
	now.chip = BYTES(chip_b);
	one(&now, EVENT_MOVED_CARD, "IMEI 490154203237518, chip a1000000000000000000000000000000",
	    "IMEI 356938035643809, chip b2000000000000000000000000000000", "another machine");
	now.chip = (struct bytes){ NULL, 0 };
	now.foreign = true;
	one(&now, EVENT_MOVED_CARD, "IMEI 490154203237518, chip a1000000000000000000000000000000",
	    "IMEI 356938035643809, chip not known",
	    "a machine whose chip is not enrolled for the card");
	now.imei = usual.imei;
	one(&now, EVENT_NEW_CHIP, "a1000000000000000000000000000000",
	    "one that is not enrolled for this card", "a chip that is not enrolled");
	now = usual;
	now.chip = BYTES(chip_b);
	one(&now, EVENT_NEW_CHIP, "a1000000000000000000000000000000",
	    "b2000000000000000000000000000000", "a replaced chip");
	now = usual;
	now.firmware = BYTES_STR("1.1");
	one(&now, EVENT_NEW_FIRMWARE, "1.0", "1.1", "new firmware");
	now = usual;
	now.missed++;
	one(&now, EVENT_PAIRING_FAILED, "2 refused, 3 without proof", "2 refused, 4 without proof",
	    "use of the card without a proof");
	now = usual;
	now.refused++;
	one(&now, EVENT_PAIRING_FAILED, "2 refused, 3 without proof", "3 refused, 3 without proof",
	    "something refused by the card");
	now = usual;
	now.tampered = true;
	one(&now, EVENT_TAMPER, "intact", "reports tampering", "tampering");
	now = usual;
	now.decision = REFUSE;
	one(&now, EVENT_DECISION_CHANGED, decision_text(ADMIT), decision_text(REFUSE),
	    "another decision");
}

static void nothing(void)
{
	const struct equipment_seen unknown = { .foreign = false };
	struct equipment_seen now = usual, bare = { .has_decision = true, .decision = ADMIT };

	ok(compare(&usual, &now) == 0, "R9: without a change nothing is told");
	ok(compare(&usual, &bare) == 0, "R9: what is not said is no change");
	bare.imei = usual.imei;
	ok(compare(&unknown, &bare) == 0, "R9: nor is what is known for the first time");
	ok(compare(&unknown, &usual) == 1 && events[0].kind == EVENT_PAIRING_FAILED,
	   "R9: but failures that a card brings along are told");
	equipment_merge(&usual, &bare);
	ok_bytes(bare.firmware, usual.firmware, "what was not said is still known");
	now = usual;
	now.foreign = true;
	ok(compare(&now, &now) == 0, "R9: the same foreign machine is told once");
}

static void reports(void)
{
	const struct pairing_status status = { .mode = PAIRING_OBSERVE, .refused = 7, .missed = 9 };
	struct equipment_seen seen = { .foreign = false };
	uint8_t octets[64];
	struct room room = ROOM(octets);
	struct bytes content;

	pairing_report_put(&room, &status);
	content = (struct bytes){ octets + 3, room.len - 3 }; /* DF22 and a length below 80 */
	equipment_pairing(content, &seen);
	ok(seen.has_pairing && seen.refused == 7 && seen.missed == 9, "a card's report is read");
	seen = (struct equipment_seen){ .foreign = false };
	equipment_pairing((struct bytes){ octets + 3, room.len - 5 }, &seen);
	ok(!seen.has_pairing, "half of one is none");
}

static void packed(void)
{
	uint8_t octets[256];
	struct room room = ROOM(octets);
	struct equipment_seen back;
	struct bytes rest;

	pack_equipment(&room, &usual);
	rest = room_used(&room);
	ok_err(unpack_equipment(&rest, &back), ERR_NONE, "what is known goes into the store");
	ok(rest.len == 0 && compare(&usual, &back) == 0 && back.decision == ADMIT,
	   "and comes back");
}

static void told(void)
{
	uint8_t octets[EVENT_JSON_MAX], eid[16] = { 0x89, 0x04 };
	struct room room = ROOM(octets);
	const struct equipment_event event = { EVENT_NEW_FIRMWARE, BYTES(eid),
		                               BYTES_STR("op"),    BYTES_STR("1.0\"\n"),
		                               BYTES_STR("1.1"),   BYTES_STR("") };
	char want[] =
		"{\"number\":7,\"time\":\"1970-01-01T00:00:01Z\",\"kind\":\"new-firmware\",\"eid\":"
		"\"89040000000000000000000000000000\",\"operator\":\"op\",\"before\":\"1.0\\\"?\","
		"\"after\":\"1.1\",\"detail\":\"\"}";

	event_json_put(&room, 7, 1000, &event);
	ok_bytes(room_used(&room), bytes_text(want), "R9: what an operator is told");
}

int main(void)
{
	each();
	nothing();
	reports();
	packed();
	told();
	return done();
}
