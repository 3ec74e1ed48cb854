/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Borrowed bytes and room to write. Every decoder takes from a struct bytes, every encoder puts
 * into a struct room; the arithmetic on their fields happens in this file and nowhere else.
 *
 * Readers are checked at each step: nothing may act on a value that was not there. Writers latch:
 * a room that overflowed stays full and ignores what follows, so one look at the end suffices.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

struct room {
	uint8_t *at;
	size_t cap, len;
	bool full;
};

/* BYTES and ROOM make a view of an array: of its whole size, terminating NUL included. */
#define BYTES(array) ((struct bytes){ (const uint8_t *)(array), sizeof(array) })
#define ROOM(array)  ((struct room){ (uint8_t *)(array), sizeof(array), 0, false })

/* BYTES_STR makes a view of a string literal without its NUL. */
#define BYTES_STR(literal) ((struct bytes){ (const uint8_t *)"" literal, sizeof(literal) - 1 })

/* bytes_text makes a view of a text, without its NUL. */
static inline struct bytes bytes_text(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	return (struct bytes){ (const uint8_t *)text, len };
}

/* bytes_take splits the first n octets off `in`. On failure nothing moved. */
NODISCARD static inline bool bytes_take(struct bytes *in, size_t n, struct bytes *out)
{
	if (n > in->len)
		return false;
	struct bytes head = { in->at, n };
	if (n > 0)
		*in = (struct bytes){ in->at + n, in->len - n };
	*out = head;
	return true;
}

/* bytes_slice gives octets from..from+n of `in`. On failure `out` is untouched. */
NODISCARD static inline bool bytes_slice(struct bytes in, size_t from, size_t n, struct bytes *out)
{
	struct bytes skipped;

	return bytes_take(&in, from, &skipped) && bytes_take(&in, n, out);
}

/* bytes_same compares public octets; secrets are compared with secret_same. */
bool bytes_same(struct bytes a, struct bytes b);

/* bytes_order is <0, 0 or >0 as a sorts before, with or after b (shorter first on a tie). */
int bytes_order(struct bytes a, struct bytes b);

/* bytes_uint reads 0 to 8 octets as a big-endian number. On failure `out` is untouched. */
NODISCARD bool bytes_uint(struct bytes in, uint64_t *out);

/* room_used is what has been written so far; empty when the room overflowed. */
static inline struct bytes room_used(const struct room *room)
{
	return (struct bytes){ room->at, room->full ? 0 : room->len };
}

/* room_left is how many octets still fit; 0 once the room overflowed. */
static inline size_t room_left(const struct room *room)
{
	return room->full ? 0 : room->cap - room->len;
}

/* room_put appends; on overflow the room latches full and keeps nothing of this call. */
void room_put(struct room *room, struct bytes bytes);
void room_put_u8(struct room *room, uint8_t value);
void room_put_u16(struct room *room, uint16_t value); /* big-endian */
void room_put_u32(struct room *room, uint32_t value); /* big-endian */
void room_put_u64(struct room *room, uint64_t value); /* big-endian */

/* room_claim appends n octets for the caller to fill and returns them, or NULL on overflow. */
NODISCARD uint8_t *room_claim(struct room *room, size_t n);

#endif
