/* SPDX-License-Identifier: Apache-2.0 */
/* From requests to decisions: what the verifier is handed, and what comes of it. */
#include "appraiser/appraiser_work.h"

#include "appraiser/changes.h"
#include "appraiser/findings.h"
#include "appraiser/present.h"
#include "server/store_chips.h"

#include <stdio.h>
#include <string.h>

enum {
	SESSION_LIFE_S = 3600, /* how long an admitted card may take to fetch its package */
	EXPLANATION_MAX = 8 << 10,
	CLAIMS_MAX = 768, /* of a result, and with its signature */
	RESULT_MAX = 1024,
	DETAIL_MAX = 1024,
};

enum finding_cause appraiser_why(const struct policy_rule *rule, const struct findings *findings,
                                 char out[static APPRAISE_WHY_MAX])
{
	size_t worst = 0;

	out[0] = '\0';
	if (findings->count == 0)
		return FINDINGS;
	for (size_t i = 1; i < findings->count; i++) {
		if (policy_decision(rule, findings->at[i].cause) >
		    policy_decision(rule, findings->at[worst].cause))
			worst = i;
	}
	finding_line(&findings->at[worst], out, APPRAISE_WHY_MAX);
	return findings->at[worst].cause;
}

void appraiser_count(struct appraiser_state *state, enum purpose purpose, enum decision decision,
                     enum finding_cause cause)
{
	state->counts.decisions[purpose][decision]++;
	if (decision == REFUSE && cause < FINDINGS)
		state->counts.refused[cause]++;
}

void appraiser_detail(const struct appraiser_record *record, struct room *out)
{
	room_put(out, bytes_text(purpose_text(record->purpose)));
	room_put(out, BYTES_STR(": "));
	room_put(out, bytes_text(decision_text(record->decision)));
	room_put(out, BYTES_STR(" under policy "));
	room_put(out, bytes_text(record->policy->policy.name));
	if (record->why[0] != '\0') {
		room_put(out, BYTES_STR(", "));
		room_put(out, bytes_text(record->why));
	}
}

void appraiser_digests(const struct appraiser_record *record, struct audit *audit)
{
	audit->policy = BYTES(record->policy->digest);
	audit->evidence = record->evidence_digest;
	audit->result = record->result_digest;
}

/* A chip that nobody has approved yet is as one that is not enrolled. */
static const struct enrolment *enrolment_of(const struct chip *chip, struct enrolment *out)
{
	if (chip->state == CHIP_PENDING)
		return NULL;
	*out = (struct enrolment){ .format = chip->format,
		                   .key = chip->key,
		                   .instance = chip->instance,
		                   .eid = chip->eid,
		                   .imei = chip->imei,
		                   .model = chip->model,
		                   .revoked = chip->state == CHIP_REVOKED,
		                   .test = chip->test,
		                   .seen = chip->seen,
		                   .clock = chip->clock,
		                   .ima = chip->ima,
		                   .ima_reset = chip->ima_reset,
		                   .ima_generation = chip->ima_generation };
	return out;
}

/* A log that is named by its digest may be known to the store alone: it was sent to another node, or
 * before this process was started. */
static void recall_log(struct appraiser_state *state, const struct policy_rule *rule,
                       struct bytes evidence)
{
	struct evidence read;
	struct bytes log;

	if (evidence.len == 0 || evidence_read(evidence, &read) != ERR_NONE ||
	    read.log_digest.at == NULL)
		return;
	for (uint32_t bank = 0; bank < ATTEST_HASHES; bank++) {
		if (!(rule->banks >> bank & 1) ||
		    log_cache_by_digest(&state->verifier.cache, read.log_digest,
		                        (enum attest_hash)bank) != NULL)
			continue;
		if (state->ports.log_load(state->ports.ctx, read.log_digest, &log) != ERR_NONE)
			return; /* the appraisal finds it unknown */
		(void)!verifier_know_log(&state->verifier, log,
		                         (enum attest_hash)bank); /* the same */
	}
}

/* Everything that one appraisal puts into the store. */
struct outcome {
	struct chip chip;
	struct appraised appraised;
	struct audit audit;
	struct changes changes;
	uint8_t findings[FINDINGS_PACKED_MAX], result[RESULT_MAX], detail[DETAIL_MAX];
	uint8_t evidence_digest[SHA256_SIZE], result_digest[SHA256_SIZE];
	char explanation[EXPLANATION_MAX], why[APPRAISE_WHY_MAX];
};

/* What is remembered of the chip from now on; false: nothing new. */
static bool remember(const struct appraisal_result *result, const struct card_facts *known,
                     struct chip *chip)
{
	if (!known->has_chip || !result->remember)
		return false;
	*chip = known->chip;
	chip->seen = true;
	chip->clock = result->clock;
	chip->ima = result->ima;
	chip->ima_reset = result->clock.reset_count;
	chip->ima_generation = result->ima_generation;
	chip->firmware = bytes_text(result->firmware);
	return true;
}

static enum err result_put(const struct appraiser_state *state, const struct presented *presented,
                           int64_t now, struct outcome *outcome)
{
	uint8_t claims_octets[CLAIMS_MAX];
	struct room result = ROOM(outcome->result), claims = ROOM(claims_octets);
	struct bytes octets;
	struct ear ear;
	enum err err;

	appraisal_ear(&state->result, presented->operator_name, now, &ear);
	ear_claims_put(&claims, &ear);
	if (claims.full)
		return ERR_LIMIT;
	err = state->ports.sign_result(state->ports.ctx, room_used(&claims), &result);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NOT_FOUND) /* there is no key for them */
		room_put(&result, room_used(&claims));
	octets = room_used(&result);
	outcome->appraised.result = octets;
	return crypto_sha256(outcome->result_digest, &octets, 1);
}

static enum err appraised_fill(struct appraiser_state *state, const struct presented *presented,
                               int64_t now, struct outcome *outcome)
{
	struct room findings = ROOM(outcome->findings);

	findings_pack(&findings, &state->result.findings);
	if (findings.full)
		return ERR_LIMIT;
	appraisal_explain(&state->result, outcome->explanation, sizeof outcome->explanation);
	outcome->appraised = (struct appraised){ .time_s = (uint64_t)now,
		                                 .purpose = presented->purpose,
		                                 .decision = state->result.decision,
		                                 .format = state->result.format,
		                                 .eid = presented->eid,
		                                 .operator_name = presented->operator_name,
		                                 .policy = bytes_text(state->result.policy),
		                                 .findings = room_used(&findings),
		                                 .explanation = bytes_text(outcome->explanation) };
	if (presented->evidence.len > 0) {
		TRY(crypto_sha256(outcome->evidence_digest, &presented->evidence, 1));
		outcome->appraised.evidence_digest = BYTES(outcome->evidence_digest);
	}
	return result_put(state, presented, now, outcome);
}

/* A whole log that the chip vouched for is worth keeping: the machine may name it from now on. */
static struct bytes log_to_keep(const struct appraiser_state *state, struct bytes evidence)
{
	struct evidence read;

	if (!state->result.remember || evidence_read(evidence, &read) != ERR_NONE ||
	    read.log.at == NULL || read.log.len > CACHE_LOG_MAX)
		return (struct bytes){ NULL, 0 };
	return read.log;
}

static enum err outcome_commit(struct appraiser_state *state, const struct presented *presented,
                               const struct appraiser_policy *policy, struct outcome *outcome)
{
	struct room detail = ROOM(outcome->detail);
	const struct appraiser_record record = { .purpose = presented->purpose,
		                                 .decision = state->result.decision,
		                                 .policy = policy,
		                                 .evidence_digest =
		                                         outcome->appraised.evidence_digest,
		                                 .result_digest = BYTES(outcome->result_digest),
		                                 .why = outcome->why };
	struct chip_change change = { .appraised = &outcome->appraised, .audit = &outcome->audit };

	appraiser_detail(&record, &detail);
	outcome->audit = (struct audit){ .event = BYTES_STR("appraisal"),
		                         .eid = presented->eid,
		                         .detail = room_used(&detail) };
	appraiser_digests(&record, &outcome->audit);
	outcome->appraised.seen = outcome->changes.seen;
	change.events = outcome->changes.events;
	change.event_count = outcome->changes.count;
	if (remember(&state->result, presented->known, &outcome->chip))
		change.chip = &outcome->chip;
	change.log = log_to_keep(state, presented->evidence);
	return state->ports.commit(state->ports.ctx, &change);
}

static void run_verifier(struct appraiser_state *state, const struct presented *presented,
                         const struct appraiser_policy *policy, const struct enrolment *enrolment,
                         int64_t now)
{
	const struct bytes nothing = { NULL, 0 };
	const struct appraisal appraisal = { .purpose = presented->purpose,
		                             .now = now,
		                             .evidence = appraiser_asks(policy)
		                                                 ? presented->evidence
		                                                 : nothing,
		                             .digest_signed = true,
		                             .digest = presented->digest,
		                             .session_open = true,
		                             .label = bytes_text(APPRAISE_LABEL),
		                             .session = presented->session,
		                             .eid = presented->eid,
		                             .device_imei = presented->device_imei,
		                             .enrolment = enrolment };

	const struct log_cache *cache = &state->verifier.cache;
	uint64_t known, unknown;

	state->verifier.policy = policy->policy;
	recall_log(state, &policy->policy.rule[presented->purpose], presented->evidence);
	known = cache->hits;
	unknown = cache->misses;
	verifier_appraise(&state->verifier, &appraisal, &state->result);
	state->counts.logs_known += cache->hits - known;
	state->counts.logs_unknown += cache->misses - unknown;
	state->counts.appraisals[state->result.format]++;
}

static bool has_found(const struct findings *findings, enum finding_cause cause)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->at[i].cause == cause)
			return true;
	}
	return false;
}

/* A log that is not known, or a statement where a quote is what can be judged. */
static bool more_would_help(const struct policy_rule *rule, const struct appraisal_result *result)
{
	const struct findings *findings = &result->findings;
	bool quotes = (rule->formats >> EVIDENCE_TPM & 1) != 0;

	return has_found(findings, FINDING_LOG_UNKNOWN) || has_found(findings, FINDING_IMA_GAP) ||
	       (quotes && result->format == EVIDENCE_STATEMENT &&
	        (has_found(findings, FINDING_FORMAT) ||
	         has_found(findings, FINDING_REFERENCE_OTHER)));
}

/* What was decided and, unless it is to refuse, the permit: for profile, card with its key, and session. */
static enum err permit_for(struct appraiser_state *state, const struct presented *presented,
                           const struct outcome *outcome, struct appraise_answer *answer)
{
	static const uint8_t none[ICCID_SIZE];
	struct permit permit = { .purpose = presented->purpose,
		                 .decision = state->result.decision,
		                 .expires_s = outcome->appraised.time_s + SESSION_LIFE_S };

	memcpy(permit.result, outcome->result_digest, sizeof permit.result);
	TRY(permit_subject_provisioning(presented->card, presented->transaction_id,
	                                presented->iccid.len > 0 ? presented->iccid.at : none,
	                                permit.subject));
	answer->decision = permit.decision;
	answer->expires_s = permit.expires_s;
	return state->ports.permit(state->ports.ctx, &permit, presented->session, answer->permit);
}

static enum err appraise(struct appraiser_state *state, const struct presented *presented,
                         struct outcome *outcome, struct appraise_answer *answer)
{
	const struct card_facts *known = presented->known;
	const struct appraiser_policy *policy;
	struct enrolment enrolment;
	enum finding_cause cause;
	uint64_t now = state->ports.now_s(state->ports.ctx);

	TRY(appraiser_refresh(state, known->generation));
	policy = appraiser_policy(state, presented->operator_name);
	run_verifier(state, presented, policy,
	             known->has_chip ? enrolment_of(&known->chip, &enrolment) : NULL, (int64_t)now);
	cause = appraiser_why(&policy->policy.rule[presented->purpose], &state->result.findings,
	                      outcome->why);
	TRY(appraised_fill(state, presented, (int64_t)now, outcome));
	changes_find(presented, &state->result, outcome->why, known->has_chip ? &known->chip : NULL,
	             known->has_appraised ? &known->appraised : NULL, &outcome->changes);
	TRY(permit_for(state, presented, outcome, answer));
	TRY(outcome_commit(state, presented, policy, outcome));
	appraiser_count(state, presented->purpose, state->result.decision, cause);
	memcpy(answer->why, outcome->why, sizeof answer->why);
	appraiser_unasked(policy, state->result.decision, answer->why);
	answer->wants_log =
		more_would_help(&policy->policy.rule[presented->purpose], &state->result);
	return ERR_NONE;
}

/* I7: the outcome is durable before it is told, and the chip's row must be the one that was looked at: of
 * two sessions with the same chip at once, one is told to try again. Nothing is kept of a session that the keeper
 * does not know. */
enum err appraiser_do_appraise(struct appraiser_state *state, struct bytes in, struct room *out)
{
	static struct presented_store store;
	static struct outcome outcome;
	struct appraise_answer answer = { .decision = REFUSE };
	struct appraise_request request;
	struct presented presented;

	TRY(appraise_request_read(in, &request));
	answer.card = presented_verify(state, &request, &store);
	if (answer.card == SMDP_OK) {
		TRY(presented_read(state, &request, &store, &presented));
		TRY(appraise(state, &presented, &outcome, &answer));
	}
	appraise_answer_put(out, &answer);
	return ERR_NONE;
}

enum err appraiser_do_wanted(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct chip nobody;
	uint64_t generation = 0;
	enum err err =
		state->ports.chip_load(state->ports.ctx, BYTES_STR(""), &generation, &nobody);

	(void)in;
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	TRY(appraiser_refresh(state, generation));
	appraiser_wanted(state, out);
	return ERR_NONE;
}
