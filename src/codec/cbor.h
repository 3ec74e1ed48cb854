/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CBOR of RFC 8949 in the subset that deterministic encodings use: preferred serialization (4.1)
 * and definite lengths only. Text is not checked for UTF-8; who shows it to people does that.
 *
 * Readers take an item off the front of `in`; on error neither `in` nor any result is touched. Of
 * an array, a map or a tag only the head is taken: the items follow in `in`. Nothing recurses;
 * cbor_skip follows at most CBOR_DEPTH_MAX levels. Writers append to a room, which latches.
 */
#ifndef CODEC_CBOR_H
#define CODEC_CBOR_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	CBOR_DEPTH_MAX = 24, /* deepest CoRIM seen has 12 levels, and a bstr starts anew */
};

enum cbor_kind {
	CBOR_UINT,
	CBOR_NINT,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE, /* false, true, null, undefined and the like: value is the number */
	CBOR_FLOAT,  /* value is the bit pattern, `width` octets of it */
};

enum { CBOR_FALSE = 20, CBOR_TRUE = 21, CBOR_NULL = 22 };

struct cbor {
	enum cbor_kind kind;
	uint8_t width;       /* of a float: 2, 4 or 8 */
	uint64_t value;      /* number, count of items, tag, or n of the negative integer -1-n */
	struct bytes string; /* content of a byte or text string */
};

/* cbor_next takes one head, with the content of a string. */
NODISCARD enum err cbor_next(struct bytes *in, struct cbor *item);

/* cbor_is tells whether the next item is of that kind. */
NODISCARD bool cbor_is(struct bytes in, enum cbor_kind kind);

/* cbor_is_tag tells whether the next item is that tag. */
NODISCARD bool cbor_is_tag(struct bytes in, uint64_t tag);

NODISCARD enum err cbor_read_uint(struct bytes *in, uint64_t max, uint64_t *value);
NODISCARD enum err cbor_read_int(struct bytes *in, int64_t *value);
NODISCARD enum err cbor_read_bytes(struct bytes *in, struct bytes *value);
NODISCARD enum err cbor_read_text(struct bytes *in, struct bytes *value);
NODISCARD enum err cbor_read_bool(struct bytes *in, bool *value);
NODISCARD enum err cbor_read_null(struct bytes *in);
NODISCARD enum err cbor_read_array(struct bytes *in, uint64_t *count);
NODISCARD enum err cbor_read_map(struct bytes *in, uint64_t *pairs);
NODISCARD enum err cbor_read_tag(struct bytes *in, uint64_t *tag);

/* cbor_read_whole takes one item with all that is inside it, and gives its octets. */
NODISCARD enum err cbor_read_whole(struct bytes *in, struct bytes *item);
NODISCARD enum err cbor_skip(struct bytes *in);

/* cbor_read_open takes the array or map that is next and gives its items alone, the head
 * removed. */
NODISCARD enum err cbor_read_open(struct bytes *in, enum cbor_kind kind, uint64_t *count,
                                  struct bytes *items);

/* cbor_check succeeds when `in` is exactly one well-formed item. */
NODISCARD enum err cbor_check(struct bytes in);

/* cbor_end succeeds when nothing is left. */
NODISCARD enum err cbor_end(struct bytes in);

/* cbor_map_find looks in the pairs of a map (its head removed) for an integer key, and gives the
 * value with all that is inside it. ERR_NOT_FOUND; ERR_EXISTS when the key is there twice (RFC 8949
 * 5.6). */
NODISCARD enum err cbor_map_find(struct bytes pairs, int64_t key, struct bytes *value);

void cbor_put_uint(struct room *out, uint64_t value);
void cbor_put_int(struct room *out, int64_t value);
void cbor_put_bytes(struct room *out, struct bytes value);
void cbor_put_text(struct room *out, struct bytes value);
void cbor_put_array(struct room *out, uint64_t count);
void cbor_put_map(struct room *out, uint64_t pairs);
void cbor_put_tag(struct room *out, uint64_t tag);
void cbor_put_bool(struct room *out, bool value);
void cbor_put_null(struct room *out);

/* cbor_put writes any head back as cbor_next gave it. */
void cbor_put(struct room *out, const struct cbor *item);

/* cbor_open_bytes begins a byte string whose content is written next, and cbor_close_bytes closes
 * it by moving the content up to make place for the head. Marks nest. */
NODISCARD size_t cbor_open_bytes(const struct room *out);
void cbor_close_bytes(struct room *out, size_t mark);

#endif
