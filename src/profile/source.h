/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profile room is the language of interoperable profile packages (TCA "eUICC Profile Package:
 * Interoperable Format" 2.3.1): what a package says, how it is read and how it is written. It knows
 * nothing of a card's file system, of SGP.22, or of where a package is stored.
 *
 * A package is read where it lies – in a card's flash while it is installed, in memory on a host –
 * through a source that gives any octets at any offset. A cursor walks over the elements of one
 * level; no element is ever needed in memory as a whole, and nothing here nests by recursion.
 */
#ifndef PROFILE_SOURCE_H
#define PROFILE_SOURCE_H

#include "base/bytes.h"
#include "base/err.h"
#include "codec/ber.h"

struct source {
	void *ctx;
	uint32_t size;
	enum err (*read)(void *ctx, uint32_t at, uint8_t *out, size_t len);
};

/* source_memory reads from octets in memory; `bytes` outlives the source and is not written. */
struct source source_memory(struct bytes *bytes);

/* Where reading failed first, and the tag that should have been there (0: any, or not a matter of
 * tags). `set` says whether anything failed. */
struct fault {
	uint32_t at;
	ber_tag want;
	bool set;
};

/* One element in a source: the offset of its tag, that of its value, and the length of its value. */
struct element {
	ber_tag tag;
	uint32_t at, value, len;
};

/* A place in a source: the elements from `at` up to `end` are yet to come. `fault` may be NULL. */
struct cursor {
	const struct source *source;
	struct fault *fault;
	uint32_t at, end;
};

/* cursor_all walks a whole source; cursor_in the content of an element of the same source. */
struct cursor cursor_all(const struct source *source, struct fault *fault);
struct cursor cursor_in(const struct cursor *outer, const struct element *element);

static inline bool cursor_done(const struct cursor *cursor)
{
	return cursor->at == cursor->end;
}

/* cursor_next takes one element whatever its tag. On error nothing moved; the fault is noted. */
NODISCARD enum err cursor_next(struct cursor *cursor, struct element *element);

/* cursor_is tells whether the next element bears this tag; false at the end. */
NODISCARD bool cursor_is(const struct cursor *cursor, ber_tag want);

/* cursor_read takes the element tagged `want`. */
NODISCARD enum err cursor_read(struct cursor *cursor, ber_tag want, struct element *element);

/* cursor_optional takes it if it is next; otherwise *present is false and *element is zero. */
NODISCARD enum err cursor_optional(struct cursor *cursor, ber_tag want, struct element *element,
                                   bool *present);

/* cursor_end succeeds when nothing is left. */
NODISCARD enum err cursor_end(struct cursor *cursor);

/* cursor_fault notes where and what, unless something was noted before, and returns `cause`. */
NODISCARD enum err cursor_fault(const struct cursor *cursor, uint32_t at, ber_tag want,
                                enum err cause);

/* cursor_take reads n octets of a value, from its octet `from` on; ERR_LENGTH past its end. */
NODISCARD enum err cursor_take(const struct cursor *cursor, const struct element *element,
                               uint32_t from, uint8_t *out, size_t n);

/* cursor_copy appends a whole value to a room; ERR_ROOM when it does not fit. */
NODISCARD enum err cursor_copy(const struct cursor *cursor, const struct element *element,
                               struct room *out);

/* cursor_fixed takes the element tagged `want` whose value has exactly n octets, and gives them. */
NODISCARD enum err cursor_fixed(struct cursor *cursor, ber_tag want, uint8_t *out, size_t n);

/* cursor_bytes takes the element tagged `want`, min to max octets long, into `out` of max octets. */
NODISCARD enum err cursor_bytes(struct cursor *cursor, ber_tag want, uint8_t *out, size_t min,
                                size_t max, size_t *len);

/* cursor_uint takes an INTEGER-coded element of a value 0 to max. */
NODISCARD enum err cursor_uint(struct cursor *cursor, ber_tag want, uint32_t max, uint32_t *value);

/* cursor_uint_or is cursor_uint for an element with a default. */
NODISCARD enum err cursor_uint_or(struct cursor *cursor, ber_tag want, uint32_t max,
                                  uint32_t otherwise, uint32_t *value);

#endif
