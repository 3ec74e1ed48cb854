/* SPDX-License-Identifier: Apache-2.0 */
/* A tampered card's vault comes to an end, whatever the power does meanwhile (R1b.5). */
#include "tests/flash.h"
#include "tests/tap.h"

#include "port/crypto.h"
#include "vault/vault.h"

enum { SIZE = 96 * 1024, SEEDS = 24, VOLUME = 5 };

static const uint8_t key_octets[] = "the very key that nobody may find";
static struct secret seal;
static struct mem_flash flash, spare;
static struct vault v;

static enum err make(const struct secret *key)
{
	struct flash port = mem_port(&flash);

	memset(flash.now, 0xFF, flash.size);
	TRY(vault_format(&v, &port, key));
	TRY(vault_draft(&v, VOLUME));
	TRY(vault_write(&v, VOLUME, 0, BYTES(key_octets)));
	TRY(vault_begin(&v));
	TRY(vault_adopt(&v, VOLUME));
	return vault_commit(&v);
}

static enum err open_now(const struct secret *key)
{
	struct flash port = mem_port(&flash);

	mem_power(&flash, -1, 1);
	return vault_open(&v, &port, key);
}

static bool holds(const char *text)
{
	return memmem(flash.now, flash.size, text, strlen(text)) != NULL;
}

/* All that is on the medium is the mark. */
static bool empty(void)
{
	for (uint32_t i = 12; i < flash.size; i++) {
		if (flash.now[i] != 0)
			return false;
	}
	return true;
}

static bool whole(void)
{
	uint8_t found[sizeof key_octets];

	return vault_read(&v, VOLUME, 0, found, sizeof found) == ERR_NONE &&
	       memcmp(found, key_octets, sizeof found) == 0;
}

static void plain(void)
{
	struct flash port = mem_port(&flash);

	ok_err(make(NULL), ERR_NONE, "a vault that is not sealed holds a key");
	ok(holds("the very key"), "it is on the medium");
	ok_err(vault_destroy(&port), ERR_NONE, "R1b.5: it is destroyed, without a key");
	ok(!holds("the very key") && empty(), "R1b.5: nothing is on the medium any more");
	ok_err(open_now(NULL), ERR_EXPIRED, "it says so when it is opened");
	ok_err(vault_destroy(&port), ERR_NONE, "doing it again does no harm");
	ok_err(open_now(&seal), ERR_EXPIRED, "and any key hears the same");
}

/* What a cut leaves: the vault as it was, or one that is no vault any more; never half of one. A mark that was torn
 * within its own few octets leaves pages that nobody opens, and the event, which is still there, wipes them. */
static void cuts(const struct secret *key, const char *says)
{
	struct flash port = mem_port(&flash);
	bool good = true, done = false;
	long before = 0, after = 0;

	if (make(key) != ERR_NONE)
		good = false;
	mem_copy(&spare, &flash);
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		done = false;
		for (long cut = 0; !done; cut++) {
			mem_copy(&flash, &spare);
			mem_power(&flash, cut, seed * 7919 + (uint32_t)cut);
			done = vault_destroy(&port) == ERR_NONE;
			enum err err = open_now(key);
			if (err == ERR_NONE)
				good = good && whole() && ++before > 0;
			else if (err == ERR_EXPIRED)
				good = good && empty() && ++after > 0;
			else
				good = good && vault_destroy(&port) == ERR_NONE && empty();
		}
	}
	ok(good && before > 0 && after > 0,
	   "R1b.5: cut at every write, %s: old (%ld) or nothing (%ld)", says, before, after);
}

/* The wiping itself is cut again when it is taken up at the next start. */
static void cut_twice(void)
{
	struct flash port = mem_port(&flash);
	bool good = make(NULL) == ERR_NONE;

	mem_copy(&spare, &flash);
	for (long cut = 0; cut < 40; cut++) {
		mem_copy(&flash, &spare);
		mem_power(&flash, 5, 3);
		good = good && vault_destroy(&port) == ERR_IO;
		mem_power(&flash, cut, (uint32_t)cut + 1);
		enum err err = vault_open(&v, &port, NULL);
		good = good && (err == ERR_IO || err == ERR_EXPIRED);
		good = good && open_now(NULL) == ERR_EXPIRED && empty();
	}
	ok(good, "R1b.5: cut while it is wiped, and cut again while that is taken up");
}

int main(void)
{
	mem_make(&flash, SIZE);
	mem_make(&spare, SIZE);
	if (crypto_random(seal.at, 32) != ERR_NONE)
		return 1;
	seal.len = 32;
	plain();
	cuts(NULL, "not sealed");
	cuts(&seal, "sealed");
	cut_twice();
	return done();
}
