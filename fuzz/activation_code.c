/* SPDX-License-Identifier: Apache-2.0 */
/* Law: a code that is accepted, written and read again is the same code, and written again the same
 * text; a code that is refused leaves the result untouched. */
#include "agent/activation_code.h"

#include "fuzz/law.h"

static bool same(const struct activation_code *a, const struct activation_code *b)
{
	return bytes_same(a->address, b->address) && bytes_same(a->matching_id, b->matching_id) &&
	       bytes_same(a->smdp_oid, b->smdp_oid) &&
	       a->confirmation_code_required == b->confirmation_code_required;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct activation_code code = { .matching_id = { data, size } }, again;
	uint8_t first[ACTIVATION_CODE_MAX + 8], second[ACTIVATION_CODE_MAX + 8];
	struct room out = ROOM(first), out_again = ROOM(second);

	if (activation_code_read((struct bytes){ data, size }, &code) != ERR_NONE) {
		LAW(code.matching_id.at == data && code.matching_id.len == size);
		LAW(code.address.at == NULL);
		return 0;
	}
	LAW(server_address_good(code.address));
	activation_code_put(&out, &code);
	LAW(!out.full);
	/* A code at the limit without "LPA:" is longer with it. */
	if (out.len > ACTIVATION_CODE_MAX)
		return 0;
	LAW(activation_code_read(room_used(&out), &again) == ERR_NONE);
	LAW(same(&code, &again));
	activation_code_put(&out_again, &again);
	LAW(bytes_same(room_used(&out), room_used(&out_again)));
	return 0;
}
