/* SPDX-License-Identifier: Apache-2.0 */
/* What is ruled about a subscriber's access, and upon what. */
#ifndef APPRAISER_ACCESS_H
#define APPRAISER_ACCESS_H

#include "appraiser/appraiser_work.h"
#include "server/store_chips.h"

struct ruling {
	struct access_facts facts;
	const struct appraiser_policy *policy; /* until policies are read again */
	enum decision decision;
	uint64_t until_s;            /* of the permit */
	uint64_t since_s, changes_s; /* as in struct appraiser_explained */
	uint8_t result_octets[SHA256_SIZE];
	struct bytes result_digest; /* empty: nobody has appraised the machine */
	enum finding_cause cause;    /* what weighed most; FINDINGS: nothing */
	char why[APPRAISE_WHY_MAX];
};

/* access_rule rules by the policy in force now. Views of `facts` are kept in `out`. */
NODISCARD enum err access_rule(struct appraiser_state *state, const struct access_facts *facts,
                               struct ruling *out);

#endif
