/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appraisal: evidence, reference values and policy in; a decision that explains itself out. The
 * steps come in the order of enum appraisal_step, each with causes of its own, and a cause behind
 * which nothing can be believed ends the appraisal. Nothing is accepted that no rule and no
 * reference value speaks of.
 *
 * The verifier keeps no session and no enrolment: the caller hands in what the session is bound to
 * and what is known of the chip, and stores what the result says is to be remembered - in one
 * transaction with the admission, so that evidence is admitted once (I7).
 */
#ifndef VERIFIER_APPRAISE_H
#define VERIFIER_APPRAISE_H

#include "evidence/ear.h"
#include "evidence/statement.h"
#include "verifier/cache.h"
#include "verifier/content.h"
#include "verifier/policy.h"
#include "verifier/reference.h"

/* What is known of one chip since its enrolment. */
struct enrolment {
	enum evidence_format
		format;   /* EVIDENCE_TPM: a TPM, whose statements are taken too; EVIDENCE_PSA */
	struct bytes key; /* TPMT_PUBLIC of the attestation key; of PSA a P-256 or P-384 point */
	struct bytes instance;    /* PSA: the UEID */
	struct bytes eid;         /* the card it is paired with; empty when with none */
	struct bytes imei, model; /* as registered; empty when not */
	bool revoked;
	bool test; /* a software root of trust, under a test endorsement */
	bool seen; /* `clock` is of an earlier appraisal */
	struct tpm_clock clock;
	struct ima_state ima; /* where the IMA list stood; entries 0 at first */
	uint32_t ima_reset; /* reset count that `ima` is of: a list begins anew with every start */
	uint64_t ima_generation; /* of the reference values that the entries were held against */
};

struct appraisal {
	enum purpose purpose;
	int64_t now;           /* seconds since 1970 */
	struct bytes evidence; /* the bundle; empty when none came */
	bool digest_signed;  /* the exchange has a card signature over the evidence's digest ... */
	struct bytes digest; /* ... which says this */
	bool session_open;   /* the caller has such a session, and it has had no evidence yet */
	struct bytes label, session;       /* what the binding is made of, evidence_binding */
	struct bytes eid;                  /* the card that authenticated in this session */
	struct bytes device_imei; /* as told beside the evidence, under the card's signature; or empty */
	const struct enrolment *enrolment; /* NULL when the chip is not enrolled */
};

struct appraisal_result {
	enum decision decision;
	struct findings findings;
	enum evidence_format format;
	int8_t vector[EAR_CLAIMS];
	int64_t expires;
	uint8_t binding[BINDING_SIZE];
	char policy[64], model[CLAIM_TEXT_MAX + 1], firmware[CLAIM_TEXT_MAX + 1];
	char imei[IMEI_DIGITS + 1];
	bool remember; /* the quote is genuine and new: store what follows, whatever the decision */
	struct tpm_clock clock;
	struct ima_state
		ima; /* entries 0 unless all that was listed is expected: then resume from there */
	uint64_t ima_generation;
};

struct verifier {
	struct references references;
	struct policy policy;
	struct log_cache cache;
	bool accept_test_chips; /* for simulation and demonstration alone */
	struct findings these, best,
		ima; /* what appraisals compare sets by; nothing outlives one */
};

NODISCARD enum err verifier_init(struct verifier *verifier, size_t cached_logs);
void verifier_clear(struct verifier *verifier);

/* verifier_appraise always decides. */
void verifier_appraise(struct verifier *verifier, const struct appraisal *appraisal,
                       struct appraisal_result *result);

/* verifier_decide is what findings lead to under a rule: the worst of them. */
enum decision verifier_decide(const struct policy_rule *rule, const struct findings *findings);

/* verifier_reconsider decides by an earlier appraisal: for another purpose, under another policy, or later.
 * `out` is what was found then, and what time and rule add. An appraisal without evidence is one that found
 * FINDING_NO_EVIDENCE. */
struct reconsidered {
	const struct findings *findings;
	enum evidence_format format;
	int64_t time;
};
enum decision verifier_reconsider(const struct policy_rule *rule, const struct reconsidered *was,
                                  int64_t now, struct findings *out);

/* verifier_know_log makes a log known, so that evidence may name it by its digest. Causes of
 * eventlog_replay; ERR_FULL when it is too long to be kept. */
NODISCARD enum err verifier_know_log(struct verifier *verifier, struct bytes log,
                                     enum attest_hash bank);

/* appraisal_ear makes the attestation result for signing; its views are of `result` and of the
 * arguments. */
void appraisal_ear(const struct appraisal_result *result, struct bytes audience, int64_t now,
                   struct ear *out);

/* appraisal_explain writes decision and findings for people, a line each. Always terminated. */
void appraisal_explain(const struct appraisal_result *result, char *out, size_t size);

#endif
