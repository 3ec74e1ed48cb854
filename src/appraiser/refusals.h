/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refused enrolments on their way into the audit log (R8). Anybody may ask to be enrolled and be refused, as often as he
 * likes, so the lines that this costs are bounded: in each hour the first refusal of a card for a reason is told by itself,
 * for so many cards and reasons; what goes beyond is counted, and the counts are told when the hour is over. In memory: a
 * restart loses the counts of its hour, and no line that was told. No I/O.
 */
#ifndef APPRAISER_REFUSALS_H
#define APPRAISER_REFUSALS_H

#include "server/enrol.h"

enum { REFUSALS_KEPT = 32, REFUSALS_HOUR_S = 3600 };

struct refusal {
	uint8_t eid[EID_SIZE];
	size_t eid_len; /* 0: not known whose */
	char reason[ENROL_REASON_MAX];
	uint64_t more; /* beside the first */
};

/* All zero: nothing yet. */
struct refusals {
	uint64_t began_s; /* the hour */
	struct refusal at[REFUSALS_KEPT];
	size_t count;
	uint64_t others; /* for which there was no place */
};

/* refusals_note counts a refusal of a card (16 octets, or empty); true: it is to be told by itself. Counts of an hour that is
 * over are to be taken out before. */
bool refusals_note(struct refusals *refusals, uint64_t now_s, struct bytes eid, const char *reason);

/* refusals_over takes one count out of an hour that is over; one without a reason is of all that found no place. False:
 * there is none, or the hour is not over. */
bool refusals_over(struct refusals *refusals, uint64_t now_s, struct refusal *out);

#endif
