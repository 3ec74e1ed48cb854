/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of attestation/INDEX.md: a test walks those under one folder and judges each file as its
 * row says. Without the folder the test skips.
 */
#ifndef TESTS_EVIDENCE_INDEX_H
#define TESTS_EVIDENCE_INDEX_H

#include "tests/tap.h"

struct vector {
	char path[160];     /* below attestation/ */
	char expected[400]; /* the last column */
	struct bytes data;
};

UNUSED static bool attestation_file(const char *path, struct bytes *out)
{
	char name[256];

	snprintf(name, sizeof name, "attestation/%s", path);
	return shared_file(name, out);
}

/* Columns are | path | bytes | from | licence | exercises | expected |. */
static bool index_row(char *line, struct vector *out)
{
	char *column[8] = { 0 }, *rest = line, *next;
	size_t n = 0;

	while (n < COUNT(column) && (next = strsep(&rest, "|")) != NULL)
		column[n++] = next;
	if (n < 7 || strncmp(column[1], " ", 1) != 0)
		return false;
	if (sscanf(column[6], " %399[^\n]", out->expected) != 1)
		out->expected[0] = '\0';
	return sscanf(column[1], " %159s", out->path) == 1;
}

/* each_vector calls `judge` for every row whose path begins with `folder` and whose file is there;
 * returns how many there were. */
UNUSED static int each_vector(const char *folder, void (*judge)(const struct vector *vector))
{
	struct bytes text;
	char *copy, *rest, *line;
	int count = 0;

	if (!attestation_file("INDEX.md", &text)) {
		skip("the shared attestation vectors are not here");
		return 0;
	}
	copy = rest = strndup((const char *)text.at, text.len);
	while ((line = strsep(&rest, "\n")) != NULL) {
		struct vector vector = { 0 };

		if (!index_row(line, &vector) ||
		    strncmp(vector.path, folder, strlen(folder)) != 0 ||
		    !attestation_file(vector.path, &vector.data))
			continue;
		judge(&vector);
		count++;
	}
	free(copy);
	ok(count > 0, "%d files under %s were judged", count, folder);
	return count;
}

#endif
