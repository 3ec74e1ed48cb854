/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/policy.h"

#include "verifier/lines.h"

#include <string.h>

static const char *const formats[] = {
	[EVIDENCE_TPM] = "tpm", [EVIDENCE_PSA] = "psa", [EVIDENCE_STATEMENT] = "statement"
};
static const char *const banks[] = { "sha1", "sha256", "sha384", "sha512" };
static const char *const pairings[] = { "off", "observe", "enforce" };

enum decision policy_decision(const struct policy_rule *rule, enum finding_cause cause)
{
	if (!rule->present || finding_firm(cause))
		return REFUSE;
	return (enum decision)rule->leads_to[cause];
}

/* The place of a word in a list; the list's length when it is not there. */
static uint32_t find(struct bytes word, const char *const *list, uint32_t count)
{
	uint32_t i = 0;

	while (i < count && (list[i] == NULL || !word_is(word, list[i])))
		i++;
	return i;
}

static enum err read_set(struct lines *lines, const char *const *list, uint32_t count,
                         uint32_t *out)
{
	struct bytes word;

	while (lines_word(lines, &word)) {
		uint32_t at = find(word, list, count);
		if (at == count)
			return ERR_VALUE;
		*out |= (uint32_t)1 << at;
	}
	return *out == 0 ? ERR_LENGTH : ERR_NONE;
}

static enum err read_pcrs(struct lines *lines, uint32_t *out)
{
	struct bytes word;
	uint64_t pcr;

	while (lines_word(lines, &word)) {
		TRY(word_number(word, TPM_PCRS - 1, &pcr));
		*out |= (uint32_t)1 << pcr;
	}
	return *out == 0 ? ERR_LENGTH : ERR_NONE;
}

static enum err read_lead(struct lines *lines, enum decision decision, struct policy_rule *rule)
{
	struct bytes word;

	while (lines_word(lines, &word)) {
		enum finding_cause cause = finding_by_word(word);
		if (cause == FINDINGS)
			return ERR_VALUE;
		if (finding_firm(cause))
			return ERR_DENIED;
		rule->leads_to[cause] = (uint8_t)decision;
	}
	return ERR_NONE;
}

static enum err read_one(struct lines *lines, const char *const *list, uint32_t count,
                         uint32_t *out)
{
	struct bytes word;

	if (!lines_word(lines, &word))
		return ERR_TRUNCATED;
	*out = find(word, list, count);
	return *out == count ? ERR_VALUE : ERR_NONE;
}

static enum err read_rule_line(struct bytes key, struct lines *lines, struct policy_rule *rule)
{
	struct bytes word;
	uint64_t number;
	uint32_t at;

	if (word_is(key, "formats"))
		return read_set(lines, formats, COUNT(formats), &rule->formats);
	if (word_is(key, "banks"))
		return read_set(lines, banks, COUNT(banks), &rule->banks);
	if (word_is(key, "pcrs"))
		return read_pcrs(lines, &rule->pcrs);
	if (word_is(key, "restrict"))
		return read_lead(lines, RESTRICT, rule);
	if (word_is(key, "admit"))
		return read_lead(lines, ADMIT, rule);
	if (word_is(key, "pairing")) {
		TRY(read_one(lines, pairings, COUNT(pairings), &at));
		rule->pairing = (enum pairing)at;
		return ERR_NONE;
	}
	if (word_is(key, "max-age")) {
		if (!lines_word(lines, &word))
			return ERR_TRUNCATED;
		TRY(word_number(word, INT32_MAX, &number));
		rule->max_age = (int64_t)number;
		return ERR_NONE;
	}
	return ERR_TAG;
}

static enum err read_purpose(struct lines *lines, struct policy *policy, struct policy_rule **rule)
{
	const char *purposes[PURPOSES];
	uint32_t at;

	for (int i = 0; i < PURPOSES; i++)
		purposes[i] = purpose_text((enum purpose)i);
	TRY(read_one(lines, purposes, PURPOSES, &at));
	if (policy->rule[at].present)
		return ERR_EXISTS;
	*rule = &policy->rule[at];
	(*rule)->present = true;
	(*rule)->pairing = PAIRING_ENFORCE;
	memset((*rule)->leads_to, REFUSE, sizeof(*rule)->leads_to);
	return ERR_NONE;
}

static enum err read_line(struct lines *lines, struct policy *policy, struct policy_rule **rule,
                          bool *begun)
{
	struct bytes key, word;

	if (!lines_word(lines, &key))
		return ERR_VALUE;
	if (!*begun) {
		*begun = true;
		return word_is(key, "assay-policy") && lines_word(lines, &word) &&
		                       word_is(word, "1")
		               ? lines_end(lines)
		               : ERR_UNSUPPORTED;
	}
	if (word_is(key, "name")) {
		if (!lines_word(lines, &word))
			return ERR_TRUNCATED;
		TRY(word_copy(word, policy->name, sizeof policy->name));
	} else if (word_is(key, "purpose")) {
		TRY(read_purpose(lines, policy, rule));
	} else if (*rule == NULL) {
		return ERR_ORDER;
	} else {
		TRY(read_rule_line(key, lines, *rule));
	}
	return lines_end(lines);
}

/* A rule that takes TPM quotes but requires no PCR, or no bank, would take anything; so would one that takes
 * statements without a PCR that they must speak of. */
static bool takes_nothing_silently(const struct policy_rule *rule)
{
	bool quotes = (rule->formats >> EVIDENCE_TPM & 1) != 0;
	bool statements = (rule->formats >> EVIDENCE_STATEMENT & 1) != 0;

	return (!quotes || rule->banks != 0) && ((!quotes && !statements) || rule->pcrs != 0);
}

enum err policy_read(struct bytes text, struct policy *out, uint32_t *line)
{
	struct lines lines = { .rest = text };
	struct policy read = { .name = "" };
	struct policy_rule *rule = NULL;
	bool begun = false;

	*line = 0;
	while (lines_next(&lines)) {
		*line = lines.number;
		TRY(read_line(&lines, &read, &rule, &begun));
	}
	if (!begun || read.name[0] == '\0')
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < PURPOSES; i++) {
		if (read.rule[i].present && !takes_nothing_silently(&read.rule[i]))
			return ERR_NOT_FOUND;
	}
	*out = read;
	return ERR_NONE;
}
