/* SPDX-License-Identifier: Apache-2.0 */
/* May a subscriber have vectors? By the last appraisal of the card that holds the profile, its age, and the
 * operator's rule for access. */
#include "appraiser/appraiser_work.h"

#include "appraiser/findings.h"
#include "server/store_chips.h"

#include <string.h>

enum { ACCESS_LIFE_S = 300, /* how soon a changed mind reaches the AuC */ DETAIL_MAX = 1024 };

/* What is known of the machine, as findings. What cannot be read refuses. */
static void findings_of(const struct access_facts *facts, struct findings *out)
{
	out->count = 0;
	out->more = false;
	if (!facts->has_appraised)
		findings_add(out, FINDING_NO_EVIDENCE);
	else
		(void)!findings_unpack(facts->appraised.findings, out); /* then it says `more` */
	if (facts->chip_revoked) /* since it was appraised */
		findings_add(out, FINDING_REVOKED);
}

static uint64_t until(const struct policy_rule *rule, const struct access_facts *facts,
                      uint64_t now)
{
	uint64_t end = facts->has_appraised && facts->appraised.format != EVIDENCE_NONE
	                       ? facts->appraised.time_s + (uint64_t)rule->max_age + 1
	                       : UINT64_MAX;

	return end < now + ACCESS_LIFE_S ? end : now + ACCESS_LIFE_S;
}

static enum err audit(struct appraiser_state *state, const struct access_facts *facts,
                      const struct appraiser_record *record, struct bytes imsi)
{
	uint8_t octets[DETAIL_MAX];
	struct room detail = ROOM(octets);
	struct audit line = { .event = BYTES_STR("access"), .eid = facts->eid };
	const struct chip_change change = { .audit = &line };

	room_put(&detail, BYTES_STR("IMSI "));
	room_put(&detail, imsi);
	room_put(&detail, BYTES_STR(" "));
	appraiser_detail(record, &detail);
	line.detail = room_used(&detail);
	return state->ports.commit(state->ports.ctx, &change);
}

enum err appraiser_do_access(struct appraiser_state *state, struct bytes in, struct room *out)
{
	static struct findings then, now_found;
	uint64_t now = state->ports.now_s(state->ports.ctx);
	struct permit permit = { .purpose = PURPOSE_ACCESS };
	struct appraise_answer answer = { .why = "" };
	struct access_facts facts;

	if (in.len == 0 || in.len > IMSI_DIGITS_MAX)
		return ERR_LENGTH;
	TRY(state->ports.access_load(state->ports.ctx, in, &facts));
	TRY(appraiser_refresh(state, facts.generation));
	const struct appraiser_policy *policy = appraiser_policy(state, facts.operator);
	const struct policy_rule *rule = &policy->policy.rule[PURPOSE_ACCESS];
	findings_of(&facts, &then);
	const struct reconsidered was = { .findings = &then,
		                          .format = facts.has_appraised ? facts.appraised.format
		                                                        : EVIDENCE_NONE,
		                          .time = (int64_t)facts.appraised.time_s };
	permit.decision = verifier_reconsider(rule, &was, (int64_t)now, &now_found);
	permit.expires_s = until(rule, &facts, now);
	appraiser_why(rule, &now_found, answer.why);
	struct appraiser_record record = { .purpose = PURPOSE_ACCESS,
		                           .decision = permit.decision,
		                           .policy = policy,
		                           .why = answer.why };
	if (facts.has_appraised) {
		record.evidence_digest = facts.appraised.evidence_digest;
		TRY(crypto_sha256(permit.result, &facts.appraised.result, 1));
		record.result_digest = BYTES(permit.result);
	}
	TRY(audit(state, &facts, &record, in));
	TRY(permit_subject_access(in, permit.subject));
	return appraiser_release(state, &permit, &answer, out);
}
