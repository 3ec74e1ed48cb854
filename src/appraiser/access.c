/* SPDX-License-Identifier: Apache-2.0 */
/* May a subscriber have vectors? By the last appraisal of the card that holds the profile, its age, and the
 * operator's rule for access. */
#include "appraiser/access.h"

#include "appraiser/findings.h"
#include "server/pack.h"

enum { ACCESS_LIFE_S = 300 }; /* how soon a changed mind reaches the AuC */

/* What is known of the machine, as findings. What cannot be read refuses. */
static void findings_of(const struct access_facts *facts, struct findings *out)
{
	out->count = 0;
	out->more = false;
	if (!facts->has_appraised)
		findings_add(out, FINDING_NO_EVIDENCE);
	else
		(void)!findings_unpack(facts->appraised.findings, out); /* then it says `more` */
	if (facts->chip_revoked)                                        /* since it was appraised */
		findings_add(out, FINDING_REVOKED);
}

/* When the evidence gets too old, as verifier_reconsider asks for its age; UINT64_MAX where it does not. */
static uint64_t aged(const struct policy_rule *rule, const struct access_facts *facts)
{
	const struct appraised *last = &facts->appraised;

	return facts->has_appraised && last->format != EVIDENCE_NONE && rule->present &&
	                       (rule->formats >> last->format & 1)
	               ? last->time_s + (uint64_t)rule->max_age + 1
	               : UINT64_MAX;
}

static uint64_t until(const struct policy_rule *rule, const struct access_facts *facts,
                      uint64_t now)
{
	uint64_t end = aged(rule, facts);

	return end < now + ACCESS_LIFE_S ? end : now + ACCESS_LIFE_S;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The last of what the ruling rests upon. */
static uint64_t since(const struct ruling *ruling, const struct policy_rule *rule, uint64_t now)
{
	const struct access_facts *facts = &ruling->facts;
	uint64_t policy_ms = facts->own_policy_ms, end = aged(rule, facts), last;

	if (ruling->policy->operator_name[0] == '\0')
		policy_ms = later(policy_ms, facts->common_policy_ms);
	last = later(policy_ms / 1000, facts->has_appraised ? facts->appraised.time_s : 0);
	if (facts->chip_revoked)
		last = later(last, facts->revoked_ms / 1000);
	return end <= now ? later(last, end) : last;
}

/* By itself a ruling changes only when the evidence gets too old, and not always then. */
static uint64_t changes(const struct ruling *ruling, const struct policy_rule *rule,
                        const struct reconsidered *was, uint64_t now)
{
	static struct findings found;
	uint64_t end = aged(rule, &ruling->facts);

	if (end <= now || end == UINT64_MAX)
		return 0;
	return verifier_reconsider(rule, was, (int64_t)end, &found) == ruling->decision ? 0 : end;
}

enum err access_rule(struct appraiser_state *state, const struct access_facts *facts,
                     struct ruling *out)
{
	static struct findings then, now_found;
	uint64_t now = state->ports.now_s(state->ports.ctx);
	const struct policy_rule *rule;
	struct reconsidered was;

	/* Facts that were read before the policy in force was are ruled about by that one all the same. */
	if (state->generation < facts->generation)
		TRY(appraiser_refresh(state, facts->generation));
	out->facts = *facts;
	out->policy = appraiser_policy(state, facts->operator_name);
	rule = &out->policy->policy.rule[PURPOSE_ACCESS];
	findings_of(facts, &then);
	was = (struct reconsidered){ .findings = &then,
		                     .format = facts->has_appraised ? facts->appraised.format
		                                                    : EVIDENCE_NONE,
		                     .time = (int64_t)facts->appraised.time_s };
	out->decision = verifier_reconsider(rule, &was, (int64_t)now, &now_found);
	out->until_s = until(rule, facts, now);
	out->since_s = since(out, rule, now);
	out->changes_s = changes(out, rule, &was, now);
	out->result_digest = (struct bytes){ NULL, 0 };
	if (facts->has_appraised) {
		TRY(crypto_sha256(out->result_octets, &facts->appraised.result, 1));
		out->result_digest = BYTES(out->result_octets);
	}
	out->cause = appraiser_why(rule, &now_found, out->why);
	return ERR_NONE;
}

enum err appraiser_do_explain(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct ruling ruling = { .why = "" };
	struct access_facts facts;
	const char *name;

	if (in.len == 0 || in.len > IMSI_DIGITS_MAX)
		return ERR_LENGTH;
	TRY(state->ports.access_load(state->ports.ctx, in, &facts));
	TRY(access_rule(state, &facts, &ruling));
	appraiser_unasked(ruling.policy, ruling.decision, ruling.why);
	name = ruling.policy->policy.name;
	room_put_u64(out, ruling.decision);
	pack_bytes(out, bytes_text(name));
	pack_bytes(out, bytes_text(ruling.why));
	room_put_u64(out, ruling.since_s);
	room_put_u64(out, ruling.changes_s);
	room_put_u64(out, facts.has_appraised ? facts.appraised.time_s : 0);
	pack_bytes(out, ruling.result_digest);
	return ERR_NONE;
}
