/* SPDX-License-Identifier: Apache-2.0 */
/* The redo journal: a ring of page images, each transaction's followed by its commit page. */
#include "vault/inside.h"

#include <string.h>

enum { COMMIT_MAGIC = 0x41564331 };

enum err journal_commit(struct vault *v)
{
	uint8_t data[VAULT_PAGE_DATA] = { 0 };
	struct room out = ROOM(data);
	uint16_t at = journal_page(v, v->changed_count);
	bool drops = false;

	for (unsigned c = 0; c < v->chunks; c++)
		drops |= chunk_state(v, c) == CHUNK_DROPPING;
	room_put_u32(&out, COMMIT_MAGIC);
	room_put_u32(&out, v->sequence + 1);
	room_put_u8(&out, drops);
	room_put_u8(&out, v->changed_count);
	for (unsigned i = 0; i < v->changed_count; i++)
		room_put_u16(&out, v->changed[i]);
	return page_put(v, at, PAGE_COMMIT, at, data);
}

/* The commit that was just written, or found at open, becomes the last one. */
void journal_done(struct vault *v)
{
	memcpy(v->last, v->changed, sizeof v->last);
	v->last_count = v->changed_count;
	v->next_slot = (uint8_t)((v->next_slot + v->changed_count + 1) % VAULT_JOURNAL_PAGES);
	v->sequence++;
	v->changed_count = 0;
	v->in_txn = false;
}

enum err journal_apply(struct vault *v)
{
	for (unsigned i = 0; i < v->changed_count; i++)
		if (v->changed[i] != 0) /* 0: dropped again in the same transaction */
			TRY(page_copy(v, journal_page(v, i), v->changed[i]));
	return ERR_NONE;
}

static bool take_uint(struct bytes *in, size_t n, uint32_t *out)
{
	struct bytes field;
	uint64_t value;

	if (!bytes_take(in, n, &field) || !bytes_uint(field, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

/* Loads the commit in this journal slot if there is one later than `best`. */
static void commit_get(struct vault *v, unsigned slot, uint32_t *best, bool *drops)
{
	uint8_t data[VAULT_PAGE_DATA];
	uint16_t at = (uint16_t)(JOURNAL_PAGE + slot);
	struct bytes in = BYTES(data);
	uint32_t magic, sequence, flag, count, page;

	if (page_get(v, at, PAGE_COMMIT, at, data) != ERR_NONE)
		return;
	if (!take_uint(&in, 4, &magic) || !take_uint(&in, 4, &sequence) ||
	    !take_uint(&in, 1, &flag) || !take_uint(&in, 1, &count) || magic != COMMIT_MAGIC ||
	    count > VAULT_TXN_PAGES || sequence <= *best)
		return;
	*best = sequence;
	*drops = flag != 0;
	v->sequence = sequence - 1;
	v->changed_count = (uint8_t)count;
	v->next_slot = (uint8_t)((slot + VAULT_JOURNAL_PAGES - count) % VAULT_JOURNAL_PAGES);
	for (unsigned i = 0; i < count && take_uint(&in, 2, &page); i++)
		v->changed[i] = (uint16_t)page;
}

/* Finds the commit with the highest number and loads it as if it were about to be applied. */
static enum err last_commit(struct vault *v, bool *drops)
{
	uint32_t best = 0;

	for (unsigned slot = 0; slot < VAULT_JOURNAL_PAGES; slot++)
		commit_get(v, slot, &best, drops);
	return best > 0 ? ERR_NONE : ERR_CORRUPT;
}

/* V2: whether or not it was applied before, apply the last commit. */
enum err journal_replay(struct vault *v, bool *drops)
{
	uint8_t data[VAULT_PAGE_DATA];

	TRY(last_commit(v, drops));
	for (unsigned i = 0; i < v->changed_count; i++) {
		if (v->changed[i] == 0)
			continue;
		if (v->changed[i] != TABLE_PAGE && chunk_of_page(v, v->changed[i]) >= v->chunks)
			return ERR_CORRUPT;
		if (page_get(v, journal_page(v, i), PAGE_HOME, v->changed[i], data) != ERR_NONE)
			return ERR_CORRUPT;
	}
	wipe(data, sizeof data);
	TRY(journal_apply(v));
	TRY(medium_sync(v));
	journal_done(v);
	return ERR_NONE;
}

/* Nothing of what was dropped stays readable in old journal pages. The last commit stays. */
enum err journal_wipe(struct vault *v)
{
	unsigned keep = v->last_count + 1u;

	for (unsigned i = 0; i < VAULT_JOURNAL_PAGES - keep; i++)
		TRY(page_blank(v, journal_page(v, i)));
	return ERR_NONE;
}
