/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/hex.h"

#include "tests/tap.h"

int main(void)
{
	uint8_t store[4];
	char digits[9] = { 0 };
	struct room out = ROOM(store);
	struct room text = { (uint8_t *)digits, 8, 0, false };

	ok_err(hex_read(BYTES_STR("00fFA5"), &out), ERR_NONE, "both cases");
	ok(out.len == 3 && store[1] == 0xFF && store[2] == 0xA5, "... right value");
	ok_err(hex_read(BYTES_STR("0"), &out), ERR_LENGTH, "odd count");
	ok_err(hex_read(BYTES_STR("0g"), &out), ERR_VALUE, "foreign character");
	ok_err(hex_read(BYTES_STR("0011"), &out), ERR_ROOM, "does not fit");
	ok(out.len == 3 && !out.full, "... and the room is as before");
	hex_put(&text, (struct bytes){ store, 2 });
	hex_put_upper(&text, (struct bytes){ store + 1, 2 });
	ok(strcmp(digits, "00ffFFA5") == 0, "written in both cases");
	return done();
}
