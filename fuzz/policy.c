/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: a policy that is read takes no quote without PCRs and lets no firm finding pass; reference
 * values that are refused leave nothing behind; neither reads beyond its text. */
#include "verifier/policy.h"
#include "verifier/reference.h"

#include "fuzz/law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct references references;
	struct policy policy;
	uint32_t line;

	if (policy_read(in, &policy, &line) == ERR_NONE) {
		for (int p = 0; p < PURPOSES; p++) {
			const struct policy_rule *rule = &policy.rule[p];
			LAW(!rule->present || !(rule->formats >> EVIDENCE_TPM & 1) ||
			    rule->pcrs != 0);
			for (int f = 0; f < FINDINGS; f++)
				LAW(!finding_firm((enum finding_cause)f) ||
				    policy_decision(rule, (enum finding_cause)f) == REFUSE);
		}
	}
	references_init(&references);
	enum err err = references_add_text(&references, in, &line);
	LAW(references.count == (err == ERR_NONE));
	LAW(err != ERR_NONE || references.sets[0].event_count + references.sets[0].pcr_count +
	                                       references.sets[0].component_count >
	                               0);
	references_clear(&references);
	return 0;
}
