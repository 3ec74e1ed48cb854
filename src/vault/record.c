/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of fixed rows, then cells of 32 octets. A record is a row and a run of cells. */
#include "vault/record.h"

#include <string.h>

enum {
	ROW_SIZE = 6, /* key, length, first cell: two octets each */
	CELL_SIZE = 32,
	CELLS = 4096, /* 128 KB: 16 profiles with icons, certificates, notifications */
	CELLS_AT = RECORDS_MAX * ROW_SIZE,
	ROWS_AT_ONCE = 16,
	KEY_NONE = 0xFFFF,
};

_Static_assert(RECORDS_MAX % ROWS_AT_ONCE == 0, "the directory is read in whole portions");

struct row {
	uint16_t key, len, cell;
};

static uint16_t two(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static size_t cells_of(size_t len)
{
	return (len + CELL_SIZE - 1) / CELL_SIZE;
}

static uint32_t cell_at(uint16_t cell)
{
	return CELLS_AT + (uint32_t)cell * CELL_SIZE;
}

/* Calls for each row in use; stops when told false. */
typedef bool row_fn(void *ctx, unsigned number, const struct row *row);

static enum err each_row(struct vault *v, row_fn *visit, void *ctx)
{
	uint8_t raw[ROWS_AT_ONCE * ROW_SIZE];

	if (!vault_exists(v, RECORD_VOLUME))
		return ERR_NONE;
	for (unsigned i = 0; i < RECORDS_MAX; i++) {
		const uint8_t *at = raw + (size_t)(i % ROWS_AT_ONCE) * ROW_SIZE;
		if (i % ROWS_AT_ONCE == 0)
			TRY(vault_read(v, RECORD_VOLUME, i * ROW_SIZE, raw, sizeof raw));
		struct row row = { two(at), two(at + 2), two(at + 4) };
		if (row.key != KEY_NONE && !visit(ctx, i, &row))
			return ERR_NONE;
	}
	return ERR_NONE;
}

struct search {
	uint16_t key;
	bool found;
	unsigned number;
	struct row row;
};

static bool match(void *ctx, unsigned number, const struct row *row)
{
	struct search *search = ctx;

	if (row->key != search->key)
		return true;
	search->found = true;
	search->number = number;
	search->row = *row;
	return false;
}

static enum err find(struct vault *v, uint16_t key, struct search *search)
{
	*search = (struct search){ .key = key };
	TRY(each_row(v, match, search));
	return search->found ? ERR_NONE : ERR_NOT_FOUND;
}

enum err record_size(struct vault *v, uint16_t key, size_t *size)
{
	struct search search;

	TRY(find(v, key, &search));
	*size = search.row.len;
	return ERR_NONE;
}

enum err record_read(struct vault *v, uint16_t key, size_t at, uint8_t *out, size_t len)
{
	struct search search;

	TRY(find(v, key, &search));
	if (at > search.row.len || len > search.row.len - at)
		return ERR_LENGTH;
	return vault_read(v, RECORD_VOLUME, cell_at(search.row.cell) + (uint32_t)at, out, len);
}

enum err record_get(struct vault *v, uint16_t key, struct room *out)
{
	struct search search;

	TRY(find(v, key, &search));
	uint8_t *at = room_claim(out, search.row.len);
	if (at == NULL)
		return ERR_ROOM;
	return vault_read(v, RECORD_VOLUME, cell_at(search.row.cell), at, search.row.len);
}

/* What record_put must know about all rows: which cells are taken, which row is free. */
struct survey {
	uint16_t key;
	bool rows[RECORDS_MAX];
	uint8_t cells[CELLS / 8];
	struct row old;
	unsigned old_number;
	bool has_old;
};

static bool take_survey(void *ctx, unsigned number, const struct row *row)
{
	struct survey *survey = ctx;

	survey->rows[number] = true;
	if (row->key == survey->key) { /* its cells may be used again */
		survey->old = *row;
		survey->old_number = number;
		survey->has_old = true;
		return true;
	}
	for (size_t c = row->cell; c < row->cell + cells_of(row->len) && c < CELLS; c++)
		survey->cells[c / 8] |= (uint8_t)(1 << c % 8);
	return true;
}

static bool first_fit(const struct survey *survey, size_t need, uint16_t *cell)
{
	size_t run = 0, c = 0;

	for (; c < CELLS && run < need; c++)
		run = survey->cells[c / 8] & 1 << c % 8 ? 0 : run + 1;
	*cell = (uint16_t)(c - run);
	return run >= need;
}

static enum err row_write(struct vault *v, unsigned number, const struct row *row)
{
	uint8_t raw[ROW_SIZE];
	struct room out = ROOM(raw);

	room_put_u16(&out, row->key);
	room_put_u16(&out, row->len);
	room_put_u16(&out, row->cell);
	return vault_write(v, RECORD_VOLUME, number * ROW_SIZE, room_used(&out));
}

/* The first record of all makes the volume. */
static enum err directory(struct vault *v)
{
	uint8_t blank[ROW_SIZE * ROWS_AT_ONCE];

	if (vault_exists(v, RECORD_VOLUME))
		return ERR_NONE;
	memset(blank, 0xFF, sizeof blank);
	TRY(vault_draft(v, RECORD_VOLUME));
	for (unsigned i = 0; i < RECORDS_MAX; i += ROWS_AT_ONCE)
		TRY(vault_write(v, RECORD_VOLUME, i * ROW_SIZE, BYTES(blank)));
	return vault_adopt(v, RECORD_VOLUME);
}

/* What is replaced or removed is gone, not only unreachable (R7). */
static enum err cells_clear(struct vault *v, const struct row *row)
{
	static const uint8_t zero[CELL_SIZE];

	for (size_t c = 0; c < cells_of(row->len); c++)
		TRY(vault_write(v, RECORD_VOLUME, cell_at((uint16_t)(row->cell + c)), BYTES(zero)));
	return ERR_NONE;
}

enum err record_put(struct vault *v, uint16_t key, struct bytes value)
{
	struct survey survey = { .key = key };
	struct row row = { key, (uint16_t)value.len, 0 };
	unsigned number = 0;

	if (value.len > RECORD_SIZE_MAX || key == KEY_NONE)
		return ERR_LIMIT;
	if (!vault_in_transaction(v))
		return ERR_ORDER;
	TRY(directory(v));
	TRY(each_row(v, take_survey, &survey));
	while (number < RECORDS_MAX && survey.rows[number])
		number++;
	if (survey.has_old)
		number = survey.old_number;
	if (number == RECORDS_MAX)
		return ERR_FULL;
	if (survey.has_old && cells_of(survey.old.len) >= cells_of(value.len))
		row.cell = survey.old.cell;
	else if (!first_fit(&survey, cells_of(value.len), &row.cell))
		return ERR_FULL;
	if (survey.has_old)
		TRY(cells_clear(v, &survey.old));
	TRY(row_write(v, number, &row));
	return vault_write(v, RECORD_VOLUME, cell_at(row.cell), value);
}

enum err record_remove(struct vault *v, uint16_t key)
{
	struct search search;

	if (!vault_in_transaction(v))
		return ERR_ORDER;
	TRY(find(v, key, &search));
	TRY(cells_clear(v, &search.row));
	return row_write(v, search.number, &(struct row){ KEY_NONE, 0, 0 });
}

struct next {
	uint8_t kind;
	uint16_t from, best;
};

static bool later(void *ctx, unsigned number, const struct row *row)
{
	struct next *next = ctx;

	(void)number;
	if (row->key >> 8 == next->kind && row->key >= next->from && row->key < next->best)
		next->best = row->key;
	return true;
}

enum err record_next(struct vault *v, uint8_t kind, uint16_t *key)
{
	struct next next = { kind, *key, KEY_NONE };

	TRY(each_row(v, later, &next));
	if (next.best == KEY_NONE)
		return ERR_NOT_FOUND;
	*key = next.best;
	return ERR_NONE;
}
