/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal of PSA tokens and of semi-autonomous statements. */
#include "evidence/cose.h"
#include "verifier/work.h"

#include <stdio.h>
#include <string.h>

static bool ec_key(struct bytes point, struct attest_key *out)
{
	*out = (struct attest_key){ .kind = point.len == 97 ? ATTEST_P384 : ATTEST_P256,
		                    .point = point };
	return point.len == 65 || point.len == 97;
}

/* RFC 9783 5: the algorithm is protected and the message is tagged. */
static void read_token(struct work *work, struct cose *message, struct psa_claims *claims)
{
	if (cose_read(work->evidence.token, 0, message) != ERR_NONE ||
	    !message->algorithm_protected || message->tag != COSE_TAG_SIGN1 ||
	    message->payload.at == NULL || psa_claims_read(message->payload, claims) != ERR_NONE)
		work_found(work, FINDING_MALFORMED);
}

static void check_token(struct work *work, const struct cose *message,
                        const struct psa_claims *claims)
{
	const struct enrolment *known = work->appraisal->enrolment;
	struct attest_key key;

	if (known->format != EVIDENCE_PSA || !ec_key(known->key, &key))
		work_found(work, FINDING_KEY);
	else if (!bytes_same(known->instance, claims->instance) ||
	         cose_verify(message, &key, (struct bytes){ NULL, 0 }) != ERR_NONE)
		work_found(work, FINDING_SIGNATURE);
}

static void token_content(struct work *work, const struct psa_claims *claims)
{
	struct why_not why = { false, false, false };
	struct findings *these = &work->verifier->these, *best = &work->verifier->best;
	const struct reference *set;
	size_t from = 0;
	bool any = false;

	while ((set = work_reference(work, &from, &why)) != NULL) {
		if (set->component_count == 0)
			continue;
		these->count = 0;
		these->more = false;
		content_psa(claims, set, these);
		work_keep(best, &any, these);
	}
	if (!any) {
		work_no_reference(work, why);
		return;
	}
	for (size_t i = 0; i < best->count; i++)
		*work_found(work, best->at[i].cause) = best->at[i];
	work->result->findings.more = work->result->findings.more || best->more;
}

/* What the chip has vouched for is remembered, but for its clock: a PSA token has none, and that of a statement
 * software could make leap, so that what the chip itself says would be too old for ever. Both are good for their session
 * alone. */
static void keep_last_quote(struct work *work)
{
	const struct enrolment *known = work->appraisal->enrolment;
	struct appraisal_result *result = work->result;

	result->remember = true;
	result->clock = known->clock;
	result->ima = known->ima;
	result->ima_generation = known->ima_generation;
}

void appraise_psa(struct work *work)
{
	struct psa_claims claims;
	struct cose message;

	read_token(work, &message, &claims);
	if (work->over)
		return;
	step_binding(work, claims.nonce);
	if (work->over)
		return;
	step_enrolment(work);
	if (work->over)
		return;
	check_token(work, &message, &claims);
	if (work->over)
		return;
	keep_last_quote(work);
	token_content(work, &claims);
}

/* The set in force that the machine names; the finding for why there is none. */
static const struct reference *reference_named(struct work *work, struct bytes name)
{
	struct why_not why = { false, false, false };
	const struct reference *set;
	bool others = false;
	size_t from = 0;

	while ((set = work_reference(work, &from, &why)) != NULL) {
		if (memcmp(set->digest, name.at, STATEMENT_SHORT) == 0)
			return set;
		others = true;
	}
	if (others)
		finding_found(work_found(work, FINDING_REFERENCE_OTHER), name);
	else
		work_no_reference(work, why);
	return NULL;
}

static void must_speak_of(struct work *work, const struct reference *set)
{
	uint32_t lacks = work->rule->pcrs & ~reference_pcrs(set);

	for (uint32_t n = 0; n < TPM_PCRS; n++) {
		if (!(lacks >> n & 1))
			continue;
		struct finding *finding = work_found(work, FINDING_REFERENCE_SHORT);
		finding->has_pcr = true;
		finding->pcr = n;
	}
}

/* What the machine tells by its first octets the reference values may have whole, and by name. */
static void tell_expected(const struct deviation *deviation, const struct reference *set,
                          struct finding *finding)
{
	size_t size = attest_hash_size(set->bank);

	for (size_t i = 0; i < set->event_count; i++) {
		const struct reference_event *event = &set->events[i];
		if (deviation->index == DEVIATION_MISSING && event->pcr == deviation->pcr &&
		    memcmp(event->digest, deviation->digest, STATEMENT_SHORT) == 0) {
			finding_expected(finding, (struct bytes){ event->digest, size });
			snprintf(finding->text, sizeof finding->text, "%s", event->text);
			return;
		}
	}
	for (size_t i = 0; i < set->pcr_count; i++) {
		if (deviation->index == DEVIATION_VALUE && set->pcrs[i].pcr == deviation->pcr)
			finding_expected(finding, (struct bytes){ set->pcrs[i].value, size });
	}
}

static void tell_deviation(struct work *work, const struct deviation *deviation,
                           const struct reference *set)
{
	struct finding *finding = work_found(work, FINDING_DEVIATION);

	finding->has_pcr = true;
	finding->pcr = deviation->pcr;
	finding->has_event = deviation->index >= 0;
	finding->event = deviation->index >= 0 ? (uint32_t)deviation->index : 0;
	finding->type = FINDING_TYPE_UNKNOWN; /* the log stays with the machine */
	if (deviation->index != DEVIATION_MISSING)
		finding_found(finding, BYTES(deviation->digest));
	if (set != NULL)
		tell_expected(deviation, set, finding);
}

static void statement_content(struct work *work, const struct statement *statement)
{
	const struct reference *set = reference_named(work, statement->reference);

	for (size_t i = 0; i < statement->deviations; i++)
		tell_deviation(work, &statement->deviation[i], set);
	if (set != NULL)
		must_speak_of(work, set);
}

/* The binding is under the signature, so a statement for another session looks like one of another
 * key; both are refused, and the binding is named as it is what a mistaken sender gets wrong. */
void appraise_statement(struct work *work)
{
	uint8_t store[ATTEST_POINT_MAX];
	struct room point = ROOM(store);
	struct statement statement;
	struct attest_key key;

	step_enrolment(work);
	if (work->over)
		return;
	if (work_key(work, &point, &key) != ERR_NONE || key.kind != ATTEST_P256) {
		work_found(work, FINDING_KEY);
		return;
	}
	enum err err = statement_read(work->evidence.token, &key, BYTES(work->result->binding),
	                              &statement);
	if (err != ERR_NONE) {
		work_found(work, err == ERR_SIGNATURE ? FINDING_BINDING : FINDING_MALFORMED);
		return;
	}
	step_clock(work, &statement.clock);
	if (work->over)
		return;
	keep_last_quote(work);
	statement_content(work, &statement);
}
