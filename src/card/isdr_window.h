/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A window onto an answer that is longer than RAM: the answer is produced from its beginning each time,
 * and only the octets inside the window are kept. Producing it without a room counts its length.
 */
#ifndef CARD_ISDR_WINDOW_H
#define CARD_ISDR_WINDOW_H

#include "codec/ber.h"

struct window {
	uint32_t at;      /* how much has been produced */
	uint32_t from;    /* the first octet that is kept */
	struct room *out; /* where it is kept; NULL to count only */
};

/* window_put produces octets. */
void window_put(struct window *window, struct bytes bytes);

/* window_header produces a tag and a length. */
void window_header(struct window *window, ber_tag tag, size_t len);

/* window_wants tells how many of the next `len` octets are kept, and in *skip how many of them are passed
 * over before; the caller that reads them from elsewhere then calls window_skip for the rest. */
size_t window_wants(const struct window *window, size_t len, size_t *skip);

/* window_skip passes over octets that are not kept, or were put into the room by the caller. */
void window_skip(struct window *window, size_t len);

#endif
