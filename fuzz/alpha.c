/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: what is read of a name is UTF-8 that can be written, and reads the same again; text that can be written
 * comes back as it was; text that cannot leaves nothing.
 */
#include "codec/alpha.h"

#include "fuzz/law.h"

static uint8_t octets_store[1 << 17], text_store[1 << 18], again_store[1 << 18];

static bool writes_and_reads(struct bytes text)
{
	struct room octets = ROOM(octets_store), again = ROOM(again_store);

	if (alpha_put(&octets, text) != ERR_NONE) {
		LAW(octets.len == 0 && !octets.full);
		return false;
	}
	LAW(!octets.full);
	alpha_read(room_used(&octets), &again);
	LAW(bytes_same(room_used(&again), text));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct room text = ROOM(text_store);

	if (size > sizeof octets_store / 4)
		return 0;
	alpha_read(in, &text);
	LAW(!text.full);
	LAW(writes_and_reads(room_used(&text)));
	(void)writes_and_reads(in);
	return 0;
}
