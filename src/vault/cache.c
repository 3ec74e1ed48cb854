/* SPDX-License-Identifier: Apache-2.0 */
/* A few pages in RAM. A dirty line goes to its image in the journal when the page is part of the
 * transaction, and in place when it belongs to a draft. */
#include "vault/inside.h"

#include <string.h>

uint16_t journal_page(const struct vault *v, unsigned i)
{
	return (uint16_t)(JOURNAL_PAGE + (v->next_slot + i) % VAULT_JOURNAL_PAGES);
}

/* The place of a page in the transaction under way, or changed_count. */
static unsigned image_of(const struct vault *v, uint16_t page)
{
	unsigned i = 0;

	while (i < v->changed_count && v->changed[i] != page)
		i++;
	return i;
}

/* Pages that no commit knows yet are written where they are; all others through the journal. */
static bool in_place(const struct vault *v, uint16_t page)
{
	unsigned chunk = chunk_of_page(v, page);

	if (chunk >= v->chunks)
		return false;
	return chunk_state(v, chunk) == CHUNK_DRAFT || chunk_state(v, chunk) == CHUNK_ADOPTING;
}

static enum err line_store(struct vault *v, struct vault_line *line)
{
	unsigned i = image_of(v, line->page);

	if (i < v->changed_count) {
		TRY(page_put(v, journal_page(v, i), PAGE_HOME, line->page, line->data));
	} else {
		ASSERT(in_place(v, line->page));
		for (unsigned k = 0; k < v->last_count; k++)
			ASSERT(v->last[k] != line->page); /* V4 */
		TRY(page_put(v, line->page, PAGE_HOME, line->page, line->data));
	}
	line->dirty = false;
	return ERR_NONE;
}

static enum err line_load(struct vault *v, uint16_t page, struct vault_line *line)
{
	unsigned i = image_of(v, page), chunk = chunk_of_page(v, page);
	uint16_t at = i < v->changed_count ? journal_page(v, i) : page;
	enum err err = page_get(v, at, PAGE_HOME, page, line->data);

	/* V5, V6: only pages of joining chunks may be blank. */
	if (err == ERR_NOT_FOUND && chunk < v->chunks && chunk_state(v, chunk) != CHUNK_LIVE) {
		memset(line->data, 0xFF, sizeof line->data);
		err = ERR_NONE;
	}
	if (err == ERR_IO)
		return err;
	return err == ERR_NONE ? ERR_NONE : ERR_CORRUPT;
}

static struct vault_line *oldest(struct vault *v)
{
	struct vault_line *line = &v->lines[0];

	for (unsigned i = 1; i < VAULT_CACHE; i++) {
		uint16_t age = (uint16_t)(v->clock - v->lines[i].used);
		if (v->lines[i].page == 0)
			return &v->lines[i];
		if (age > (uint16_t)(v->clock - line->used) && line->page != 0)
			line = &v->lines[i];
	}
	return line;
}

enum err cache_line(struct vault *v, uint16_t page, struct vault_line **line)
{
	v->clock++;
	for (unsigned i = 0; i < VAULT_CACHE; i++) {
		if (v->lines[i].page == page) {
			v->lines[i].used = v->clock;
			*line = &v->lines[i];
			return ERR_NONE;
		}
	}

	struct vault_line *victim = oldest(v);
	if (victim->dirty)
		TRY(line_store(v, victim));
	victim->page = 0;
	TRY(line_load(v, page, victim));
	victim->page = page;
	victim->used = v->clock;
	*line = victim;
	return ERR_NONE;
}

enum err cache_touch(struct vault *v, struct vault_line *line)
{
	if (!in_place(v, line->page) && image_of(v, line->page) == v->changed_count) {
		ASSERT(v->in_txn);
		if (v->changed_count == VAULT_TXN_PAGES)
			return ERR_LIMIT;
		v->changed[v->changed_count++] = line->page;
	}
	line->dirty = true;
	return ERR_NONE;
}

enum err cache_flush(struct vault *v)
{
	for (unsigned i = 0; i < VAULT_CACHE; i++)
		if (v->lines[i].page != 0 && v->lines[i].dirty)
			TRY(line_store(v, &v->lines[i]));
	return ERR_NONE;
}

void cache_forget(struct vault *v, uint16_t from, uint16_t to)
{
	for (unsigned i = 0; i < VAULT_CACHE; i++) {
		struct vault_line *line = &v->lines[i];
		if (line->page >= from && line->page < to) {
			wipe(line->data, sizeof line->data);
			line->page = 0;
			line->dirty = false;
		}
	}
}
