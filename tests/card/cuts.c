/* SPDX-License-Identifier: Apache-2.0 */
/* Power goes away at every single write of what a card acknowledges; old or new is found (I5). */
#include "tests/card/mini.h"
#include "tests/flash.h"
#include "tests/tap.h"

enum { SIZE = 256 * 1024, SEEDS = 4 };

static struct mem_flash flash, spare;
static struct secret seal = { .len = 32 };
static struct card card;
static struct mini mini;
static struct aka_subscriber who;

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

#define PIN_OLD "31323334FFFFFFFF"
#define PIN_NEW "34333231FFFFFFFF"

static bool verify_old(void)
{
	return says("0020000108" PIN_OLD, "9000");
}

/* --- what is cut --------------------------------------------------------------------------- */

static bool change_pin(void)
{
	return says("0024000110" PIN_OLD PIN_NEW, "9000");
}

/* Asking costs tries, so each question is asked of a right counter: three wrong ones would block. */
static bool pin_is(bool new)
{
	return says(new ? "0020000108" PIN_NEW : "0020000108" PIN_OLD, "9000");
}

static bool unblock(void)
{
	return says("002C0001103131313131313131" PIN_NEW, "9000");
}

static bool update(void)
{
	return verify_old() && says("00A4000C022FE2", "9000") &&
	       says("00D600000AAABBCCDDEEAABBCCDDEE", "9000");
}

static bool updated_is(bool new)
{
	return says("00A4000C022FE2", "9000") &&
	       says("00B000000A", new ? "AABBCCDDEEAABBCCDDEE9000" : "000102030405060708099000");
}

static bool count_up(void)
{
	return says("00A4080C047FD06F39", "9000") && says("803200000300000500", "0000050000059000");
}

static bool counted_is(bool new)
{
	return says("00A4080C047FD06F39", "9000") &&
	       says("00B2010403", new ? "0000059000" : "0000009000") &&
	       says("00B2020403", "0000009000");
}

static bool authenticate(void)
{
	struct aka_request request = { .who = &who, .sqn = sqn_make(5, 1) };
	uint8_t raw[64], answer[APDU_REPLY_MAX];
	struct room out = ROOM(raw), reply = ROOM(answer);
	static const uint8_t header[] = { 0x00, 0x88, 0x00, 0x81, 0x22, 0x10 };
	struct aka_vector v;

	if (!says("00A4040C07A0000000871002", "9000") || !verify_old() ||
	    aka_vector_make(&request, &v) != ERR_NONE)
		return false;
	room_put(&out, BYTES(header));
	room_put(&out, BYTES(v.rand));
	room_put_u8(&out, 0x10);
	room_put(&out, (struct bytes){ v.autn, 16 });
	card_run(&card, room_used(&out), &reply);
	return reply.len == 2 && answer[0] == 0x61 && answer[1] == 0x35;
}

/* Old: the same number is accepted (only asked when the cut was before). New: it is not. */
static bool authenticated_is(bool new)
{
	struct fs_query query = {
		0, mini.usim, -1, 0, NODE_AKA, NODE_AKA, {NULL, 0}
	};
	uint8_t seen[6];
	uint16_t number;

	if (fs_find(&card.fs, &query, &number, NULL) != ERR_NONE ||
	    fs_read(&card.fs, number, 2 + AKA_RECORD_MAX + 16 + 6, seen, sizeof seen) != ERR_NONE)
		return false;
	return sqn_get(seen) == (new ? sqn_make(5, 1) : 0);
}

static bool deactivate(void)
{
	return says("0020000A0861646D696E6F6E65", "9000") && says("00040000022F05", "9000");
}

static bool deactivated_is(bool new)
{
	return says("00A4000C022F05", new ? "6283" : "9000");
}

static bool set_data(void)
{
	return says("00A4080C047FD04F40", "9000") && says("80DB0080058103AABBCC", "9000") &&
	       says("80DB0080058103112233", "9000");
}

static bool object_is(const char *want)
{
	return says("00A4080C047FD04F40", "9000") && says("80CB0080018100", want);
}

static bool data_is(bool new)
{
	if (new)
		return object_is("81031122339000");
	return object_is("6A88") || object_is("8103AABBCC9000");
}

static bool enable_second(void)
{
	return mini_enable(&card, 2) == ERR_NONE;
}

static bool second_is(bool new)
{
	struct profile_head one, two;

	return profile_head_read(&card, 1, &one) == ERR_NONE &&
	       profile_head_read(&card, 2, &two) == ERR_NONE &&
	       one.enabled == !new &&two.enabled == new &&card.fs.volume ==
	               PROFILE_VOLUME + (new ? 2 : 1);
}

static bool delete_second(void)
{
	return vault_begin(&card.vault) == ERR_NONE && profile_delete(&card, 2) == ERR_NONE &&
	       vault_commit(&card.vault) == ERR_NONE;
}

static bool deleted_is(bool new)
{
	struct profile_head head;
	enum err err = profile_head_read(&card, 2, &head);

	return new ? err == ERR_NOT_FOUND && !vault_exists(&card.vault, PROFILE_VOLUME + 2)
	           : err == ERR_NONE &&vault_exists(&card.vault, PROFILE_VOLUME + 2);
}

static bool install_third(void)
{
	struct mini third;

	return mini_install(&card, 3, &third) == ERR_NONE;
}

static bool third_is(bool new)
{
	struct profile_head head;
	struct fs tree;
	struct node node;
	enum err err = profile_head_read(&card, 3, &head);

	if (!new)
		return err == ERR_NOT_FOUND && !vault_exists(&card.vault, PROFILE_VOLUME + 3);
	if (err != ERR_NONE || fs_open(&tree, &card.vault, PROFILE_VOLUME + 3) != ERR_NONE)
		return false;
	for (uint16_t n = 0; n < tree.nodes; n++)
		if (fs_node(&tree, n, &node) != ERR_NONE)
			return false;
	return true;
}

static const struct {
	const char *says;
	bool (*act)(void);
	bool (*is)(bool new);
} rows[] = {
	{"CHANGE PIN",                change_pin,    pin_is          },
	{ "UNBLOCK PIN",              unblock,       pin_is          },
	{ "UPDATE BINARY",            update,        updated_is      },
	{ "INCREASE",                 count_up,      counted_is      },
	{ "AUTHENTICATE",             authenticate,  authenticated_is},
	{ "DEACTIVATE FILE",          deactivate,    deactivated_is  },
	{ "SET DATA twice",           set_data,      data_is         },
	{ "enabling another profile", enable_second, second_is       },
	{ "deleting a profile",       delete_second, deleted_is      },
	{ "installing a profile",     install_third, third_is        },
};

static bool power(long writes, uint32_t seed)
{
	struct card_ports ports = { mem_port(&flash), &seal };

	mem_power(&flash, writes, seed);
	return card_init(&card, &ports) == ERR_NONE;
}

static bool cut_once(unsigned row, long n, uint32_t seed, bool *finished)
{
	mem_copy(&flash, &spare);
	if (!power(-1, seed))
		return false;
	mem_power(&flash, n, seed);
	bool done = rows[row].act();
	*finished = !flash.dead;
	if (!power(-1, seed))
		return false;
	bool new = rows[row].is(true), old = !new &&rows[row].is(false);
	return new || (old && !done);
}

static void cut_everywhere(unsigned row)
{
	bool finished = false, good = true;
	long n = 0;

	for (; !finished && good; n++)
		for (uint32_t seed = 0; seed < SEEDS && good; seed++)
			good = cut_once(row, n, (uint32_t)n * 31 + seed, &finished);
	ok(good, "I5: %s, cut at each of %ld writes: old or new", rows[row].says, n);
}

/* A wrong try that was answered stays counted, wherever the power goes. */
static void tries(void)
{
	bool good = true;

	for (long n = 0; n < 8; n++) {
		mem_copy(&flash, &spare);
		good &= power(-1, 0);
		mem_power(&flash, n, (uint32_t)n);
		bool told = says("0020000108" PIN_NEW, "63C2");
		good &= power(-1, 0);
		bool two = says("00200001", "63C2"), three = says("00200001", "63C3");
		good &= two || (three && !told);
	}
	ok(good, "I5: a wrong PIN, cut at each write: no try is given back");
}

int main(void)
{
	mem_make(&flash, SIZE);
	mem_make(&spare, SIZE);
	struct card_ports ports = { mem_port(&flash), &seal };

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card, sealed");
	ok_err(mini_install(&card, 1, &mini), ERR_NONE, "a profile");
	ok_err(mini_install(&card, 2, &mini), ERR_NONE, "and another");
	ok_err(mini_enable(&card, 1), ERR_NONE, "the first enabled");
	ok(power(-1, 0), "power cycle");
	mem_copy(&spare, &flash);
	aka_subscriber_init(&who, AKA_MILENAGE);
	memset(who.k.at, 1, 16);
	who.k.len = 16;
	memset(who.opc.at, 0x33, 16);
	who.opc.len = 16;
	for (unsigned row = 0; row < COUNT(rows); row++)
		cut_everywhere(row);
	tries();
	return done();
}
