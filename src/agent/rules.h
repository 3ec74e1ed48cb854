/* SPDX-License-Identifier: Apache-2.0 */
/* Profile policy rules against the card's rules authorisation table (SGP.22 v2.5 2.9.2). */
#ifndef AGENT_RULES_H
#define AGENT_RULES_H

#include "agent/es10.h"

enum rules_verdict {
	RULES_NONE,      /* the profile has none */
	RULES_ALLOWED,   /* the card allows them for this operator */
	RULES_CONSENT,   /* ... if the person agrees to them */
	RULES_FORBIDDEN, /* at least one is not allowed for this operator */
};

/* rules_judge judges rules (PPR_* bits) of an owner by a table of 30 elements. ERR_VALUE and others when
 * the table is malformed. */
NODISCARD enum err rules_judge(uint32_t pprs, const struct operator_id *owner, struct bytes table,
                               enum rules_verdict *verdict);

/* rules_check does that for a profile's metadata; it asks the card only when there are rules. */
NODISCARD enum err rules_check(struct es10 *es10, struct room *store,
                               const struct store_metadata *metadata, enum rules_verdict *verdict);

#endif
