/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eUICCMemoryReset (SGP.22 5.7.19). All the profiles do not fit one transaction, so a record says that a
 * reset is under way: from then on it happens, whatever happens to the power.
 */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/local_management.h"
#include "vault/record.h"

static bool concerned(const struct profile_head *head, uint32_t options)
{
	return isdr_class(head->flags) == CLASS_TEST ? (options & RESET_TEST_PROFILES) != 0
	                                             : (options & RESET_OPERATIONAL_PROFILES) != 0;
}

/* next_concerned finds a slot that the options want empty. ERR_NOT_FOUND when there is none. */
static enum err next_concerned(struct card *card, uint32_t options, uint8_t *slot,
                               struct profile_head *head)
{
	for (uint8_t next = 0; profile_next(card, &next) == ERR_NONE;) {
		TRY(profile_head_read(card, next, head));
		if (concerned(head, options)) {
			*slot = next;
			return ERR_NONE;
		}
	}
	return ERR_NOT_FOUND;
}

static enum err has_default_address(struct card *card, bool *has)
{
	size_t size;
	enum err err = record_size(&card->vault, record_key(EUICC_ADDRESS, 0), &size);

	*has = err == ERR_NONE;
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err remove_if_there(struct card *card, uint16_t key)
{
	enum err err = record_remove(&card->vault, key);

	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* SGP.22 5.7.19: policy rules do not hold against a reset; an enabled profile is disabled first. */
static enum err erase_profile(struct card *card, uint8_t slot, const struct profile_head *head)
{
	if (head->enabled) {
		TRY(remove_if_there(card, record_key(EUICC_TEST_RETURN, 0)));
		TRY(profile_disable(card, slot));
	}
	return isdr_delete_in_transaction(card, slot);
}

static enum err erase_profiles(struct card *card, uint32_t options)
{
	struct profile_head head;
	uint8_t slot;
	enum err err;

	while ((err = next_concerned(card, options, &slot, &head)) == ERR_NONE) {
		TRY(vault_begin(&card->vault));
		TRY(isdr_settle(card, erase_profile(card, slot, &head)));
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err conclude(struct card *card, uint32_t options)
{
	if ((options & RESET_DEFAULT_DP_ADDRESS) != 0)
		TRY(remove_if_there(card, record_key(EUICC_ADDRESS, 0)));
	if ((options & RESET_OPERATIONAL_PROFILES) != 0)
		TRY(remove_if_there(card, record_key(EUICC_TEST_RETURN, 0)));
	return record_remove(&card->vault, record_key(EUICC_RESET_UNDER_WAY, 0));
}

enum err isdr_memory_reset_finish(struct card *card)
{
	uint8_t options;
	enum err err =
		record_read(&card->vault, record_key(EUICC_RESET_UNDER_WAY, 0), 0, &options, 1);

	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	TRY(erase_profiles(card, options));
	TRY(vault_begin(&card->vault));
	return isdr_settle(card, conclude(card, options));
}

static enum err begin(struct card *card, uint8_t options)
{
	TRY(vault_begin(&card->vault));
	return isdr_settle(card, record_put(&card->vault, record_key(EUICC_RESET_UNDER_WAY, 0),
	                                    (struct bytes){ &options, 1 }));
}

static uint8_t memory_reset(struct card *card, uint32_t options)
{
	uint8_t slot, before = profile_enabled(card);
	struct profile_head head;
	bool address;

	options &= RESET_OPERATIONAL_PROFILES | RESET_TEST_PROFILES | RESET_DEFAULT_DP_ADDRESS;
	if (has_default_address(card, &address) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	if (next_concerned(card, options, &slot, &head) != ERR_NONE &&
	    !(address && (options & RESET_DEFAULT_DP_ADDRESS) != 0))
		return MEMORY_RESET_NOTHING_TO_DELETE;
	if (card->proactive_len > 0)
		return MEMORY_RESET_CAT_BUSY;
	if (begin(card, (uint8_t)options) != ERR_NONE || isdr_memory_reset_finish(card) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	if (profile_enabled(card) != before)
		(void)!card_refresh(
			card); /* the next reset does it where REFRESH cannot be queued */
	return RESULT_OK;
}

enum err isdr_memory_reset(struct card *card, struct bytes request, struct room *out)
{
	uint32_t options;

	TRY(memory_reset_read(request, &options));
	rsp_result_put(out, TAG_EUICC_MEMORY_RESET, memory_reset(card, options));
	return ERR_NONE;
}
