/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"

#include "tests/tap.h"

/* Heads: RFC 8949 appendix A, and what is refused of it. */
static const struct {
	const char *says;
	const char *hex;
	enum err want;
	enum cbor_kind kind;
	uint64_t value;
} rows[] = {
	{ "0", "00", ERR_NONE, CBOR_UINT, 0 },
	{ "23 in one octet", "17", ERR_NONE, CBOR_UINT, 23 },
	{ "24 in two", "1818", ERR_NONE, CBOR_UINT, 24 },
	{ "1000", "1903E8", ERR_NONE, CBOR_UINT, 1000 },
	{ "1000000", "1A000F4240", ERR_NONE, CBOR_UINT, 1000000 },
	{ "largest", "1BFFFFFFFFFFFFFFFF", ERR_NONE, CBOR_UINT, UINT64_MAX },
	{ "-1", "20", ERR_NONE, CBOR_NINT, 0 },
	{ "-100", "3863", ERR_NONE, CBOR_NINT, 99 },
	{ "byte string", "4401020304", ERR_NONE, CBOR_BYTES, 4 },
	{ "text", "6161", ERR_NONE, CBOR_TEXT, 1 },
	{ "array head", "83", ERR_NONE, CBOR_ARRAY, 3 },
	{ "map head", "A2", ERR_NONE, CBOR_MAP, 2 },
	{ "tag 18", "D2", ERR_NONE, CBOR_TAG, 18 },
	{ "true", "F5", ERR_NONE, CBOR_SIMPLE, CBOR_TRUE },
	{ "simple 255", "F8FF", ERR_NONE, CBOR_SIMPLE, 255 },
	{ "half float 1.5", "F93E00", ERR_NONE, CBOR_FLOAT, 0x3E00 },
	{ "double 1.1", "FB3FF199999999999A", ERR_NONE, CBOR_FLOAT, 0x3FF199999999999A },
	{ "nothing", "", ERR_TRUNCATED, 0, 0 },
	{ "number ends early", "19FF", ERR_TRUNCATED, 0, 0 },
	{ "string ends early", "42FF", ERR_TRUNCATED, 0, 0 },
	{ "string longer than any memory", "5BFFFFFFFFFFFFFFFF00", ERR_TRUNCATED, 0, 0 },
	{ "23 in two octets is not the shortest", "1817", ERR_LENGTH, 0, 0 },
	{ "255 in three octets is not the shortest", "1900FF", ERR_LENGTH, 0, 0 },
	{ "65535 in five octets is not the shortest", "1A0000FFFF", ERR_LENGTH, 0, 0 },
	{ "2^32-1 in nine octets is not the shortest", "1B00000000FFFFFFFF", ERR_LENGTH, 0, 0 },
	{ "length of a string that is not the shortest", "580161", ERR_LENGTH, 0, 0 },
	{ "indefinite string", "5F4100FF", ERR_LENGTH, 0, 0 },
	{ "indefinite array", "9F00FF", ERR_LENGTH, 0, 0 },
	{ "indefinite map", "BFFF", ERR_LENGTH, 0, 0 },
	{ "break alone", "FF", ERR_LENGTH, 0, 0 },
	{ "reserved width", "1C", ERR_LENGTH, 0, 0 },
	{ "simple value 20 in two octets", "F814", ERR_VALUE, 0, 0 },
};

static void heads(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t store[16], twin[16];
		struct bytes in = unhex(rows[i].hex, store, sizeof store), before = in;
		struct room out = ROOM(twin);
		struct cbor item = { 0 };
		enum err err = cbor_next(&in, &item);

		ok_err(err, rows[i].want, rows[i].says);
		if (err != ERR_NONE) {
			ok(in.at == before.at && in.len == before.len, "... and nothing moved");
			continue;
		}
		cbor_put(&out, &item);
		ok(item.kind == rows[i].kind && item.value == rows[i].value &&
		           bytes_same(room_used(&out), before),
		   "... is understood and written back alike");
	}
}

static const struct {
	const char *says;
	const char *hex;
	enum err want;
} items[] = {
	{ "nested array", "8301820203820405", ERR_NONE },
	{ "map of a map", "A201020304", ERR_NONE },
	{ "tag around a string", "C1450000000000", ERR_NONE },
	{ "an empty array is whole", "80", ERR_NONE },
	{ "array lacks an item", "820A", ERR_TRUNCATED },
	{ "map lacks a value", "A100", ERR_TRUNCATED },
	{ "tag of nothing", "C1", ERR_TRUNCATED },
	{ "array of 2^64-1 items", "9BFFFFFFFFFFFFFFFF00", ERR_TRUNCATED },
	{ "map of 2^63 pairs", "BB80000000000000000000", ERR_TRUNCATED },
	{ "something follows", "0000", ERR_TRAILING },
	{ "23 levels of arrays", "818181818181818181818181818181818181818181818100", ERR_NONE },
	{ "24 levels of arrays", "81818181818181818181818181818181818181818181818100", ERR_DEPTH },
};

static void wholes(void)
{
	for (size_t i = 0; i < COUNT(items); i++) {
		uint8_t store[32];

		ok_err(cbor_check(unhex(items[i].hex, store, sizeof store)), items[i].want,
		       items[i].says);
	}
}

static void maps(void)
{
	uint8_t store[32];
	struct bytes in = unhex("A4010220810361610501F6", store, sizeof store), pairs, value;
	uint64_t count, number;
	int64_t key;

	ok(cbor_read_open(&in, CBOR_MAP, &count, &pairs) == ERR_NONE && count == 4 && in.len == 0,
	   "a map is opened");
	ok(cbor_map_find(pairs, -1, &value) == ERR_NONE && cbor_is(value, CBOR_ARRAY),
	   "a negative key is found");
	ok_err(cbor_map_find(pairs, 9, &value), ERR_NOT_FOUND, "an absent key");
	in = unhex("A201020103", store, sizeof store);
	ok(cbor_read_map(&in, &count) == ERR_NONE, "a map with a key twice is opened");
	ok_err(cbor_map_find(in, 1, &value), ERR_EXISTS, "... and the key is refused");
	in = unhex("1864", store, sizeof store);
	ok_err(cbor_read_uint(&in, 99, &number), ERR_VALUE, "100 is above 99");
	in = unhex("3B7FFFFFFFFFFFFFFF", store, sizeof store);
	ok(cbor_read_int(&in, &key) == ERR_NONE && key == INT64_MIN, "the least integer");
	in = unhex("3B8000000000000000", store, sizeof store);
	ok_err(cbor_read_int(&in, &key), ERR_VALUE, "less than the least");
	in = unhex("F6", store, sizeof store);
	ok(cbor_read_null(&in) == ERR_NONE && in.len == 0, "null");
}

/* Lengths around every boundary, written at once and by open and close. */
static void strings(void)
{
	static uint8_t zeros[70000], store[70010], twin[70010];
	bool good = true;

	for (size_t len = 0; len < sizeof zeros;
	     len = len < 300 || len >= 65500 ? len + 1 : 65500) {
		struct room out = ROOM(store), opened = ROOM(twin);
		struct bytes in, value = { NULL, 0 };

		cbor_put_bytes(&out, (struct bytes){ zeros, len });
		size_t mark = cbor_open_bytes(&opened);
		room_put(&opened, (struct bytes){ zeros, len });
		cbor_close_bytes(&opened, mark);
		in = room_used(&out);
		good = good && bytes_same(in, room_used(&opened)) &&
		       cbor_read_bytes(&in, &value) == ERR_NONE && value.len == len && in.len == 0;
	}
	ok(good, "every length decodes to itself and is written alike both ways");
}

static void integers(void)
{
	static const int64_t values[] = { INT64_MIN, -4294967297, -65537,     -257,     -25, -24,
		                          -1,        0,           23,         24,       255, 256,
		                          65535,     65536,       4294967296, INT64_MAX };
	bool good = true;

	for (size_t i = 0; i < COUNT(values); i++) {
		uint8_t store[16];
		struct room out = ROOM(store);
		int64_t back = 0;

		cbor_put_int(&out, values[i]);
		struct bytes in = room_used(&out);
		good = good && cbor_read_int(&in, &back) == ERR_NONE && back == values[i];
	}
	ok(good, "integers of both signs read back");
}

int main(void)
{
	heads();
	wholes();
	maps();
	strings();
	integers();
	return done();
}
