/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator demands of evidence, for each purpose. An empty policy refuses everything: there
 * is a rule for a purpose only where the text has one, and a rule takes only what it names.
 *
 *     assay-policy 1
 *     name "fleet/7"
 *     purpose provisioning           # management, access
 *     formats tpm psa                # statement
 *     banks sha256 sha384            # sha1, sha512
 *     pcrs 0 1 2 3 4 5 6 7
 *     max-age 86400                  # seconds that a result may be relied upon
 *     pairing enforce                # off, observe
 *     restrict event-unexpected      # or admit: what a finding leads to instead of refusal
 */
#ifndef VERIFIER_POLICY_H
#define VERIFIER_POLICY_H

#include "base/err.h"
#include "evidence/bundle.h"
#include "evidence/decision.h"
#include "verifier/finding.h"

enum pairing { PAIRING_OFF, PAIRING_OBSERVE, PAIRING_ENFORCE };

struct policy_rule {
	bool present;
	uint32_t formats; /* bit n: enum evidence_format n */
	uint32_t banks;   /* bit n: enum attest_hash n */
	uint32_t pcrs;    /* each must be quoted and explained by reference values */
	int64_t max_age;
	enum pairing pairing;
	uint8_t leads_to[FINDINGS]; /* enum decision */
};

struct policy {
	char name[64];
	struct policy_rule rule[PURPOSES];
};

/* policy_read takes the text. On error `line` is the number of the line that is wrong and `out` is
 * untouched. ERR_DENIED when it wants to let pass what no policy may (a firm finding). */
NODISCARD enum err policy_read(struct bytes text, struct policy *out, uint32_t *line);

/* policy_decision is what a finding leads to under a rule. */
enum decision policy_decision(const struct policy_rule *rule, enum finding_cause cause);

#endif
