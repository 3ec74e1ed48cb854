/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/hex.h"

static int nibble(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err hex_read(struct bytes text, struct room *out)
{
	if (text.len % 2 != 0)
		return ERR_LENGTH;
	if (text.len / 2 > room_left(out))
		return ERR_ROOM;
	for (size_t i = 0; i < text.len; i++) {
		if (nibble(text.at[i]) < 0)
			return ERR_VALUE;
	}
	for (size_t i = 0; i < text.len; i += 2)
		room_put_u8(out, (uint8_t)(nibble(text.at[i]) << 4 | nibble(text.at[i + 1])));
	return ERR_NONE;
}

static void put_digits(struct room *out, struct bytes in, const char *digits)
{
	for (size_t i = 0; i < in.len; i++) {
		room_put_u8(out, (uint8_t)digits[in.at[i] >> 4]);
		room_put_u8(out, (uint8_t)digits[in.at[i] & 0x0F]);
	}
}

void hex_put(struct room *out, struct bytes in)
{
	put_digits(out, in, "0123456789abcdef");
}

void hex_put_upper(struct room *out, struct bytes in)
{
	put_digits(out, in, "0123456789ABCDEF");
}
