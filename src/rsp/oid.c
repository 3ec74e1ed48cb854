/* SPDX-License-Identifier: Apache-2.0 */
/* Object identifiers in dotted decimal, X.690 8.19. */
#include "rsp/x509.h"

static void put_decimal(struct room *out, uint32_t number)
{
	uint8_t digits[10];
	size_t n = 0;

	do {
		digits[n++] = (uint8_t)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (n-- > 0)
		room_put_u8(out, digits[n]);
}

static enum err next_arc(struct bytes *oid, uint64_t *arc)
{
	struct bytes octet;
	uint64_t n = 0;

	do {
		if (!bytes_take(oid, 1, &octet))
			return ERR_TRUNCATED;
		if (n == 0 && octet.at[0] == 0x80)
			return ERR_VALUE; /* X.690 8.19.2: fewest octets */
		if (n > UINT32_MAX >> 7)
			return ERR_LIMIT;
		n = n << 7 | (octet.at[0] & 0x7F);
	} while (octet.at[0] & 0x80);
	*arc = n;
	return ERR_NONE;
}

enum err oid_text_put(struct room *out, struct bytes oid)
{
	struct bytes check = oid;
	uint64_t arc;

	if (oid.len == 0)
		return ERR_LENGTH;
	while (check.len > 0)
		TRY(next_arc(&check, &arc));
	TRY(next_arc(&oid, &arc));
	uint32_t first = arc < 80 ? (uint32_t)(arc / 40) : 2;
	put_decimal(out, first);
	room_put_u8(out, '.');
	put_decimal(out, (uint32_t)(arc - 40 * (uint64_t)first));
	while (oid.len > 0) {
		TRY(next_arc(&oid, &arc));
		room_put_u8(out, '.');
		put_decimal(out, (uint32_t)arc);
	}
	return ERR_NONE;
}

static enum err read_decimal(struct bytes *text, uint64_t *number)
{
	struct bytes digit;
	uint64_t n = 0;
	size_t count = 0;

	while (text->len > 0 && text->at[0] != '.') {
		if (!bytes_take(text, 1, &digit))
			return ERR_TRUNCATED;
		if (digit.at[0] < '0' || digit.at[0] > '9' || (count > 0 && n == 0))
			return ERR_VALUE;
		n = 10 * n + (uint64_t)(digit.at[0] - '0');
		if (n > UINT32_MAX)
			return ERR_LIMIT;
		count++;
	}
	if (count == 0)
		return ERR_VALUE;
	*number = n;
	return ERR_NONE;
}

static void put_arc(struct room *out, uint64_t arc)
{
	size_t more = 0;

	while (arc >> 7 * (more + 1) != 0)
		more++;
	for (; more > 0; more--)
		room_put_u8(out, (uint8_t)(0x80 | (arc >> 7 * more & 0x7F)));
	room_put_u8(out, arc & 0x7F);
}

enum err oid_text_read(struct bytes text, struct room *oid)
{
	struct bytes dot, check = text;
	uint64_t arcs[2] = { 0, 0 }, arc;
	size_t n = 0;

	while (true) {
		TRY(read_decimal(&check, &arc));
		if (n < 2)
			arcs[n] = arc;
		n++;
		if (check.len == 0)
			break;
		if (!bytes_take(&check, 1, &dot))
			return ERR_TRUNCATED;
	}
	if (n < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39) || arcs[1] > UINT32_MAX - 80)
		return ERR_VALUE;
	put_arc(oid, 40 * arcs[0] + arcs[1]);
	for (size_t i = 0; i < n; i++) {
		TRY(read_decimal(&text, &arc));
		if (i >= 2)
			put_arc(oid, arc);
		(void)!bytes_take(&text, 1, &dot); /* there is none behind the last arc */
	}
	return oid->full ? ERR_ROOM : ERR_NONE;
}
