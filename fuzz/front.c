/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what the relay takes for a request is answered to whom it came from, and a rejection leads the same packet to
 * the other door; what it does not take changes nothing. */
#include "server/front.h"

#include "fuzz/law.h"

#include <string.h>

static struct front front, before;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct front_address from = { .at = { 2, 0, 7 }, .size = 16 };
	const struct bytes packet = { data, size };
	const struct front_address *to;
	enum front_door door, again;
	uint8_t reject[20] = { 3, 0, 0, 20 };
	size_t flow, same;

	front_init(&front, 42);
	before = front;
	if (front_request(&front, 1000, &from, packet, &flow, &door) != ERR_NONE) {
		before.dropped++;
		LAW(memcmp(&front, &before, sizeof front) == 0);
		return 0;
	}
	LAW(size >= 20 && flow < FRONT_FLOWS && door == FRONT_NETWORK);
	reject[1] = data[1];
	to = front_reply(&front, 1001, flow, door, BYTES(reject));
	LAW(to != NULL && memcmp(to, &from, sizeof from) == 0);
	LAW(front_request(&front, 1002, &from, packet, &same, &again) == ERR_NONE);
	LAW(same == flow && again == FRONT_QUARANTINE);
	return 0;
}
