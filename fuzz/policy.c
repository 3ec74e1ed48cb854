/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: a policy that is read takes no quote without PCRs and lets no firm finding pass; reference
 * values that are refused leave nothing behind, and bare ones never pass for signed ones; neither reads beyond its
 * text. */
#include "verifier/policy.h"
#include "verifier/reference.h"

#include "fuzz/law.h"

/* The base point of P-256: whose private key is 1. */
static const uint8_t point[] = {
	0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5,
	0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4,
	0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A,
	0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33,
	0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
};

static void signed_values(struct bytes in)
{
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	struct references references;
	uint32_t line;

	references_init(&references);
	enum err err = references_add_signed(&references, in, &key, &line);
	LAW((references.count > 0) == (err == ERR_NONE));
	LAW(err != ERR_NONE || references_are_signed(in));
	references_clear(&references);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct references references;
	struct policy policy;
	uint32_t line;

	if (policy_read(in, &policy, &line) == ERR_NONE) {
		for (int p = 0; p < PURPOSES; p++) {
			const struct policy_rule *rule = &policy.rule[p];
			LAW(!rule->present || rule->pcrs != 0 ||
			    !(rule->formats & (1u << EVIDENCE_TPM | 1u << EVIDENCE_STATEMENT)));
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
	signed_values(in);
	return 0;
}
