/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for people: rows of cells, columns as wide as their widest cell. Prints a heading and the
 * rows; with no rows, a sentence. Octets that a terminal could take for commands are shown as '?'.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/err.h"

#include <stddef.h>

enum { TABLE_COLUMNS_MAX = 10 };

struct table {
	const char *const *heads;
	size_t columns, cells, cap;
	char **cell;
};

/* table_begin makes an empty table; `heads` (kept by reference) has `columns` names. */
void table_begin(struct table *table, const char *const *heads, size_t columns);

/* table_cell appends a copy of `text` (NULL is shown as "-") as the next cell, row by row. */
NODISCARD enum err table_cell(struct table *table, const char *text);

/* table_print prints on standard output; `none` is the sentence for an empty table. */
void table_print(const struct table *table, const char *none);

void table_end(struct table *table);

#endif
