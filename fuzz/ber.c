/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what is read writes back to the same octets; on error nothing moved. */
#include "codec/ber.h"

#include "fuzz/law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t store[1 << 17];
	struct bytes in = { data, size };

	if (size > sizeof store)
		return 0;
	for (;;) {
		struct bytes before = in, value = { NULL, 7 };
		struct room again = ROOM(store), nested = ROOM(store);
		ber_tag tag = 0;

		if (ber_next(&in, &tag, &value) != ERR_NONE) {
			LAW(in.at == before.at && in.len == before.len);
			LAW(tag == 0 && value.at == NULL && value.len == 7);
			return 0;
		}
		struct bytes taken = { before.at, before.len - in.len };
		ber_put(&again, tag, value);
		LAW(bytes_same(room_used(&again), taken));
		LAW(ber_size(tag, value.len) == taken.len);
		size_t mark = ber_open(&nested, tag);
		room_put(&nested, value);
		ber_close(&nested, mark);
		LAW(bytes_same(room_used(&nested), taken));

		uint64_t number;
		struct bytes element = taken;
		if (ber_read_uint(&element, tag, UINT64_MAX, &number) == ERR_NONE) {
			again.len = 0;
			ber_put_uint(&again, tag, number);
			LAW(bytes_same(room_used(&again), taken));
		}
	}
}
