/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CBOR diagnostic notation (RFC 8949 8) as the published vectors use it, turned into CBOR: numbers,
 * strings, h'..' with white space inside, arrays, maps, tags, <<..>>, and comments. For tests
 * alone.
 */
#ifndef TESTS_EVIDENCE_DIAG_H
#define TESTS_EVIDENCE_DIAG_H

#include "codec/cbor.h"
#include "tests/tap.h"

#include <ctype.h>

static bool diag_item(const char **at, struct room *out);

static void diag_blank(const char **at)
{
	for (;;) {
		if (isspace((unsigned char)**at)) {
			(*at)++;
		} else if (**at == '/') {
			const char *end = strchr(*at + 1, '/');
			*at = end == NULL ? *at + strlen(*at) : end + 1;
		} else if (**at == '#') {
			*at += strcspn(*at, "\n");
		} else {
			return;
		}
	}
}

static bool diag_take(const char **at, const char *want)
{
	diag_blank(at);
	if (strncmp(*at, want, strlen(want)) != 0)
		return false;
	*at += strlen(want);
	return true;
}

static bool diag_hex(const char **at, struct room *out)
{
	size_t mark = cbor_open_bytes(out);

	unsigned octet = 0;

	for (unsigned nibbles = 0; **at != '\''; (*at)++) {
		if (isspace((unsigned char)**at))
			continue;
		if (!isxdigit((unsigned char)**at))
			return false;
		int digit = isdigit((unsigned char)**at) ? **at - '0'
		                                         : tolower((unsigned char)**at) - 'a' + 10;
		octet = (octet & 15) << 4 | (unsigned)digit;
		if (++nibbles % 2 == 0)
			room_put_u8(out, (uint8_t)octet);
	}
	(*at)++;
	cbor_close_bytes(out, mark);
	return true;
}

/* Items up to the closing mark go to a room of their own, as their count comes first. */
static bool diag_group(const char **at, struct room *out, const char *close, bool map)
{
	size_t cap = out->cap - out->len;
	uint8_t *store = malloc(cap);
	struct room inside = { store, cap, 0, false };
	uint64_t count = 0;
	bool good = true;

	while (good && !diag_take(at, close)) {
		good = diag_item(at, &inside) &&
		       (!map || (diag_take(at, ":") && diag_item(at, &inside)));
		count++;
		(void)!diag_take(at, ","); /* a trailing one is tolerated */
	}
	if (map)
		cbor_put_map(out, count);
	else
		cbor_put_array(out, count);
	room_put(out, room_used(&inside));
	free(store);
	return good;
}

static bool diag_number(const char **at, struct room *out)
{
	char *end;
	long long number = strtoll(*at, &end, 0);

	if (end == *at)
		return false;
	*at = end;
	if (**at == '(') { /* a tag */
		(*at)++;
		cbor_put_tag(out, (uint64_t)number);
		return diag_item(at, out) && diag_take(at, ")");
	}
	cbor_put_int(out, number);
	return true;
}

static bool diag_text(const char **at, struct room *out)
{
	const char *end = strchr(*at, '"');

	if (end == NULL)
		return false;
	cbor_put_text(out, (struct bytes){ (const uint8_t *)*at, (size_t)(end - *at) });
	*at = end + 1;
	return true;
}

static bool diag_item(const char **at, struct room *out)
{
	if (diag_take(at, "{"))
		return diag_group(at, out, "}", true);
	if (diag_take(at, "["))
		return diag_group(at, out, "]", false);
	if (diag_take(at, "<<")) {
		size_t mark = cbor_open_bytes(out);
		bool good = diag_item(at, out) && diag_take(at, ">>");
		cbor_close_bytes(out, mark);
		return good;
	}
	if (diag_take(at, "h'"))
		return diag_hex(at, out);
	if (diag_take(at, "\""))
		return diag_text(at, out);
	if (diag_take(at, "true") || diag_take(at, "false")) {
		cbor_put_bool(out, (*at)[-2] == 'u');
		return true;
	}
	if (diag_take(at, "null")) {
		cbor_put_null(out);
		return true;
	}
	return diag_number(at, out);
}

/* diag_read turns the text into CBOR octets of `out`; false when it is not understood. */
UNUSED static bool diag_read(struct bytes text, struct room *out)
{
	char *copy = strndup((const char *)text.at, text.len);
	const char *at = copy;
	bool good = diag_item(&at, out) && !out->full;

	diag_blank(&at);
	good = good && *at == '\0';
	free(copy);
	return good;
}

#endif
