/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws: a package that is read writes to a normal form no longer than itself, and the normal form writes
 * to itself; a package that passes the check is read; what is not found leaves results untouched.
 */
#include "profile/check.h"
#include "profile/copy.h"
#include "profile/find.h"
#include "profile/status.h"

#include "fuzz/law.h"

#include <string.h>

enum { SIZE_MAX_HERE = 1 << 16 };

static void facts_untouched(const struct source *source)
{
	struct profile_facts facts, before;

	memset(&facts, 0x5A, sizeof facts);
	before = facts;
	if (profile_find_facts(source, &facts) != ERR_NONE)
		LAW(memcmp(&facts, &before, sizeof facts) == 0);
	else
		LAW(strlen(facts.iccid) <= 20 && strlen(facts.imsi) <= 15);
}

static void response_again(struct bytes in)
{
	uint8_t octets[64];
	struct room out = ROOM(octets);
	struct pe_result result, again;
	bool aborted, still;

	if (euicc_response_read(in, &result, &aborted) != ERR_NONE)
		return;
	euicc_response_put(&out, &result, 1, aborted);
	LAW(euicc_response_read(room_used(&out), &again, &still) == ERR_NONE);
	LAW(again.status == result.status && still == aborted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t first[SIZE_MAX_HERE], second[SIZE_MAX_HERE];
	struct room once = ROOM(first), twice = ROOM(second);
	struct bytes in = { data, size };
	struct profile_flaw flaw;
	struct aka_parameter aka;

	if (size > SIZE_MAX_HERE)
		return 0;
	struct source source = source_memory(&in);
	enum err err = profile_copy(&source, &once, NULL);
	enum err sound = profile_check(&source, &flaw);
	LAW(flaw.says != NULL && flaw.cause == sound);
	LAW(flaw.offset <= size);
	if (sound == ERR_NONE)
		LAW(err == ERR_NONE);
	if (err == ERR_NONE) {
		LAW(once.len <= size);
		struct bytes normal = room_used(&once);
		struct source again = source_memory(&normal);
		LAW(profile_copy(&again, &twice, NULL) == ERR_NONE);
		LAW(bytes_same(room_used(&twice), normal));
	}
	facts_untouched(&source);
	if (profile_find_aka(&source, &aka) == ERR_NONE)
		LAW(!aka.mapped && aka.key.len >= 16);
	aka_parameter_clear(&aka);
	response_again(in);
	return 0;
}
