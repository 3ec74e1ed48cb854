/* SPDX-License-Identifier: Apache-2.0 */
/* May a subscriber have vectors? By the last appraisal of the card that holds the profile, its age, and the
 * operator's rule for access. */
#include "appraiser/appraiser_work.h"

#include "appraiser/findings.h"
#include "server/pack.h"
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
	appraiser_digests(record, &line);
	return state->ports.commit(state->ports.ctx, &change);
}

/* What is ruled about a subscriber, and upon what. */
struct ruling {
	struct access_facts facts;
	const struct appraiser_policy *policy;
	enum decision decision;
	uint64_t until_s;            /* of the permit */
	uint64_t since_s, changes_s; /* as in struct appraiser_explained */
	uint8_t result_octets[SHA256_SIZE];
	struct bytes result_digest; /* empty: nobody has appraised the machine */
	char why[APPRAISE_WHY_MAX];
};

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

static enum err rule_access(struct appraiser_state *state, struct bytes imsi, struct ruling *out)
{
	static struct findings then, now_found;
	uint64_t now = state->ports.now_s(state->ports.ctx);
	const struct policy_rule *rule;
	struct reconsidered was;

	if (imsi.len == 0 || imsi.len > IMSI_DIGITS_MAX)
		return ERR_LENGTH;
	TRY(state->ports.access_load(state->ports.ctx, imsi, &out->facts));
	TRY(appraiser_refresh(state, out->facts.generation));
	out->policy = appraiser_policy(state, out->facts.operator_name);
	rule = &out->policy->policy.rule[PURPOSE_ACCESS];
	findings_of(&out->facts, &then);
	was = (struct reconsidered){ .findings = &then,
		                     .format = out->facts.has_appraised
		                                       ? out->facts.appraised.format
		                                       : EVIDENCE_NONE,
		                     .time = (int64_t)out->facts.appraised.time_s };
	out->decision = verifier_reconsider(rule, &was, (int64_t)now, &now_found);
	out->until_s = until(rule, &out->facts, now);
	out->since_s = since(out, rule, now);
	out->changes_s = changes(out, rule, &was, now);
	out->result_digest = (struct bytes){ NULL, 0 };
	if (out->facts.has_appraised) {
		TRY(crypto_sha256(out->result_octets, &out->facts.appraised.result, 1));
		out->result_digest = BYTES(out->result_octets);
	}
	appraiser_why(rule, &now_found, out->why);
	return ERR_NONE;
}

enum err appraiser_do_access(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct permit permit = { .purpose = PURPOSE_ACCESS };
	struct appraise_answer answer = { .why = "" };
	struct appraiser_record record = { .purpose = PURPOSE_ACCESS };
	struct ruling ruling = { .why = "" };

	TRY(rule_access(state, in, &ruling));
	record.decision = ruling.decision;
	record.policy = ruling.policy;
	record.why = ruling.why;
	record.result_digest = ruling.result_digest;
	if (ruling.facts.has_appraised)
		record.evidence_digest = ruling.facts.appraised.evidence_digest;
	TRY(audit(state, &ruling.facts, &record, in));
	permit.decision = ruling.decision;
	permit.expires_s = ruling.until_s;
	memcpy(permit.result, ruling.result_octets, sizeof permit.result);
	memcpy(answer.why, ruling.why, sizeof answer.why);
	TRY(permit_subject_access(in, permit.subject));
	return appraiser_release(state, &permit, &answer, out);
}

enum err appraiser_do_explain(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct ruling ruling = { .why = "" };
	const char *name;

	TRY(rule_access(state, in, &ruling));
	name = ruling.policy->policy.name;
	room_put_u64(out, ruling.decision);
	pack_bytes(out, bytes_text(name));
	pack_bytes(out, bytes_text(ruling.why));
	room_put_u64(out, ruling.since_s);
	room_put_u64(out, ruling.changes_s);
	room_put_u64(out, ruling.facts.has_appraised ? ruling.facts.appraised.time_s : 0);
	pack_bytes(out, ruling.result_digest);
	return ERR_NONE;
}
