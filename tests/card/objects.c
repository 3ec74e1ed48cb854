/* SPDX-License-Identifier: Apache-2.0 */
/* Data objects of a BER-TLV file against a plain model: set, replaced, interrupted, deleted, read in
 * blocks of any size, until the file is full and beyond. */
#include "tests/card/mini.h"
#include "tests/flash.h"
#include "tests/tap.h"

enum { SIZE = 256 * 1024, TAGS = 8, VALUE_MAX = 900, ROUNDS = 4000, FIRST_TAG = 0x80 };

static struct mem_flash flash;
static struct card card;
static uint32_t dice = 7;

/* What the file should hold: whole objects, tag and length included. */
static struct {
	uint8_t at[VALUE_MAX + 4];
	size_t len; /* 0: not there */
} model[TAGS];

static uint32_t roll(uint32_t below)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % below;
}

static uint16_t command(uint8_t ins, uint8_t p2, struct bytes data, struct room *answer)
{
	uint8_t raw[262], octets[APDU_REPLY_MAX];
	struct room out = ROOM(raw), reply = ROOM(octets);

	room_put_u8(&out, 0x80);
	room_put_u8(&out, ins);
	room_put_u8(&out, 0);
	room_put_u8(&out, p2);
	if (data.len > 0) {
		room_put_u8(&out, (uint8_t)data.len);
		room_put(&out, data);
	}
	if (answer != NULL)
		room_put_u8(&out, (uint8_t)(1 + roll(255)));
	card_run(&card, room_used(&out), &reply);
	if (answer != NULL)
		room_put(answer, (struct bytes){ octets, reply.len - 2 });
	return (uint16_t)(octets[reply.len - 2] << 8 | octets[reply.len - 1]);
}

static size_t object_make(unsigned which, uint8_t *out)
{
	size_t len = roll(8) == 0 ? roll(VALUE_MAX) : roll(200);
	struct room room = { out, VALUE_MAX + 4, 0, false };

	room_put_u8(&room, (uint8_t)(FIRST_TAG + which));
	if (len >= 0x100) {
		room_put_u8(&room, 0x82);
		room_put_u16(&room, (uint16_t)len);
	} else {
		if (len >= 0x80)
			room_put_u8(&room, 0x81);
		room_put_u8(&room, (uint8_t)len);
	}
	for (size_t i = 0; i < len; i++)
		room_put_u8(&room, (uint8_t)roll(256));
	return room.len;
}

/* Sends an object in blocks; stops on the way now and then. True when the model still agrees. */
static bool set(unsigned which)
{
	uint8_t object[VALUE_MAX + 4];
	size_t len = object_make(which, object);
	bool gives_up = roll(6) == 0;
	uint8_t p2 = 0x80;

	for (size_t at = 0; at < len; p2 = 0x00) {
		size_t n = 4 + roll(200) < len - at ? 4 + roll(200) : len - at;
		if (n > len - at)
			n = len - at;
		uint16_t sw = command(0xDB, p2, (struct bytes){ object + at, n }, NULL);
		at += n;
		if (sw == SW_NO_SPACE)
			return at == n; /* told with the first block or never */
		if (sw != (at < len ? 0x63F1 : SW_OK))
			return false;
		if (at < len && gives_up)
			return true;
	}
	memcpy(model[which].at, object, len);
	model[which].len = len;
	return true;
}

static bool drop(unsigned which)
{
	uint8_t tag = (uint8_t)(FIRST_TAG + which);
	uint16_t sw = command(0xDB, 0x80, (struct bytes){ &tag, 1 }, NULL);
	bool was = model[which].len != 0;

	model[which].len = 0;
	return sw == (was ? SW_OK : SW_NO_REFERENCED);
}

static bool get(unsigned which)
{
	uint8_t tag = (uint8_t)(FIRST_TAG + which), octets[VALUE_MAX + 300];
	struct room got = ROOM(octets);
	uint16_t sw = command(0xCB, 0x80, (struct bytes){ &tag, 1 }, &got);

	if (model[which].len == 0)
		return sw == SW_NO_REFERENCED;
	while (sw == SW_MORE_OBJECT_DATA)
		sw = command(0xCB, 0x00, (struct bytes){ NULL, 0 }, &got);
	return sw == SW_OK &&
	       bytes_same(room_used(&got), (struct bytes){ model[which].at, model[which].len });
}

static bool enter(void)
{
	static const uint8_t path[] = { 0x00, 0xA4, 0x08, 0x0C, 0x04, 0x7F, 0xD0, 0x4F, 0x40 };
	uint8_t answer[APDU_REPLY_MAX];
	struct room reply = ROOM(answer);

	card_run(&card, BYTES(path), &reply);
	return reply.len == 2 && answer[0] == 0x90;
}

int main(void)
{
	unsigned full = 0, wrong = 0;
	struct mini mini;

	mem_make(&flash, SIZE);
	struct card_ports ports = { mem_port(&flash), NULL };

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	ok_err(mini_install(&card, 1, &mini), ERR_NONE, "a profile");
	ok_err(mini_enable(&card, 1), ERR_NONE, "enabled");
	ok(enter(), "its BER-TLV file is selected");
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned which = roll(TAGS);
		size_t before = model[which].len;
		switch (roll(8)) {
		case 0:
			wrong += !drop(which);
			break;
		case 1:
			card_reset(&card);
			wrong += !enter();
			break;
		default:
			wrong += !set(which);
			full += model[which].len == before;
			break;
		}
		for (unsigned k = 0; k < TAGS; k++)
			wrong += !get(k);
	}
	ok(wrong == 0,
	   "%d operations leave what a plain model has (%u sets did not come to an end)", ROUNDS,
	   full);
	return done();
}
