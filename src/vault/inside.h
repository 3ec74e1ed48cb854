/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the vault share and nobody else sees: where things are on the medium, pages as
 * they lie there (page.c), pages in RAM (cache.c), chunks (chunk.c), the journal
 * (journal.c).
 */
#ifndef VAULT_INSIDE_H
#define VAULT_INSIDE_H

#include "port/crypto.h"
#include "vault/vault.h"

enum {
	HEAD_PAGE = 0,
	JOURNAL_PAGE = 1,
	TABLE_PAGE = JOURNAL_PAGE + VAULT_JOURNAL_PAGES,
	CHUNK_PAGE, /* the first page of chunk 0 */
	PAGES_MAX = 0xFFFF,
};

_Static_assert(VAULT_JOURNAL_PAGES > 2 * (VAULT_TXN_PAGES + 1), "V3");
_Static_assert(VAULT_PAGE_DATA + GCM_NONCE_SIZE + GCM_TAG_SIZE == VAULT_PAGE, "a page is full");
_Static_assert(2 * VAULT_CHUNKS_MAX <= VAULT_PAGE_DATA, "the allocation table is one page");

/* What a page is, authenticated with its place. */
enum page_kind {
	PAGE_HEAD = 'H',
	PAGE_HOME = 'P',   /* place: the page it is or, in the journal, will be */
	PAGE_COMMIT = 'C', /* place: its journal page */
};

/* What a chunk is, in RAM. On the medium there are only free and live ones. */
enum chunk_state {
	CHUNK_FREE,
	CHUNK_DRAFT, /* written in place, unknown to the table */
	CHUNK_LIVE,
	CHUNK_GROWING,  /* joins a live volume at commit, free again on abort */
	CHUNK_ADOPTING, /* live at commit, draft again on abort */
	CHUNK_DROPPING, /* free at commit, live again on abort */
	CHUNK_STATES
};

/* page_put seals data into the page `at`; page_get opens it. ERR_NOT_FOUND: blank, all zeros where the
 * nonce would be. ERR_MAC: not what was written there. On error `data` is wiped. */
NODISCARD enum err page_put(struct vault *v, uint16_t at, enum page_kind kind, uint16_t place,
                            const uint8_t data[static VAULT_PAGE_DATA]);
NODISCARD enum err page_get(struct vault *v, uint16_t at, enum page_kind kind, uint16_t place,
                            uint8_t data[static VAULT_PAGE_DATA]);

/* page_copy makes a page the same as another, as it lies; page_blank makes it zeros unless it is; page_is_blank looks. */
NODISCARD enum err page_copy(struct vault *v, uint16_t from, uint16_t to);
NODISCARD enum err page_blank(struct vault *v, uint16_t at);
NODISCARD enum err page_is_blank(struct vault *v, uint16_t at, bool *blank);
NODISCARD enum err medium_sync(struct vault *v);

/* journal_page is where image or commit number i of the transaction under way goes. */
uint16_t journal_page(const struct vault *v, unsigned i);

/* journal_commit writes the commit page of the transaction under way; journal_done makes it the last
 * one; journal_apply copies its images to where they belong. */
NODISCARD enum err journal_commit(struct vault *v);
void journal_done(struct vault *v);
NODISCARD enum err journal_apply(struct vault *v);

/* journal_replay finds the last commit and applies it, whether or not it was applied before (V2); `drops`
 * tells whether it dropped a volume. ERR_CORRUPT when there is none. */
NODISCARD enum err journal_replay(struct vault *v, bool *drops);

/* journal_wipe makes zeros of all but the last commit: what was dropped is nowhere any more. */
NODISCARD enum err journal_wipe(struct vault *v);

/* cache_line gives the page in RAM, loading it if need be. */
NODISCARD enum err cache_line(struct vault *v, uint16_t page, struct vault_line **line);
/* cache_touch marks a line dirty; pages of live volumes join the transaction. ERR_LIMIT. */
NODISCARD enum err cache_touch(struct vault *v, struct vault_line *line);
NODISCARD enum err cache_flush(struct vault *v);
void cache_forget(struct vault *v, uint16_t from, uint16_t to); /* pages from..to-1 */

static inline enum chunk_state chunk_state(const struct vault *v, unsigned chunk)
{
	return (enum chunk_state)(v->owner[chunk] >> 5);
}

static inline uint8_t chunk_volume(const struct vault *v, unsigned chunk)
{
	return v->owner[chunk] & 0x1F;
}

static inline void chunk_set(struct vault *v, unsigned chunk, uint8_t volume,
                             enum chunk_state state)
{
	v->owner[chunk] = (uint8_t)(state << 5 | volume);
}

static inline uint16_t chunk_first_page(const struct vault *v, unsigned chunk)
{
	return (uint16_t)(CHUNK_PAGE + chunk * v->chunk_pages);
}

/* chunk_of_page is the chunk a page lies in; v->chunks for pages before the first. */
unsigned chunk_of_page(const struct vault *v, uint16_t page);

/* chunk_find gives the chunk of a volume at an index, v->chunks when there is none. */
unsigned chunk_find(const struct vault *v, uint8_t volume, uint8_t index);
NODISCARD enum err chunk_claim(struct vault *v, uint8_t volume, uint8_t index,
                               enum chunk_state state, unsigned *chunk);
/* chunk_release makes a chunk free and its pages zeros. */
NODISCARD enum err chunk_release(struct vault *v, unsigned chunk);
/* chunk_fill seals the pages of a joining chunk that were never written (V6). */
NODISCARD enum err chunk_fill(struct vault *v, unsigned chunk);

#endif
