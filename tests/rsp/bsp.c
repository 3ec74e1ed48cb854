/* SPDX-License-Identifier: Apache-2.0 */
/* BPP protection against values that other SM-DP+ made, then every way to get it wrong. */
#include "rsp/bsp.h"

#include "tests/rsp/bsp_vectors.h"
#include "tests/tap.h"

static const struct {
	const char *says, *shared, *eid, *enc, *mac, *chain;
} derivations[] = {
	{ "keys of a recorded session",
	  "8902dca391bbb22570fe60c176076246f568b1941265dff1d729e63039658089",
	  "89049032123451234512345678901335", "d782d575b22a38334556a3d9a1e2ae6b",
	  "a35addc192ae8f934e2932116c7e89e7", "734bc93ddb10c71c5ad13d420dc08b5b" },
	{ "keys of another one", "c9a993dd4879a8f7161f2085410edd4f9652f1df37be097ba96ba2ca6be528fe",
	  "89049032123451234512345678901235", "472f5bfadd97f21d34f3ce9b51b92751",
	  "9ec07f5b36a13e12a991d66e294e6242", "406d507b448a699e7a36a38494debbde" },
};

static const uint8_t host_id[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 };

static void start(struct bsp *bsp, size_t row)
{
	uint8_t z[32], eid[16];
	struct secret shared;

	unhex(derivations[row].eid, eid, sizeof eid);
	if (!secret_from(&shared, unhex(derivations[row].shared, z, sizeof z)) ||
	    bsp_start(bsp, &shared, BYTES(host_id), eid) != ERR_NONE) {
		printf("Bail out! bsp_start\n");
		exit(EXIT_FAILURE);
	}
}

static void test_derivation(void)
{
	uint8_t store[16];
	struct bsp bsp;

	for (size_t i = 0; i < COUNT(derivations); i++) {
		start(&bsp, i);
		ok_bytes(secret_bytes(&bsp.s_enc), unhex(derivations[i].enc, store, 16),
		         derivations[i].says);
		ok_bytes(secret_bytes(&bsp.s_mac), unhex(derivations[i].mac, store, 16),
		         "... for the MAC");
		ok_bytes(BYTES(bsp.mac_chain), unhex(derivations[i].chain, store, 16),
		         "... and the chaining value");
	}
}

/* Continues session 1: each row depends on chaining value and counter left by those before it. */
static const struct {
	const char *says;
	ber_tag tag;
	const char *plain, *tlv;
} rows[] = {
	{ "ConfigureISDP is enciphered", 0x87, "bf2400",
	  "8718f6fe031e4b9cfe87c8e1e62f3fde85c49412d7722a6a2d89" },
	{ "StoreMetadata stays readable", 0x88,
	  "bf252d5a0a98001032547698103214910947534d415f54455354921147534d415f544553545f50524f46494c"
	  "45"
	  "950100",
	  "8838bf252d5a0a98001032547698103214910947534d415f54455354921147534d415f544553545f50524f46"
	  "49"
	  "4c459501008a62cc9adbb5ccbc" },
	{ "ReplaceSessionKeys counts the TLVs before it", 0x87,
	  "bf26368010000102030405060708090a0b0c0d0e0f8110010102030405060708090a0b0c0d0e0f8210020102"
	  "03"
	  "0405060708090a0b0c0d0e0f",
	  "8748a14c800a001992351cd46ad2945654674369701d82b7b46567652bc8fbed234939fc57fba748015525fd"
	  "6c"
	  "651e9d3d1330652d42a0cfad950e912122af4ec5362d3c0bc535729c40" },
};

static void replace(struct bsp *bsp)
{
	uint8_t mac_chain[16], enc[16], cmac[16];
	struct secret e, m;

	unhex("000102030405060708090a0b0c0d0e0f", mac_chain, 16);
	unhex("010102030405060708090a0b0c0d0e0f", enc, 16);
	unhex("020102030405060708090a0b0c0d0e0f", cmac, 16);
	ok(secret_from(&e, BYTES(enc)) && secret_from(&m, BYTES(cmac)) &&
	           bsp_replace(bsp, BYTES(mac_chain), &e, &m) == ERR_NONE,
	   "keys are replaced");
}

static void test_recorded(void)
{
	static uint8_t plain_store[1100], tlv_store[1100], out_store[1100], copy[1100];
	struct bsp server, card;

	start(&server, 1);
	start(&card, 1);
	for (size_t i = 0; i <= COUNT(rows); i++) {
		bool profile = i == COUNT(rows);
		ber_tag tag = profile ? 0x86 : rows[i].tag;
		const char *says = profile ? "a profile segment of 1007 octets" : rows[i].says;
		if (profile) {
			replace(&server);
			replace(&card);
		}
		struct bytes plain = unhex(profile ? profile_segment_0 : rows[i].plain, plain_store,
		                           sizeof plain_store);
		struct bytes want =
			unhex(profile ? profile_tlv_0 : rows[i].tlv, tlv_store, sizeof tlv_store);
		struct room out = ROOM(out_store);
		ok_err(bsp_protect(&server, tag, plain, &out), ERR_NONE, says);
		ok_bytes(room_used(&out), want, "... as the other server made it");
		ok(bsp_size(tag, plain.len) == want.len, "... of the size foretold");
		memcpy(copy, want.at, want.len);
		struct room tlv = { copy, sizeof copy, want.len, false };
		struct bytes opened = { NULL, 0 };
		ok_err(bsp_open(&card, tag, &tlv, &opened), ERR_NONE, "... opens on the card");
		ok_bytes(opened, plain, "... to what was sent");
	}
}

static void test_bad(void)
{
	static uint8_t good[1100], copy[1100], text[1009];
	struct room out = ROOM(good);
	struct bsp server, card, before;
	struct bytes plain = { text, 100 }, opened = { NULL, 0 };
	size_t refused = 0;

	start(&server, 0);
	start(&card, 0);
	if (bsp_protect(&server, 0x86, plain, &out) != ERR_NONE)
		exit(EXIT_FAILURE);
	before = card;
	for (size_t bit = 0; bit < 8 * out.len; bit++) {
		memcpy(copy, good, out.len);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		struct room tlv = { copy, sizeof copy, out.len, false };
		if (bsp_open(&card, 0x86, &tlv, &opened) != ERR_NONE)
			refused++;
	}
	ok(refused == 8 * out.len, "every single changed bit is refused");
	for (size_t len = 0; len < out.len; len++) {
		memcpy(copy, good, out.len);
		struct room tlv = { copy, sizeof copy, len, false };
		if (bsp_open(&card, 0x86, &tlv, &opened) == ERR_NONE)
			refused = 0;
	}
	ok(refused != 0, "every shorter TLV is refused");
	ok(opened.at == NULL && memcmp(&card, &before, sizeof card) == 0,
	   "and the session did not move");
	struct room tlv = { copy, sizeof copy, out.len, false };
	memcpy(copy, good, out.len);
	ok_err(bsp_open(&card, 0x86, &tlv, &opened), ERR_NONE, "the TLV itself opens");
	memcpy(copy, good, out.len);
	ok_err(bsp_open(&card, 0x86, &tlv, &opened), ERR_MAC, "once: a replay is refused");
	out.len = 0;
	ok_err(bsp_protect(&server, 0x86, (struct bytes){ text, 1008 }, &out), ERR_LIMIT,
	       "1008 octets do not fit one '86'");
	ok_err(bsp_protect(&server, 0x88, (struct bytes){ text, 1009 }, &out), ERR_LIMIT,
	       "1009 octets do not fit one '88'");
	out.cap = 50;
	before = server;
	ok_err(bsp_protect(&server, 0x86, plain, &out), ERR_ROOM, "a room too small");
	ok(out.len == 0 && !out.full && memcmp(&server, &before, sizeof server) == 0,
	   "leaves room and session as they were");
}

static void test_lengths(void)
{
	static uint8_t out_store[1100], text[1008];
	struct bsp server, card;
	bool good = true;

	start(&server, 0);
	start(&card, 0);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i % 3 == 0 ? 0x80 : 0);
	for (size_t len = 0; len <= 1007; len++) {
		ber_tag tag = len % 2 ? 0x86 : 0x88;
		struct room out = ROOM(out_store);
		struct bytes opened;
		good = good &&
		       bsp_protect(&server, tag, (struct bytes){ text, len }, &out) == ERR_NONE &&
		       out.len == bsp_size(tag, len) && out.len <= BSP_SEGMENT_MAX &&
		       bsp_open(&card, tag, &out, &opened) == ERR_NONE &&
		       bytes_same(opened, (struct bytes){ text, len });
	}
	ok(good, "every length from 0 to 1007 comes back, whatever it ends in");
}

int main(void)
{
	struct secret shared = { .len = 32 };
	struct bsp bsp;
	uint8_t eid[16] = { 0 }, long_id[17] = { 0 };

	test_derivation();
	test_recorded();
	test_bad();
	test_lengths();
	ok_err(bsp_start(&bsp, &shared, BYTES(long_id), eid), ERR_LENGTH, "host id of 17 octets");
	ok_err(bsp_start(&bsp, &shared, (struct bytes){ long_id, 0 }, eid), ERR_LENGTH,
	       "empty host id");
	return done();
}
