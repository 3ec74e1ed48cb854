/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an appraisal can find, one row a cause. A row names the step at which it is looked for, the
 * word by which a policy names it, and what it means in English. Every finding refuses unless the
 * policy says otherwise; one marked FIRM refuses whatever the policy says, because behind it
 * nothing of the evidence can be believed.
 */
#ifndef VERIFIER_FINDING_H
#define VERIFIER_FINDING_H

#include "port/attest_crypto.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order of appraisal. */
enum appraisal_step {
	STEP_FORMAT,
	STEP_SESSION,
	STEP_DIGEST,
	STEP_BINDING,
	STEP_ENROLMENT,
	STEP_CLOCK,
	STEP_REPLAY,
	STEP_CONTENT,
	STEP_CLAIMS,
	STEPS,
};

enum { SOFT, FIRM };

#define FINDING_LIST(X)                                                                            \
	X(FINDING_NO_POLICY, STEP_FORMAT, FIRM, "no-policy", "no policy allows anything here")     \
	X(FINDING_NO_EVIDENCE, STEP_FORMAT, SOFT, "no-evidence",                                   \
	  "no evidence came that the equipment is intact")                                         \
	X(FINDING_MALFORMED, STEP_FORMAT, FIRM, "malformed", "evidence is not well formed")        \
	X(FINDING_FORMAT, STEP_FORMAT, FIRM, "format", "the policy does not take this format")     \
	X(FINDING_MAGIC, STEP_FORMAT, FIRM, "magic",                                               \
	  "the chip did not make this structure itself")                                           \
	X(FINDING_NOT_QUOTE, STEP_FORMAT, FIRM, "not-quote", "what the chip signed is no quote")   \
	X(FINDING_BANK, STEP_FORMAT, FIRM, "bank",                                                 \
	  "quoted over a PCR bank that the policy does not take")                                  \
	X(FINDING_SELECTION, STEP_FORMAT, FIRM, "selection",                                       \
	  "quote lacks a PCR that the policy requires")                                            \
	X(FINDING_SESSION, STEP_SESSION, FIRM, "session", "session is not open for evidence")      \
	X(FINDING_DIGEST, STEP_DIGEST, FIRM, "digest",                                             \
	  "the card signed the digest of other evidence")                                          \
	X(FINDING_BINDING, STEP_BINDING, FIRM, "binding",                                          \
	  "made for another session, card or claims")                                              \
	X(FINDING_NOT_ENROLLED, STEP_ENROLMENT, FIRM, "not-enrolled", "chip is not enrolled")      \
	X(FINDING_REVOKED, STEP_ENROLMENT, FIRM, "revoked", "enrolment of the chip is revoked")    \
	X(FINDING_TEST_CHIP, STEP_ENROLMENT, FIRM, "test-chip",                                    \
	  "a software root of trust, for tests only")                                              \
	X(FINDING_KEY, STEP_ENROLMENT, FIRM, "key",                                                \
	  "key may sign what the chip did not make itself")                                        \
	X(FINDING_SIGNATURE, STEP_ENROLMENT, FIRM, "signature", "not signed by the enrolled chip") \
	X(FINDING_PAIRING, STEP_ENROLMENT, SOFT, "pairing", "chip is paired with another card")    \
	X(FINDING_RESET_BACK, STEP_CLOCK, FIRM, "reset-back", "the chip's reset count went back")  \
	X(FINDING_CLOCK_BACK, STEP_CLOCK, FIRM, "clock-back",                                      \
	  "not newer than the last by the chip's clock")                                           \
	X(FINDING_AGE, STEP_CLOCK, SOFT, "age", "last evidence is older than the policy allows")   \
	X(FINDING_LOG_UNKNOWN, STEP_REPLAY, FIRM, "log-unknown",                                   \
	  "log named by a digest not known here")                                                  \
	X(FINDING_LOG_MALFORMED, STEP_REPLAY, FIRM, "log-malformed", "log is not well formed")     \
	X(FINDING_IMA_MALFORMED, STEP_REPLAY, FIRM, "ima-malformed",                               \
	  "IMA list is not well formed")                                                           \
	X(FINDING_IMA_GAP, STEP_REPLAY, FIRM, "ima-gap",                                           \
	  "IMA list does not begin where the last ended")                                          \
	X(FINDING_LOG_MISMATCH, STEP_REPLAY, FIRM, "log-mismatch",                                 \
	  "log is not what the chip quoted")                                                       \
	X(FINDING_NO_REFERENCE, STEP_CONTENT, SOFT, "no-reference",                                \
	  "no reference values for this firmware")                                                 \
	X(FINDING_REFERENCE_REVOKED, STEP_CONTENT, SOFT, "reference-revoked",                      \
	  "this firmware is revoked")                                                              \
	X(FINDING_REFERENCE_ORPHANED, STEP_CONTENT, SOFT, "reference-signer",                      \
	  "no supplier in force has signed the reference values")                                  \
	X(FINDING_REFERENCE_EXPIRED, STEP_CONTENT, SOFT, "reference-expired",                      \
	  "reference values have ended")                                                           \
	X(FINDING_REFERENCE_OTHER, STEP_CONTENT, SOFT, "reference-other",                          \
	  "checked itself against reference values that are not in force")                         \
	X(FINDING_REFERENCE_SHORT, STEP_CONTENT, SOFT, "reference-short",                          \
	  "reference values say nothing of a PCR that the policy requires")                        \
	X(FINDING_EVENT_CHANGED, STEP_CONTENT, SOFT, "event-changed",                              \
	  "event differs from the expected one")                                                   \
	X(FINDING_EVENT_UNEXPECTED, STEP_CONTENT, SOFT, "event-unexpected",                        \
	  "event is not expected")                                                                 \
	X(FINDING_EVENT_MISSING, STEP_CONTENT, SOFT, "event-missing",                              \
	  "expected event did not happen")                                                         \
	X(FINDING_PCR_VALUE, STEP_CONTENT, SOFT, "pcr-value",                                      \
	  "PCR has a value that is not expected")                                                  \
	X(FINDING_IMA_UNEXPECTED, STEP_CONTENT, SOFT, "ima-unexpected", "file is not expected")    \
	X(FINDING_IMA_VIOLATION, STEP_CONTENT, SOFT, "ima-violation",                              \
	  "file changed while it was measured")                                                    \
	X(FINDING_COMPONENT_CHANGED, STEP_CONTENT, SOFT, "component-changed",                      \
	  "component is not expected")                                                             \
	X(FINDING_COMPONENT_MISSING, STEP_CONTENT, SOFT, "component-missing",                      \
	  "component is missing")                                                                  \
	X(FINDING_LIFECYCLE, STEP_CONTENT, SOFT, "lifecycle",                                      \
	  "root of trust is not in its secured state")                                             \
	X(FINDING_DEVIATION, STEP_CONTENT, SOFT, "deviation",                                      \
	  "equipment itself reports a deviation")                                                  \
	X(FINDING_IMEI, STEP_CLAIMS, SOFT, "imei", "claimed IMEI is not the registered one")       \
	X(FINDING_MODEL, STEP_CLAIMS, SOFT, "model", "claimed model is not the registered one")

enum finding_cause {
#define X(name, step, firm, word, text) name,
	FINDING_LIST(X)
#undef X
		FINDINGS
};

enum { FINDING_TEXT_MAX = 80 };
#define FINDING_TYPE_UNKNOWN UINT32_MAX /* of an event that could not be read, or was not sent */

/* One finding. Which event or PCR, what was expected and what was found, as far as the cause has
 * them. */
struct finding {
	enum finding_cause cause;
	bool has_event, has_pcr;
	uint32_t event, pcr, type;
	uint8_t expected_len, found_len;
	uint8_t expected[ATTEST_HASH_MAX], found[ATTEST_HASH_MAX];
	char text[FINDING_TEXT_MAX]; /* name of a component, file or version; may be empty */
};

const char *finding_text(enum finding_cause cause);
const char *finding_word(enum finding_cause cause);
enum appraisal_step finding_step(enum finding_cause cause);
const char *step_text(enum appraisal_step step);

/* finding_firm tells whether the cause refuses under any policy. */
bool finding_firm(enum finding_cause cause);

/* finding_by_word is FINDINGS when no cause has that word. */
enum finding_cause finding_by_word(struct bytes word);

/* finding_line writes one line for people: step, event, expected, found. Always terminated. */
void finding_line(const struct finding *finding, char *out, size_t size);

#endif
