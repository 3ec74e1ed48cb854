/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

#include "tests/tap.h"

/* RFC 4648 section 10 */
static const struct {
	const char *plain, *padded, *url;
} rows[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+", "-__-" },
};

static const struct {
	const char *says, *text;
	enum err want;
} bad[] = {
	{ "missing padding", "Zg", ERR_LENGTH },
	{ "one digit", "Z", ERR_LENGTH },
	{ "three pads", "Z===", ERR_VALUE },
	{ "pad in the middle", "Zg==Zg==", ERR_VALUE },
	{ "white space", "Zm9v\n===", ERR_VALUE },
	{ "URL alphabet", "-__-", ERR_VALUE },
	{ "unused bits set", "Zh==", ERR_VALUE },
};

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t a[16], b[16], c[16], d[16];
		struct room padded = ROOM(a), url = ROOM(b), back = ROOM(c), url_back = ROOM(d);

		base64_put(&padded, bytes_text(rows[i].plain));
		base64url_put(&url, bytes_text(rows[i].plain));
		ok_bytes(room_used(&padded), bytes_text(rows[i].padded), "with padding");
		ok_bytes(room_used(&url), bytes_text(rows[i].url), "URL alphabet");
		ok_err(base64_read(room_used(&padded), &back), ERR_NONE, "reads back");
		ok_err(base64url_read(room_used(&url), &url_back), ERR_NONE, "reads back");
		ok(bytes_same(room_used(&back), bytes_text(rows[i].plain)) &&
		           bytes_same(room_used(&url_back), bytes_text(rows[i].plain)),
		   "... the same");
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint8_t store[16];
		struct room out = ROOM(store);

		ok_err(base64_read(bytes_text(bad[i].text), &out), bad[i].want, bad[i].says);
		ok(out.len == 0 && !out.full, "... nothing written");
	}
	return done();
}
