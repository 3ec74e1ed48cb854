/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "tests/tap.h"

static void take_never_moves_on_failure(void)
{
	const uint8_t three[] = { 1, 2, 3 };
	struct bytes in = BYTES(three), out = { NULL, 77 };

	ok(!bytes_take(&in, 4, &out) && in.len == 3 && out.len == 77, "taking too much moves nothing");
	ok(bytes_take(&in, 3, &out) && in.len == 0 && out.len == 3, "taking all leaves none");
	ok(bytes_take(&in, 0, &out) && out.len == 0, "taking none of none succeeds");
	ok(bytes_slice(BYTES(three), 1, 2, &out) && out.at[0] == 2, "a slice inside");
	ok(!bytes_slice(BYTES(three), 1, SIZE_MAX, &out), "a slice whose sum would wrap is refused");
}

static void rooms_latch(void)
{
	uint8_t store[3];
	struct room room = ROOM(store);

	room_put_u16(&room, 0x0102);
	room_put_u16(&room, 0x0304);
	ok(room.full && room_used(&room).len == 0, "an overflow latches and shows nothing");
	room_put_u8(&room, 5);
	ok(room.full && room.len == 2, "a latched room takes nothing more");
	ok(room_left(&room) == 0, "a latched room has nothing left");
}

static void numbers(void)
{
	uint8_t store[14];
	struct room room = ROOM(store);
	uint64_t value = 0;

	room_put_u64(&room, 0x0102030405060708);
	room_put_u32(&room, 0x090A0B0C);
	room_put_u16(&room, 0x0D0E);
	for (size_t i = 0; i < sizeof store; i++)
		ok(store[i] == i + 1, "octet %zu is big-endian", i);
	ok(bytes_uint((struct bytes){ store, 8 }, &value) && value == 0x0102030405060708,
	   "eight octets read back");
	ok(!bytes_uint((struct bytes){ store, 9 }, &value), "nine octets are no number");
	ok(bytes_uint((struct bytes){ store, 0 }, &value) && value == 0, "no octets are zero");
}

static void order(void)
{
	ok(bytes_order(BYTES_STR("a"), BYTES_STR("ab")) < 0, "shorter first");
	ok(bytes_order(BYTES_STR("b"), BYTES_STR("ab")) > 0, "by octet");
	ok(bytes_order(BYTES_STR("ab"), BYTES_STR("ab")) == 0, "same is same");
	ok(!bytes_same(BYTES_STR("a"), BYTES_STR("ab")), "a prefix is not the same");
}

int main(void)
{
	take_never_moves_on_failure();
	rooms_latch();
	numbers();
	order();
	return done();
}
