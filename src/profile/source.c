/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/source.h"

#include <string.h>

enum { HEADER_MAX = 8 }; /* three octets of tag, five of length */

static enum err memory_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
	const struct bytes *bytes = ctx;
	struct bytes part;

	if (!bytes_slice(*bytes, at, len, &part))
		return ERR_TRUNCATED;
	if (len > 0)
		memcpy(out, part.at, len);
	return ERR_NONE;
}

struct source source_memory(struct bytes *bytes)
{
	return (struct source){ bytes, (uint32_t)bytes->len, memory_read };
}

struct cursor cursor_all(const struct source *source, struct fault *fault)
{
	return (struct cursor){ source, fault, 0, source->size };
}

struct cursor cursor_in(const struct cursor *outer, const struct element *element)
{
	return (struct cursor){ outer->source, outer->fault, element->value,
		                element->value + element->len };
}

enum err cursor_fault(const struct cursor *cursor, uint32_t at, ber_tag want, enum err cause)
{
	if (cursor->fault != NULL && !cursor->fault->set)
		*cursor->fault = (struct fault){ at, want, true };
	return cause;
}

/* look reads the next element's header without noting a fault. */
static enum err look(const struct cursor *cursor, struct element *element)
{
	uint8_t header[HEADER_MAX];
	uint32_t left = cursor->end - cursor->at;
	size_t n = left < sizeof header ? left : sizeof header, len;
	struct bytes in = { header, n };
	ber_tag tag;

	TRY(cursor->source->read(cursor->source->ctx, cursor->at, header, n));
	TRY(ber_header(&in, &tag, &len));
	uint32_t used = (uint32_t)(n - in.len);
	if (len > left - used)
		return ERR_TRUNCATED;
	*element = (struct element){ tag, cursor->at, cursor->at + used, (uint32_t)len };
	return ERR_NONE;
}

static enum err take(struct cursor *cursor, ber_tag want, struct element *element)
{
	struct element next;
	enum err err = look(cursor, &next);

	if (err != ERR_NONE)
		return cursor_fault(cursor, cursor->at, want, err);
	if (want != 0 && next.tag != want)
		return cursor_fault(cursor, cursor->at, want, ERR_TAG);
	cursor->at = next.value + next.len;
	*element = next;
	return ERR_NONE;
}

enum err cursor_next(struct cursor *cursor, struct element *element)
{
	return take(cursor, 0, element);
}

bool cursor_is(const struct cursor *cursor, ber_tag want)
{
	struct element next;

	return !cursor_done(cursor) && look(cursor, &next) == ERR_NONE && next.tag == want;
}

enum err cursor_read(struct cursor *cursor, ber_tag want, struct element *element)
{
	return take(cursor, want, element);
}

enum err cursor_optional(struct cursor *cursor, ber_tag want, struct element *element,
                         bool *present)
{
	bool is = cursor_is(cursor, want);

	*element = (struct element){ 0 };
	if (is)
		TRY(take(cursor, want, element));
	*present = is;
	return ERR_NONE;
}

enum err cursor_end(struct cursor *cursor)
{
	if (!cursor_done(cursor))
		return cursor_fault(cursor, cursor->at, 0, ERR_TRAILING);
	return ERR_NONE;
}

enum err cursor_take(const struct cursor *cursor, const struct element *element, uint32_t from,
                     uint8_t *out, size_t n)
{
	if (from > element->len || n > element->len - from)
		return cursor_fault(cursor, element->at, element->tag, ERR_LENGTH);
	return cursor->source->read(cursor->source->ctx, element->value + from, out, n);
}

enum err cursor_copy(const struct cursor *cursor, const struct element *element, struct room *out)
{
	uint8_t *at = room_claim(out, element->len);

	if (at == NULL)
		return ERR_ROOM;
	return cursor_take(cursor, element, 0, at, element->len);
}

enum err cursor_fixed(struct cursor *cursor, ber_tag want, uint8_t *out, size_t n)
{
	size_t len;

	return cursor_bytes(cursor, want, out, n, n, &len);
}

enum err cursor_bytes(struct cursor *cursor, ber_tag want, uint8_t *out, size_t min, size_t max,
                      size_t *len)
{
	struct cursor rest = *cursor;
	struct element element;

	TRY(take(&rest, want, &element));
	if (element.len < min || element.len > max)
		return cursor_fault(cursor, element.at, want, ERR_LENGTH);
	TRY(cursor_take(cursor, &element, 0, out, element.len));
	*cursor = rest;
	*len = element.len;
	return ERR_NONE;
}

enum err cursor_uint(struct cursor *cursor, ber_tag want, uint32_t max, uint32_t *value)
{
	struct cursor rest = *cursor;
	struct element element = { .at = 0 };
	uint8_t octets[12];
	uint64_t number;

	TRY(take(&rest, want, &element));
	size_t whole = element.value - element.at + element.len;
	if (whole > sizeof octets)
		return cursor_fault(cursor, element.at, want, ERR_LENGTH);
	TRY(cursor->source->read(cursor->source->ctx, element.at, octets, whole));
	struct bytes in = { octets, whole };
	enum err err = ber_read_uint(&in, want, max, &number);
	if (err != ERR_NONE)
		return cursor_fault(cursor, element.at, want, err);
	*cursor = rest;
	*value = (uint32_t)number;
	return ERR_NONE;
}

enum err cursor_uint_or(struct cursor *cursor, ber_tag want, uint32_t max, uint32_t otherwise,
                        uint32_t *value)
{
	if (cursor_is(cursor, want))
		return cursor_uint(cursor, want, max, value);
	*value = otherwise;
	return ERR_NONE;
}
