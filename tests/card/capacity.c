/* SPDX-License-Identifier: Apache-2.0 */
/* How many GSMA test profiles fit, that they can all be told apart, and that deleting them gives all
 * their space back (R11). */
#include "tests/card/upp.h"
#include "tests/tap.h"

enum { SIZE = 1024 * 1024, WANTED = 8 };

static struct mem_flash flash;
static struct secret seal = { .len = 32 };
static struct card card;

static bool answers(const char *hex, const char *want)
{
	uint8_t raw[32], answer[APDU_REPLY_MAX], wanted[8];
	struct room reply = ROOM(answer);

	card_run(&card, unhex(hex, raw, sizeof raw), &reply);
	return bytes_same(room_used(&reply), unhex(want, wanted, sizeof wanted));
}

static unsigned fill(struct bytes package)
{
	struct pe_result result;
	uint8_t slot = 0;

	while (slot < PROFILE_SLOTS &&
	       upp_install(&card, (uint8_t)(slot + 1), package, &result) == ERR_NONE)
		slot++;
	return slot;
}

static bool each_works(unsigned count)
{
	for (unsigned slot = 1; slot <= count; slot++) {
		if (upp_enable(&card, (uint8_t)slot) != ERR_NONE ||
		    !answers("00A4040C07A0000000871002", "9000"))
			return false;
	}
	return true;
}

static bool delete_all(unsigned count)
{
	if (vault_begin(&card.vault) != ERR_NONE ||
	    profile_disable(&card, (uint8_t)count) != ERR_NONE ||
	    vault_commit(&card.vault) != ERR_NONE)
		return false;
	card_switch(&card);
	for (unsigned slot = 1; slot <= count; slot++)
		if (vault_begin(&card.vault) != ERR_NONE ||
		    profile_delete(&card, (uint8_t)slot) != ERR_NONE ||
		    vault_commit(&card.vault) != ERR_NONE)
			return false;
	return true;
}

/* R7: nothing of a deleted profile's USIM name, which every one of them has in its EF.DIR. */
static bool trace_left(const char *text)
{
	for (uint32_t at = 0; at + strlen(text) < flash.size; at++)
		if (memcmp(flash.now + at, text, strlen(text)) == 0)
			return true;
	return false;
}

static void run(struct bytes package, const struct secret *key, const char *how)
{
	struct card_ports ports = { mem_port(&flash), key };

	ok_err(card_format(&card, &ports), ERR_NONE, how);
	unsigned count = fill(package);
	uint32_t left = vault_free(&card.vault);
	ok(count >= WANTED, "%u profiles of TS.48 fit in 1 MB; %u octets are left", count, left);
	ok(each_works(count), "each can be enabled and has its USIM");
	ok(trace_left("USIM") == (key == NULL), "their content is %s",
	   key == NULL ? "there to be found" : "not there in clear");
	ok(delete_all(count), "all are deleted");
	ok(!trace_left("USIM"), "R7: and nothing of them is left on the medium");
	ok(fill(package) == count, "as many fit again");
	mem_power(&flash, -1, 0);
	ok_err(card_init(&card, &ports), ERR_NONE, "the card powers on with them");
}

int main(void)
{
	struct bytes package;

	mem_make(&flash, SIZE);
	if (!shared_file("rsp/ts48/ts48-v7-saip2.3-bertlv-suci.der", &package)) {
		skip("the GSMA test profile is not there");
		return done();
	}
	run(package, NULL, "a card whose flash is the secure element");
	run(package, &seal, "a sealed card");
	return done();
}
