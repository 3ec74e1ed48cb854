/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks: who owns which stretch of the medium. */
#include "vault/inside.h"

#include <string.h>

unsigned chunk_of_page(const struct vault *v, uint16_t page)
{
	if (page < CHUNK_PAGE)
		return v->chunks;
	return (unsigned)(page - CHUNK_PAGE) / v->chunk_pages;
}

unsigned chunk_find(const struct vault *v, uint8_t volume, uint8_t index)
{
	unsigned chunk = 0;

	for (; chunk < v->chunks; chunk++) {
		enum chunk_state state = chunk_state(v, chunk);
		if (state != CHUNK_FREE && state != CHUNK_DROPPING &&
		    chunk_volume(v, chunk) == volume && v->index[chunk] == index)
			break;
	}
	return chunk;
}

enum err chunk_claim(struct vault *v, uint8_t volume, uint8_t index, enum chunk_state state,
                     unsigned *chunk)
{
	/* Start somewhere else after each commit: wear spreads. */
	for (unsigned i = 0; i < v->chunks; i++) {
		unsigned c = (unsigned)(v->sequence * 7 + i) % v->chunks;
		if (chunk_state(v, c) != CHUNK_FREE)
			continue;
		chunk_set(v, c, volume, state);
		v->index[c] = index;
		*chunk = c;
		return ERR_NONE;
	}
	return ERR_FULL;
}

enum err chunk_release(struct vault *v, unsigned chunk)
{
	uint16_t first = chunk_first_page(v, chunk);

	cache_forget(v, first, (uint16_t)(first + v->chunk_pages));
	chunk_set(v, chunk, 0, CHUNK_FREE);
	v->index[chunk] = 0;
	for (uint16_t i = 0; i < v->chunk_pages; i++)
		TRY(page_blank(v, (uint16_t)(first + i)));
	return ERR_NONE;
}

enum err chunk_fill(struct vault *v, unsigned chunk)
{
	uint8_t data[VAULT_PAGE_DATA];
	uint16_t first = chunk_first_page(v, chunk);

	memset(data, 0xFF, sizeof data);
	for (uint16_t i = 0; i < v->chunk_pages; i++) {
		uint16_t page = (uint16_t)(first + i);
		bool blank;
		TRY(page_is_blank(v, page, &blank));
		if (blank)
			TRY(page_put(v, page, PAGE_HOME, page, data));
	}
	return ERR_NONE;
}
