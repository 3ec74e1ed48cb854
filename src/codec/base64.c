/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int digit(uint8_t c, const char *letters)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (uint8_t)letters[62])
		return 62;
	return c == (uint8_t)letters[63] ? 63 : -1;
}

/* Reads digits without padding; two or three left over make one or two octets. */
static enum err read_digits(struct bytes text, const char *letters, struct room *out)
{
	size_t tail = text.len % 4, size = text.len / 4 * 3 + (tail > 0 ? tail - 1 : 0);
	struct room trial = *out;
	uint32_t bits = 0;
	unsigned count = 0;

	if (tail == 1)
		return ERR_LENGTH;
	if (size > room_left(out))
		return ERR_ROOM;
	for (size_t i = 0; i < text.len; i++) {
		int d = digit(text.at[i], letters);
		if (d < 0)
			return ERR_VALUE;
		bits = bits << 6 | (uint32_t)d;
		count += 6;
		if (count >= 8) {
			count -= 8;
			room_put_u8(&trial, (uint8_t)(bits >> count));
		}
	}
	if ((bits & ((1u << count) - 1)) != 0)
		return ERR_VALUE;
	*out = trial;
	return ERR_NONE;
}

enum err base64_read(struct bytes text, struct room *out)
{
	if (text.len % 4 != 0)
		return ERR_LENGTH;
	for (int pads = 0; pads < 2 && text.len > 0 && text.at[text.len - 1] == '='; pads++)
		text.len--;
	return read_digits(text, alphabet, out);
}

enum err base64url_read(struct bytes text, struct room *out)
{
	return read_digits(text, alphabet_url, out);
}

/* Whole groups of three octets go straight to their place: a bound profile package is long. */
static void put_groups(struct room *out, struct bytes in, const char *letters)
{
	uint8_t *at = room_claim(out, in.len / 3 * 4);

	if (at == NULL)
		return;
	for (size_t i = 0; i + 3 <= in.len; i += 3) {
		uint32_t bits = (uint32_t)in.at[i] << 16 | (uint32_t)in.at[i + 1] << 8 |
		                in.at[i + 2];
		*at++ = (uint8_t)letters[bits >> 18];
		*at++ = (uint8_t)letters[bits >> 12 & 0x3F];
		*at++ = (uint8_t)letters[bits >> 6 & 0x3F];
		*at++ = (uint8_t)letters[bits & 0x3F];
	}
}

static void put_digits(struct room *out, struct bytes in, const char *letters, bool padded)
{
	size_t tail = in.len % 3;
	uint32_t bits = 0;

	put_groups(out, (struct bytes){ in.at, in.len - tail }, letters);
	if (tail == 0)
		return;
	bits = (uint32_t)in.at[in.len - tail] << 16;
	if (tail == 2)
		bits |= (uint32_t)in.at[in.len - 1] << 8;
	for (size_t k = 0; k < 4; k++) {
		if (k <= tail)
			room_put_u8(out, (uint8_t)letters[bits >> (18 - 6 * k) & 0x3F]);
		else if (padded)
			room_put_u8(out, '=');
	}
}

void base64_put(struct room *out, struct bytes in)
{
	put_digits(out, in, alphabet, true);
}

void base64url_put(struct room *out, struct bytes in)
{
	put_digits(out, in, alphabet_url, false);
}
