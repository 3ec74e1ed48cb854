/* SPDX-License-Identifier: Apache-2.0 */
/* R8: refused enrolments are told, and whoever is refused does not fill the log. */
#include "appraiser/refusals.h"

#include "tests/tap.h"

#include <string.h>

static const uint8_t eid_a[EID_SIZE] = { 0x89, 1 }, eid_b[EID_SIZE] = { 0x89, 2 };
static struct refusals refusals;

static void first_of_each(void)
{
	static const struct {
		const char *says, *reason;
		struct bytes eid;
		bool told;
	} rows[] = {
		{"R8: a first refusal is told", "ek-expired",   { eid_a, EID_SIZE }, true },
		{ "the same again is counted",  "ek-expired",   { eid_a, EID_SIZE }, false},
		{ "and again",                  "ek-expired",   { eid_a, EID_SIZE }, false},
		{ "R8: another reason is told", "model",        { eid_a, EID_SIZE }, true },
		{ "R8: another card is told",   "ek-expired",   { eid_b, EID_SIZE }, true },
		{ "R8: nobody's card, too",     "no-challenge", { NULL, 0 },         true },
		{ "... once",                   "no-challenge", { NULL, 0 },         false},
	};
	struct refusal told;

	for (size_t i = 0; i < COUNT(rows); i++)
		ok(refusals_note(&refusals, 1000 + i, rows[i].eid, rows[i].reason) == rows[i].told,
		   "%s", rows[i].says);
	ok(!refusals_over(&refusals, 1000 + REFUSALS_HOUR_S - 1, &told), "the hour is not over");
	ok(refusals_over(&refusals, 1000 + REFUSALS_HOUR_S, &told) && told.more == 2 &&
	           memcmp(told.eid, eid_a, EID_SIZE) == 0 && strcmp(told.reason, "ek-expired") == 0,
	   "R8: when it is, the counts are told");
	ok(refusals_over(&refusals, 1000 + REFUSALS_HOUR_S, &told) && told.more == 1 &&
	           told.eid_len == 0 && strcmp(told.reason, "no-challenge") == 0,
	   "... one after the other");
	ok(!refusals_over(&refusals, 1000 + REFUSALS_HOUR_S, &told), "... and each once");
	ok(refusals_note(&refusals, 9000, BYTES(eid_a), "ek-expired"), "the next hour begins anew");
}

static void flood(void)
{
	uint8_t eid[EID_SIZE] = { 0 };
	uint64_t lines = 0, counted = 0;
	struct refusal told;

	refusals = (struct refusals){ .began_s = 0 };
	for (uint32_t i = 0; i < 100000; i++) {
		eid[0] = (uint8_t)i;
		eid[1] = (uint8_t)(i >> 8);
		eid[2] = (uint8_t)(i >> 16);
		lines += refusals_note(&refusals, 5000, BYTES(eid), "ek-untrusted-root");
	}
	while (refusals_over(&refusals, 9000, &told)) {
		lines++;
		counted += told.more;
		ok(told.reason[0] == '\0', "what found no place is told as a number");
	}
	ok(lines == REFUSALS_KEPT + 1 && counted == 100000 - REFUSALS_KEPT,
	   "R8: 100,000 refusals of as many cards are %llu lines", (unsigned long long)lines);
	for (uint32_t i = 0; i < 100000; i++) {
		eid[0] = (uint8_t)(i % REFUSALS_KEPT);
		eid[1] = eid[2] = 0;
		(void)refusals_note(&refusals, 10000, BYTES(eid), "proof");
	}
	for (lines = 0; refusals_over(&refusals, 20000, &told); lines++)
		;
	ok(lines == REFUSALS_KEPT, "of as many as there is place for, a count for each");
	(void)refusals_note(&refusals, 20000, BYTES(eid), "proof");
	(void)refusals_note(&refusals, 20000, BYTES(eid), "proof");
	ok(refusals_over(&refusals, 10, &told), "a clock that was put back ends the hour");
}

int main(void)
{
	first_of_each();
	flood();
	return done();
}
