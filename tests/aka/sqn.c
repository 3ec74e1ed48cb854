/* SPDX-License-Identifier: Apache-2.0 */
/* TS 33.102 annex C: what a USIM accepts. */
#include "aka/sqn.h"

#include "tests/tap.h"

static const struct sqn_rules rules = { .delta = 1000, .age_limit = 100 };

/* An array in which IND i has seen SEQ seen[i]. */
static struct sqn_array array_of(uint64_t seq0, uint64_t seq1)
{
	struct sqn_array array = { { 0 } };

	array.at[0] = sqn_make(seq0, 0);
	array.at[1] = sqn_make(seq1, 1);
	return array;
}

static const struct {
	const char *says;
	uint64_t seq0, seq1; /* seen under IND 0 and 1 */
	uint64_t seq;
	unsigned ind;
	enum err want;
} rows[] = {
	{ "the first of all", 0, 0, 1, 0, ERR_NONE },
	{ "SEQ 0 is never fresh", 0, 0, 0, 0, ERR_SYNC },
	{ "the next under the same IND", 500, 0, 501, 0, ERR_NONE },
	{ "the same again", 500, 0, 500, 0, ERR_SYNC },
	{ "an older one under the same IND", 500, 0, 499, 0, ERR_SYNC },
	{ "an older one under another IND: overtaken, not replayed", 500, 450, 451, 1, ERR_NONE },
	{ "C.2.2 (ii): just young enough under another IND", 500, 0, 401, 1, ERR_NONE },
	{ "C.2.2 (ii): as old as the limit", 500, 0, 400, 1, ERR_SYNC },
	{ "C.2.2 (i): as far ahead as allowed", 500, 0, 1500, 0, ERR_NONE },
	{ "C.2.2 (i): one further", 500, 0, 1501, 0, ERR_SYNC },
	{ "the jump is measured from the highest of all", 0, 900, 1500, 0, ERR_NONE },
};

static void judgements(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sqn_array array = array_of(rows[i].seq0, rows[i].seq1), before = array;
		uint64_t sqn = sqn_make(rows[i].seq, rows[i].ind);
		enum err got = sqn_accept(&array, &rules, sqn);

		ok_err(got, rows[i].want, rows[i].says);
		if (got == ERR_NONE)
			before.at[rows[i].ind] = sqn;
		ok(memcmp(&array, &before, sizeof array) == 0,
		   got == ERR_NONE ? "... and only its IND has moved" : "... and nothing moved");
	}
}

static void unlimited(void)
{
	struct sqn_rules none = { 0, 0 };
	struct sqn_array array = array_of(SEQ_MAX - 1, 0);

	ok_err(sqn_accept(&array, &none, sqn_make(1, 1)), ERR_NONE, "no age limit: any age");
	ok_err(sqn_accept(&array, &none, sqn_make(SEQ_MAX, 2)), ERR_NONE, "no delta: the last SEQ");
	ok(sqn_highest(&array) == sqn_make(SEQ_MAX, 2), "SQN_MS is the highest, with its IND");
}

static void wire(void)
{
	uint8_t octets[6];
	uint64_t sqn = 0x0123456789AB;

	sqn_put(sqn, octets);
	ok_bytes(BYTES(octets), (struct bytes){ (const uint8_t *)"\x01\x23\x45\x67\x89\xAB", 6 },
	         "six octets, most significant first");
	ok(sqn_get(octets) == sqn, "... and back");
	ok(sqn_make(sqn_seq(sqn), sqn_ind(sqn)) == sqn, "SEQ and IND come apart and together");
}

/* Two sources take turns at random, each with an IND of its own and a range of SEQ reserved in turn:
 * everything is accepted, in whatever order it arrives. */
static void parallel_sources(void)
{
	struct sqn_rules usual = { .delta = 1 << 28, .age_limit = 1 << 28 };
	struct sqn_array array = { { 0 } };
	uint64_t next = 1, from[2] = { 0, 0 }, left[2] = { 0, 0 };
	uint32_t draw = 1;
	int refused = 0, repeated = 0;

	for (int i = 0; i < 10000; i++) {
		draw = draw * 1103515245 + 12345;
		unsigned who = draw >> 16 & 1;
		if (left[who] == 0) {
			from[who] = next;
			left[who] = 64;
			next += 64;
		}
		uint64_t sqn = sqn_make(from[who]++, who);
		left[who]--;
		refused += sqn_accept(&array, &usual, sqn) != ERR_NONE;
		repeated += sqn_accept(&array, &usual, sqn) != ERR_SYNC;
	}
	ok(refused == 0, "10000 numbers from two sources with an IND each: none refused");
	ok(repeated == 0, "... and none accepted twice");
}

int main(void)
{
	judgements();
	unlimited();
	wire();
	parallel_sources();
	return done();
}
