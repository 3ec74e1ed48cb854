/* SPDX-License-Identifier: Apache-2.0 */
/* Policy rules against rules authorisation tables, SGP.22 2.9.2. */
#include "agent/rules.h"

#include "tests/tap.h"

enum { TABLE_MAX = 3 };

static const struct {
	const char *says;
	uint32_t pprs;
	struct {
		uint32_t pprs;
		const char *mcc_mnc; /* hex; NULL ends the table */
		bool consent;
	} table[TABLE_MAX];
	enum rules_verdict want;
} rows[] = {
  /* the owner is 262 42, coded 62F224 */
	{"no rules, nothing to judge",        0,                  { { PPR1_NO_DISABLE, "EEEEEE", false } }, RULES_NONE     },
	{ "update control is not judged",     PPR_UPDATE_CONTROL, { { 0, NULL, false } },                   RULES_NONE     },
	{ "a rule and an empty table",        PPR1_NO_DISABLE,    { { 0, NULL, false } },                   RULES_FORBIDDEN},
	{ "the operator by name",
         PPR1_NO_DISABLE,	                                 { { PPR1_NO_DISABLE, "62F224", false } },
         RULES_ALLOWED												     },
	{ "any operator",
         PPR1_NO_DISABLE,	                                 { { PPR1_NO_DISABLE, "EEEEEE", false } },
         RULES_ALLOWED												     },
	{ "another operator",
         PPR1_NO_DISABLE,	                                 { { PPR1_NO_DISABLE, "62F210", false } },
         RULES_FORBIDDEN												   },
	{ "another rule",
         PPR1_NO_DISABLE,	                                 { { PPR2_NO_DELETE, "EEEEEE", false } },
         RULES_FORBIDDEN												   },
	{ "consent is wanted",
         PPR2_NO_DELETE,	                                  { { PPR2_NO_DELETE, "62F224", true } },
         RULES_CONSENT												     },
	{ "the first row that fits decides",
         PPR1_NO_DISABLE,	                                 { { PPR1_NO_DISABLE, "62F210", false },
	    { PPR1_NO_DISABLE, "62F224", true },
	    { PPR1_NO_DISABLE, "EEEEEE", false } },
         RULES_CONSENT												     },
	{ "the stricter of two rules counts",
         PPR1_NO_DISABLE | PPR2_NO_DELETE,
         { { PPR1_NO_DISABLE, "62F224", false }, { PPR2_NO_DELETE, "62F224", true } },
         RULES_CONSENT												     },
	{ "one of two rules forbidden",
         PPR1_NO_DISABLE | PPR2_NO_DELETE,
         { { PPR1_NO_DISABLE, "EEEEEE", false } },
         RULES_FORBIDDEN												   },
};

static void table_put(struct room *out, size_t row)
{
	for (size_t i = 0; i < TABLE_MAX && rows[row].table[i].mcc_mnc != NULL; i++) {
		uint8_t octets[3], store[32];
		struct operator_id any = {
			.mcc_mnc = unhex(rows[row].table[i].mcc_mnc, octets, 3),
			.gid1 = {octets,  0},
			.gid2 = { octets, 0}
		};
		struct room operators = ROOM(store);
		struct authorisation_rule rule = { .pprs = rows[row].table[i].pprs,
			                           .consent_required = rows[row].table[i].consent };

		operator_id_put(&operators, 0x30, &any);
		rule.allowed_operators = room_used(&operators);
		authorisation_rule_put(out, &rule);
	}
}

int main(void)
{
	uint8_t owner_octets[] = { 0x62, 0xF2, 0x24 };
	struct operator_id owner = { .mcc_mnc = BYTES(owner_octets) };

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t store[256];
		struct room table = ROOM(store);
		enum rules_verdict verdict = RULES_FORBIDDEN;

		table_put(&table, i);
		enum err err = rules_judge(rows[i].pprs, &owner, room_used(&table), &verdict);
		ok(err == ERR_NONE && verdict == rows[i].want, "%s", rows[i].says);
		if (err != ERR_NONE || verdict != rows[i].want)
			printf("# %s, verdict %d\n", err_name(err), (int)verdict);
	}
	enum rules_verdict verdict = RULES_NONE;
	ok(rules_judge(PPR1_NO_DISABLE, &owner, BYTES_STR("\x30\x01"), &verdict) != ERR_NONE &&
	           verdict == RULES_NONE,
	   "a torn table is an error and decides nothing");
	return done();
}
