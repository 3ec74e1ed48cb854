/* SPDX-License-Identifier: Apache-2.0 */
/* Profile policy rules and who may use them: the rules authorisation table (SGP.22 2.9.2). */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/local_management.h"
#include "vault/record.h"

/* operator_listed tells whether the owner is among the allowed operators of a rule. */
static enum err operator_listed(struct bytes allowed, const struct operator_id *owner, bool *listed)
{
	struct operator_id id;
	struct bytes value;

	*listed = false;
	while (allowed.len > 0) {
		TRY(ber_read(&allowed, 0x30, &value));
		TRY(operator_id_read(value, &id));
		if (operator_matches(&id, owner))
			*listed = true;
	}
	return ERR_NONE;
}

/* rule_authorised looks for a line of the table that lets this owner use this policy rule. */
static enum err rule_authorised(struct bytes rules, uint32_t ppr, const struct operator_id *owner,
                                bool *authorised)
{
	struct authorisation_rule rule;
	bool listed;

	*authorised = false;
	while (rules.len > 0) {
		TRY(authorisation_rule_next(&rules, &rule));
		TRY(operator_listed(rule.allowed_operators, owner, &listed));
		if (listed && (rule.pprs & ppr) != 0)
			*authorised = true;
	}
	return ERR_NONE;
}

static enum err operational_present(struct card *card, bool *present)
{
	struct profile_head head;

	*present = false;
	for (uint8_t slot = 0; profile_next(card, &slot) == ERR_NONE;) {
		TRY(profile_head_read(card, slot, &head));
		if (isdr_class(head.flags) == CLASS_OPERATIONAL)
			*present = true;
	}
	return ERR_NONE;
}

enum err isdr_policy_admits(struct card *card, const struct store_metadata *metadata, bool *admits)
{
	static const uint32_t pprs[] = { PPR1_NO_DISABLE, PPR2_NO_DELETE };
	uint8_t octets[EUICC_RAT_MAX];
	struct room rules = ROOM(octets);
	bool authorised, present;

	*admits = true;
	if (!metadata->has_pprs || metadata->pprs == 0)
		return ERR_NONE;
	TRY(record_get(&card->vault, record_key(EUICC_RAT, 0), &rules));
	for (size_t i = 0; i < COUNT(pprs); i++) {
		if ((metadata->pprs & pprs[i]) == 0)
			continue;
		TRY(rule_authorised(room_used(&rules), pprs[i], &metadata->owner, &authorised));
		if (!authorised)
			*admits = false;
	}
	/* SGP.22 2.9.2.4: PPR1 only for the first operational profile, which it would lock in. */
	TRY(operational_present(card, &present));
	if ((metadata->pprs & PPR1_NO_DISABLE) != 0 && present)
		*admits = false;
	return ERR_NONE;
}
