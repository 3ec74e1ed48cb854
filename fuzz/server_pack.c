/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what the processes tell each other reads back to the octets it was read from; what does not read moves
 * nothing. The first octet says which record. */
#include "server/equipment.h"
#include "server/link.h"
#include "server/pack.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t octets[1 << 16];

#define TRY_RECORD(name, type)                                                \
	do {                                                                  \
		struct type record, before;                                   \
		struct bytes rest = in;                                       \
		struct room again = ROOM(octets);                             \
		memset(&record, 0x55, sizeof record);                         \
		before = record;                                              \
		if (unpack_##name(&rest, &record) != ERR_NONE) {              \
			LAW(memcmp(&record, &before, sizeof record) == 0);    \
			LAW(rest.at == in.at && rest.len == in.len);          \
		} else {                                                      \
			pack_##name(&again, &record);                         \
			in.len -= rest.len;                                   \
			LAW(again.full || bytes_same(room_used(&again), in)); \
		}                                                             \
	} while (0)

static void head(struct bytes in)
{
	struct link_head read;
	uint8_t again[LINK_HEAD];

	if (link_head_read(in, &read) != ERR_NONE)
		return;
	link_head_put(again, &read);
	LAW(memcmp(again, in.at, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data + 1, size - 1 };

	if (size == 0)
		return 0;
	switch (data[0] % 8) {
	case 0:
		TRY_RECORD(order, order);
		break;
	case 1:
		TRY_RECORD(session, session);
		break;
	case 2:
		TRY_RECORD(audit, audit);
		break;
	case 3:
		TRY_RECORD(callback, callback);
		break;
	case 4:
		TRY_RECORD(subscription, subscription);
		break;
	case 5:
		TRY_RECORD(event, equipment_event);
		break;
	case 6:
		TRY_RECORD(equipment, equipment_seen);
		break;
	default:
		head(in);
	}
	return 0;
}
