/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ber.h"

#include <string.h>

static size_t tag_size(ber_tag tag)
{
	return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

bool ber_constructed(ber_tag tag)
{
	return (tag >> 8 * (tag_size(tag) - 1) & 0x20) != 0;
}

/* X.690 8.1.2: low five bits all set announce more octets; the first of them must not be 80, and a
 * number below 31 would have fitted the first octet. */
static enum err read_tag(struct bytes *in, ber_tag *tag)
{
	struct bytes rest = *in, octet;
	ber_tag read;

	if (!bytes_take(&rest, 1, &octet))
		return ERR_TRUNCATED;
	read = octet.at[0];
	if ((read & 0x1F) == 0x1F) {
		do {
			if (read > 0xFFFF)
				return ERR_TAG;
			if (!bytes_take(&rest, 1, &octet))
				return ERR_TRUNCATED;
			read = read << 8 | octet.at[0];
		} while (octet.at[0] & 0x80);
		uint8_t first = (uint8_t)(read > 0xFFFF ? read >> 8 : read);
		if (first < 0x1F || first == 0x80)
			return ERR_TAG;
	}
	*in = rest;
	*tag = read;
	return ERR_NONE;
}

/* X.690 10.1: definite form, in as few octets as possible. */
static enum err read_length(struct bytes *in, size_t *len)
{
	struct bytes rest = *in, octet, more;
	uint64_t value;

	if (!bytes_take(&rest, 1, &octet))
		return ERR_TRUNCATED;
	value = octet.at[0];
	if (value & 0x80) {
		size_t n = value & 0x7F;
		if (n == 0 || n > 4)
			return ERR_LENGTH;
		if (!bytes_take(&rest, n, &more))
			return ERR_TRUNCATED;
		if (!bytes_uint(more, &value) || value < 0x80 || more.at[0] == 0)
			return ERR_LENGTH;
	}
	*in = rest;
	*len = (size_t)value;
	return ERR_NONE;
}

enum err ber_header(struct bytes *in, ber_tag *tag, size_t *len)
{
	struct bytes rest = *in;
	ber_tag t;

	TRY(read_tag(&rest, &t));
	TRY(read_length(&rest, len));
	*in = rest;
	*tag = t;
	return ERR_NONE;
}

enum err ber_next(struct bytes *in, ber_tag *tag, struct bytes *value)
{
	struct bytes rest = *in, v;
	ber_tag t;
	size_t len;

	TRY(ber_header(&rest, &t, &len));
	if (!bytes_take(&rest, len, &v))
		return ERR_TRUNCATED;
	*in = rest;
	*tag = t;
	*value = v;
	return ERR_NONE;
}

bool ber_peek(struct bytes in, ber_tag *tag)
{
	return read_tag(&in, tag) == ERR_NONE;
}

bool ber_is(struct bytes in, ber_tag want)
{
	ber_tag tag;

	return ber_peek(in, &tag) && tag == want;
}

enum err ber_read(struct bytes *in, ber_tag want, struct bytes *value)
{
	struct bytes rest = *in, v;
	ber_tag tag;

	TRY(ber_next(&rest, &tag, &v));
	if (tag != want)
		return ERR_TAG;
	*in = rest;
	*value = v;
	return ERR_NONE;
}

enum err ber_read_whole(struct bytes *in, ber_tag want, struct bytes *element)
{
	struct bytes rest = *in, value;

	TRY(ber_read(&rest, want, &value));
	if (!bytes_take(in, in->len - rest.len, element))
		return ERR_TRUNCATED;
	*in = rest;
	return ERR_NONE;
}

enum err ber_read_optional(struct bytes *in, ber_tag want, struct bytes *value)
{
	if (ber_is(*in, want))
		return ber_read(in, want, value);
	*value = (struct bytes){ NULL, 0 };
	return ERR_NONE;
}

enum err ber_read_uint(struct bytes *in, ber_tag want, uint64_t max, uint64_t *value)
{
	struct bytes rest = *in, v;
	uint64_t n;

	TRY(ber_read(&rest, want, &v));
	if (v.len == 0)
		return ERR_LENGTH;
	if (v.at[0] & 0x80)
		return ERR_VALUE; /* negative */
	if (v.len > 1 && v.at[0] == 0 && !(v.at[1] & 0x80))
		return ERR_LENGTH; /* X.690 8.3.2: shortest form */
	if (v.len == 9 && v.at[0] == 0)
		v = (struct bytes){ v.at + 1, 8 };
	if (!bytes_uint(v, &n) || n > max)
		return ERR_VALUE;
	*in = rest;
	*value = n;
	return ERR_NONE;
}

enum err ber_read_bool(struct bytes *in, ber_tag want, bool *value)
{
	struct bytes rest = *in, v;

	TRY(ber_read(&rest, want, &v));
	if (v.len != 1)
		return ERR_LENGTH;
	if (v.at[0] != 0x00 && v.at[0] != 0xFF)
		return ERR_VALUE; /* X.690 11.1 */
	*in = rest;
	*value = v.at[0] == 0xFF;
	return ERR_NONE;
}

enum err ber_end(struct bytes in)
{
	return in.len == 0 ? ERR_NONE : ERR_TRAILING;
}

enum err ber_find(struct bytes in, ber_tag want, struct bytes *value)
{
	struct bytes v, found = { NULL, 0 };
	bool seen = false;
	ber_tag tag;

	while (in.len > 0) {
		TRY(ber_next(&in, &tag, &v));
		if (tag == want && !seen) {
			found = v;
			seen = true;
		}
	}
	if (!seen)
		return ERR_NOT_FOUND;
	*value = found;
	return ERR_NONE;
}

static size_t length_size(size_t len)
{
	return len < 0x80 ? 1 : len < 0x100 ? 2 : len < 0x10000 ? 3 : len < 0x1000000 ? 4 : 5;
}

size_t ber_size(ber_tag tag, size_t len)
{
	return tag_size(tag) + length_size(len) + len;
}

static void write_tag(struct room *out, ber_tag tag)
{
	for (size_t i = tag_size(tag); i-- > 0;)
		room_put_u8(out, (uint8_t)(tag >> 8 * i));
}

static void write_length(struct room *out, size_t len)
{
	size_t n = length_size(len) - 1;

	room_put_u8(out, n == 0 ? (uint8_t)len : (uint8_t)(0x80 | n));
	while (n-- > 0)
		room_put_u8(out, (uint8_t)(len >> 8 * n));
}

void ber_put_header(struct room *out, ber_tag tag, size_t len)
{
	write_tag(out, tag);
	write_length(out, len);
}

void ber_put(struct room *out, ber_tag tag, struct bytes value)
{
	ber_put_header(out, tag, value.len);
	room_put(out, value);
}

void ber_put_uint(struct room *out, ber_tag tag, uint64_t value)
{
	size_t n = 1;

	while (n < 8 && value >> 8 * n != 0)
		n++;
	bool pad = (value >> (8 * n - 1) & 1) != 0;
	ber_put_header(out, tag, n + pad);
	if (pad)
		room_put_u8(out, 0);
	while (n-- > 0)
		room_put_u8(out, (uint8_t)(value >> 8 * n));
}

void ber_put_bool(struct room *out, ber_tag tag, bool value)
{
	uint8_t octet = value ? 0xFF : 0x00;

	ber_put(out, tag, (struct bytes){ &octet, 1 });
}

size_t ber_open(struct room *out, ber_tag tag)
{
	write_tag(out, tag);
	return out->len;
}

void ber_close(struct room *out, size_t mark)
{
	if (out->full)
		return;

	size_t len = out->len - mark, grow = length_size(len);
	if (room_claim(out, grow) == NULL)
		return;
	memmove(out->at + mark + grow, out->at + mark, len);
	struct room header = { out->at + mark, grow, 0, false };
	write_length(&header, len);
}
