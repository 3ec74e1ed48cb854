/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of every class, instruction and length are answered, never dropped. */
#include "tests/card/mini.h"
#include "tests/flash.h"
#include "tests/tap.h"

enum { SIZE = 256 * 1024, LENGTH_MAX = 265 };

static struct mem_flash flash;
static struct card card;
static uint32_t dice = 1;

static uint8_t roll(void)
{
	dice = dice * 1664525u + 1013904223u;
	return (uint8_t)(dice >> 16);
}

/* Answered: data and a status word whose first octet is 6X or 9X, within the room. */
static bool answered(const uint8_t *command, size_t len)
{
	uint8_t answer[APDU_REPLY_MAX];
	struct room reply = ROOM(answer);

	card_run(&card, (struct bytes){ command, len }, &reply);
	if (reply.full || reply.len < 2)
		return false;
	uint8_t sw1 = answer[reply.len - 2];
	return (sw1 & 0xF0) == 0x60 || (sw1 & 0xF0) == 0x90;
}

static bool one(uint8_t cla, uint8_t ins, size_t len)
{
	uint8_t command[LENGTH_MAX] = { cla, ins, roll(), roll() };

	/* Half of the parameters are ones that mean something. */
	if (roll() & 1) {
		command[2] &= 0x0F;
		command[3] &= 0x8F;
	}
	for (size_t i = 4; i < len; i++)
		command[i] = roll();
	if (len > 5 && len <= 260)
		command[4] = (uint8_t)(len - 5);
	return answered(command, len);
}

static void classes(void)
{
	static const uint16_t lengths[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 13, 21, 39, 255, 259, 260, 261
	};
	bool good = true;

	for (unsigned cla = 0; cla < 256; cla++)
		for (unsigned ins = 0; ins < 256; ins++)
			for (unsigned i = 0; i < COUNT(lengths); i++)
				good &= one((uint8_t)cla, (uint8_t)ins, lengths[i]);
	ok(good, "every class and instruction, at 15 lengths, is answered");
}

static void lengths(uint8_t cla, const char *where)
{
	bool good = true;

	for (unsigned ins = 0; ins < 256; ins++)
		for (size_t len = 0; len <= 261; len++)
			good &= one(cla, (uint8_t)ins, len);
	ok(good, "class %02X, every instruction and length, is answered %s", cla, where);
}

int main(void)
{
	static const uint8_t usim[] = {
		0x00, 0xA4, 0x04, 0x00, 0x07, 0xA0, 0, 0, 0, 0x87, 0x10, 2
	};
	static const uint8_t isdr[] = { 0x00, 0xA4, 0x04, 0x00, 0x10, 0xA0, 0x00,
		                        0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF,
		                        0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };
	struct mini mini;

	mem_make(&flash, SIZE);
	struct card_ports ports = { mem_port(&flash), NULL };

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	lengths(0x00, "by a card without profile");
	ok_err(mini_install(&card, 1, &mini), ERR_NONE, "a profile");
	ok_err(mini_enable(&card, 1), ERR_NONE, "enabled");
	ok(answered(usim, sizeof usim), "the USIM is selected");
	lengths(0x00, "in the USIM");
	lengths(0x80, "in the USIM");
	card_reset(&card);
	ok(answered(isdr, sizeof isdr), "the ISD-R is selected");
	lengths(0x00, "in the ISD-R");
	lengths(0x80, "in the ISD-R");
	card_reset(&card);
	classes();
	mem_power(&flash, -1, 1);
	ok_err(card_init(&card, &ports), ERR_NONE, "and after all that the card powers on");
	return done();
}
