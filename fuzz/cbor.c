/* SPDX-License-Identifier: Apache-2.0 */
/* What decodes re-encodes to itself; what does not decode moves nothing; a whole item is as long as
 * the heads in it. */
#include "codec/cbor.h"

#include "fuzz/law.h"

static uint8_t store[1 << 17];

static void heads(struct bytes in)
{
	while (in.len > 0) {
		struct bytes before = in;
		struct cbor item;
		struct room out = ROOM(store);

		if (cbor_next(&in, &item) != ERR_NONE) {
			LAW(in.at == before.at && in.len == before.len);
			return;
		}
		cbor_put(&out, &item);
		LAW(bytes_same(room_used(&out), (struct bytes){ before.at, before.len - in.len }));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, rest = in, whole, items, value;
	uint64_t count;

	if (size > sizeof store)
		return 0;
	heads(in);
	if (cbor_read_whole(&rest, &whole) == ERR_NONE) {
		LAW(whole.at == data && whole.len + rest.len == size);
		LAW(cbor_check(whole) == ERR_NONE);
		if (cbor_read_open(&whole, CBOR_MAP, &count, &items) == ERR_NONE)
			(void)!cbor_map_find(items, 1, &value); /* must only not crash */
	} else {
		LAW(rest.at == in.at && rest.len == in.len);
	}
	return 0;
}
