/* SPDX-License-Identifier: Apache-2.0 */
#include "server/buffer.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

uint8_t *buffer_space(struct buffer *buffer, size_t n)
{
	size_t cap = buffer->cap < 4096 ? 4096 : buffer->cap;
	uint8_t *at;

	if (buffer->cap - buffer->len >= n)
		return buffer->at + buffer->len;
	while (cap - buffer->len < n)
		cap *= 2;
	at = malloc(cap); /* not realloc: it would leave a copy behind */
	if (at == NULL)
		return NULL;
	if (buffer->len > 0)
		memcpy(at, buffer->at, buffer->len);
	if (buffer->at != NULL)
		wipe(buffer->at, buffer->len);
	free(buffer->at);
	buffer->at = at;
	buffer->cap = cap;
	return at + buffer->len;
}

bool buffer_add(struct buffer *buffer, struct bytes more)
{
	uint8_t *at;

	if (more.len == 0)
		return true;
	at = buffer_space(buffer, more.len);
	if (at == NULL)
		return false;
	memcpy(at, more.at, more.len);
	buffer->len += more.len;
	return true;
}

void buffer_drop(struct buffer *buffer, size_t n)
{
	if (n == 0)
		return;
	if (n < buffer->len)
		memmove(buffer->at, buffer->at + n, buffer->len - n);
	wipe(buffer->at + buffer->len - n, n);
	buffer->len -= n;
}

void buffer_free(struct buffer *buffer)
{
	if (buffer->at != NULL)
		wipe(buffer->at, buffer->len);
	free(buffer->at);
	*buffer = (struct buffer){ NULL, 0, 0 };
}
