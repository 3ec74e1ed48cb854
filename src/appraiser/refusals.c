/* SPDX-License-Identifier: Apache-2.0 */
#include "appraiser/refusals.h"

#include <stdio.h>
#include <string.h>

static struct bytes eid_of(const struct refusal *refusal)
{
	return (struct bytes){ refusal->eid, refusal->eid_len };
}

bool refusals_note(struct refusals *refusals, uint64_t now_s, struct bytes eid, const char *reason)
{
	struct refusal *next = &refusals->at[refusals->count];

	for (size_t i = 0; i < refusals->count; i++) {
		struct refusal *seen = &refusals->at[i];
		if (bytes_same(eid_of(seen), eid) && strcmp(seen->reason, reason) == 0) {
			seen->more++;
			return false;
		}
	}
	if (refusals->count == REFUSALS_KEPT || eid.len > EID_SIZE) {
		refusals->others++;
		return false;
	}
	if (refusals->count == 0)
		refusals->began_s = now_s;
	*next = (struct refusal){ .eid_len = eid.len };
	if (eid.len > 0)
		memcpy(next->eid, eid.at, eid.len);
	snprintf(next->reason, sizeof next->reason, "%s", reason);
	refusals->count++;
	return true;
}

bool refusals_over(struct refusals *refusals, uint64_t now_s, struct refusal *out)
{
	/* A clock that was put back ends the hour, too. */
	if (refusals->count == 0 || now_s - refusals->began_s < REFUSALS_HOUR_S)
		return false;
	for (size_t i = 0; i < refusals->count; i++) {
		if (refusals->at[i].more == 0)
			continue;
		*out = refusals->at[i];
		refusals->at[i].more = 0;
		return true;
	}
	*out = (struct refusal){ .more = refusals->others };
	*refusals = (struct refusals){ .began_s = 0 };
	return out->more > 0;
}
