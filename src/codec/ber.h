/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER-TLV as the card and RSP specifications use it, in the DER subset: definite, shortest lengths;
 * tags of one to three octets. A tag is written as the octets it has on the wire: 0x30, 0xBF21, 0x9F70.
 *
 * Readers take an element off the front of `in`; on error neither `in` nor any result is touched.
 * Writers append to a room, which latches when it overflows.
 */
#ifndef CODEC_BER_H
#define CODEC_BER_H

#include "base/bytes.h"
#include "base/err.h"

typedef uint32_t ber_tag;

/* ber_constructed tells whether the tag's constructed bit is set. */
bool ber_constructed(ber_tag tag);

/* ber_next takes one element, whatever its tag. */
NODISCARD enum err ber_next(struct bytes *in, ber_tag *tag, struct bytes *value);

/* ber_header takes only tag and length, for elements whose value has not arrived yet. */
NODISCARD enum err ber_header(struct bytes *in, ber_tag *tag, size_t *len);

/* ber_peek tells the tag of the next element without taking it; false at the end or when malformed. */
NODISCARD bool ber_peek(struct bytes in, ber_tag *tag);

/* ber_is tells whether the next element bears this tag. */
NODISCARD bool ber_is(struct bytes in, ber_tag want);

/* ber_read takes one element tagged `want`. */
NODISCARD enum err ber_read(struct bytes *in, ber_tag want, struct bytes *value);

/* ber_read_whole is ber_read, but gives the element with its tag and length, as it is signed. */
NODISCARD enum err ber_read_whole(struct bytes *in, ber_tag want, struct bytes *element);

/* ber_read_optional takes the element if it is next; otherwise `value` is empty with at == NULL. */
NODISCARD enum err ber_read_optional(struct bytes *in, ber_tag want, struct bytes *value);

/* ber_read_uint takes an INTEGER-coded element of a value 0 to max, in the shortest form. */
NODISCARD enum err ber_read_uint(struct bytes *in, ber_tag want, uint64_t max, uint64_t *value);

/* ber_read_bool takes a BOOLEAN-coded element: 00 is false, FF true. */
NODISCARD enum err ber_read_bool(struct bytes *in, ber_tag want, bool *value);

/* ber_end succeeds when nothing is left. */
NODISCARD enum err ber_end(struct bytes in);

/* ber_find looks among the elements of `in` for the first with this tag; ERR_NOT_FOUND when all are
 * well formed and none is it. */
NODISCARD enum err ber_find(struct bytes in, ber_tag want, struct bytes *value);

/* ber_size is the octets an element of that tag and value length takes. */
size_t ber_size(ber_tag tag, size_t len);

void ber_put_header(struct room *out, ber_tag tag, size_t len);
void ber_put(struct room *out, ber_tag tag, struct bytes value);
void ber_put_uint(struct room *out, ber_tag tag, uint64_t value); /* INTEGER: shortest, non-negative */
void ber_put_bool(struct room *out, ber_tag tag, bool value);

/* ber_open begins an element whose length is not known yet and returns a mark for ber_close, which
 * closes it by moving the value up to make place for the length. Marks nest. */
NODISCARD size_t ber_open(struct room *out, ber_tag tag);
void ber_close(struct room *out, size_t mark);

#endif
