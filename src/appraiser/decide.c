/* SPDX-License-Identifier: Apache-2.0 */
/* From requests to decisions: what the verifier is handed, and what comes of it. */
#include "appraiser/appraiser_work.h"

#include <string.h>
#include <time.h>

enum { PERMIT_LIFE_S = 3600 };

void appraiser_builtin(struct policy *policy)
{
	*policy = (struct policy){ .name = "none" };
	for (size_t i = 0; i < PURPOSES; i++) {
		struct policy_rule *rule = &policy->rule[i];
		rule->present = true;
		rule->max_age = PERMIT_LIFE_S;
		rule->pairing = PAIRING_OFF;
		memset(rule->leads_to, REFUSE, sizeof rule->leads_to);
		rule->leads_to[FINDING_NO_EVIDENCE] = ADMIT;
	}
}

enum err appraiser_permit(struct appraiser_state *state, const struct permit *permit,
                          struct appraise_answer *answer)
{
	answer->decision = permit->decision;
	answer->expires_s = permit->expires_s;
	if (permit->decision == REFUSE)
		return ERR_NONE;
	return keeper_permit(state->keeper, permit, answer->permit);
}

enum err appraiser_do_appraise(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct appraise_answer answer = { .why = "" };
	struct appraise_request request;
	struct permit permit = { .decision = ADMIT };

	TRY(appraise_request_read(in, &request));
	permit.purpose = request.purpose;
	permit.expires_s = (uint64_t)time(NULL) + PERMIT_LIFE_S;
	TRY(permit_subject_provisioning(request.eid.at, request.transaction_id, permit.subject));
	TRY(appraiser_permit(state, &permit, &answer));
	appraise_answer_put(out, &answer);
	return ERR_NONE;
}

enum err appraiser_do_access(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct appraise_answer answer = { .why = "" };
	struct permit permit = { .purpose = PURPOSE_ACCESS, .decision = ADMIT };

	if (in.len == 0 || in.len > IMSI_DIGITS_MAX)
		return ERR_LENGTH;
	permit.expires_s = (uint64_t)time(NULL) + PERMIT_LIFE_S;
	TRY(permit_subject_access(in, permit.subject));
	TRY(appraiser_permit(state, &permit, &answer));
	appraise_answer_put(out, &answer);
	return ERR_NONE;
}
