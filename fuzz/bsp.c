/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what the server protects the card opens, and to the same; anything else is refused and the
 * session does not move. The first octet says which tag. */
#include "rsp/bsp.h"

#include "fuzz/law.h"

#include <string.h>

static const uint8_t eid[EID_SIZE] = { 0x89 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t store[1100], forged[BSP_SEGMENT_MAX];
	struct secret shared = { .at = { 1 }, .len = 32 };
	struct room out = ROOM(store), tlv = ROOM(forged);
	struct bsp server, card, before;
	struct bytes plain = { data, size }, opened = { NULL, 0 }, first;

	if (!bytes_take(&plain, 1, &first))
		return 0;
	ber_tag tag = (ber_tag)(0x86 + first.at[0] % 3);
	LAW(bsp_start(&server, &shared, first, eid) == ERR_NONE);
	card = server;
	before = server;
	/* What came is not a TLV of this session, whatever it is. */
	room_put(&tlv, plain);
	LAW(bsp_open(&card, tag, &tlv, &opened) != ERR_NONE);
	LAW(opened.at == NULL && memcmp(&card, &before, sizeof card) == 0);
	if (bsp_protect(&server, tag, plain, &out) != ERR_NONE) {
		LAW(memcmp(&server, &before, sizeof server) == 0 && out.len == 0);
		return 0;
	}
	LAW(out.len == bsp_size(tag, plain.len) && out.len <= BSP_SEGMENT_MAX);
	LAW(bsp_open(&card, tag, &out, &opened) == ERR_NONE);
	LAW(bytes_same(opened, plain));
	LAW(memcmp(&card, &server, sizeof card) == 0);
	return 0;
}
