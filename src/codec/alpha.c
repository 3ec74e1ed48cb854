/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/alpha.h"

enum {
	ESCAPE = 0x1B, /* the next octet is one of the extension table */
	UNUSED_OCTET = 0xFF,
	UCS2_PLAIN = 0x80,   /* two octets a character */
	UCS2_BASED = 0x81,   /* number of characters, bits 15 to 8 of the base, characters */
	UCS2_BASED16 = 0x82, /* number of characters, the base, characters */
	REPLACEMENT = 0xFFFD,
};

/* TS 23.038 6.2.1, the places where the default alphabet is not ASCII; elsewhere it is. 0: control. */
static const struct place {
	uint8_t octet;
	uint16_t code;
} places[] = {
	{0x00,  0x0040},
        { 0x01, 0x00A3},
        { 0x02, 0x0024},
        { 0x03, 0x00A5},
        { 0x04, 0x00E8},
	{ 0x05, 0x00E9},
        { 0x06, 0x00F9},
        { 0x07, 0x00EC},
        { 0x08, 0x00F2},
        { 0x09, 0x00C7},
	{ 0x0A, 0     },
        { 0x0B, 0x00D8},
        { 0x0C, 0x00F8},
        { 0x0D, 0     },
        { 0x0E, 0x00C5},
	{ 0x0F, 0x00E5},
        { 0x10, 0x0394},
        { 0x11, 0x005F},
        { 0x12, 0x03A6},
        { 0x13, 0x0393},
	{ 0x14, 0x039B},
        { 0x15, 0x03A9},
        { 0x16, 0x03A0},
        { 0x17, 0x03A8},
        { 0x18, 0x03A3},
	{ 0x19, 0x0398},
        { 0x1A, 0x039E},
        { 0x1B, 0     },
        { 0x1C, 0x00C6},
        { 0x1D, 0x00E6},
	{ 0x1E, 0x00DF},
        { 0x1F, 0x00C9},
        { 0x24, 0x00A4},
        { 0x40, 0x00A1},
        { 0x5B, 0x00C4},
	{ 0x5C, 0x00D6},
        { 0x5D, 0x00D1},
        { 0x5E, 0x00DC},
        { 0x5F, 0x00A7},
        { 0x60, 0x00BF},
	{ 0x7B, 0x00E4},
        { 0x7C, 0x00F6},
        { 0x7D, 0x00F1},
        { 0x7E, 0x00FC},
        { 0x7F, 0x00E0},
};

/* TS 23.038 6.2.1.1, behind the escape. */
static const struct place extension[] = {
	{0x14,  '^'   },
        { 0x28, '{'   },
        { 0x29, '}'   },
        { 0x2F, '\\'  },
        { 0x3C, '['   },
	{ 0x3D, '~'   },
        { 0x3E, ']'   },
        { 0x40, '|'   },
        { 0x65, 0x20AC},
};

static void utf8_put(struct room *text, unsigned code)
{
	bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);

	if (control || (code >= 0xD800 && code <= 0xDFFF) || code == 0xFFFF)
		code = REPLACEMENT;
	if (code < 0x80) {
		room_put_u8(text, (uint8_t)code);
	} else if (code < 0x800) {
		room_put_u8(text, (uint8_t)(0xC0 | code >> 6));
		room_put_u8(text, (uint8_t)(0x80 | (code & 0x3F)));
	} else {
		room_put_u8(text, (uint8_t)(0xE0 | code >> 12));
		room_put_u8(text, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
		room_put_u8(text, (uint8_t)(0x80 | (code & 0x3F)));
	}
}

/* How many octets follow the first one of a character, or 3 when there are not so few. */
static unsigned utf8_more(uint8_t first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xC0 && first < 0xE0)
		return 1;
	return first >= 0xE0 && first < 0xF0 ? 2 : 3;
}

/* utf8_take reads one character of at most three octets, in its shortest form. */
static bool utf8_take(struct bytes *in, unsigned *code)
{
	static const uint16_t least[] = { 0, 0x80, 0x800 };
	static const uint8_t bits[] = { 0x7F, 0x1F, 0x0F };
	struct bytes rest = *in, octet;

	if (!bytes_take(&rest, 1, &octet))
		return false;
	unsigned more = utf8_more(octet.at[0]);
	if (more >= COUNT(least))
		return false;
	unsigned value = octet.at[0] & bits[more];
	for (unsigned i = 0; i < more; i++) {
		if (!bytes_take(&rest, 1, &octet) || (octet.at[0] & 0xC0) != 0x80)
			return false;
		value = value << 6 | (octet.at[0] & 0x3F);
	}
	bool control = value < 0x20 || (value >= 0x7F && value < 0xA0);
	if (value < least[more] || control || (value >= 0xD800 && value <= 0xDFFF) ||
	    value == 0xFFFF) /* which ends a name */
		return false;
	*in = rest;
	*code = value;
	return true;
}

static unsigned code_at(const struct place *table, size_t count, uint8_t octet, unsigned absent)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].octet == octet)
			return table[i].code;
	return absent;
}

static bool octet_of(const struct place *table, size_t count, unsigned code, uint8_t *octet)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].code == code) {
			*octet = table[i].octet;
			return true;
		}
	return false;
}

/* One character of the default alphabet, which may take an escape in front of it. */
static void default_read(struct bytes *alpha, struct room *text)
{
	struct bytes octet;

	if (!bytes_take(alpha, 1, &octet))
		return;
	if (octet.at[0] != ESCAPE) {
		utf8_put(text, octet.at[0] >= 0x80
		                       ? (unsigned)REPLACEMENT
		                       : code_at(places, COUNT(places), octet.at[0], octet.at[0]));
		return;
	}
	if (!bytes_take(alpha, 1, &octet))
		utf8_put(text, REPLACEMENT);
	else
		utf8_put(text, code_at(extension, COUNT(extension), octet.at[0], REPLACEMENT));
}

static void ucs2_read(struct bytes alpha, struct room *text)
{
	struct bytes pair;

	while (bytes_take(&alpha, 2, &pair)) {
		unsigned code = (unsigned)pair.at[0] << 8 | pair.at[1];
		if (code == 0xFFFF)
			return;
		utf8_put(text, code);
	}
}

/* Characters with bit 8 lie behind the base, the others are of the default alphabet. */
static void based_read(struct bytes alpha, bool wide, struct room *text)
{
	struct bytes count, base, octet;

	if (!bytes_take(&alpha, 1, &count) || !bytes_take(&alpha, wide ? 2 : 1, &base))
		return;
	unsigned from = wide ? (unsigned)base.at[0] << 8 | base.at[1] : (unsigned)base.at[0] << 7;
	if (count.at[0] < alpha.len)
		alpha.len = count.at[0];
	while (alpha.len > 0) {
		if (!(alpha.at[0] & 0x80)) {
			default_read(&alpha, text);
			continue;
		}
		if (!bytes_take(&alpha, 1, &octet))
			return;
		utf8_put(text, (from + (octet.at[0] & 0x7F)) & 0xFFFF);
	}
}

void alpha_read(struct bytes alpha, struct room *text)
{
	struct bytes coding;
	struct bytes rest = alpha;

	if (!bytes_take(&rest, 1, &coding))
		return;
	switch (coding.at[0]) {
	case UCS2_PLAIN:
		ucs2_read(rest, text);
		return;
	case UCS2_BASED:
	case UCS2_BASED16:
		based_read(rest, coding.at[0] == UCS2_BASED16, text);
		return;
	default:
		while (alpha.len > 0 && alpha.at[0] != UNUSED_OCTET)
			default_read(&alpha, text);
	}
}

static bool default_put(struct room *out, unsigned code)
{
	uint8_t octet;

	if (octet_of(places, COUNT(places), code, &octet)) {
		room_put_u8(out, octet);
		return true;
	}
	if (octet_of(extension, COUNT(extension), code, &octet)) {
		room_put_u8(out, ESCAPE);
		room_put_u8(out, octet);
		return true;
	}
	/* ASCII, where no other character has its place. */
	if (code >= 0x80 || code_at(places, COUNT(places), (uint8_t)code, code) != code)
		return false;
	room_put_u8(out, (uint8_t)code);
	return true;
}

enum err alpha_put(struct room *out, struct bytes text)
{
	struct room start = *out;
	struct bytes in = text;
	bool plain = true;
	unsigned code;

	while (in.len > 0) {
		if (!utf8_take(&in, &code)) {
			*out = start;
			return ERR_VALUE;
		}
		plain = plain && default_put(out, code);
	}
	if (plain)
		return ERR_NONE;
	*out = start;
	room_put_u8(out, UCS2_PLAIN);
	while (utf8_take(&text, &code))
		room_put_u16(out, (uint16_t)code);
	return ERR_NONE;
}
