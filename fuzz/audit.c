/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: an entry and a head have one encoding; a line that reads is written as it was, but for the case of its
 * digits; and a file of which nobody has the key is never verified. The first octet says which. */
#include "server/audit_file.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t octets[1 << 17], texts[1 << 18];

static void entry(struct bytes in)
{
	struct room again = ROOM(octets);
	struct audit_entry read;

	if (audit_entry_read(in, &read) != ERR_NONE)
		return;
	audit_entry_put(&again, &read);
	LAW(!again.full && bytes_same(room_used(&again), in));
}

static void head(struct bytes in)
{
	struct room again = ROOM(octets);
	struct audit_head read;

	if (audit_head_read(in, &read) == ERR_NONE) {
		audit_head_put(&again, &read);
		LAW(bytes_same(room_used(&again), in));
	}
	if (audit_head_read_signed(in, &read) == ERR_NONE) {
		again.len = 0;
		audit_head_put_signed(&again, &read);
		LAW(bytes_same(room_used(&again), in));
	}
}

static void line(struct bytes in)
{
	struct room store = ROOM(octets), text = ROOM(texts);
	struct audit_line read, again;

	if (audit_line_read(in, &store, &read) != ERR_NONE)
		return;
	audit_line_put(&text, &read);
	LAW(!text.full && text.len == in.len + 1);
	text.len--;
	LAW(audit_line_read(room_used(&text), &store, &again) == ERR_NONE);
	LAW(again.kind == read.kind && bytes_same(again.octets, read.octets));
	LAW(read.kind != AUDIT_LINE_ENTRY || memcmp(read.hash, again.hash, MERKLE_HASH) == 0);
}

/* The base point of P-256: everybody may know its private key, nobody has signed the corpus with it. */
static const uint8_t point[EC_POINT_SIZE] = {
	0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5,
	0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4,
	0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A,
	0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33,
	0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5
};

static void file(struct bytes in)
{
	static struct audit_check check;

	LAW(audit_check_begin(&check, point, NULL) == ERR_NONE);
	while (in.len > 0) {
		const uint8_t *end = memchr(in.at, '\n', in.len);
		size_t n = end == NULL ? in.len : (size_t)(end - in.at);
		struct room store = ROOM(octets);
		struct audit_line read;
		if (audit_line_read((struct bytes){ in.at, n }, &store, &read) != ERR_NONE ||
		    audit_check_line(&check, &read) != ERR_NONE)
			return;
		n += end != NULL;
		in = (struct bytes){ in.at + n, in.len - n };
	}
	LAW(audit_check_end(&check) != ERR_NONE && check.why[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data + 1, size - 1 };

	if (size == 0)
		return 0;
	switch (data[0] % 4) {
	case 0:
		entry(in);
		break;
	case 1:
		head(in);
		break;
	case 2:
		line(in);
		break;
	default:
		file(in);
	}
	return 0;
}
