/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/equipment.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const formats[EVIDENCE_FORMATS] = { "none", "tpm", "psa", "statement" };
static const char *const banks[ATTEST_HASHES] = { "sha1", "sha256", "sha384", "sha512" };

static json_t *object_of(struct bytes json)
{
	json_t *object = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* Words of later versions are passed over. */
static enum err words_read(const json_t *list, const char *const *names, size_t count,
                           uint32_t *out)
{
	size_t i;
	const json_t *item;

	*out = 0;
	if (!json_is_array(list))
		return ERR_VALUE;
	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item))
			return ERR_VALUE;
		for (size_t n = 0; n < count; n++) {
			if (strcmp(names[n], json_string_value(item)) == 0)
				*out |= (uint32_t)1 << n;
		}
	}
	return ERR_NONE;
}

static enum err pcrs_read(const json_t *list, uint32_t *out)
{
	size_t i;
	const json_t *item;

	*out = 0;
	if (!json_is_array(list))
		return ERR_VALUE;
	json_array_foreach(list, i, item)
	{
		if (!json_is_integer(item) || json_integer_value(item) < 0 ||
		    json_integer_value(item) >= TPM_PCRS)
			return ERR_VALUE;
		*out |= (uint32_t)1 << json_integer_value(item);
	}
	return ERR_NONE;
}

static enum err wanted_of(const json_t *object, struct equipment_wanted *out)
{
	TRY(words_read(json_object_get(object, "formats"), formats, COUNT(formats), &out->formats));
	TRY(words_read(json_object_get(object, "banks"), banks, COUNT(banks), &out->banks));
	return pcrs_read(json_object_get(object, "pcrs"), &out->pcrs);
}

enum err equipment_wanted_read(struct bytes json, struct equipment_wanted *out)
{
	struct equipment_wanted read = { 0 };
	json_t *object = object_of(json);
	enum err err = object != NULL ? wanted_of(object, &read) : ERR_VALUE;

	json_decref(object);
	if (err == ERR_NONE)
		*out = read;
	return err;
}

/* The text may reach a terminal. */
static void copy_clean(char *out, size_t cap, const char *text)
{
	snprintf(out, cap, "%s", text);
	for (char *at = out; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7F)
			*at = '?';
	}
}

static enum err result_of(const json_t *object, struct equipment_result *out)
{
	const char *decision = json_string_value(json_object_get(object, "decision"));
	const char *why = json_string_value(json_object_get(object, "why"));
	const json_t *expires = json_object_get(object, "expires");
	int n = ADMIT;

	if (decision == NULL || why == NULL || !json_is_integer(expires) ||
	    json_integer_value(expires) < 0)
		return ERR_VALUE;
	while (n < DECISIONS && strcmp(decision, decision_text((enum decision)n)) != 0)
		n++;
	if (n == DECISIONS)
		return ERR_VALUE;
	out->decision = (enum decision)n;
	out->expires = (uint64_t)json_integer_value(expires);
	out->wants_log = json_is_true(json_object_get(object, "wantsLog"));
	copy_clean(out->why, sizeof out->why, why);
	return ERR_NONE;
}

enum err equipment_result_read(struct bytes json, struct equipment_result *out)
{
	struct equipment_result read = { .decision = ADMIT };
	json_t *object = object_of(json);
	enum err err = object != NULL ? result_of(object, &read) : ERR_VALUE;

	json_decref(object);
	if (err == ERR_NONE)
		*out = read;
	return err;
}
