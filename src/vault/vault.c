/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes: where an address is, reading and writing there, coming and going. */
#include "vault/inside.h"

#include <string.h>

static bool volume_valid(uint8_t volume)
{
	return volume > 0 && volume < VAULT_VOLUMES;
}

/* The state of a volume's first chunk, which every volume has. */
static enum chunk_state volume_state(const struct vault *v, uint8_t volume)
{
	unsigned chunk = chunk_find(v, volume, 0);

	return chunk < v->chunks ? chunk_state(v, chunk) : CHUNK_FREE;
}

/* Where an address is. */
struct spot {
	uint8_t index;      /* chunk of the volume */
	uint16_t page;      /* within the chunk */
	size_t offset, run; /* in the page, and how far it goes there */
};

static enum err spot_of(const struct vault *v, uint32_t at, size_t len, struct spot *out)
{
	uint32_t chunk_size = (uint32_t)v->chunk_pages * VAULT_PAGE_DATA;
	uint32_t offset = at % VAULT_PAGE_DATA;

	if (at >= vault_span(v))
		return ERR_FULL;
	out->index = (uint8_t)(at / chunk_size);
	out->page = (uint16_t)(at % chunk_size / VAULT_PAGE_DATA);
	out->offset = offset;
	out->run = VAULT_PAGE_DATA - offset < len ? VAULT_PAGE_DATA - offset : len;
	return ERR_NONE;
}

enum err vault_read(struct vault *v, uint8_t volume, uint32_t at, uint8_t *out, size_t len)
{
	while (len > 0) {
		struct vault_line *line;
		struct spot spot;
		if (spot_of(v, at, len, &spot) != ERR_NONE)
			return ERR_NOT_FOUND;
		unsigned chunk = chunk_find(v, volume, spot.index);
		if (chunk == v->chunks)
			return ERR_NOT_FOUND;
		TRY(cache_line(v, (uint16_t)(chunk_first_page(v, chunk) + spot.page), &line));
		memcpy(out, line->data + spot.offset, spot.run);
		out += spot.run;
		at += (uint32_t)spot.run;
		len -= spot.run;
	}
	return ERR_NONE;
}

/* The chunk that a write goes to, made when the volume has not got that far. */
static enum err chunk_for_write(struct vault *v, uint8_t volume, uint8_t index, unsigned *chunk)
{
	enum chunk_state state = volume_state(v, volume);

	*chunk = chunk_find(v, volume, index);
	if (*chunk < v->chunks)
		return ERR_NONE;
	if (state == CHUNK_LIVE || state == CHUNK_GROWING)
		state = CHUNK_GROWING;
	return chunk_claim(v, volume, index, state, chunk);
}

enum err vault_write(struct vault *v, uint8_t volume, uint32_t at, struct bytes data)
{
	enum chunk_state state = volume_state(v, volume);

	if (v->broken)
		return ERR_IO;
	if (!volume_valid(volume) || state == CHUNK_FREE)
		return ERR_NOT_FOUND;
	if (state == CHUNK_LIVE && !v->in_txn)
		return ERR_ORDER;
	while (data.len > 0) {
		struct vault_line *line;
		struct bytes part;
		struct spot spot;
		unsigned chunk;
		TRY(spot_of(v, at, data.len, &spot));
		TRY(chunk_for_write(v, volume, spot.index, &chunk));
		TRY(cache_line(v, (uint16_t)(chunk_first_page(v, chunk) + spot.page), &line));
		TRY(cache_touch(v, line));
		if (!bytes_take(&data, spot.run, &part))
			return ERR_LENGTH;
		memcpy(line->data + spot.offset, part.at, part.len);
		at += (uint32_t)spot.run;
	}
	return ERR_NONE;
}

enum err vault_draft(struct vault *v, uint8_t volume)
{
	unsigned chunk;

	if (!volume_valid(volume))
		return ERR_VALUE;
	for (unsigned c = 0; c < v->chunks; c++)
		if (chunk_volume(v, c) == volume && chunk_state(v, c) != CHUNK_FREE &&
		    chunk_state(v, c) != CHUNK_DRAFT)
			return ERR_EXISTS;
	if (volume_state(v, volume) == CHUNK_DRAFT)
		TRY(vault_drop(v, volume));
	return chunk_claim(v, volume, 0, CHUNK_DRAFT, &chunk);
}

enum err vault_adopt(struct vault *v, uint8_t volume)
{
	if (!v->in_txn)
		return ERR_ORDER;
	if (volume_state(v, volume) != CHUNK_DRAFT)
		return ERR_NOT_FOUND;
	for (unsigned c = 0; c < v->chunks; c++)
		if (chunk_state(v, c) == CHUNK_DRAFT && chunk_volume(v, c) == volume)
			chunk_set(v, c, volume, CHUNK_ADOPTING);
	return ERR_NONE;
}

/* The transaction forgets what it did to pages that are about to go: V4. */
static void unchange(struct vault *v, unsigned chunk)
{
	for (unsigned i = 0; i < v->changed_count; i++)
		if (v->changed[i] != 0 && chunk_of_page(v, v->changed[i]) == chunk)
			v->changed[i] = 0;
	cache_forget(v, chunk_first_page(v, chunk),
	             (uint16_t)(chunk_first_page(v, chunk) + v->chunk_pages));
}

enum err vault_drop(struct vault *v, uint8_t volume)
{
	enum chunk_state state = volume_state(v, volume);

	if (!volume_valid(volume) || state == CHUNK_FREE)
		return ERR_NOT_FOUND;
	if (state == CHUNK_LIVE && !v->in_txn)
		return ERR_ORDER;
	for (unsigned c = 0; c < v->chunks; c++) {
		state = chunk_state(v, c);
		if (chunk_volume(v, c) != volume || state == CHUNK_FREE || state == CHUNK_DROPPING)
			continue;
		unchange(v, c);
		if (state == CHUNK_LIVE)
			chunk_set(v, c, volume, CHUNK_DROPPING);
		else
			TRY(chunk_release(v, c));
	}
	return ERR_NONE;
}

bool vault_exists(const struct vault *v, uint8_t volume)
{
	enum chunk_state state = volume_state(v, volume);

	return state == CHUNK_LIVE || state == CHUNK_ADOPTING;
}

uint32_t vault_free(const struct vault *v)
{
	uint32_t chunks = 0;

	for (unsigned c = 0; c < v->chunks; c++)
		chunks += chunk_state(v, c) == CHUNK_FREE;
	return chunks * v->chunk_pages * VAULT_PAGE_DATA;
}

uint32_t vault_span(const struct vault *v)
{
	return (uint32_t)v->chunks * v->chunk_pages * VAULT_PAGE_DATA;
}
