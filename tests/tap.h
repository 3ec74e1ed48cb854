/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test harness: TAP on standard output, one line a check. A test is rows of sentences; the
 * sentence is what the line says.
 *
 *     int main(void)
 *     {
 *             for (size_t i = 0; i < COUNT(rows); i++)
 *                     ok(run(&rows[i]) == rows[i].want, "%s", rows[i].says);
 *             return done();
 *     }
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_run, tap_failed;

/* ok counts and prints one check; returns the condition so that a test can stop early. */
__attribute__((format(printf, 2, 3))) UNUSED static bool ok(bool condition, const char *says, ...)
{
	char line[1024];
	va_list args;

	va_start(args, says);
	vsnprintf(line, sizeof line, says, args);
	va_end(args);
	for (char *at = line; *at != '\0'; at++)
		*at = (unsigned char)*at < ' ' ? '?' : *at; /* a row is one line */
	printf("%s %d - %s\n", condition ? "ok" : "not ok", ++tap_run, line);
	fflush(stdout);
	if (!condition)
		tap_failed++;
	return condition;
}

/* ok_err checks a cause, and names both when they differ. */
UNUSED static bool ok_err(enum err got, enum err want, const char *says)
{
	bool same = ok(got == want, "%s", says);

	if (!same)
		printf("# got %s, want %s\n", err_name(got), err_name(want));
	return same;
}

/* ok_bytes compares octets and shows both when they differ. */
UNUSED static bool ok_bytes(struct bytes got, struct bytes want, const char *says)
{
	bool same = ok(bytes_same(got, want), "%s", says);

	if (same)
		return true;
	printf("# got  ");
	for (size_t i = 0; i < got.len; i++)
		printf("%02x", got.at[i]);
	printf("\n# want ");
	for (size_t i = 0; i < want.len; i++)
		printf("%02x", want.at[i]);
	printf("\n");
	return false;
}

/* skip says why a check could not be made; it counts as skipped, not as passed. */
__attribute__((format(printf, 1, 2))) UNUSED static void skip(const char *why, ...)
{
	va_list args;

	printf("ok %d # SKIP ", ++tap_run);
	va_start(args, why);
	vprintf(why, args);
	va_end(args);
	printf("\n");
}

/* done prints the plan and gives main's return value. */
UNUSED static int done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* unhex turns a hex literal of a test row into octets of `store`; stops the test when malformed. */
UNUSED static struct bytes unhex(const char *text, uint8_t *store, size_t cap)
{
	size_t n = strlen(text) / 2;

	if (n > cap) {
		printf("Bail out! hex literal too long\n");
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned octet;
		if (sscanf(text + 2 * i, "%2x", &octet) != 1) {
			printf("Bail out! bad hex literal\n");
			exit(EXIT_FAILURE);
		}
		store[i] = (uint8_t)octet;
	}
	return (struct bytes){ store, n };
}

/* keep_octets gives memory that the test never frees, and that the leak checker finds in use. */
UNUSED static uint8_t *keep_octets(size_t size)
{
	struct kept {
		struct kept *next;
		uint8_t octets[];
	};
	static struct kept *volatile all;
	struct kept *one = malloc(sizeof *one + size);

	if (one == NULL) {
		printf("Bail out! no memory\n");
		exit(EXIT_FAILURE);
	}
	one->next = all;
	all = one;
	return one->octets;
}

/* shared_file reads ../shared/vectors/NAME beside the checkout (or $ASSAY_SHARED/NAME) into memory that
 * the test never frees; false when it is not there, and the test skips. */
UNUSED static bool shared_file(const char *name, struct bytes *out)
{
	const char *root = getenv("ASSAY_SHARED");
	char path[512];
	long size;

	snprintf(path, sizeof path, "%s/%s", root != NULL ? root : "../shared/vectors", name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return false;
	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET) != 0) {
		fclose(file);
		return false;
	}
	uint8_t *at = keep_octets((size_t)size + 1);
	bool whole = fread(at, 1, (size_t)size, file) == (size_t)size;
	fclose(file);
	if (!whole)
		return false;
	*out = (struct bytes){ at, (size_t)size };
	return true;
}

#endif
