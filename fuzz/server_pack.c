/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what the processes tell each other reads back to the octets it was read from; what does not read moves
 * nothing. The first octet says which record. */
#include "server/equipment.h"
#include "server/link.h"
#include "server/pack.h"

#include "fuzz/record.h"

#include <string.h>

static uint8_t octets[1 << 18];

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
