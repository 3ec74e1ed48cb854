/* SPDX-License-Identifier: Apache-2.0 */
/* GET IDENTITY: the published cases of TS 33.501 annex C.4, then whole SUCIs that the home network's
 * side takes apart again. */
#include "card/suci.h"
#include "tests/card/mini.h"
#include "tests/flash.h"
#include "tests/tap.h"

enum { SIZE = 256 * 1024 };

/* The home network's keys and the subscriber 274012001002086 of TS 33.501 C.4. */
#define PRIVATE_A "C53C22208B61860B06C62E5406A7B330C2B577AA5558981510D128247D38BD1D"
#define PUBLIC_A  "5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650"
#define PRIVATE_B "F1AB1074477EBCC7F554EA1C5FC368B1616730155E0041AC447D6301975FECDA"
#define PUBLIC_B                                                             \
	"0472DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1" \
	"5A7DED52FCBB097A4ED250E036C7B9C8C7004C4EEDC4F068CD7BF8D3F900E3B4"
#define PUBLIC_B_SHORT "0272DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"
#define MSIN           "00012080F6"

static struct mem_flash flash;
static struct card card;

static struct secret secret_of(const char *hex)
{
	struct secret out = { .len = 32 };

	(void)unhex(hex, out.at, sizeof out.at);
	return out;
}

static const struct {
	const char *says;
	enum suci_scheme scheme;
	const char *network, *ephemeral, *want;
} published[] = {
	{"TS 33.501 C.4.3, profile A",                  SUCI_PROFILE_A, PUBLIC_A,
         "C80949F13EBE61AF4EBDBD293EA4F942696B9E815D7E8F0096BBF6ED7DE62256", "B2E92F836055A255837DEBF850B528997CE0201CB82ADFE4BE1F587D07D8457D"
	  "CB02352410CDDD9E730EF3FA87"},
	{ "TS 33.501 C.4.4, profile B",                 SUCI_PROFILE_B, PUBLIC_B,
         "99798858A1DC6A2C68637149A4B1DBFD1FDFF5ADDD62A2142F06699ED7602529", "039AAB8376597021E855679A9778EA0B67396E68C66DF32C0F41E9ACCA2DA9B9D1"
	  "46A33FC2716AC7DAE96AA30A4D"},
	{ "the same with the network's key compressed", SUCI_PROFILE_B, PUBLIC_B_SHORT,
         "99798858A1DC6A2C68637149A4B1DBFD1FDFF5ADDD62A2142F06699ED7602529", "039AAB8376597021E855679A9778EA0B67396E68C66DF32C0F41E9ACCA2DA9B9D1"
	  "46A33FC2716AC7DAE96AA30A4D"},
};

static void vectors(void)
{
	uint8_t key[65], plain[8], octets[64], want[64];

	for (size_t i = 0; i < COUNT(published); i++) {
		struct secret ephemeral = secret_of(published[i].ephemeral);
		struct room out = ROOM(octets);
		ok_err(suci_conceal(published[i].scheme,
		                    unhex(published[i].network, key, sizeof key), &ephemeral,
		                    unhex(MSIN, plain, sizeof plain), &out),
		       ERR_NONE, published[i].says);
		ok_bytes(room_used(&out), unhex(published[i].want, want, sizeof want),
		         "gives the published scheme output");
	}
}

/* --- the command --------------------------------------------------------------------------- */

static enum err add(struct fs *fs, uint16_t parent, uint16_t fid, const char *hex)
{
	struct node file =
		mini_file(NODE_TRANSPARENT, parent, fid, 0, 1, (uint32_t)strlen(hex) / 2, 0);
	uint8_t octets[200];
	uint16_t number;

	TRY(fs_create(fs, &file, (struct fs_fill){ .repeat = false }, &number));
	return fs_write(fs, number, 0, unhex(hex, octets, sizeof octets));
}

/* A mini profile with the files that a SUCI is made of, in this slot, enabled. */
static enum err install(uint8_t slot, const char *calc_info)
{
	struct profile_head head = { .iccid = { slot } };
	uint16_t saip, n5gs, imsi;
	uint8_t octets[9];
	struct mini mini;
	struct fs tree;

	TRY(profile_draft(&card, slot, &tree));
	TRY(mini_make(&tree, &mini, slot));
	TRY(add(&tree, mini.usim, 0x6FAD, "00000003"));
	TRY(mini_dir(&tree, NODE_DF, mini.usim, 0x5FC0, NULL, &n5gs));
	TRY(add(&tree, n5gs, 0x4F0A, "17FFFFFF"));
	TRY(mini_dir(&tree, NODE_DF, mini.usim, 0x5FD0, NULL, &saip));
	TRY(add(&tree, saip, 0x4F01, calc_info));
	TRY(fs_child(&tree, mini.usim, 0x6F07, &imsi));
	TRY(fs_write(&tree, imsi, 0, unhex("082947100210000268", octets, sizeof octets)));
	TRY(vault_begin(&card.vault));
	TRY(profile_adopt(&card, &tree, &head, BYTES_STR("")));
	TRY(vault_commit(&card.vault));
	TRY(mini_enable(&card, slot));
	card_reset(&card);
	return ERR_NONE;
}

static struct bytes run(const char *hex)
{
	static uint8_t answer[APDU_REPLY_MAX];
	uint8_t raw[300];
	struct room reply = { answer, sizeof answer, 0, false };

	card_run(&card, unhex(hex, raw, sizeof raw), &reply);
	return room_used(&reply);
}

static bool says(const char *send, const char *want)
{
	uint8_t store[300];

	return bytes_same(run(send), unhex(want, store, sizeof store));
}

static void enter(void)
{
	ok(says("00A4040C07A0000000871002", "9000"), "the USIM is selected");
	ok(says("8078000100", "6982"), "without PIN1: 6982");
	ok(says("002000010831323334FFFFFFFF", "9000"), "PIN1");
}

static void null_scheme(void)
{
	ok_err(install(1, "A0020000"), ERR_NONE, "a profile that prefers the null scheme");
	ok(says("8078000100", "6985"), "no application: 6985");
	enter();
	ok(says("8078000300", "9864"), "another context: 9864");
	ok(says("8078000100", "6C0F"), "T=0 is told the length");
	ok(says("807800010F", "A10D0172241017FF0000" MSIN "9000"), "the number in clear");
}

/* The home network's side: the same with its own private key. */
static void concealed(uint8_t slot, const char *info, enum suci_scheme scheme, size_t point_len)
{
	struct secret network = secret_of(scheme == SUCI_PROFILE_A ? PRIVATE_A : PRIVATE_B), shared;
	uint8_t point[EC_POINT_SIZE], first[SHA256_SIZE], counter[4] = { 0, 0, 0, 1 }, stream[16];
	uint8_t want[8];
	char get[11];

	ok_err(install(slot, info), ERR_NONE, "a profile with a key of the home network");
	enter();
	snprintf(get, sizeof get, "80780001%02X", (unsigned)(2 + 8 + point_len + 5 + 8));
	struct bytes got = run(get);
	ok(got.len == 2 + 8 + point_len + 5 + 8 + 2 && got.at[8] == scheme && got.at[9] == 0x1B,
	   "scheme and key identifier are the preferred ones");
	const uint8_t *own = got.at + 10, *text = own + point_len;
	if (scheme == SUCI_PROFILE_A) {
		ok_err(crypto_x25519(&network, own, &shared), ERR_NONE, "the network agrees");
	} else {
		ok_err(crypto_ec_expand(EC_P256, own, point), ERR_NONE, "the point expands");
		ok_err(crypto_ecdh(EC_P256, &network, point, &shared), ERR_NONE,
		       "the network agrees");
	}
	struct bytes parts[] = {
		secret_bytes(&shared), BYTES(counter), {own, point_len}
	};
	ok_err(crypto_sha256(first, parts, 3), ERR_NONE, "derives");
	struct secret key = { .len = 16 };
	memcpy(key.at, first, 16);
	ok_err(crypto_aes_ecb(&key, (struct bytes){ first + 16, 16 }, stream), ERR_NONE,
	       "deciphers");
	for (size_t i = 0; i < 5; i++)
		stream[i] ^= text[i];
	ok_bytes((struct bytes){ stream, 5 }, unhex(MSIN, want, sizeof want),
	         "and finds the number");
	uint8_t before[32];
	memcpy(before, own, sizeof before);
	got = run(get);
	ok(memcmp(before, got.at + 10, sizeof before) != 0, "the next SUCI is another one");
}

int main(void)
{
	vectors();
	mem_make(&flash, SIZE);
	struct card_ports ports = { mem_port(&flash), NULL };

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	null_scheme();
	concealed(2, "A0020101A12580011B8120" PUBLIC_A, SUCI_PROFILE_A, 32);
	concealed(3, "A00402010000A14680011B8141" PUBLIC_B, SUCI_PROFILE_B, 33);
	concealed(4, "A006090102010000A12680011B8121" PUBLIC_B_SHORT, SUCI_PROFILE_B, 33);
	return done();
}
