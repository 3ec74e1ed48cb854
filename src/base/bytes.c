/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

bool bytes_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

int bytes_order(struct bytes a, struct bytes b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared == 0 ? 0 : memcmp(a.at, b.at, shared);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool bytes_uint(struct bytes in, uint64_t *out)
{
	uint64_t value = 0;

	if (in.len > sizeof value)
		return false;
	for (size_t i = 0; i < in.len; i++)
		value = value << 8 | in.at[i];
	*out = value;
	return true;
}

uint8_t *room_claim(struct room *room, size_t n)
{
	if (room->full || n > room->cap - room->len) {
		room->full = true;
		return NULL;
	}
	uint8_t *at = room->at + room->len;
	room->len += n;
	return at;
}

void room_put(struct room *room, struct bytes bytes)
{
	uint8_t *at = room_claim(room, bytes.len);

	/* memmove: a caller may repeat what the same room already holds. */
	if (at != NULL && bytes.len > 0)
		memmove(at, bytes.at, bytes.len);
}

static void put_big_endian(struct room *room, uint64_t value, size_t n)
{
	uint8_t *at = room_claim(room, n);

	if (at == NULL)
		return;
	while (n > 0) {
		at[--n] = (uint8_t)value;
		value >>= 8;
	}
}

void room_put_u8(struct room *room, uint8_t value)
{
	put_big_endian(room, value, 1);
}

void room_put_u16(struct room *room, uint16_t value)
{
	put_big_endian(room, value, 2);
}

void room_put_u32(struct room *room, uint32_t value)
{
	put_big_endian(room, value, 4);
}

void room_put_u64(struct room *room, uint64_t value)
{
	put_big_endian(room, value, 8);
}
