/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes and transactions. The order of writes and syncs in vault_commit is what tear safety is. */
#include "vault/inside.h"

#include <string.h>

enum { COMMIT_MAGIC = 0x41564331, HEAD_MAGIC = 0x41564831 };

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

static bool chunk_joins_or_leaves(enum chunk_state state)
{
	return state == CHUNK_GROWING || state == CHUNK_ADOPTING || state == CHUNK_DROPPING;
}

/* --- opening ------------------------------------------------------------------------------- */

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

static enum err commit_put(struct vault *v)
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
static void commit_done(struct vault *v)
{
	memcpy(v->last, v->changed, sizeof v->last);
	v->last_count = v->changed_count;
	v->next_slot = (uint8_t)((v->next_slot + v->changed_count + 1) % VAULT_JOURNAL_PAGES);
	v->sequence++;
	v->changed_count = 0;
	v->in_txn = false;
}

static enum err apply(struct vault *v)
{
	for (unsigned i = 0; i < v->changed_count; i++)
		if (v->changed[i] != 0) /* 0: dropped again in the same transaction */
			TRY(page_copy(v, journal_page(v, i), v->changed[i]));
	return ERR_NONE;
}

enum err vault_format(struct vault *v, const struct flash *flash, const struct secret *key)
{
	uint8_t data[VAULT_PAGE_DATA];

	TRY(geometry(v, flash, key));
	for (uint32_t page = 0; page < CHUNK_PAGE + (uint32_t)v->chunks * v->chunk_pages; page++)
		TRY(page_blank(v, (uint16_t)page));
	memset(data, 0, sizeof data);
	TRY(page_put(v, TABLE_PAGE, PAGE_HOME, TABLE_PAGE, data));
	TRY(commit_put(v));
	commit_done(v);
	TRY(medium_sync(v));
	head_put(v, data);
	TRY(page_put(v, HEAD_PAGE, PAGE_HEAD, HEAD_PAGE, data));
	return medium_sync(v);
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
static void commit_get(struct vault *v, uint16_t slot, uint32_t *best, bool *drops)
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
	v->next_slot = (uint8_t)((slot + VAULT_JOURNAL_PAGES - (int)count) % VAULT_JOURNAL_PAGES);
	for (unsigned i = 0; i < count && take_uint(&in, 2, &page); i++)
		v->changed[i] = (uint16_t)page;
}

/* Finds the commit with the highest number and loads it as if it were about to be applied. */
static enum err last_commit(struct vault *v, bool *drops)
{
	uint32_t best = 0;

	for (uint16_t slot = 0; slot < VAULT_JOURNAL_PAGES; slot++)
		commit_get(v, slot, &best, drops);
	return best > 0 ? ERR_NONE : ERR_CORRUPT;
}

/* V2: whether or not it was applied before, apply the last commit. */
static enum err replay(struct vault *v, bool *drops)
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
	TRY(apply(v));
	TRY(medium_sync(v));
	commit_done(v);
	return ERR_NONE;
}

static enum err table_load(struct vault *v)
{
	struct vault_line *line;

	TRY(cache_line(v, TABLE_PAGE, &line));
	for (unsigned c = 0; c < v->chunks; c++) {
		uint8_t volume = line->data[2 * c];
		if (volume >= VAULT_VOLUMES || line->data[2 * c + 1] >= v->chunks)
			return ERR_CORRUPT;
		chunk_set(v, c, volume, volume != 0 ? CHUNK_LIVE : CHUNK_FREE);
		v->index[c] = line->data[2 * c + 1];
	}
	return ERR_NONE;
}

/* Nothing of what was dropped stays readable in old journal pages. The last commit stays. */
static enum err journal_wipe(struct vault *v)
{
	unsigned keep = v->last_count + 1u;

	for (unsigned i = 0; i < VAULT_JOURNAL_PAGES - keep; i++)
		TRY(page_blank(v, journal_page(v, i)));
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
	bool drops = false;

	TRY(geometry(v, flash, key));
	TRY(head_check(v));
	TRY(replay(v, &drops));
	TRY(table_load(v));
	TRY(sweep(v));
	if (drops)
		TRY(journal_wipe(v));
	vault_check(v);
	return ERR_NONE;
}

/* --- reading and writing ------------------------------------------------------------------- */

/* Where an address is. */
struct spot {
	uint8_t index; /* chunk of the volume */
	uint16_t page; /* within the chunk */
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

/* --- volumes ------------------------------------------------------------------------------- */

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

/* --- transactions -------------------------------------------------------------------------- */

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
		bool live = state == CHUNK_LIVE || state == CHUNK_GROWING || state == CHUNK_ADOPTING;
		line->data[2 * c] = live ? chunk_volume(v, c) : 0;
		line->data[2 * c + 1] = live ? v->index[c] : 0;
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

/* After the commit page is durable: errors here leave the vault broken, and the next open repairs. */
static enum err commit_finish(struct vault *v)
{
	bool dropped = false;

	TRY(apply(v));
	commit_done(v);
	for (unsigned c = 0; c < v->chunks; c++) {
		if (chunk_state(v, c) == CHUNK_DROPPING) {
			dropped = true;
			TRY(chunk_release(v, c));
		} else if (chunk_joins_or_leaves(chunk_state(v, c))) {
			chunk_set(v, c, chunk_volume(v, c), CHUNK_LIVE);
		}
	}
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
	err = commit_put(v);
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
