/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/finding.h"

#include "evidence/eventlog.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	enum appraisal_step step;
	int firm;
	const char *word, *text;
} rows[FINDINGS] = {
#define X(name, step, firm, word, text) [name] = { step, firm, word, text },
	FINDING_LIST(X)
#undef X
};

static const char *const steps[STEPS] = {
	[STEP_FORMAT] = "format",     [STEP_SESSION] = "session",     [STEP_DIGEST] = "digest",
	[STEP_BINDING] = "binding",   [STEP_ENROLMENT] = "enrolment", [STEP_CLOCK] = "clock",
	[STEP_REPLAY] = "log replay", [STEP_CONTENT] = "log content", [STEP_CLAIMS] = "claims",
};

const char *finding_text(enum finding_cause cause)
{
	return (unsigned)cause < FINDINGS ? rows[cause].text : "unknown finding";
}

const char *finding_word(enum finding_cause cause)
{
	return (unsigned)cause < FINDINGS ? rows[cause].word : "unknown";
}

enum appraisal_step finding_step(enum finding_cause cause)
{
	return (unsigned)cause < FINDINGS ? rows[cause].step : STEP_FORMAT;
}

const char *step_text(enum appraisal_step step)
{
	return (unsigned)step < STEPS ? steps[step] : "unknown step";
}

bool finding_firm(enum finding_cause cause)
{
	return (unsigned)cause >= FINDINGS || rows[cause].firm == FIRM;
}

enum finding_cause finding_by_word(struct bytes word)
{
	for (int i = 0; i < FINDINGS; i++) {
		if (bytes_same(word, bytes_text(rows[i].word)))
			return (enum finding_cause)i;
	}
	return FINDINGS;
}

struct line {
	char *at;
	size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	va_list args;

	if (line->len + 1 >= line->size)
		return;
	va_start(args, format);
	int n = vsnprintf(line->at + line->len, line->size - line->len, format, args);
	va_end(args);
	if (n > 0)
		line->len +=
			(size_t)n < line->size - line->len ? (size_t)n : line->size - line->len - 1;
}

static void add_hex(struct line *line, const char *name, const uint8_t *at, size_t len)
{
	if (len == 0)
		return;
	add(line, ", %s ", name);
	for (size_t i = 0; i < len; i++)
		add(line, "%02x", at[i]);
}

void finding_line(const struct finding *finding, char *out, size_t size)
{
	struct line line = { out, size, 0 };

	if (size == 0)
		return;
	out[0] = '\0';
	add(&line, "%s: %s", step_text(finding_step(finding->cause)), finding_text(finding->cause));
	if (finding->has_event)
		add(&line, ", event %u", finding->event);
	if (finding->has_event && finding->type != FINDING_TYPE_UNKNOWN)
		add(&line, " (%s)", event_type_text(finding->type));
	if (finding->has_pcr)
		add(&line, ", PCR %u", finding->pcr);
	if (finding->text[0] != '\0')
		add(&line, ", \"%s\"", finding->text);
	add_hex(&line, "expected", finding->expected, finding->expected_len);
	add_hex(&line, "found", finding->found, finding->found_len);
}
