/* SPDX-License-Identifier: Apache-2.0 */
/* Law: text that is accepted writes back to the same text, and any octets come back from their text. */
#include "codec/base64.h"
#include "codec/hex.h"

#include "fuzz/law.h"

static uint8_t octets_store[1 << 17], text_store[1 << 18];

struct alphabet {
	enum err (*read)(struct bytes, struct room *);
	void (*put)(struct room *, struct bytes);
};

static void hold(const struct alphabet *as, struct bytes in)
{
	struct room octets = ROOM(octets_store), text = ROOM(text_store);

	if (as->read(in, &octets) == ERR_NONE) {
		as->put(&text, room_used(&octets));
		LAW(bytes_same(room_used(&text), in));
	} else {
		LAW(octets.len == 0 && !octets.full);
	}
	octets.len = text.len = 0;
	as->put(&text, in);
	LAW(as->read(room_used(&text), &octets) == ERR_NONE);
	LAW(bytes_same(room_used(&octets), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct alphabet alphabets[] = { { base64_read, base64_put },
		                                     { base64url_read, base64url_put } };
	struct bytes in = { data, size };
	struct room octets = ROOM(octets_store), text = ROOM(text_store);

	if (size > sizeof octets_store)
		return 0;
	for (size_t i = 0; i < COUNT(alphabets); i++)
		hold(&alphabets[i], in);
	hex_put(&text, in);
	LAW(hex_read(room_used(&text), &octets) == ERR_NONE);
	LAW(bytes_same(room_used(&octets), in));
	return 0;
}
