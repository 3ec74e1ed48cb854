/* SPDX-License-Identifier: Apache-2.0 */
/* Names as TS 23.038 and TS 102 221 annex A write them. */
#include "codec/alpha.h"

#include "tests/tap.h"

static const struct {
	const char *says, *octets, *text;
	bool back; /* text is written as these octets, unused ones apart */
} rows[] = {
	{"ASCII",				  "417373617920FFFF",                     "Assay ",                    true },
	{ "GSMA's test profile has an underscore", "47534D411154455354",                   "GSMA_TEST",                 true },
	{ "where the alphabet is not ASCII",       "0002115B7E1E58",                       "@$_ÄüßX",                true },
	{ "behind the escape",                     "1B651B3C1B3E1B281B291B2F1B141B3D1B40", "€[]{}\\^~|",              true },
	{ "Greek capitals",                        "10121314151617181A19",                 "ΔΦΓΛΩΠΨΣΞΘ",      true },
	{ "coding 80",			     "8004160430FFFF",                       "Жа",                      true },
	{ "coding 80 and the unused end",          "80041604300030FFFF",                   "Жа0",                     true },
 /* The examples of TS 102 221 annex A. */
	{ "coding 81",			     "8105135395A6A6FF",                     "S\u0995\u09A6\u09A6\u09FF", false},
	{ "coding 82",			     "820505302D82D32D31",                   "-\u0532\u0583-1",           false},
	{ "no name",			       "FFFFFF",			       "",                          true },
	{ "an empty name is nothing",              "",                                     "",                          true },
};

static const struct {
	const char *says, *octets, *text;
} odd[] = {
	{"half a character",				"8004",           ""        },
	{ "an escape at the end",                           "411B",           "A\uFFFD" },
	{ "a place that the extension has not",             "1B41",           "\uFFFD"  },
	{ "a line feed",				    "410A42",         "A\uFFFDB"},
	{ "an octet of no alphabet",                        "419042",         "A\uFFFDB"},
	{ "a surrogate",				    "80D8000041",     "\uFFFDA" },
	{ "a count beyond what is there",                   "81FF0041",       "A"       },
	{ "a coding without its base",                      "8105",           ""        },
	{ "characters behind the count are not the name's", "81010041424344", "A"       },
};

static const struct {
	const char *says, *text;
} refused[] = {
	{"a control character",        "A\nB"        },
	{ "a character beyond U+FFFF", "\U0001F4F6"  },
	{ "a surrogate in UTF-8",      "\xED\xA0\x80"},
	{ "too long a form",           "\xC1\x81"    },
	{ "half a form",               "\xC3"        },
	{ "no form",                   "\xFF"        },
	{ "U+FFFF, which ends names",  "\xEF\xBF\xBF"},
};

static void reads(const char *hex, const char *text, const char *says)
{
	uint8_t in[64], out[128];
	struct room room = ROOM(out);

	alpha_read(unhex(hex, in, sizeof in), &room);
	ok_bytes(room_used(&room), bytes_text(text), says);
}

static void writes(const char *hex, const char *text)
{
	uint8_t want_store[64], out[64];
	struct room room = ROOM(out);
	struct bytes want = unhex(hex, want_store, sizeof want_store);

	while (want.len > 0 && want.at[want.len - 1] == 0xFF)
		want.len--;
	ok(alpha_put(&room, bytes_text(text)) == ERR_NONE && bytes_same(room_used(&room), want),
	   "... and is written so");
}

int main(void)
{
	uint8_t out[8];
	struct room room = ROOM(out);

	for (size_t i = 0; i < COUNT(rows); i++) {
		reads(rows[i].octets, rows[i].text, rows[i].says);
		if (rows[i].back)
			writes(rows[i].octets, rows[i].text);
	}
	for (size_t i = 0; i < COUNT(odd); i++)
		reads(odd[i].octets, odd[i].text, odd[i].says);
	for (size_t i = 0; i < COUNT(refused); i++) {
		ok_err(alpha_put(&room, bytes_text(refused[i].text)), ERR_VALUE, refused[i].says);
		ok(room.len == 0 && !room.full, "... nothing is written");
	}
	ok(alpha_put(&room, bytes_text("nine char")) == ERR_NONE && room.full,
	   "a room can be too small");
	return done();
}
