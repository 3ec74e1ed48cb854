/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_begin(struct table *table, const char *const *heads, size_t columns)
{
	assert(columns > 0 && columns <= TABLE_COLUMNS_MAX);
	*table = (struct table){ .heads = heads, .columns = columns };
}

enum err table_cell(struct table *table, const char *text)
{
	if (table->cells == table->cap) {
		size_t cap = table->cap == 0 ? 64 : 2 * table->cap;
		char **cell = realloc(table->cell, cap * sizeof *cell);

		if (cell == NULL)
			return ERR_FULL;
		table->cell = cell;
		table->cap = cap;
	}
	char *copy = strdup(text != NULL && *text != 0 ? text : "-");
	if (copy == NULL)
		return ERR_FULL;
	for (char *at = copy; *at != 0; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7F)
			*at = '?';
	}
	table->cell[table->cells++] = copy;
	return ERR_NONE;
}

/* columns_of counts characters, not octets, of UTF-8. */
static size_t columns_of(const char *text)
{
	size_t n = 0;

	for (; *text != 0; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static void print_row(const struct table *table, const char *const *cell, const size_t *width)
{
	for (size_t c = 0; c < table->columns; c++) {
		bool last = c + 1 == table->columns;
		size_t pad = last ? 0 : width[c] - columns_of(cell[c]) + 2;

		printf("%s%*s", cell[c], (int)pad, "");
	}
	putchar('\n');
}

void table_print(const struct table *table, const char *none)
{
	size_t width[TABLE_COLUMNS_MAX];

	if (table->cells == 0) {
		puts(none);
		return;
	}
	for (size_t c = 0; c < table->columns; c++)
		width[c] = columns_of(table->heads[c]);
	for (size_t i = 0; i < table->cells; i++) {
		size_t w = columns_of(table->cell[i]);
		if (w > width[i % table->columns])
			width[i % table->columns] = w;
	}
	print_row(table, table->heads, width);
	for (size_t i = 0; i + table->columns <= table->cells; i += table->columns)
		print_row(table, (const char *const *)table->cell + i, width);
}

void table_end(struct table *table)
{
	for (size_t i = 0; i < table->cells; i++)
		free(table->cell[i]);
	free(table->cell);
	*table = (struct table){ 0 };
}
