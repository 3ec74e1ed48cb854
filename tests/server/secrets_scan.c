/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for keys where none may be (R7, I3): as octets, as hex of either case, as base64 at any alignment.
 *
 *     secrets_scan KEYS WHERE...
 *
 * KEYS holds one key a line, in hex. A WHERE is a file, a directory, or pid:N for the memory of a process.
 * One that begins with '+' must hold a key: that shows that the search finds what is there.
 */
#define _XOPEN_SOURCE 700
#include "codec/base64.h"
#include "codec/hex.h"
#include "server/buffer.h"
#include "tests/tap.h"

#include <ftw.h>
#include <unistd.h>

enum { KEY_MIN = 16, KEY_MAX = 32, FORMS = 6, FORM_MAX = 2 * KEY_MAX, PIECE = 1 << 20 };

struct form {
	uint8_t at[FORM_MAX];
	size_t len;
};

static struct form *forms;
static size_t form_count;
static uint8_t starts[1 << 21]; /* a bit for each three octets that a form begins with */
static size_t octets_seen, keys_found;

static uint32_t start_of(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

static void form_add(struct bytes text)
{
	struct form *form = &forms[form_count++];
	uint32_t start = start_of(text.at);

	memcpy(form->at, text.at, text.len);
	form->len = text.len;
	starts[start >> 3] |= (uint8_t)(1u << (start & 7));
}

/* In the middle of something, base64 has one of three alignments; its outer characters mix with what is
 * beside and are left out. */
static void base64_add(struct bytes key, size_t skip)
{
	uint8_t padded[KEY_MAX + 2] = { 0 }, text[64];
	struct room room = ROOM(text);
	struct bytes inner;

	memcpy(padded + skip, key.at, key.len);
	base64_put(&room, (struct bytes){ padded, skip + key.len });
	if (bytes_slice(room_used(&room), 4, room.len - 8, &inner))
		form_add(inner);
}

static void key_add(struct bytes key)
{
	uint8_t text[2 * KEY_MAX];
	struct room lower = ROOM(text);

	form_add(key);
	hex_put(&lower, key);
	form_add(room_used(&lower));
	lower.len = 0;
	hex_put_upper(&lower, key);
	form_add(room_used(&lower));
	for (size_t skip = 0; skip < 3; skip++)
		base64_add(key, skip);
}

static bool keys_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[4 * KEY_MAX];
	size_t cap = 0;

	if (file == NULL)
		return false;
	while (fgets(line, sizeof line, file) != NULL) {
		uint8_t octets[KEY_MAX];
		struct room key = ROOM(octets);
		size_t len = strcspn(line, "\n");
		if (form_count + FORMS > cap) {
			cap = 2 * cap + 1024;
			forms = realloc(forms, cap * sizeof *forms);
		}
		if (forms == NULL ||
		    hex_read((struct bytes){ (uint8_t *)line, len }, &key) != ERR_NONE ||
		    key.len < KEY_MIN)
			return false;
		key_add(room_used(&key));
	}
	fclose(file);
	return form_count > 0;
}

static void part_scan(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i + KEY_MIN <= len; i++) {
		uint32_t start = start_of(at + i);
		if (!(starts[start >> 3] >> (start & 7) & 1))
			continue;
		for (size_t k = 0; k < form_count; k++)
			if (i + forms[k].len <= len &&
			    memcmp(at + i, forms[k].at, forms[k].len) == 0)
				keys_found++;
	}
}

/* stream_scan reads from..to of a file in pieces that overlap by the longest form. */
static void stream_scan(FILE *file, uint64_t from, uint64_t to)
{
	static uint8_t piece[PIECE + FORM_MAX];
	size_t kept = 0;

	if (fseeko(file, (off_t)from, SEEK_SET) != 0)
		return;
	while (from < to) {
		size_t want = to - from < PIECE ? (size_t)(to - from) : PIECE;
		size_t got = fread(piece + kept, 1, want, file);
		if (got == 0)
			break;
		part_scan(piece, kept + got);
		octets_seen += got;
		from += got;
		size_t have = kept + got;
		kept = have < FORM_MAX - 1 ? have : FORM_MAX - 1;
		memmove(piece, piece + have - kept, kept);
	}
}

static void memory_scan(const char *pid)
{
	char path[64], line[512];
	FILE *maps, *mem;

	snprintf(path, sizeof path, "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof path, "/proc/%s/mem", pid);
	mem = fopen(path, "rb");
	while (maps != NULL && mem != NULL && fgets(line, sizeof line, maps) != NULL) {
		unsigned long long from, to;
		char readable;
		if (sscanf(line, "%llx-%llx %c", &from, &to, &readable) == 3 && readable == 'r' &&
		    strstr(line, "[v") == NULL)
			stream_scan(mem, from, to);
	}
	if (maps != NULL)
		fclose(maps);
	if (mem != NULL)
		fclose(mem);
}

static int file_scan(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	FILE *file = kind == FTW_F ? fopen(path, "rb") : NULL;

	(void)info;
	(void)place;
	if (file != NULL) {
		stream_scan(file, 0, UINT64_MAX);
		fclose(file);
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool good = argc > 2 && keys_read(argv[1]);

	for (int i = 2; good && i < argc; i++) {
		bool wanted = argv[i][0] == '+';
		const char *where = argv[i] + wanted;
		octets_seen = keys_found = 0;
		if (strncmp(where, "pid:", 4) == 0)
			memory_scan(where + 4);
		else if (nftw(where, file_scan, 16, FTW_PHYS) != 0)
			perror(where);
		printf("%s: %zu octets, %zu keys\n", where, octets_seen, keys_found);
		good = octets_seen > 0 && (keys_found > 0) == wanted;
	}
	return good ? 0 : 1;
}
