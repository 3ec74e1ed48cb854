/* SPDX-License-Identifier: Apache-2.0 */
#include "appraiser/changes.h"

#include "evidence/bundle.h"
#include "port/crypto.h"

static bool has_found(const struct appraisal_result *result, enum finding_cause cause)
{
	for (size_t i = 0; i < result->findings.count; i++)
		if (result->findings.at[i].cause == cause)
			return true;
	return false;
}

/* A machine that was opened measures the word, and again at each start (docs/cards.md); the chip's quote covers
 * the log that says so. */
static bool measured_tampering(const struct appraisal_result *result)
{
	const struct bytes word = BYTES_STR("tamper");
	uint8_t digest[SHA256_SIZE];

	if (!result->remember || crypto_sha256(digest, &word, 1) != ERR_NONE)
		return false;
	for (size_t i = 0; i < result->findings.count; i++) {
		const struct finding *finding = &result->findings.at[i];
		if (finding->has_event &&
		    bytes_same((struct bytes){ finding->found, finding->found_len }, BYTES(digest)))
			return true;
	}
	return false;
}

/* What the chip vouched for counts more than what software said about the device. */
static struct bytes imei_of(const struct presented *presented,
                            const struct appraisal_result *result)
{
	if (result->remember && result->imei[0] != '\0')
		return bytes_text(result->imei);
	return presented->device_imei;
}

static struct equipment_seen registered(const struct chip *chip)
{
	if (chip == NULL || chip->state != CHIP_APPROVED)
		return (struct equipment_seen){ .foreign = false };
	return (struct equipment_seen){ .chip = BYTES(chip->id),
		                        .imei = chip->imei,
		                        .firmware = chip->firmware };
}

static struct equipment_seen seen_now(const struct presented *presented,
                                      const struct appraisal_result *result,
                                      const struct chip *chip)
{
	struct equipment_seen seen = { .imei = imei_of(presented, result),
		                       .foreign = has_found(result, FINDING_SIGNATURE) ||
		                                  has_found(result, FINDING_PAIRING),
		                       .tampered = measured_tampering(result),
		                       .has_decision = true,
		                       .decision = result->decision };

	if (result->remember && chip != NULL) {
		seen.chip = BYTES(chip->id);
		seen.firmware = bytes_text(result->firmware);
	}
	equipment_pairing(presented->card_state, &seen);
	return seen;
}

void changes_find(const struct presented *presented, const struct appraisal_result *result,
                  const char *why, const struct chip *chip, const struct appraised *last,
                  struct changes *out)
{
	struct equipment_seen before = { .foreign = false }, known = registered(chip);
	struct room texts = ROOM(out->texts);

	if (last != NULL)
		before = last->seen;
	before.has_decision = last != NULL && last->purpose == presented->purpose;
	equipment_merge(&known, &before);
	out->seen = seen_now(presented, result, chip);
	out->count = equipment_compare(&before, &out->seen, &texts, out->events);
	equipment_merge(&before, &out->seen);
	for (size_t i = 0; i < out->count; i++) {
		out->events[i].eid = presented->eid;
		out->events[i].operator_name = presented->operator_name;
		if (out->events[i].kind == EVENT_DECISION_CHANGED)
			out->events[i].detail = bytes_text(why);
	}
}
