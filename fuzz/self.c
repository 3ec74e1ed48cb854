/* SPDX-License-Identifier: Apache-2.0 */
/* Law: whatever its log is, a machine that checks itself tells of no more deviations than a statement has room for, each
 * in a PCR of which the reference values speak; and a machine whose PCRs are not what its log leads to, nor listed,
 * never finds itself intact. Input: reference values as text, a NUL octet, the log. */
#include "verifier/self.h"
#include "evidence/eventlog.h"

#include "fuzz/law.h"

#include <string.h>

static void hold(const struct references *references, struct bytes log)
{
	const struct reference *set = &references->sets[0];
	struct self self = { .model = bytes_text(set->model),
		             .firmware = bytes_text(set->firmware),
		             .log = log };
	uint32_t pcrs = self_pcrs(references, self.model, self.firmware);
	struct tpm_bank now = { .hash = ATTEST_SHA256 };
	struct statement out = { .deviations = 99 };

	memset(now.value, 0x5A, sizeof now.value); /* no log leads there */
	self.now = &now;
	if (self_check(references, &self, &out) != ERR_NONE) {
		LAW(pcrs == 0 && out.deviations == 99);
		return;
	}
	LAW(out.deviations > 0 || set->pcr_count > 0);
	LAW(out.deviations <= STATEMENT_DEVIATIONS_MAX && out.reference.at == set->digest);
	for (size_t i = 0; i < out.deviations; i++)
		LAW(pcrs >> out.deviation[i].pcr & 1);
	struct eventlog_count count;
	if (eventlog_replay(log, ATTEST_SHA256, &now, &count) != ERR_NONE)
		return;
	LAW(self_check(references, &self, &out) == ERR_NONE);
	LAW(out.deviations <= STATEMENT_DEVIATIONS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
	size_t len = end == NULL ? size : (size_t)(end - data);
	struct bytes log = { data + len, size - len };
	struct references references;
	uint32_t line;

	if (log.len > 0)
		log = (struct bytes){ log.at + 1, log.len - 1 };
	references_init(&references);
	if (references_add_text(&references, (struct bytes){ data, len }, &line) == ERR_NONE)
		hold(&references, log);
	references_clear(&references);
	return 0;
}
