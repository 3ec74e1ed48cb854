/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: an entry takes octets off the list and points into list or scratch; on error the list is as
 * before; a replay in two halves ends where a whole one does. */
#include "evidence/ima.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t scratch_store[IMA_TEMPLATE_MAX];

static void whole(struct bytes in, enum ima_form form)
{
	struct ima_state all = { .hash = ATTEST_SHA256 }, half = all, kept = all;
	struct room scratch = ROOM(scratch_store);
	struct bytes rest = in;
	struct ima_entry entry;
	int n = 0;

	while (rest.len > 0) {
		struct bytes before = rest;
		if (ima_next(&rest, form, &scratch, &entry) != ERR_NONE) {
			LAW(rest.at == before.at && rest.len == before.len);
			break;
		}
		LAW(rest.len < before.len);
		LAW(entry.digest.len <= ATTEST_HASH_MAX && entry.path.len <= IMA_PATH_MAX);
		(void)!ima_entry_check(&entry); /* must only not crash */
		if (ima_extend(&all, &entry) != ERR_NONE)
			break;
		LAW(ima_extend(n++ < 2 ? &half : &kept, &entry) == ERR_NONE);
		if (n == 2)
			kept = half;
	}
	LAW(n < 2 || memcmp(all.pcr, kept.pcr, sizeof all.pcr) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	whole((struct bytes){ data, size }, IMA_ASCII);
	whole((struct bytes){ data, size }, IMA_BINARY);
	return 0;
}
