/* SPDX-License-Identifier: Apache-2.0 */
/* Law: a request that is accepted writes back to the same datagram; a refused one leaves no trace. */
#include "server/auc_text.h"

#include "fuzz/law.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct auc_request request, before;
	uint8_t octets[AUC_REQUEST_MAX];
	struct room again = ROOM(octets);

	memset(&request, 0x55, sizeof request);
	before = request;
	if (auc_request_read((struct bytes){ data, size }, &request) != ERR_NONE) {
		LAW(memcmp(&request, &before, sizeof request) == 0);
		return 0;
	}
	auc_request_put(&again, &request);
	LAW(bytes_same(room_used(&again), (struct bytes){ data, size }));
	return 0;
}
