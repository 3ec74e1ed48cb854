/* SPDX-License-Identifier: Apache-2.0 */
/* Making a vault, and finding it again after any loss of power. */
#include "vault/inside.h"

#include <string.h>

enum { HEAD_MAGIC = 0x41564831 };

static enum err geometry(struct vault *v, const struct flash *flash, const struct secret *key)
{
	uint32_t pages = flash->size / VAULT_PAGE;

	if (flash->size < VAULT_SIZE_MIN)
		return ERR_LIMIT;
	if (key != NULL && key->len != 32)
		return ERR_LENGTH;
	if (pages > PAGES_MAX)
		pages = PAGES_MAX;
	pages -= CHUNK_PAGE;
	memset(v, 0, sizeof *v);
	v->flash = *flash;
	v->key = key;
	v->chunk_pages = (uint16_t)((pages + VAULT_CHUNKS_MAX - 1) / VAULT_CHUNKS_MAX);
	v->chunks = (uint16_t)(pages / v->chunk_pages);
	return ERR_NONE;
}

static void head_put(const struct vault *v, uint8_t data[static VAULT_PAGE_DATA])
{
	struct room out = { data, VAULT_PAGE_DATA, 0, false };

	memset(data, 0, VAULT_PAGE_DATA);
	room_put_u32(&out, HEAD_MAGIC);
	room_put_u16(&out, v->chunks);
	room_put_u16(&out, v->chunk_pages);
}

enum err vault_format(struct vault *v, const struct flash *flash, const struct secret *key)
{
	uint8_t data[VAULT_PAGE_DATA];

	TRY(geometry(v, flash, key));
	for (uint32_t page = 0; page < CHUNK_PAGE + (uint32_t)v->chunks * v->chunk_pages; page++)
		TRY(page_blank(v, (uint16_t)page));
	memset(data, 0, sizeof data);
	TRY(page_put(v, TABLE_PAGE, PAGE_HOME, TABLE_PAGE, data));
	TRY(journal_commit(v));
	journal_done(v);
	TRY(medium_sync(v));
	head_put(v, data);
	TRY(page_put(v, HEAD_PAGE, PAGE_HEAD, HEAD_PAGE, data));
	return medium_sync(v);
}

static enum err table_load(struct vault *v)
{
	struct vault_line *line;

	TRY(cache_line(v, TABLE_PAGE, &line));
	for (unsigned c = 0; c < v->chunks; c++) {
		const uint8_t *row = line->data + 2 * (size_t)c;
		if (row[0] >= VAULT_VOLUMES || row[1] >= v->chunks)
			return ERR_CORRUPT;
		chunk_set(v, c, row[0], row[0] != 0 ? CHUNK_LIVE : CHUNK_FREE);
		v->index[c] = row[1];
	}
	return ERR_NONE;
}

/* V5: what a power cut left of drafts and interrupted wipes. */
static enum err sweep(struct vault *v)
{
	for (unsigned c = 0; c < v->chunks; c++)
		if (chunk_state(v, c) == CHUNK_FREE)
			TRY(chunk_release(v, c));
	return ERR_NONE;
}

static enum err head_check(struct vault *v)
{
	uint8_t data[VAULT_PAGE_DATA], want[VAULT_PAGE_DATA];
	enum err err = page_get(v, HEAD_PAGE, PAGE_HEAD, HEAD_PAGE, data);

	if (err != ERR_NONE)
		return err;
	head_put(v, want);
	return memcmp(data, want, sizeof want) == 0 ? ERR_NONE : ERR_CORRUPT;
}

enum err vault_open(struct vault *v, const struct flash *flash, const struct secret *key)
{
	bool drops = false, destroyed = false;

	TRY(geometry(v, flash, key));
	TRY(vault_destroyed(flash, &destroyed));
	if (destroyed) {
		TRY(vault_destroy(flash));
		return ERR_EXPIRED;
	}
	TRY(head_check(v));
	TRY(journal_replay(v, &drops));
	TRY(table_load(v));
	TRY(sweep(v));
	if (drops)
		TRY(journal_wipe(v));
	vault_check(v);
	return ERR_NONE;
}
