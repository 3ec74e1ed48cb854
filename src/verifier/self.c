/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/self.h"

#include "evidence/eventlog.h"
#include "verifier/content.h"

#include <string.h>

/* One set under comparison. */
struct comparison {
	const struct self *self;
	const struct reference *set;
	struct tpm_bank replayed; /* what the log leads to */
	struct deviation deviation[STATEMENT_DEVIATIONS_MAX];
	size_t count; /* of all, also of those that found no room */
};

static void deviates(struct comparison *c, uint32_t pcr, int64_t index, const uint8_t *digest,
                     size_t len)
{
	size_t at = c->count++;

	if (at >= STATEMENT_DEVIATIONS_MAX)
		return;
	c->deviation[at] = (struct deviation){ .pcr = pcr, .index = index };
	memcpy(c->deviation[at].digest, digest, len < STATEMENT_SHORT ? len : STATEMENT_SHORT);
}

/* A finding about a log names an event that happened, one that did not, or else the PCR as a whole. */
static void take_findings(struct comparison *c, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->at[i];

		if (f->has_event)
			deviates(c, f->pcr, f->event, f->found, f->found_len);
		else if (f->cause == FINDING_EVENT_MISSING)
			deviates(c, f->pcr, DEVIATION_MISSING, f->expected, f->expected_len);
		else
			deviates(c, f->pcr, DEVIATION_VALUE, f->found, f->found_len);
	}
}

/* A value that is listed settles a PCR. A log is asked only when it leads to what the chip has. */
static void compare_pcr(struct comparison *c, uint32_t pcr)
{
	static _Thread_local struct findings findings;
	const struct tpm_bank *now = c->self->now;
	uint32_t only = UINT32_C(1) << pcr;

	findings.count = 0;
	content_values(now, only, c->set, &findings);
	if (findings.count == 0)
		return;
	findings.count = 0;
	if (memcmp(now->value[pcr], c->replayed.value[pcr], SHA256_SIZE) != 0 ||
	    content_log(c->self->log, now, only, c->set, &findings) != ERR_NONE)
		deviates(c, pcr, DEVIATION_VALUE, now->value[pcr], SHA256_SIZE);
	else
		take_findings(c, &findings);
}

/* The list up to where the PCR is: the kernel goes on while we read. */
static void compare_ima(struct comparison *c)
{
	static _Thread_local uint8_t store[IMA_TEMPLATE_MAX];
	static _Thread_local struct findings findings;
	struct bytes now = { c->self->now->value[IMA_PCR], SHA256_SIZE }, in = c->self->ima;
	struct ima_state state = { .hash = ATTEST_SHA256 };
	struct room scratch = ROOM(store);
	struct ima_entry entry;

	while (in.len > 0 && !bytes_same(now, (struct bytes){ state.pcr, SHA256_SIZE })) {
		scratch.len = 0;
		findings.count = 0;
		if (ima_next(&in, c->self->ima_form, &scratch, &entry) != ERR_NONE ||
		    ima_entry_check(&entry) != ERR_NONE || ima_extend(&state, &entry) != ERR_NONE)
			break;
		content_ima(&entry, c->set, &findings);
		if (findings.count > 0)
			deviates(c, IMA_PCR, (int64_t)state.entries - 1, findings.at[0].found,
			         findings.at[0].found_len);
	}
	if (!bytes_same(now, (struct bytes){ state.pcr, SHA256_SIZE }))
		deviates(c, IMA_PCR, DEVIATION_VALUE, now.at, now.len);
}

static void compare(struct comparison *c)
{
	uint32_t pcrs = reference_pcrs(c->set);
	struct eventlog_count count;

	/* A log that cannot be read leads nowhere. */
	if (c->self->log.len == 0 ||
	    eventlog_replay(c->self->log, ATTEST_SHA256, &c->replayed, &count) != ERR_NONE)
		tpm_bank_clear(&c->replayed, ATTEST_SHA256);
	for (uint32_t pcr = 0; pcr < TPM_PCRS; pcr++) {
		if (pcr == IMA_PCR && c->set->file_count > 0)
			compare_ima(c);
		else if (pcrs >> pcr & 1)
			compare_pcr(c, pcr);
	}
}

static bool is_for(const struct reference *set, struct bytes model, struct bytes firmware)
{
	return set->bank == ATTEST_SHA256 && reference_pcrs(set) != 0 &&
	       bytes_same(bytes_text(set->model), model) &&
	       bytes_same(bytes_text(set->firmware), firmware);
}

uint32_t self_pcrs(const struct references *references, struct bytes model, struct bytes firmware)
{
	uint32_t pcrs = 0;

	for (size_t i = 0; i < references->count; i++) {
		if (is_for(&references->sets[i], model, firmware))
			pcrs |= reference_pcrs(&references->sets[i]);
	}
	return pcrs;
}

enum err self_check(const struct references *references, const struct self *self,
                    struct statement *out)
{
	static _Thread_local struct comparison c;
	bool any = false;
	size_t fewest = 0;

	for (size_t i = 0; i < references->count; i++) {
		c = (struct comparison){ .self = self, .set = &references->sets[i] };
		if (!is_for(c.set, self->model, self->firmware))
			continue;
		compare(&c);
		if (any && c.count >= fewest)
			continue;
		any = true;
		fewest = c.count;
		out->reference = (struct bytes){ c.set->digest, STATEMENT_SHORT };
		out->deviations =
			c.count < STATEMENT_DEVIATIONS_MAX ? c.count : STATEMENT_DEVIATIONS_MAX;
		memcpy(out->deviation, c.deviation, sizeof out->deviation);
	}
	return any ? ERR_NONE : ERR_NOT_FOUND;
}
