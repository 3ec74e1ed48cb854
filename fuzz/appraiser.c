/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of what the appraiser reads and writes: records of chips, appraisals and items and its messages read back
 * to what they were read from, what does not read moves nothing, findings that do not read refuse, and what is
 * taken for a permit is one that was made. The first octet says which. */
#include "server/appraiser.h"
#include "appraiser/findings.h"
#include "server/chip.h"

#include "fuzz/record.h"

#include <string.h>

static uint8_t octets[1 << 18];

static void request(struct bytes in)
{
	struct room again = ROOM(octets);
	struct appraise_request read;

	if (appraise_request_read(in, &read) != ERR_NONE)
		return;
	LAW(read.iccid.len == 0 || read.iccid.len == ICCID_SIZE);
	appraise_request_put(&again, &read);
	LAW(!again.full && bytes_same(room_used(&again), in));
}

static void answer(struct bytes in)
{
	struct room again = ROOM(octets);
	struct appraise_answer read, before;

	memset(&read, 0x55, sizeof read);
	before = read;
	if (appraise_answer_read(in, &read) != ERR_NONE) {
		LAW(memcmp(&read, &before, sizeof read) == 0);
		return;
	}
	LAW(memchr(read.why, '\0', sizeof read.why) != NULL);
	appraise_answer_put(&again, &read);
	LAW(!again.full && bytes_same(room_used(&again), in));
}

static void findings(struct bytes in)
{
	static struct findings read, read_again;
	struct room again = ROOM(octets);

	if (findings_unpack(in, &read) != ERR_NONE) {
		LAW(read.count == 0 && read.more);
		return;
	}
	LAW(read.count <= FINDINGS_MAX);
	findings_pack(&again, &read);
	LAW(!again.full);
	LAW(findings_unpack(room_used(&again), &read_again) == ERR_NONE);
	LAW(read_again.count == read.count && read_again.more == read.more);
	for (size_t i = 0; i < read.count; i++)
		LAW(read_again.at[i].cause == read.at[i].cause);
}

/* The corpus has one that was made under this key, for the access of this subscriber. */
static void permit(struct bytes in)
{
	uint8_t subject[PERMIT_SUBJECT_SIZE], made[PERMIT_SIZE];
	struct secret key = { .len = 32 };
	struct permit read;

	memset(key.at, 0x11, key.len);
	LAW(permit_subject_access(BYTES_STR("001010000000001"), subject) == ERR_NONE);
	if (permit_check(&key, in, PURPOSE_ACCESS, subject, 1000, &read) != ERR_NONE)
		return;
	LAW(read.purpose == PURPOSE_ACCESS && read.decision < REFUSE && read.expires_s > 1000);
	LAW(permit_make(&key, &read, made) == ERR_NONE && bytes_same(BYTES(made), in));
	LAW(permit_check(&key, in, PURPOSE_PROVISIONING, subject, 1000, &read) != ERR_NONE);
	LAW(permit_check(&key, in, PURPOSE_ACCESS, subject, read.expires_s, &read) != ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data + 1, size - 1 };

	if (size == 0)
		return 0;
	switch (data[0] % 7) {
	case 0:
		TRY_RECORD(chip, chip);
		break;
	case 1:
		TRY_RECORD(appraised, appraised);
		break;
	case 2:
		TRY_RECORD(item, item);
		break;
	case 3:
		request(in);
		break;
	case 4:
		answer(in);
		break;
	case 5:
		findings(in);
		break;
	default:
		permit(in);
	}
	return 0;
}
