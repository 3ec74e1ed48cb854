/* SPDX-License-Identifier: Apache-2.0 */
/* AUTHENTICATE against the home network's end of room aka (TS 31.102 7.1, TS 33.102 6.3). */
#include "tests/card/mini.h"
#include "tests/flash.h"
#include "tests/tap.h"

enum { SIZE = 256 * 1024 };

static struct mem_flash flash;
static struct card card;
static struct mini mini;
static struct aka_subscriber who;
static uint8_t answer[APDU_REPLY_MAX];

static struct bytes run(struct bytes command)
{
	struct room reply = ROOM(answer);

	card_run(&card, command, &reply);
	return room_used(&reply);
}

static struct bytes run_hex(const char *hex)
{
	uint8_t raw[300];

	return run(unhex(hex, raw, sizeof raw));
}

static uint16_t sw(struct bytes reply)
{
	return (uint16_t)(reply.at[reply.len - 2] << 8 | reply.at[reply.len - 1]);
}

static struct aka_vector vector(uint64_t sqn)
{
	struct aka_request request = { .who = &who, .sqn = sqn, .amf = AKA_AMF_SEPARATION };
	struct aka_vector out;

	memset(request.rand, (int)(sqn % 251), sizeof request.rand);
	ok_err(aka_vector_make(&request, &out), ERR_NONE, "the network makes a vector");
	return out;
}

/* As hostap sends it: no Le. */
static struct bytes challenge(const struct aka_vector *v, uint8_t flip)
{
	uint8_t raw[64];
	struct room out = ROOM(raw);
	static const uint8_t header[] = { 0x00, 0x88, 0x00, 0x81, 0x22, 0x10 };

	room_put(&out, BYTES(header));
	room_put(&out, BYTES(v->rand));
	room_put_u8(&out, 0x10);
	room_put(&out, (struct bytes){ v->autn, 16 });
	raw[6 + 16 + 15] ^= flip;
	raw[38] ^= flip;
	return run(room_used(&out));
}

static struct bytes response(void)
{
	uint8_t get[] = { 0x00, 0xC0, 0x00, 0x00, answer[1] };

	return run(BYTES(get));
}

static void select_usim(void)
{
	ok(sw(run_hex("00A4040C0CA0000000871002FF49FF0589")) == SW_OK, "the USIM is selected");
}

static void verify(void)
{
	ok(sw(run_hex("002000010831323334FFFFFFFF")) == SW_OK, "PIN1 is verified");
}

static void conditions(void)
{
	struct aka_vector v = vector(sqn_make(1, 0));

	card_reset(&card);
	ok(sw(challenge(&v, 0)) == SW_CONDITIONS, "without application: 6985");
	select_usim();
	ok(sw(challenge(&v, 0)) == SW_SECURITY_STATUS, "without PIN1: 6982");
	verify();
	ok(sw(run_hex("0088008010"
	              "00112233445566778899AABBCCDDEEFF")) == SW_WRONG_LENGTH,
	   "without the RAND's length: 6700");
	ok(sw(run_hex("00880085020000")) == 0x9864, "a context that it lacks: 9864");
	ok(sw(run_hex("00880001020000")) == SW_WRONG_P1P2, "no context: 6A86");
}

static void agreement(void)
{
	struct aka_vector v = vector(sqn_make(7, 3));
	struct bytes got;

	ok(sw(challenge(&v, 1)) == SW_MAC, "R6: a changed RAND: 9862");
	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x35), "61xx");
	got = response();
	ok(sw(got) == SW_OK && got.at[0] == 0xDB && got.at[1] == 8 &&
	           memcmp(got.at + 2, v.xres, 8) == 0,
	   "RES is what the network expects");
	ok(got.at[10] == 16 && memcmp(got.at + 11, v.ck, 16) == 0, "CK too");
	ok(got.at[27] == 16 && memcmp(got.at + 28, v.ik, 16) == 0, "IK too");
	ok(got.at[44] == 8, "and Kc, for service 27");
}

static void resynchronisation(void)
{
	struct aka_vector v = vector(sqn_make(7, 3));
	uint64_t sqn_ms = 0;
	struct bytes got;

	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x10), "the same number again: 61 10");
	got = response();
	ok(sw(got) == SW_OK && got.len == 18 && got.at[0] == 0xDC && got.at[1] == 0x0E,
	   "DC 0E AUTS");
	ok_err(aka_auts_verify(&who, v.rand, (struct bytes){ got.at + 2, 14 }, &sqn_ms), ERR_NONE,
	       "the network verifies AUTS");
	ok(sqn_ms == sqn_make(7, 3), "and learns the highest number");
	v = vector(sqn_make(8, 3));
	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x35), "then the next one is accepted");
	v = vector(sqn_make(7, 9));
	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x35), "an older one of another IND, too");
}

static void durable(void)
{
	struct aka_vector v = vector(sqn_make(8, 3));
	struct card_ports ports = { mem_port(&flash), NULL };

	mem_power(&flash, -1, 1);
	ok_err(card_init(&card, &ports), ERR_NONE, "power cycle");
	select_usim();
	verify();
	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x10), "I5: what was accepted stays used up");
	(void)response();
}

static void gsm(void)
{
	struct aka_triplet triplet;
	uint8_t rand[16];
	struct bytes got;

	memset(rand, 0x44, sizeof rand);
	ok_err(aka_triplet_make(&who, rand, &triplet), ERR_NONE, "the network makes a triplet");
	got = run_hex("00880080111044444444444444444444444444444444"
	              "00");
	ok(sw(got) == SW_OK && got.len == 16 && got.at[0] == 4 &&
	           memcmp(got.at + 1, triplet.sres, 4) == 0 && got.at[5] == 8 &&
	           memcmp(got.at + 6, triplet.kc, 8) == 0,
	   "GSM context: SRES and Kc");
}

static void isim(void)
{
	struct aka_vector v = vector(sqn_make(9, 0));

	ok(sw(run_hex("00A4040C0CA0000000871004FF49FF0589")) == SW_OK, "the ISIM is selected");
	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x2C), "IMS AKA: RES, CK, IK, no Kc");
	(void)response();
	ok(sw(run_hex("00880080111044444444444444444444444444444444"
	              "00")) == 0x9864,
	   "it has no GSM context");
	select_usim();
	ok(sw(challenge(&v, 0)) == (SW_MORE_DATA | 0x10), "numbers are shared with the USIM");
}

int main(void)
{
	mem_make(&flash, SIZE);
	struct card_ports ports = { mem_port(&flash), NULL };

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	ok_err(mini_install(&card, 1, &mini), ERR_NONE, "a profile");
	ok_err(mini_enable(&card, 1), ERR_NONE, "enabled");
	aka_subscriber_init(&who, AKA_MILENAGE);
	memset(who.k.at, 1, 16);
	who.k.len = 16;
	memset(who.opc.at, 0x33, 16);
	who.opc.len = 16;
	conditions();
	agreement();
	resynchronisation();
	durable();
	gsm();
	isim();
	return done();
}
