/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ber.h"

#include "tests/tap.h"

static const struct {
	const char *says;
	const char *hex;
	enum err want;
	ber_tag tag;
	size_t len;
} rows[] = {
	{ "one-octet tag", "8001AA", ERR_NONE, 0x80, 1 },
	{ "two-octet tag", "5F370101", ERR_NONE, 0x5F37, 1 },
	{ "three-octet tag", "9F810100", ERR_NONE, 0x9F8101, 0 },
	{ "empty input", "", ERR_TRUNCATED, 0, 0 },
	{ "tag ends in the air", "BF", ERR_TRUNCATED, 0, 0 },
	{ "no length", "80", ERR_TRUNCATED, 0, 0 },
	{ "length runs past the end", "800201", ERR_TRUNCATED, 0, 0 },
	{ "length of length runs past the end", "808201", ERR_TRUNCATED, 0, 0 },
	{ "indefinite length is refused", "308000", ERR_LENGTH, 0, 0 },
	{ "81 7F should have been short", "80817F", ERR_LENGTH, 0, 0 },
	{ "82 00 80 has a leading zero", "80820080", ERR_LENGTH, 0, 0 },
	{ "five octets of length are refused", "80850000000001", ERR_LENGTH, 0, 0 },
	{ "number below 31 in a long tag", "9F1E00", ERR_TAG, 0, 0 },
	{ "long tag with a leading zero", "9F808100", ERR_TAG, 0, 0 },
	{ "four-octet tag is refused", "9F81818100", ERR_TAG, 0, 0 },
	{ "wrapping length is refused", "8084FFFFFFFF", ERR_TRUNCATED, 0, 0 },
};

static void decode_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t store[32];
		struct bytes in = unhex(rows[i].hex, store, sizeof store), before = in;
		struct bytes value = { NULL, 0 };
		ber_tag tag = 0;
		enum err err = ber_next(&in, &tag, &value);
		bool unmoved = in.at == before.at && in.len == before.len;

		ok_err(err, rows[i].want, rows[i].says);
		if (err == ERR_NONE)
			ok(tag == rows[i].tag && value.len == rows[i].len, "... tag and length");
		else
			ok(unmoved && tag == 0, "... and nothing moved");
	}
}

/* Every length around the boundaries decodes to itself, written at once and by open and close. */
static void length_sweep(void)
{
	static uint8_t zeros[70000], store[70010], twin[70010];
	bool good = true;

	for (size_t len = 0; len < sizeof zeros; len = len < 300 || len >= 65500 ? len + 1 : 65500) {
		struct room out = ROOM(store), opened = ROOM(twin);
		struct bytes in, value;
		ber_tag tag;

		ber_put(&out, 0xBF21, (struct bytes){ zeros, len });
		size_t mark = ber_open(&opened, 0xBF21);
		room_put(&opened, (struct bytes){ zeros, len });
		ber_close(&opened, mark);
		in = room_used(&out);
		good = good && in.len == ber_size(0xBF21, len) &&
		       bytes_same(in, room_used(&opened)) &&
		       ber_next(&in, &tag, &value) == ERR_NONE && tag == 0xBF21 && value.len == len &&
		       in.len == 0;
		if (!good) {
			ok(false, "length %zu", len);
			return;
		}
	}
	ok(good, "every length decodes to itself and is written alike both ways");
}

static const struct {
	const char *says;
	const char *hex;
	enum err want;
	uint64_t max, value;
} uints[] = {
	{ "zero", "020100", ERR_NONE, 255, 0 },
	{ "127", "02017F", ERR_NONE, 255, 127 },
	{ "128 needs a leading zero", "02020080", ERR_NONE, 255, 128 },
	{ "negative", "0201FF", ERR_VALUE, 255, 0 },
	{ "padded", "0202007F", ERR_LENGTH, 255, 0 },
	{ "empty", "0200", ERR_LENGTH, 255, 0 },
	{ "above the maximum", "02020100", ERR_VALUE, 255, 0 },
	{ "largest", "020900FFFFFFFFFFFFFFFF", ERR_NONE, UINT64_MAX, UINT64_MAX },
	{ "larger than the largest", "0209010000000000000000", ERR_VALUE, UINT64_MAX, 0 },
};

static void integers(void)
{
	for (size_t i = 0; i < COUNT(uints); i++) {
		uint8_t store[32], again[32];
		struct bytes whole = unhex(uints[i].hex, store, sizeof store), in = whole;
		struct room out = ROOM(again);
		uint64_t value = 0;

		ok_err(ber_read_uint(&in, 0x02, uints[i].max, &value), uints[i].want, uints[i].says);
		if (uints[i].want != ERR_NONE)
			continue;
		ber_put_uint(&out, 0x02, value);
		ok(value == uints[i].value && bytes_same(room_used(&out), whole),
		   "... reads and writes back");
	}
}

static void helpers(void)
{
	uint8_t store[16];
	struct bytes in = unhex("8001010101FF3000", store, sizeof store), value, all = in;
	bool flag = false;

	ok_err(ber_read_optional(&in, 0x81, &value), ERR_NONE, "an absent optional is no error");
	ok(value.at == NULL && in.len == all.len, "... and takes nothing");
	ok_err(ber_read_whole(&in, 0x80, &value), ERR_NONE, "whole element");
	ok(value.len == 3 && value.at == all.at, "... with tag and length");
	ok(ber_read_bool(&in, 0x01, &flag) == ERR_NONE && flag, "TRUE");
	ok(ber_is(in, 0x30) && !ber_is(in, 0x31), "what is next");
	ok_err(ber_end(in), ERR_TRAILING, "something is left");
	ok_err(ber_find(all, 0x30, &value), ERR_NONE, "find among siblings");
	ok_err(ber_find(all, 0x31, &value), ERR_NOT_FOUND, "not among siblings");
	ok(ber_constructed(0x30) && ber_constructed(0xBF21) && !ber_constructed(0x9F70),
	   "constructed bit of tags of both sizes");
	in = unhex("010101", store, sizeof store);
	ok_err(ber_read_bool(&in, 0x01, &flag), ERR_VALUE, "TRUE is FF");
}

int main(void)
{
	decode_rows();
	length_sweep();
	integers();
	helpers();
	return done();
}
