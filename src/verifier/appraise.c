/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/appraise.h"

#include "port/crypto.h"
#include "verifier/work.h"

#include <stdio.h>
#include <string.h>

enum err verifier_init(struct verifier *verifier, size_t cached_logs)
{
	*verifier = (struct verifier){ .accept_test_chips = false };
	references_init(&verifier->references);
	return log_cache_init(&verifier->cache, cached_logs);
}

enum err verifier_know_log(struct verifier *verifier, struct bytes log, enum attest_hash bank)
{
	const struct bytes never_quoted = BYTES_STR("");
	struct eventlog_count count;
	struct tpm_bank values;

	TRY(eventlog_replay(log, bank, &values, &count));
	return log_cache_add(&verifier->cache, log, never_quoted, &values) == NULL ? ERR_FULL
	                                                                           : ERR_NONE;
}

void verifier_clear(struct verifier *verifier)
{
	references_clear(&verifier->references);
	log_cache_clear(&verifier->cache);
}

struct finding *work_found(struct work *work, enum finding_cause cause)
{
	work->over = work->over || finding_firm(cause);
	return findings_add(&work->result->findings, cause);
}

static bool text_is(const char *text, struct bytes claim)
{
	return bytes_same(claim, bytes_text(text));
}

const struct reference *work_reference(struct work *work, size_t *from, struct why_not *why)
{
	const struct references *all = &work->verifier->references;

	while (*from < all->count) {
		const struct reference *set = &all->sets[(*from)++];
		int64_t now = work->appraisal->now;

		if (!text_is(set->model, work->claims.model) ||
		    !text_is(set->firmware, work->claims.firmware))
			continue;
		if (set->revoked)
			why->revoked = true;
		else if (set->orphaned)
			why->orphaned = true;
		else if (now < set->not_before || (set->not_after != 0 && now > set->not_after))
			why->expired = true;
		else
			return set;
	}
	return NULL;
}

void work_no_reference(struct work *work, struct why_not why)
{
	struct finding *finding = work_found(work, why.revoked    ? FINDING_REFERENCE_REVOKED
	                                           : why.orphaned ? FINDING_REFERENCE_ORPHANED
	                                           : why.expired  ? FINDING_REFERENCE_EXPIRED
	                                                          : FINDING_NO_REFERENCE);

	snprintf(finding->text, sizeof finding->text, "%.30s %.30s", work->result->model,
	         work->result->firmware);
}

void findings_copy(struct findings *to, const struct findings *from)
{
	to->count = from->count;
	to->more = from->more;
	memcpy(to->at, from->at, from->count * sizeof from->at[0]);
}

void work_keep(struct findings *best, bool *any, const struct findings *these)
{
	if (!*any || these->count < best->count)
		findings_copy(best, these);
	*any = true;
}

void step_binding(struct work *work, struct bytes bound)
{
	if (bytes_same(bound, BYTES(work->result->binding)))
		return;
	struct finding *finding = work_found(work, FINDING_BINDING);
	finding_expected(finding, BYTES(work->result->binding));
	finding_found(finding, bound);
}

/* R1a, R12: which card this chip belongs to is looked at with the chip, before anything that it
 * says. */
void step_enrolment(struct work *work)
{
	const struct enrolment *known = work->appraisal->enrolment;

	if (known == NULL) {
		work_found(work, FINDING_NOT_ENROLLED);
		return;
	}
	if (known->revoked)
		work_found(work, FINDING_REVOKED);
	if (known->test && !work->verifier->accept_test_chips)
		work_found(work, FINDING_TEST_CHIP);
	if (work->rule->pairing != PAIRING_OFF &&
	    (known->eid.len == 0 || !bytes_same(known->eid, work->appraisal->eid))) {
		struct finding *finding = work_found(work, FINDING_PAIRING);
		finding_expected(finding, known->eid);
		finding_found(finding, work->appraisal->eid);
	}
}

/* Part 1, 36: the reset count only grows, and with it unchanged the clock only grows, whether safe
 * or not. So each quote is strictly newer than the last by (reset count, clock). */
void step_clock(struct work *work, const struct tpm_clock *clock)
{
	const struct enrolment *known = work->appraisal->enrolment;

	if (!known->seen)
		return;
	if (clock->reset_count < known->clock.reset_count)
		work_found(work, FINDING_RESET_BACK);
	else if (clock->reset_count == known->clock.reset_count &&
	         (clock->clock <= known->clock.clock ||
	          clock->restart_count < known->clock.restart_count))
		work_found(work, FINDING_CLOCK_BACK);
}

static void wrong_imei(struct work *work, const char *where, struct bytes imei, struct bytes want)
{
	struct finding *finding = work_found(work, FINDING_IMEI);

	snprintf(finding->text, sizeof finding->text, "%s%.*s instead of %.*s", where,
	         (int)(imei.len < 20 ? imei.len : 20), imei.len > 0 ? (const char *)imei.at : "",
	         (int)(want.len < 20 ? want.len : 20), want.len > 0 ? (const char *)want.at : "");
}

/* R10: the IMEI convinces nobody, but a wrong one is told, and so is one that differs from place to
 * place. */
static void step_claims(struct work *work)
{
	const struct enrolment *known = work->appraisal->enrolment;
	struct bytes device = work->appraisal->device_imei, claimed = bytes_text(work->claims.imei);

	if (known->imei.len > 0 && !bytes_same(known->imei, claimed))
		wrong_imei(work, "", claimed, known->imei);
	else if (device.len > 0 && claimed.len > 0 && !bytes_same(device, claimed))
		wrong_imei(work, "in deviceInfo ", device, claimed);
	if (known->model.len > 0 && !bytes_same(known->model, work->claims.model))
		work_found(work, FINDING_MODEL);
}

static void copy_claim(struct bytes claim, char *out)
{
	for (size_t i = 0; i < claim.len && i < CLAIM_TEXT_MAX; i++)
		out[i] = (char)(claim.at[i] < 0x20 || claim.at[i] >= 0x7F ? '?' : claim.at[i]);
}

static void step_format(struct work *work)
{
	const struct appraisal *a = work->appraisal;

	if (!work->rule->present) {
		work_found(work, FINDING_NO_POLICY);
		return;
	}
	if (a->evidence.len == 0) {
		work_found(work, FINDING_NO_EVIDENCE);
		work->over = true; /* there is nothing to look at */
		return;
	}
	if (evidence_read(a->evidence, &work->evidence) != ERR_NONE ||
	    equipment_claims_read(work->evidence.claims, &work->claims) != ERR_NONE) {
		work_found(work, FINDING_MALFORMED);
		return;
	}
	work->result->format = work->evidence.format;
	copy_claim(work->claims.model, work->result->model);
	copy_claim(work->claims.firmware, work->result->firmware);
	memcpy(work->result->imei, work->claims.imei, sizeof work->result->imei);
	if (!(work->rule->formats >> work->evidence.format & 1))
		work_found(work, FINDING_FORMAT);
}

static void step_session_and_digest(struct work *work)
{
	const struct appraisal *a = work->appraisal;
	uint8_t digest[SHA256_SIZE];

	if (!a->session_open) {
		work_found(work, FINDING_SESSION);
		return;
	}
	if (!a->digest_signed)
		return;
	if (crypto_sha256(digest, &a->evidence, 1) == ERR_NONE &&
	    bytes_same(a->digest, BYTES(digest)))
		return;
	struct finding *finding = work_found(work, FINDING_DIGEST);
	finding_expected(finding, a->digest);
	finding_found(finding, BYTES(digest));
}

static void steps(struct work *work)
{
	const struct appraisal *a = work->appraisal;

	step_format(work);
	if (work->over)
		return;
	step_session_and_digest(work);
	if (work->over)
		return;
	if (evidence_binding(a->label, a->session, a->eid, work->evidence.claims,
	                     work->result->binding) != ERR_NONE) {
		work_found(work, FINDING_BINDING);
		return;
	}
	if (work->evidence.format == EVIDENCE_TPM)
		appraise_tpm(work);
	else if (work->evidence.format == EVIDENCE_PSA)
		appraise_psa(work);
	else
		appraise_statement(work);
	if (!work->over)
		step_claims(work);
}

enum decision verifier_decide(const struct policy_rule *rule, const struct findings *findings)
{
	enum decision worst = findings->more || !rule->present ? REFUSE : ADMIT;

	for (size_t i = 0; i < findings->count; i++) {
		enum finding_cause cause = findings->at[i].cause;
		enum decision leads = policy_decision(rule, cause);

		if (cause == FINDING_PAIRING && rule->pairing == PAIRING_OBSERVE)
			leads = ADMIT; /* told, not acted upon */
		worst = leads > worst ? leads : worst;
	}
	return worst;
}

/* What a stored appraisal had to fulfil at its own time may be asked otherwise now. */
enum decision verifier_reconsider(const struct policy_rule *rule, const struct reconsidered *was,
                                  int64_t now, struct findings *out)
{
	findings_copy(out, was->findings);
	if (!rule->present)
		findings_add(out, FINDING_NO_POLICY);
	else if (was->format != EVIDENCE_NONE && !(rule->formats >> was->format & 1))
		findings_add(out, FINDING_FORMAT);
	else if (was->format != EVIDENCE_NONE && now - was->time > rule->max_age)
		findings_add(out, FINDING_AGE);
	return verifier_decide(rule, out);
}

/* AR4SI 2.3.4: what can be said of each aspect. Only steps that were reached say anything. */
static void fill_vector(struct work *work)
{
	struct appraisal_result *result = work->result;
	const struct findings *findings = &result->findings;

	if (!work->over) {
		result->vector[EAR_INSTANCE_IDENTITY] = EAR_TRUSTWORTHY_INSTANCE;
		result->vector[EAR_HARDWARE] = EAR_GENUINE_HARDWARE;
	}
	/* Of a statement no software is known but what its software says. */
	if (!work->over && result->format != EVIDENCE_STATEMENT) {
		result->vector[EAR_EXECUTABLES] = EAR_APPROVED_BOOT;
		result->vector[EAR_CONFIGURATION] = EAR_APPROVED_CONFIG;
	}
	for (size_t i = 0; i < findings->count; i++) {
		switch ((unsigned)finding_step(findings->at[i].cause)) {
		case STEP_ENROLMENT:
			result->vector[EAR_INSTANCE_IDENTITY] =
				findings->at[i].cause == FINDING_NOT_ENROLLED
					? EAR_UNRECOGNIZED_INSTANCE
					: EAR_UNTRUSTWORTHY_INSTANCE;
			break;
		case STEP_REPLAY:
			result->vector[EAR_EXECUTABLES] = EAR_CONTRAINDICATED_RUNTIME;
			break;
		case STEP_CONTENT:
			result->vector[EAR_EXECUTABLES] = result->decision == REFUSE
			                                          ? EAR_CONTRAINDICATED_RUNTIME
			                                          : EAR_UNRECOGNIZED_RUNTIME;
			break;
		case STEP_CLAIMS:
			result->vector[EAR_CONFIGURATION] = EAR_UNSAFE_RUNTIME;
			break;
		default:
			break;
		}
	}
}

void verifier_appraise(struct verifier *verifier, const struct appraisal *appraisal,
                       struct appraisal_result *result)
{
	static const struct policy_rule nothing;
	struct work work = { .verifier = verifier, .appraisal = appraisal, .result = result };

	/* All but the findings behind the count, which are kilobytes that nobody looks at. */
	result->findings.count = 0;
	result->findings.more = false;
	memset((uint8_t *)result + offsetof(struct appraisal_result, format), 0,
	       sizeof *result - offsetof(struct appraisal_result, format));
	result->decision = REFUSE;
	memcpy(result->policy, verifier->policy.name, sizeof result->policy);
	work.rule = (unsigned)appraisal->purpose < PURPOSES
	                    ? &verifier->policy.rule[appraisal->purpose]
	                    : &nothing;
	steps(&work);
	result->decision = verifier_decide(work.rule, &result->findings);
	result->expires = appraisal->now + work.rule->max_age;
	fill_vector(&work);
}

void appraisal_ear(const struct appraisal_result *result, struct bytes audience, int64_t now,
                   struct ear *out)
{
	static const enum ear_tier tiers[] = {
		[ADMIT] = EAR_AFFIRMING, [RESTRICT] = EAR_WARNING, [REFUSE] = EAR_CONTRAINDICATED
	};

	*out = (struct ear){
		.audience = audience,
		.issued = now,
		.expires = result->expires > now ? result->expires : now + 1,
		.nonce = BYTES(result->binding),
		.developer = BYTES_STR("https://example.org/assay"),
		.build = BYTES_STR("assay"),
		.submodule = BYTES_STR("equipment"),
		.status = tiers[result->decision],
		.policy = bytes_text(result->policy),
	};
	/* Nobody has looked at a machine that showed nothing and is admitted all the same (AR4SI 2.3.2). */
	if (result->decision == ADMIT && result->format == EVIDENCE_NONE)
		out->status = EAR_NONE;
	/* The status is the policy's; the vector must not be worse than it (EAR 3.2). */
	for (size_t i = 0; i < EAR_CLAIMS; i++) {
		int8_t value = result->vector[i];
		out->vector[i] = ear_tier_of(value) > out->status ? (int8_t)out->status : value;
	}
}

void appraisal_explain(const struct appraisal_result *result, char *out, size_t size)
{
	const struct findings *findings = &result->findings;
	size_t len = 0;

	if (size == 0)
		return;
	int n = snprintf(out, size, "%s under policy %s\n", decision_text(result->decision),
	                 result->policy);
	for (size_t i = 0; i < findings->count && n > 0; i++) {
		char line[512];

		len += (size_t)n;
		if (len >= size)
			return;
		finding_line(&findings->at[i], line, sizeof line);
		n = snprintf(out + len, size - len, "  %s\n", line);
	}
	if (findings->more && n > 0 && len + (size_t)n < size)
		snprintf(out + len + (size_t)n, size - len - (size_t)n, "  and more\n");
}
