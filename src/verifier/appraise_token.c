/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal of PSA tokens and of semi-autonomous statements. */
#include "evidence/cose.h"
#include "verifier/work.h"

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
	struct why_not why = { false, false };
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
	if (!work->over)
		token_content(work, &claims);
}

static void statement_content(struct work *work, const struct statement *statement)
{
	struct why_not why = { false, false };
	const struct reference *set;
	bool known = false;
	size_t from = 0;

	while (!known && (set = work_reference(work, &from, &why)) != NULL)
		known = memcmp(set->digest, statement->reference.at, STATEMENT_SHORT) == 0;
	if (!known)
		work_no_reference(work, why);
	for (size_t i = 0; i < statement->deviations; i++) {
		struct finding *finding = work_found(work, FINDING_DEVIATION);

		finding->has_pcr = true;
		finding->pcr = statement->deviation[i].pcr;
		finding->has_event = true;
		finding->event = statement->deviation[i].index;
		finding_found(finding, statement->deviation[i].digest);
	}
}

/* The binding is under the signature, so a statement for another session looks like one of another
 * key; both are refused, and the binding is named as it is what a mistaken sender gets wrong. */
void appraise_statement(struct work *work)
{
	struct statement statement;
	struct attest_key key;

	step_enrolment(work);
	if (work->over)
		return;
	if (!ec_key(work->appraisal->enrolment->statement_key, &key)) {
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
	work->result->remember = true;
	work->result->clock = statement.clock;
	statement_content(work, &statement);
}
