/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rules.h"

static enum err operator_in(struct bytes allowed, const struct operator_id *owner, bool *in)
{
	*in = false;
	while (allowed.len > 0) {
		struct operator_id one;
		struct bytes value;

		TRY(ber_read(&allowed, 0x30, &value));
		TRY(operator_id_read(value, &one));
		if (operator_matches(&one, owner))
			*in = true;
	}
	return ERR_NONE;
}

/* SGP.22 2.9.2.4: the first row of the table that has both the rule and the operator decides. */
static enum err judge_one(uint32_t ppr, const struct operator_id *owner, struct bytes table,
                          enum rules_verdict *verdict)
{
	*verdict = RULES_FORBIDDEN;
	while (table.len > 0) {
		struct authorisation_rule row;
		bool in;

		TRY(authorisation_rule_next(&table, &row));
		TRY(operator_in(row.allowed_operators, owner, &in));
		if (!in || (row.pprs & ppr) == 0)
			continue;
		*verdict = row.consent_required ? RULES_CONSENT : RULES_ALLOWED;
		return ERR_NONE;
	}
	return ERR_NONE;
}

enum err rules_judge(uint32_t pprs, const struct operator_id *owner, struct bytes table,
                     enum rules_verdict *verdict)
{
	static const uint32_t judged[] = { PPR1_NO_DISABLE, PPR2_NO_DELETE };
	enum rules_verdict worst = RULES_NONE;

	for (size_t i = 0; i < COUNT(judged); i++) {
		enum rules_verdict one;

		if ((pprs & judged[i]) == 0)
			continue;
		TRY(judge_one(judged[i], owner, table, &one));
		if (one > worst)
			worst = one;
	}
	*verdict = worst;
	return ERR_NONE;
}

enum err rules_check(struct es10 *es10, struct room *store, const struct store_metadata *metadata,
                     enum rules_verdict *verdict)
{
	struct bytes table;

	if (!metadata->has_pprs || metadata->pprs == 0) {
		*verdict = RULES_NONE;
		return ERR_NONE;
	}
	TRY(es10_rules(es10, store, &table));
	return rules_judge(metadata->pprs, &metadata->owner, table, verdict);
}
