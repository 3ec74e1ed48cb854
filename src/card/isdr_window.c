/* SPDX-License-Identifier: Apache-2.0 */
#include "card/isdr_window.h"

size_t window_wants(const struct window *window, size_t len, size_t *skip)
{
	if (window->out == NULL || window->at + len <= window->from)
		return 0;
	size_t before = window->at < window->from ? window->from - window->at : 0;
	size_t left = room_left(window->out), wanted = len - before;

	*skip = before;
	return wanted < left ? wanted : left;
}

void window_skip(struct window *window, size_t len)
{
	window->at += (uint32_t)len;
}

void window_put(struct window *window, struct bytes bytes)
{
	size_t skip, n = window_wants(window, bytes.len, &skip);
	struct bytes part;

	if (n > 0 && bytes_slice(bytes, skip, n, &part))
		room_put(window->out, part);
	window_skip(window, bytes.len);
}

void window_header(struct window *window, ber_tag tag, size_t len)
{
	uint8_t octets[8];
	struct room room = ROOM(octets);

	ber_put_header(&room, tag, len);
	window_put(window, room_used(&room));
}
