/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: a vault holds what a plain model holds. Input octets are operations on a few volumes: drafts,
 * writes, transactions, power cycles and power cuts. After a cut a transaction that was acknowledged is
 * there, one that was not happened whole or not at all.
 */
#include "vault/vault.h"
#include "fuzz/law.h"
#include "tests/flash.h"

enum { SIZE = 80 * 1024, VOLUMES = 3, SPAN = 6000, STEPS_MAX = 300 };

struct model {
	bool exists[VOLUMES];
	uint8_t at[VOLUMES][SPAN];
};

static struct mem_flash flash, blank;
static struct vault v;
static struct model live, next; /* committed, and with the transaction under way */
static bool draft[VOLUMES], adopted[VOLUMES];
static uint8_t draft_at[VOLUMES][SPAN];

static uint8_t id(unsigned volume)
{
	return (uint8_t)(2 + volume);
}

static bool same(const struct model *m)
{
	static uint8_t got[SPAN];
	long left = flash.writes_left;

	flash.writes_left = -1; /* reading may push a draft's page out */
	for (unsigned i = 0; i < VOLUMES; i++) {
		if (vault_exists(&v, id(i)) != m->exists[i])
			return false;
		if (!m->exists[i])
			continue;
		LAW(vault_read(&v, id(i), 0, got, SPAN) == ERR_NONE);
		if (memcmp(got, m->at[i], SPAN) != 0)
			return false;
	}
	flash.writes_left = left;
	return true;
}

static void power(long writes, uint32_t seed)
{
	struct flash port = mem_port(&flash);

	mem_power(&flash, writes, seed);
	enum err err = vault_open(&v, &port, NULL);
	if (flash.dead) { /* the cut fell into the repair */
		mem_power(&flash, -1, seed);
		err = vault_open(&v, &port, NULL);
	}
	LAW(err == ERR_NONE);
	flash.writes_left = -1;
	memset(draft, 0, sizeof draft);
	memset(adopted, 0, sizeof adopted);
}

/* After a cut: old or, if the transaction got far enough, new; never between. */
static void settle(uint32_t seed)
{
	power((long)(seed % 30), seed);
	if (!same(&live)) {
		LAW(same(&next));
		live = next;
	}
	next = live;
}

static void make_draft(unsigned i)
{
	if (draft[i] || next.exists[i] || live.exists[i])
		return;
	if (vault_draft(&v, id(i)) != ERR_NONE)
		return;
	memset(draft_at[i], 0xA0 + (int)i, SPAN);
	if (vault_write(&v, id(i), 0, (struct bytes){ draft_at[i], SPAN }) == ERR_NONE)
		draft[i] = true;
}

static void write_some(unsigned i, uint8_t where, uint8_t len, uint8_t octet)
{
	uint32_t at = (uint32_t)where * 23 % SPAN;
	uint8_t data[256];
	size_t n = at + len > SPAN ? SPAN - at : len;

	memset(data, octet, sizeof data);
	enum err err = vault_write(&v, id(i), at, (struct bytes){ data, n });
	if (draft[i] && !adopted[i] && err == ERR_NONE) {
		memset(draft_at[i] + at, octet, n);
	} else if (vault_in_transaction(&v) && next.exists[i]) {
		if (err == ERR_NONE)
			memset(next.at[i] + at, octet, n);
		else
			LAW(err == ERR_LIMIT || flash.dead);
		if (adopted[i] && err == ERR_NONE)
			memset(draft_at[i] + at, octet, n); /* an abort leaves the draft written */
	} else if (!flash.dead && n > 0) {
		LAW(err == ERR_ORDER || err == ERR_NOT_FOUND);
	}
}

static void adopt(unsigned i)
{
	if (!vault_in_transaction(&v) || !draft[i] || adopted[i])
		return;
	if (vault_adopt(&v, id(i)) != ERR_NONE)
		return;
	adopted[i] = true;
	next.exists[i] = true;
	memcpy(next.at[i], draft_at[i], SPAN);
}

static void drop(unsigned i)
{
	if (adopted[i] || draft[i] || !vault_in_transaction(&v) || !next.exists[i])
		return;
	LAW(vault_drop(&v, id(i)) == ERR_NONE);
	next.exists[i] = false;
}

static void end(bool commit, uint32_t seed)
{
	if (!vault_in_transaction(&v))
		return;
	enum err err = ERR_IO;
	if (commit)
		err = vault_commit(&v);
	else
		vault_abort(&v);
	if (flash.dead) {
		settle(seed);
		return;
	}
	LAW(!commit || err == ERR_NONE || err == ERR_LIMIT);
	if (err == ERR_NONE)
		live = next;
	next = live;
	for (unsigned i = 0; i < VOLUMES; i++) {
		draft[i] &= !(adopted[i] && err == ERR_NONE);
		adopted[i] = false;
	}
	LAW(same(&live));
}

static void step(const uint8_t op[static 4])
{
	unsigned i = op[1] % VOLUMES;

	switch (op[0] % 10) {
	case 0:
		make_draft(i);
		break;
	case 1:
		(void)!vault_begin(&v); /* refused inside one: that is fine */
		break;
	case 2:
		adopt(i);
		break;
	case 3:
		drop(i);
		break;
	case 4:
		end(true, op[2]);
		break;
	case 5:
		end(false, op[2]);
		break;
	case 6: /* the power goes away in a while */
		flash.writes_left = op[2] % 64;
		flash.dice = op[3];
		break;
	case 7: /* now */
		power(-1, op[2]);
		next = live;
		LAW(same(&live));
		break;
	default:
		write_some(i, op[2], op[3], op[1]);
		break;
	}
	vault_check(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (flash.now == NULL) {
		mem_make(&flash, SIZE);
		mem_make(&blank, SIZE);
		struct flash port = mem_port(&blank);
		LAW(vault_format(&v, &port, NULL) == ERR_NONE);
	}
	mem_copy(&flash, &blank);
	memset(&live, 0, sizeof live);
	next = live;
	power(-1, 0);
	for (size_t i = 0; i + 4 <= size && i < 4 * STEPS_MAX; i += 4) {
		step(data + i);
		if (flash.dead)
			settle(data[i]);
	}
	power(-1, 0);
	LAW(same(&live));
	return 0;
}
