/* SPDX-License-Identifier: Apache-2.0 */
/* The vault: what it keeps, what it refuses, and that power may go away at any write (I5). */
#include "tests/flash.h"
#include "tests/tap.h"

#include "vault/record.h"

enum { SIZE = 96 * 1024, KEY = 32 };

static struct secret seal;
static struct mem_flash flash, spare;
static struct vault v;

static uint8_t octet_at(uint32_t i, uint8_t salt)
{
	return (uint8_t)(i * 7 + (i >> 8) * 13 + salt);
}

static enum err write_run(uint8_t volume, uint32_t at, uint32_t len, uint8_t salt)
{
	uint8_t part[100];

	for (uint32_t done = 0; done < len;) {
		uint32_t n = len - done < sizeof part ? len - done : (uint32_t)sizeof part;
		for (uint32_t i = 0; i < n; i++)
			part[i] = octet_at(at + done + i, salt);
		TRY(vault_write(&v, volume, at + done, (struct bytes){ part, n }));
		done += n;
	}
	return ERR_NONE;
}

static bool run_is(uint8_t volume, uint32_t at, uint32_t len, uint8_t salt)
{
	uint8_t octet;

	for (uint32_t i = 0; i < len; i++)
		if (vault_read(&v, volume, at + i, &octet, 1) != ERR_NONE ||
		    octet != octet_at(at + i, salt))
			return false;
	return true;
}

static enum err reopen(const struct secret *key)
{
	struct flash port = mem_port(&flash);

	mem_power(&flash, -1, 1);
	return vault_open(&v, &port, key);
}

static enum err make(const struct secret *key)
{
	struct flash port = mem_port(&flash);

	memset(flash.now, 0xFF, flash.size);
	return vault_format(&v, &port, key);
}

static enum err adopt_run(uint8_t volume, uint32_t len, uint8_t salt)
{
	TRY(vault_draft(&v, volume));
	TRY(write_run(volume, 0, len, salt));
	TRY(vault_begin(&v));
	TRY(vault_adopt(&v, volume));
	return vault_commit(&v);
}

static void basics(const struct secret *key, const char *how)
{
	uint8_t octet;

	ok_err(make(key), ERR_NONE, how);
	uint32_t all = vault_free(&v);
	ok_err(adopt_run(3, 20000, 5), ERR_NONE, "a draft larger than a transaction is adopted");
	ok(run_is(3, 0, 20000, 5), "it reads back");
	ok_err(write_run(3, 0, 10, 9), ERR_ORDER,
	       "a live volume is not written without transaction");
	ok_err(reopen(key), ERR_NONE, "power cycle");
	ok(run_is(3, 0, 20000, 5), "it is still there");

	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(vault_begin(&v), ERR_ORDER, "transactions do not nest");
	ok_err(write_run(3, 470, 1000, 9), ERR_NONE, "write across pages");
	ok(run_is(3, 470, 1000, 9), "a transaction sees its own writes");
	vault_abort(&v);
	ok(run_is(3, 0, 20000, 5), "abort brings the old back");
	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(write_run(3, 0, 20000, 9), ERR_LIMIT, "too many pages for one transaction");
	vault_abort(&v);
	ok(run_is(3, 0, 20000, 5), "and nothing of it happened");

	ok_err(vault_draft(&v, 3), ERR_EXISTS, "a live id takes no draft");
	ok_err(vault_draft(&v, 4), ERR_NONE, "a draft under another id");
	ok_err(write_run(4, 0, 5000, 1), ERR_NONE, "is written at any time");
	ok_err(reopen(key), ERR_NONE, "power cycle");
	ok_err(vault_read(&v, 4, 0, &octet, 1), ERR_NOT_FOUND, "a draft does not survive it");
	ok_err(vault_draft(&v, 4), ERR_NONE, "draft again");
	ok_err(vault_read(&v, 4, 100, &octet, 1), ERR_NONE, "its start is there");
	ok(octet == 0xFF, "and shows nothing of what lay there before");
	ok_err(vault_drop(&v, 4), ERR_NONE, "a draft is dropped at once");

	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(vault_drop(&v, 3), ERR_NONE, "drop a live volume");
	vault_abort(&v);
	ok(run_is(3, 0, 20000, 5), "an aborted drop drops nothing");
	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(write_run(3, 0, 400, 2), ERR_NONE, "change it");
	ok_err(vault_drop(&v, 3), ERR_NONE, "and drop it in the same transaction");
	ok_err(vault_commit(&v), ERR_NONE, "commit");
	ok(vault_free(&v) == all, "all space is free again");
	ok_err(reopen(key), ERR_NONE, "power cycle");
	ok(!vault_exists(&v, 3) && vault_free(&v) == all, "and stays so");
}

static void fills_up(void)
{
	uint32_t at = 0;
	enum err err = ERR_NONE;

	ok_err(make(&seal), ERR_NONE, "a fresh vault");
	ok_err(vault_draft(&v, 9), ERR_NONE, "a draft");
	for (; err == ERR_NONE; at += 400)
		err = write_run(9, at, 400, 3);
	ok_err(err, ERR_FULL, "that outgrows the medium is told so");
	ok_err(adopt_run(8, 100, 1), ERR_FULL, "no room for another");
	ok_err(vault_drop(&v, 9), ERR_NONE, "drop it");
	ok_err(adopt_run(8, 100, 1), ERR_NONE, "now there is");
	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(write_run(8, 9000, 100, 1), ERR_NONE, "a live volume grows in a transaction");
	vault_abort(&v);
	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(write_run(8, 9000, 100, 1), ERR_NONE, "grows, after that was aborted");
	ok_err(vault_commit(&v), ERR_NONE, "commit");
	ok_err(reopen(&seal), ERR_NONE, "power cycle");
	ok(run_is(8, 9000, 100, 1) && run_is(8, 0, 100, 1), "both parts are there");
}

static void sealing(void)
{
	struct secret other = seal;
	bool plain = false;

	other.at[0] ^= 1;
	ok_err(make(&seal), ERR_NONE, "a sealed vault");
	ok_err(adopt_run(3, 2000, 5), ERR_NONE, "with content");
	ok_err(reopen(&other), ERR_MAC, "another key does not open it");
	ok_err(reopen(NULL), ERR_MAC, "no key does not open it");
	for (uint32_t i = 0; i + 16 < flash.size; i++) {
		uint8_t want[16];
		for (uint32_t k = 0; k < 16; k++)
			want[k] = octet_at(k + 32, 5);
		plain |= memcmp(flash.now + i, want, 16) == 0;
	}
	ok(!plain, "R7: its content is not on the medium in clear");

	/* The content lies in three pages somewhere: damage each octet of the medium's pages in turn. */
	unsigned changed = 0;
	for (uint32_t page = 66; page < flash.size / VAULT_PAGE; page++) {
		uint8_t *at = flash.now + page * VAULT_PAGE + 100;
		struct flash port = mem_port(&flash);
		uint8_t got[2000];
		*at ^= 0x10;
		enum err err = vault_open(&v, &port, &seal);
		if (err == ERR_NONE)
			err = vault_read(&v, 3, 0, got, sizeof got);
		if (err == ERR_NONE && !run_is(3, 0, 2000, 5))
			changed++;
		if (*at != 0)
			*at ^= 0x10;
	}
	ok(changed == 0, "a changed octet is an error or without effect, never other content");
}

/* --- power cuts ---------------------------------------------------------------------------- */

static enum err change_in_place(void)
{
	TRY(vault_begin(&v));
	TRY(write_run(3, 450, 1500, 9));
	return vault_commit(&v);
}

static enum err replace_volume(void)
{
	TRY(vault_draft(&v, 4));
	TRY(write_run(4, 0, 9000, 9));
	TRY(vault_begin(&v));
	TRY(vault_adopt(&v, 4));
	TRY(vault_drop(&v, 3));
	return vault_commit(&v);
}

static enum err put_records(void)
{
	uint8_t value[700];

	memset(value, 9, sizeof value);
	TRY(vault_begin(&v));
	TRY(record_put(&v, record_key(0x40, 1), BYTES(value)));
	TRY(record_put(&v, record_key(0x40, 2), BYTES(value)));
	return vault_commit(&v);
}

static enum err grow(void)
{
	TRY(vault_begin(&v));
	TRY(write_run(3, 0, 100, 9));
	TRY(write_run(3, 12000, 600, 9));
	return vault_commit(&v);
}

static bool record_is(uint8_t number, size_t len, uint8_t octet)
{
	uint8_t got[700];
	struct room room = ROOM(got);

	if (record_get(&v, record_key(0x40, number), &room) != ERR_NONE || room.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (got[i] != octet)
			return false;
	return true;
}

static bool in_place_is(bool new)
{
	return new ? run_is(3, 0, 450, 5) && run_is(3, 450, 1500, 9) && run_is(3, 1950, 5000, 5)
	           : run_is(3, 0, 7000, 5);
}

static bool replaced_is(bool new)
{
	return new ? run_is(4, 0, 9000, 9) && !vault_exists(&v, 3)
	           : run_is(3, 0, 7000, 5) && !vault_exists(&v, 4);
}

static bool records_are(bool new)
{
	return new ? record_is(1, 700, 9) && record_is(2, 700, 9)
	           : record_is(1, 300, 1) && !record_is(2, 700, 9);
}

static bool grown_is(bool new)
{
	uint8_t octet;

	return new ? run_is(3, 0, 100, 9) && run_is(3, 12000, 600, 9)
	           : run_is(3, 0, 7000, 5) && vault_read(&v, 3, 12000, &octet, 1) != ERR_NONE;
}

static const struct {
	const char *says;
	enum err (*act)(void);
	bool (*is)(bool new);
} cuts[] = {
	{"I5: cut anywhere in a change of live pages",         change_in_place, in_place_is},
	{ "I5: cut anywhere in replacing a volume by a draft", replace_volume,  replaced_is},
	{ "I5: cut anywhere in putting two records",           put_records,     records_are},
	{ "I5: cut anywhere in growing a volume",              grow,            grown_is   },
};

static enum err prepare(const struct secret *key)
{
	uint8_t value[300];

	memset(value, 1, sizeof value);
	TRY(make(key));
	TRY(adopt_run(3, 7000, 5));
	TRY(vault_begin(&v));
	TRY(record_put(&v, record_key(0x40, 1), BYTES(value)));
	TRY(vault_commit(&v));
	TRY(reopen(key));
	mem_copy(&spare, &flash);
	return ERR_NONE;
}

/* One cut: at write n, the dice thrown by seed; a second cut while the first open repairs. */
static bool cut_once(unsigned row, const struct secret *key, long n, uint32_t seed, bool *finished)
{
	struct flash port = mem_port(&flash);

	mem_copy(&flash, &spare);
	mem_power(&flash, -1, seed);
	if (vault_open(&v, &port, key) != ERR_NONE)
		return false;
	mem_power(&flash, n, seed);
	bool done = cuts[row].act() == ERR_NONE;
	*finished = !flash.dead;
	mem_power(&flash, (long)(seed % 40), seed + 1);
	enum err err = vault_open(&v, &port, key);
	if (err != ERR_NONE) {
		if (!flash.dead)
			return false;
		mem_power(&flash, -1, seed + 2);
		if (vault_open(&v, &port, key) != ERR_NONE)
			return false;
	}
	mem_power(&flash, -1, seed + 3);
	bool old = cuts[row].is(false), new = cuts[row].is(true);
	if (old == new || (done && !new))
		return false;
	/* It works on: the same again succeeds or is refused, and leaves the new. */
	if (old && (cuts[row].act() != ERR_NONE || !cuts[row].is(true)))
		return false;
	return true;
}

static void cut_everywhere(unsigned row, const struct secret *key)
{
	bool finished = false, good = true;
	long n = 0;

	ok_err(prepare(key), ERR_NONE, "prepare");
	for (; !finished && good; n++)
		for (uint32_t seed = 0; seed < 6 && good; seed++)
			good = cut_once(row, key, n, (uint32_t)n * 31 + seed, &finished);
	ok(good, "%s (%s): old or new after each of %ld writes", cuts[row].says,
	   key != NULL ? "sealed" : "not sealed", n);
}

/* --- records ------------------------------------------------------------------------------- */

static void records(void)
{
	uint8_t value[RECORD_SIZE_MAX + 1] = { 0 }, got[RECORD_SIZE_MAX];
	uint16_t key = record_key(0x50, 0);
	struct room room = ROOM(got);
	size_t size;

	ok_err(make(&seal), ERR_NONE, "a fresh vault");
	ok_err(record_size(&v, 0x5001, &size), ERR_NOT_FOUND, "has no records");
	ok_err(record_next(&v, 0x50, &key), ERR_NOT_FOUND, "and no next one");
	ok_err(record_put(&v, 0x5001, BYTES_STR("one")), ERR_ORDER, "a put needs a transaction");
	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(record_put(&v, 0x5001, BYTES_STR("one")), ERR_NONE, "put one");
	ok_err(record_put(&v, 0x5009, BYTES_STR("nine, and longer than a cell of 32 octets")),
	       ERR_NONE, "put nine");
	ok_err(record_put(&v, 0x5003, (struct bytes){ NULL, 0 }), ERR_NONE, "put an empty one");
	ok_err(record_put(&v, 0x5004, BYTES(value)), ERR_LIMIT, "one too long");
	ok_err(vault_commit(&v), ERR_NONE, "commit");
	ok_err(record_get(&v, 0x5001, &room), ERR_NONE, "get one");
	ok_bytes(room_used(&room), BYTES_STR("one"), "it is what was put");
	ok(record_next(&v, 0x50, &key) == ERR_NONE && key == 0x5001, "the first key");
	key++;
	ok(record_next(&v, 0x50, &key) == ERR_NONE && key == 0x5003, "the next in order");
	key = 0x500A;
	ok_err(record_next(&v, 0x50, &key), ERR_NOT_FOUND, "none after the last");

	ok_err(vault_begin(&v), ERR_NONE, "begin");
	ok_err(record_put(&v, 0x5001, (struct bytes){ value, 2000 }), ERR_NONE, "one grows");
	ok_err(record_remove(&v, 0x5009), ERR_NONE, "nine goes");
	ok_err(vault_commit(&v), ERR_NONE, "commit");
	ok_err(record_remove(&v, 0x5009), ERR_ORDER, "removing needs a transaction");
	ok(record_size(&v, 0x5001, &size) == ERR_NONE && size == 2000, "its new size");
	ok_err(record_read(&v, 0x5001, 1999, got, 1), ERR_NONE, "its last octet");
	ok_err(record_read(&v, 0x5001, 1999, got, 2), ERR_LENGTH, "nothing behind it");

	/* Many sizes in many orders against a plain model. */
	size_t model[64] = { 0 };
	bool same = true;
	for (uint32_t i = 1; i < 2000 && same; i++) {
		uint32_t which = i * 2654435761u >> 26, len = (i * 40503u >> 3) % 600;
		uint16_t k = record_key(0x60, (uint8_t)which);
		memset(value, (int)which, len);
		same = vault_begin(&v) == ERR_NONE;
		enum err err = i % 5 == 0 && model[which] != 0
		                       ? record_remove(&v, k)
		                       : record_put(&v, k, (struct bytes){ value, len });
		if (err == ERR_NONE) {
			same &= vault_commit(&v) == ERR_NONE;
			model[which] = i % 5 == 0 && model[which] != 0 ? 0 : len + 1;
		} else {
			vault_abort(&v);
			same &= err == ERR_FULL;
		}
		if (i % 100 != 0)
			continue;
		same &= reopen(&seal) == ERR_NONE;
		for (uint32_t w = 0; w < 64; w++) {
			room = (struct room){ got, sizeof got, 0, false };
			err = record_get(&v, record_key(0x60, (uint8_t)w), &room);
			same &= model[w] == 0 ? err == ERR_NOT_FOUND
			                      : err == ERR_NONE && room.len == model[w] - 1;
			for (size_t o = 0; o < room.len; o++)
				same &= got[o] == w;
		}
	}
	ok(same, "2,000 puts and removals leave what a plain model has");
}

int main(void)
{
	memset(seal.at, 0x5A, KEY);
	seal.len = KEY;
	mem_make(&flash, SIZE);
	mem_make(&spare, SIZE);

	struct flash small = { &flash, VAULT_SIZE_MIN - 1, mem_read, mem_write, NULL };
	ok_err(vault_format(&v, &small, NULL), ERR_LIMIT, "a medium can be too small");
	ok_err(reopen(NULL), ERR_NOT_FOUND, "zeros are no vault");
	memset(flash.now, 0xFF, flash.size);
	ok_err(reopen(&seal), ERR_NOT_FOUND, "erased cells are no vault");
	basics(&seal, "sealed");
	basics(NULL, "not sealed");
	fills_up();
	sealing();
	records();
	for (unsigned row = 0; row < COUNT(cuts); row++) {
		cut_everywhere(row, &seal);
		cut_everywhere(row, NULL);
	}
	return done();
}
