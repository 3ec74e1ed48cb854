/* SPDX-License-Identifier: Apache-2.0 */
/* Octets on the heap that grow up to a limit, and are wiped when released: they may have held secrets. */
#ifndef SERVER_BUFFER_H
#define SERVER_BUFFER_H

#include "base/bytes.h"
#include "base/err.h"

struct buffer {
	uint8_t *at;
	size_t len, cap;
};

/* buffer_space makes room for n more octets and gives the place; NULL when there is no memory. The caller
 * adds to len what it has written. */
NODISCARD uint8_t *buffer_space(struct buffer *buffer, size_t n);

NODISCARD bool buffer_add(struct buffer *buffer, struct bytes more);

/* buffer_drop takes n octets off the front. */
void buffer_drop(struct buffer *buffer, size_t n);

void buffer_free(struct buffer *buffer);

static inline struct bytes buffer_bytes(const struct buffer *buffer)
{
	return (struct bytes){ buffer->at, buffer->len };
}

#endif
