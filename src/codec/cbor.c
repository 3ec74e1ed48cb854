/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"

#include <string.h>

/* RFC 8949 3: major type in three bits, then 0..23 itself or the width of what follows. Widths
 * beyond 8 octets are reserved; 31 is an indefinite length, which 4.2.1 forbids. */
static enum err read_head(struct bytes *in, uint8_t *major, uint8_t *width, uint64_t *value)
{
	struct bytes rest = *in, octet, more;
	uint64_t read;
	size_t n = 0;

	if (!bytes_take(&rest, 1, &octet))
		return ERR_TRUNCATED;
	uint8_t first = octet.at[0], info = first & 0x1F;
	read = info;
	if (info > 27)
		return ERR_LENGTH;
	if (info > 23) {
		n = (size_t)1 << (info - 24);
		if (!bytes_take(&rest, n, &more))
			return ERR_TRUNCATED;
		if (!bytes_uint(more, &read))
			return ERR_LENGTH;
	}
	*in = rest;
	*major = first >> 5;
	*width = (uint8_t)n;
	*value = read;
	return ERR_NONE;
}

/* RFC 8949 4.1: the shortest form. `width` octets must have been needed. */
static bool shortest(uint8_t width, uint64_t value)
{
	switch (width) {
	case 0:
		return true;
	case 1:
		return value > 23;
	default:
		return value >> 4 * width != 0;
	}
}

/* RFC 8949 3.3: simple values below 32 have no second octet; wider ones are floats. */
static enum err simple_head(uint8_t width, uint64_t value, enum cbor_kind *kind)
{
	if (width == 1 && value < 32)
		return ERR_VALUE;
	if (width > 1)
		*kind = CBOR_FLOAT;
	return ERR_NONE;
}

/* The item is written member by member: one that was put together and is copied whole stalls the processor, at every item
 * of every message. */
enum err cbor_next(struct bytes *in, struct cbor *item)
{
	struct bytes rest = *in, string = { NULL, 0 };
	enum cbor_kind kind;
	uint8_t major, width;
	uint64_t value;

	TRY(read_head(&rest, &major, &width, &value));
	kind = (enum cbor_kind)major;
	if (kind == CBOR_SIMPLE)
		TRY(simple_head(width, value, &kind));
	else if (!shortest(width, value))
		return ERR_LENGTH;
	if ((kind == CBOR_BYTES || kind == CBOR_TEXT) &&
	    (value > rest.len || !bytes_take(&rest, (size_t)value, &string)))
		return ERR_TRUNCATED;
	*in = rest;
	item->kind = kind;
	item->width = kind == CBOR_FLOAT ? width : 0;
	item->value = value;
	item->string = string;
	return ERR_NONE;
}

bool cbor_is(struct bytes in, enum cbor_kind kind)
{
	struct cbor item;

	return cbor_next(&in, &item) == ERR_NONE && item.kind == kind;
}

bool cbor_is_tag(struct bytes in, uint64_t tag)
{
	struct cbor item;

	return cbor_next(&in, &item) == ERR_NONE && item.kind == CBOR_TAG && item.value == tag;
}

static enum err next_of(struct bytes *in, enum cbor_kind kind, struct cbor *item)
{
	struct bytes rest = *in;
	struct cbor read;

	TRY(cbor_next(&rest, &read));
	if (read.kind != kind)
		return ERR_TAG;
	*in = rest;
	*item = read;
	return ERR_NONE;
}

enum err cbor_read_uint(struct bytes *in, uint64_t max, uint64_t *value)
{
	struct bytes rest = *in;
	struct cbor item;

	TRY(next_of(&rest, CBOR_UINT, &item));
	if (item.value > max)
		return ERR_VALUE;
	*in = rest;
	*value = item.value;
	return ERR_NONE;
}

enum err cbor_read_int(struct bytes *in, int64_t *value)
{
	struct bytes rest = *in;
	struct cbor item;

	TRY(cbor_next(&rest, &item));
	if (item.kind != CBOR_UINT && item.kind != CBOR_NINT)
		return ERR_TAG;
	if (item.value > INT64_MAX)
		return ERR_VALUE;
	*in = rest;
	*value = item.kind == CBOR_UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
	return ERR_NONE;
}

static enum err read_string(struct bytes *in, enum cbor_kind kind, struct bytes *value)
{
	struct cbor item;

	TRY(next_of(in, kind, &item));
	*value = item.string;
	return ERR_NONE;
}

enum err cbor_read_bytes(struct bytes *in, struct bytes *value)
{
	return read_string(in, CBOR_BYTES, value);
}

enum err cbor_read_text(struct bytes *in, struct bytes *value)
{
	return read_string(in, CBOR_TEXT, value);
}

enum err cbor_read_bool(struct bytes *in, bool *value)
{
	struct bytes rest = *in;
	struct cbor item;

	TRY(next_of(&rest, CBOR_SIMPLE, &item));
	if (item.value != CBOR_FALSE && item.value != CBOR_TRUE)
		return ERR_TAG;
	*in = rest;
	*value = item.value == CBOR_TRUE;
	return ERR_NONE;
}

enum err cbor_read_null(struct bytes *in)
{
	struct bytes rest = *in;
	struct cbor item;

	TRY(next_of(&rest, CBOR_SIMPLE, &item));
	if (item.value != CBOR_NULL)
		return ERR_TAG;
	*in = rest;
	return ERR_NONE;
}

static enum err read_value(struct bytes *in, enum cbor_kind kind, uint64_t *value)
{
	struct cbor item;

	TRY(next_of(in, kind, &item));
	*value = item.value;
	return ERR_NONE;
}

enum err cbor_read_array(struct bytes *in, uint64_t *count)
{
	return read_value(in, CBOR_ARRAY, count);
}

enum err cbor_read_map(struct bytes *in, uint64_t *pairs)
{
	return read_value(in, CBOR_MAP, pairs);
}

enum err cbor_read_tag(struct bytes *in, uint64_t *tag)
{
	return read_value(in, CBOR_TAG, tag);
}

/* How many items follow inside; ERR_TRUNCATED when that many cannot be in `left` octets, so that no
 * later sum can wrap. */
static enum err inside(const struct cbor *item, size_t left, uint64_t *count)
{
	*count = 0;
	if (item->kind == CBOR_TAG) {
		*count = 1;
	} else if (item->kind == CBOR_ARRAY || item->kind == CBOR_MAP) {
		if (item->value > left)
			return ERR_TRUNCATED;
		*count = item->kind == CBOR_MAP ? 2 * item->value : item->value;
	}
	return ERR_NONE;
}

enum err cbor_skip(struct bytes *in)
{
	uint64_t pending[CBOR_DEPTH_MAX], count;
	struct bytes rest = *in;
	struct cbor item;
	size_t depth = 0;

	pending[0] = 1;
	for (;;) {
		while (pending[depth] == 0) {
			if (depth-- == 0) {
				*in = rest;
				return ERR_NONE;
			}
		}
		pending[depth]--;
		TRY(cbor_next(&rest, &item));
		TRY(inside(&item, rest.len, &count));
		if (count == 0)
			continue;
		if (depth + 1 == CBOR_DEPTH_MAX)
			return ERR_DEPTH;
		pending[++depth] = count;
	}
}

enum err cbor_read_whole(struct bytes *in, struct bytes *item)
{
	struct bytes rest = *in;

	TRY(cbor_skip(&rest));
	if (!bytes_take(in, in->len - rest.len, item))
		return ERR_TRUNCATED;
	return ERR_NONE;
}

enum err cbor_read_open(struct bytes *in, enum cbor_kind kind, uint64_t *count, struct bytes *items)
{
	struct bytes rest = *in, whole;
	struct cbor head;

	TRY(cbor_read_whole(&rest, &whole));
	TRY(next_of(&whole, kind, &head));
	*in = rest;
	*count = head.value;
	*items = whole;
	return ERR_NONE;
}

enum err cbor_check(struct bytes in)
{
	TRY(cbor_skip(&in));
	return cbor_end(in);
}

enum err cbor_end(struct bytes in)
{
	return in.len == 0 ? ERR_NONE : ERR_TRAILING;
}

enum err cbor_map_find(struct bytes pairs, int64_t key, struct bytes *value)
{
	struct bytes found = { NULL, 0 }, v;
	int64_t k;

	while (pairs.len > 0) {
		struct bytes name = pairs;
		TRY(cbor_skip(&pairs));
		TRY(cbor_read_whole(&pairs, &v));
		if (cbor_read_int(&name, &k) != ERR_NONE || k != key)
			continue;
		if (found.at != NULL)
			return ERR_EXISTS;
		found = v;
	}
	if (found.at == NULL)
		return ERR_NOT_FOUND;
	*value = found;
	return ERR_NONE;
}

static uint8_t width_of(uint64_t value)
{
	return value < 24            ? 0
	       : value <= 0xFF       ? 1
	       : value <= 0xFFFF     ? 2
	       : value <= 0xFFFFFFFF ? 4
	                             : 8;
}

static void put_head(struct room *out, enum cbor_kind kind, uint8_t width, uint64_t value)
{
	static const uint8_t info[] = { [1] = 24, [2] = 25, [4] = 26, [8] = 27 };

	room_put_u8(out, (uint8_t)(kind << 5 | (width == 0 ? (uint8_t)value : info[width])));
	for (size_t n = width; n-- > 0;)
		room_put_u8(out, (uint8_t)(value >> 8 * n));
}

static void put_number(struct room *out, enum cbor_kind kind, uint64_t value)
{
	put_head(out, kind, width_of(value), value);
}

void cbor_put_uint(struct room *out, uint64_t value)
{
	put_number(out, CBOR_UINT, value);
}

void cbor_put_int(struct room *out, int64_t value)
{
	if (value < 0)
		put_number(out, CBOR_NINT, (uint64_t)(-1 - value));
	else
		put_number(out, CBOR_UINT, (uint64_t)value);
}

void cbor_put_bytes(struct room *out, struct bytes value)
{
	put_number(out, CBOR_BYTES, value.len);
	room_put(out, value);
}

void cbor_put_text(struct room *out, struct bytes value)
{
	put_number(out, CBOR_TEXT, value.len);
	room_put(out, value);
}

void cbor_put_array(struct room *out, uint64_t count)
{
	put_number(out, CBOR_ARRAY, count);
}

void cbor_put_map(struct room *out, uint64_t pairs)
{
	put_number(out, CBOR_MAP, pairs);
}

void cbor_put_tag(struct room *out, uint64_t tag)
{
	put_number(out, CBOR_TAG, tag);
}

void cbor_put_bool(struct room *out, bool value)
{
	put_head(out, CBOR_SIMPLE, 0, value ? CBOR_TRUE : CBOR_FALSE);
}

void cbor_put_null(struct room *out)
{
	put_head(out, CBOR_SIMPLE, 0, CBOR_NULL);
}

void cbor_put(struct room *out, const struct cbor *item)
{
	switch (item->kind) {
	case CBOR_FLOAT:
		put_head(out, CBOR_SIMPLE, item->width, item->value);
		break;
	case CBOR_SIMPLE:
		put_head(out, CBOR_SIMPLE, item->value < 24 ? 0 : 1, item->value);
		break;
	case CBOR_UINT:
	case CBOR_NINT:
	case CBOR_BYTES:
	case CBOR_TEXT:
	case CBOR_ARRAY:
	case CBOR_MAP:
	case CBOR_TAG:
		put_number(out, item->kind, item->value);
		room_put(out, item->string);
		break;
	}
}

size_t cbor_open_bytes(const struct room *out)
{
	return out->len;
}

void cbor_close_bytes(struct room *out, size_t mark)
{
	if (out->full)
		return;

	size_t len = out->len - mark, grow = 1 + (size_t)width_of(len);
	if (room_claim(out, grow) == NULL)
		return;
	memmove(out->at + mark + grow, out->at + mark, len);
	struct room head = { out->at + mark, grow, 0, false };
	put_number(&head, CBOR_BYTES, len);
}
