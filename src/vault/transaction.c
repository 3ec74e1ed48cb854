/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions. The order of writes and syncs in vault_commit is what tear safety is. */
#include "vault/inside.h"

static bool chunk_joins_or_leaves(enum chunk_state state)
{
	return state == CHUNK_GROWING || state == CHUNK_ADOPTING || state == CHUNK_DROPPING;
}

enum err vault_begin(struct vault *v)
{
	if (v->broken)
		return ERR_IO;
	if (v->in_txn)
		return ERR_ORDER;
	ASSERT(v->changed_count == 0);
	v->in_txn = true;
	return ERR_NONE;
}

bool vault_in_transaction(const struct vault *v)
{
	return v->in_txn;
}

/* The table as it will be, written when any chunk joins or leaves. */
static enum err table_store(struct vault *v)
{
	struct vault_line *line;
	bool moved = false;

	for (unsigned c = 0; c < v->chunks; c++)
		moved |= chunk_joins_or_leaves(chunk_state(v, c));
	if (!moved)
		return ERR_NONE;
	TRY(cache_line(v, TABLE_PAGE, &line));
	TRY(cache_touch(v, line));
	for (unsigned c = 0; c < v->chunks; c++) {
		enum chunk_state state = chunk_state(v, c);
		bool live =
			state == CHUNK_LIVE || state == CHUNK_GROWING || state == CHUNK_ADOPTING;
		uint8_t *row = line->data + 2 * (size_t)c;
		row[0] = live ? chunk_volume(v, c) : 0;
		row[1] = live ? v->index[c] : 0;
	}
	return ERR_NONE;
}

/* Everything that the commit page vouches for. Nothing of it is reachable without that page. */
static enum err commit_prepare(struct vault *v)
{
	TRY(table_store(v));
	TRY(cache_flush(v));
	for (unsigned c = 0; c < v->chunks; c++)
		if (chunk_state(v, c) == CHUNK_GROWING || chunk_state(v, c) == CHUNK_ADOPTING)
			TRY(chunk_fill(v, c));
	return medium_sync(v);
}

/* What a chunk becomes once the commit page is durable; `dropped` is set when it was in a volume. */
static enum err chunk_settle(struct vault *v, unsigned c, bool *dropped)
{
	if (chunk_state(v, c) == CHUNK_DROPPING) {
		*dropped = true;
		return chunk_release(v, c);
	}
	if (chunk_joins_or_leaves(chunk_state(v, c)))
		chunk_set(v, c, chunk_volume(v, c), CHUNK_LIVE);
	return ERR_NONE;
}

/* After the commit page is durable: errors here leave the vault broken, and the next open repairs. */
static enum err commit_finish(struct vault *v)
{
	bool dropped = false;

	TRY(journal_apply(v));
	journal_done(v);
	for (unsigned c = 0; c < v->chunks; c++)
		TRY(chunk_settle(v, c, &dropped));
	return dropped ? journal_wipe(v) : ERR_NONE;
}

enum err vault_commit(struct vault *v)
{
	if (v->broken)
		return ERR_IO;
	if (!v->in_txn)
		return ERR_ORDER;
	enum err err = commit_prepare(v);
	if (err == ERR_NONE && v->changed_count == 0) {
		v->in_txn = false;
		return ERR_NONE;
	}
	if (err != ERR_NONE) {
		vault_abort(v);
		return err;
	}
	err = journal_commit(v);
	if (err == ERR_NONE)
		err = medium_sync(v);
	if (err == ERR_NONE)
		err = commit_finish(v);
	if (err != ERR_NONE)
		v->broken = true;
	else
		vault_check(v);
	return err;
}

static void chunk_restore(struct vault *v, unsigned c)
{
	uint16_t first = chunk_first_page(v, c);

	switch (chunk_state(v, c)) {
	case CHUNK_GROWING:
		cache_forget(v, first, (uint16_t)(first + v->chunk_pages));
		/* commit_prepare may have filled it: V5 */
		if (chunk_release(v, c) != ERR_NONE)
			v->broken = true;
		break;
	case CHUNK_ADOPTING:
		chunk_set(v, c, chunk_volume(v, c), CHUNK_DRAFT);
		break;
	case CHUNK_DROPPING:
		chunk_set(v, c, chunk_volume(v, c), CHUNK_LIVE);
		break;
	case CHUNK_FREE:
	case CHUNK_DRAFT:
	case CHUNK_LIVE:
	case CHUNK_STATES:
		break;
	}
}

void vault_abort(struct vault *v)
{
	if (!v->in_txn)
		return;
	for (unsigned i = 0; i < v->changed_count; i++)
		cache_forget(v, v->changed[i], (uint16_t)(v->changed[i] + 1));
	v->changed_count = 0;
	v->in_txn = false;
	for (unsigned c = 0; c < v->chunks; c++)
		chunk_restore(v, c);
}

void vault_check(const struct vault *v)
{
	if (v->broken)
		return; /* the medium failed half way through a commit: the next open repairs */
	ASSERT(v->chunks > 0 && v->chunks <= VAULT_CHUNKS_MAX && v->chunk_pages > 0); /* V1 */
	ASSERT(v->changed_count <= VAULT_TXN_PAGES && v->last_count <= VAULT_TXN_PAGES);
	ASSERT(v->next_slot < VAULT_JOURNAL_PAGES);
	ASSERT(v->in_txn || v->changed_count == 0);
	uint8_t taken[VAULT_VOLUMES][VAULT_CHUNKS_MAX / 8] = { { 0 } };
	for (unsigned c = 0; c < v->chunks; c++) {
		enum chunk_state state = chunk_state(v, c);
		ASSERT(state < CHUNK_STATES);
		ASSERT((state == CHUNK_FREE) == (chunk_volume(v, c) == 0)); /* V5 */
		ASSERT(v->in_txn || !chunk_joins_or_leaves(state));
		if (state == CHUNK_FREE || state == CHUNK_DROPPING)
			continue;
		uint8_t *row = &taken[chunk_volume(v, c)][v->index[c] / 8];
		ASSERT(v->index[c] < v->chunks && !(*row & 1 << v->index[c] % 8)); /* V5 */
		*row |= (uint8_t)(1 << v->index[c] % 8);
	}
	for (unsigned i = 0; i < VAULT_CACHE; i++)
		ASSERT(v->lines[i].page != 0 || !v->lines[i].dirty);
}
