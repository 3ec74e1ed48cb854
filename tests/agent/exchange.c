/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and their whole answers, against a script of what a T=0 card says. */
#include "agent/exchange.h"

#include "tests/tap.h"

struct script {
	const char *expect[6], *answer[6]; /* hex; NULL ends it */
	int at;
	bool strayed;
	int locked;
};

static enum err play(void *ctx, struct bytes command, struct room *reply)
{
	struct script *script = ctx;
	uint8_t want[LINK_COMMAND_MAX], answer[LINK_REPLY_MAX];

	if (script->expect[script->at] == NULL || script->locked != 1) {
		script->strayed = true;
		return ERR_IO;
	}
	if (!bytes_same(command, unhex(script->expect[script->at], want, sizeof want)))
		script->strayed = true;
	room_put(reply, unhex(script->answer[script->at++], answer, sizeof answer));
	return ERR_NONE;
}

static enum err lock(void *ctx)
{
	((struct script *)ctx)->locked++;
	return ERR_NONE;
}

static void unlock(void *ctx)
{
	((struct script *)ctx)->locked--;
}

static const struct {
	const char *says;
	uint8_t channel, cla, ins;
	const char *data;
	bool wants;
	struct script script;
	enum err want;
	uint16_t sw;
	const char *reply;
} rows[] = {
	{ "case 1 goes as five octets", 0, 0x00, 0x70, "", false,
	  { { "0070000000" }, { "9000" }, 0, false, 0 }, ERR_NONE, 0x9000, "" },
	{ "case 2", 0, 0x00, 0x70, "", true,
	  { { "0070000000" }, { "019000" }, 0, false, 0 }, ERR_NONE, 0x9000, "01" },
	{ "case 3 on channel 1", 1, 0x80, 0xE2, "AABB", false,
	  { { "81E2000002AABB" }, { "9000" }, 0, false, 0 }, ERR_NONE, 0x9000, "" },
	{ "case 4 bears Le", 1, 0x80, 0xE2, "AABB", true,
	  { { "81E2000002AABB00" }, { "CC9000" }, 0, false, 0 }, ERR_NONE, 0x9000, "CC" },
	{ "61xx is fetched in the interindustry class", 1, 0x80, 0xE2, "AA", true,
	  { { "81E2000001AA00", "01C0000002" }, { "6102", "CCDD9000" }, 0, false, 0 }, ERR_NONE, 0x9000, "CCDD" },
	{ "61xx after 61xx, with data each time", 2, 0x80, 0xE2, "AA", true,
	  { { "82E2000001AA00", "02C0000001", "02C0000002" }, { "CC6101", "DD6102", "EEFF9000" }, 0, false, 0 },
	  ERR_NONE, 0x9000, "CCDDEEFF" },
	{ "6100 asks for 256", 0, 0x80, 0xE2, "AA", true,
	  { { "80E2000001AA00", "00C0000000" }, { "6100", "CC9000" }, 0, false, 0 }, ERR_NONE, 0x9000, "CC" },
	{ "6Cxx repeats with that length", 0, 0x00, 0xB2, "", true,
	  { { "00B2000000", "00B2000003" }, { "6C03", "0102039000" }, 0, false, 0 }, ERR_NONE, 0x9000, "010203" },
	{ "channel 4 and above", 5, 0x80, 0xE2, "AA", true,
	  { { "C1E2000001AA00", "41C0000001" }, { "6101", "BB9000" }, 0, false, 0 }, ERR_NONE, 0x9000, "BB" },
	{ "a proactive command behind the answer", 1, 0x80, 0xE2, "AA", true,
	  { { "81E2000001AA00", "01C0000001" }, { "6101", "BB910C" }, 0, false, 0 }, ERR_NONE, 0x910C, "BB" },
	{ "a refusal is an answer", 0, 0x00, 0xA4, "3F00", true,
	  { { "00A40000023F0000" }, { "6A82" }, 0, false, 0 }, ERR_NONE, 0x6A82, "" },
	{ "an answer without status word", 0, 0x00, 0xA4, "3F00", true,
	  { { "00A40000023F0000" }, { "6A" }, 0, false, 0 }, ERR_LENGTH, 0, "" },
	{ "an empty answer", 0, 0x00, 0xA4, "3F00", true,
	  { { "00A40000023F0000" }, { "" }, 0, false, 0 }, ERR_LENGTH, 0, "" },
	{ "an answer that does not fit", 0, 0x00, 0xB0, "", true,
	  { { "00B0000000" }, { "000102030405060708090A0B0C0D0E0F109000" }, 0, false, 0 }, ERR_ROOM, 0, "" },
};

static enum err more(void *ctx, struct bytes command, struct room *reply)
{
	(void)ctx;
	(void)command;
	room_put_u16(reply, 0x6101);
	return ERR_NONE;
}

static void endless(void)
{
	struct card_link link = { .transmit = more };
	struct exchange_command command = { .ins = 0xC0, .wants = true };
	uint8_t store[1];
	struct room none = ROOM(store);
	uint16_t sw = 0;

	ok_err(exchange(&link, 0, &command, &none, &sw), ERR_LIMIT, "a card that never ends is left");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script script = rows[i].script;
		struct card_link link = { &script, play, lock, unlock, NULL, NULL };
		uint8_t data[255], store[16], want[16];
		struct room reply = ROOM(store);
		struct exchange_command command = { rows[i].cla, rows[i].ins, 0, 0,
			unhex(rows[i].data, data, sizeof data), rows[i].wants };
		uint16_t sw = 0;

		ok_err(exchange(&link, rows[i].channel, &command, &reply, &sw), rows[i].want, rows[i].says);
		ok(!script.strayed && script.locked == 0 && sw == rows[i].sw,
		   "... commands, status word %04X and lock as expected", sw);
		ok_bytes(room_used(&reply), unhex(rows[i].reply, want, sizeof want), "... data");
	}
	endless();
	return done();
}
