/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the admin socket as tables and lines. */
#include "cli/admin.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *value, char number[static 32])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value)) {
		snprintf(number, 32, "%lld", (long long)json_integer_value(value));
		return number;
	}
	if (json_is_boolean(value))
		return json_is_true(value) ? "yes" : "no";
	return NULL;
}

static void print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
}

static enum err rows(struct table *table, const json_t *array, const struct admin_column *columns,
                     size_t count)
{
	char number[32];

	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *object = json_array_get(array, i);

		for (size_t c = 0; c < count; c++)
			TRY(table_cell(table, text_of(json_object_get(object, columns[c].member),
			                              number)));
	}
	return ERR_NONE;
}

int admin_show_list(const struct cli *cli, json_t *array, const struct admin_column *columns,
                    size_t count, const char *none)
{
	const char *heads[TABLE_COLUMNS_MAX];
	struct table table;
	int exit = CLI_DONE;

	if (cli_flag(cli, "json")) {
		print_json(array);
	} else {
		for (size_t c = 0; c < count; c++)
			heads[c] = columns[c].head;
		table_begin(&table, heads, count);
		enum err err = rows(&table, array, columns, count);
		if (err == ERR_NONE)
			table_print(&table, none);
		else
			exit = cli_fail_err(cli, err, "table");
		table_end(&table);
	}
	json_decref(array);
	return exit;
}

/* What has several lines stays in its column. */
static void print_member(const char *head, const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	printf("%-18s ", head);
	for (size_t i = 0; i < len; i++) {
		putchar(text[i]);
		if (text[i] == '\n')
			printf("%-18s ", "");
	}
	putchar('\n');
}

int admin_show(const struct cli *cli, json_t *object, const struct admin_column *columns,
               size_t count)
{
	char number[32];

	if (cli_flag(cli, "json")) {
		print_json(object);
	} else {
		for (size_t c = 0; c < count; c++) {
			const char *text =
				text_of(json_object_get(object, columns[c].member), number);

			if (text != NULL && *text != 0)
				print_member(columns[c].head, text);
		}
	}
	json_decref(object);
	return CLI_DONE;
}
