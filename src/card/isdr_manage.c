/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enable, disable, delete, nickname (SGP.22 5.7.16 to 5.7.18, 5.7.21). Each change of profile states goes
 * with its notifications in one transaction; the terminal is told by REFRESH when the LPA asks for it.
 */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/local_management.h"
#include "vault/record.h"

#include <string.h>

/* find gives the slot that the identifier names. */
static enum err find(struct card *card, const struct profile_identifier *profile, uint8_t *slot)
{
	if (profile->iccid.at != NULL)
		return profile_by_iccid(card, profile->iccid.at, slot);
	return profile_by_aid(card, profile->isdp_aid, slot);
}

/* The profile that is enabled, and what is known of it; slot 0 when there is none. */
struct present {
	uint8_t slot, profile_class;
	uint32_t pprs;
};

static enum err present_read(struct card *card, struct present *out)
{
	struct profile_head head;

	*out = (struct present){ .slot = profile_enabled(card),
		                 .profile_class = CLASS_OPERATIONAL };
	if (out->slot == 0)
		return ERR_NONE;
	TRY(profile_head_read(card, out->slot, &head));
	out->profile_class = isdr_class(head.flags);
	out->pprs = isdr_pprs(head.flags);
	return ERR_NONE;
}

/* displaced is the operational profile that was enabled before the first test profile was; 0: none. */
static uint8_t displaced(struct card *card)
{
	uint8_t slot;

	if (record_read(&card->vault, record_key(EUICC_TEST_RETURN, 0), 0, &slot, 1) != ERR_NONE)
		return 0;
	return slot;
}

static enum err forget_displaced(struct card *card)
{
	enum err err = record_remove(&card->vault, record_key(EUICC_TEST_RETURN, 0));

	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* switch_to makes `slot` the enabled profile, 0: none; all notifications go with it. */
static enum err switch_to(struct card *card, const struct present *present, uint8_t slot)
{
	if (present->slot != 0) {
		TRY(isdr_notify_profile(card, present->slot, NOTIFY_DISABLE));
		if (slot == 0)
			return profile_disable(card, present->slot);
	}
	TRY(isdr_notify_profile(card, slot, NOTIFY_ENABLE));
	return profile_enable(card, slot);
}

/* SGP.22 5.7.16: a test profile remembers which operational profile it displaces. */
static enum err enable_in_transaction(struct card *card, const struct present *present,
                                      uint8_t slot, bool test)
{
	if (!test)
		TRY(forget_displaced(card));
	else if (present->slot != 0 && present->profile_class != CLASS_TEST)
		TRY(record_put(&card->vault, record_key(EUICC_TEST_RETURN, 0),
		               (struct bytes){ &present->slot, 1 }));
	return switch_to(card, present, slot);
}

/* follow_up tells the terminal, or ends the old session at once when it does not want to be told. */
static void follow_up(struct card *card, bool refresh)
{
	/* The switch is durable by now; where REFRESH cannot be queued, the next reset brings it about. */
	if (refresh)
		(void)!card_refresh(card);
	else
		card_switch(card);
}

static bool cat_busy(const struct card *card, bool refresh)
{
	return refresh && card->proactive_len > 0; /* SGP.22 5.7.16: catBusy */
}

/* check_enable: the verifications of SGP.22 5.7.16 in their order. */
static uint8_t check_enable(struct card *card, const struct profile_head *head,
                            const struct present *present, uint8_t slot)
{
	bool test = isdr_class(head->flags) == CLASS_TEST;

	if (head->enabled)
		return ENABLE_NOT_DISABLED;
	/* From a test profile the way leads to another one, or back where it came from. */
	if (!test && present->slot != 0 && present->profile_class == CLASS_TEST &&
	    displaced(card) != 0 && displaced(card) != slot)
		return ENABLE_WRONG_REENABLING;
	/* PPR1 holds against other operational profiles; a test profile comes and goes. */
	if (!test && present->slot != 0 && (present->pprs & PPR1_NO_DISABLE) != 0)
		return ENABLE_DISALLOWED_BY_POLICY;
	return RESULT_OK;
}

static uint8_t enable(struct card *card, const struct switch_profile *message)
{
	struct profile_head head;
	struct present present;
	uint8_t slot;

	if (find(card, &message->profile, &slot) != ERR_NONE)
		return ENABLE_NOT_FOUND;
	if (profile_head_read(card, slot, &head) != ERR_NONE ||
	    present_read(card, &present) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	uint8_t result = check_enable(card, &head, &present, slot);
	if (result == RESULT_OK && cat_busy(card, message->refresh))
		result = ENABLE_CAT_BUSY;
	if (result != RESULT_OK)
		return result;
	enum err err = vault_begin(&card->vault);
	if (err == ERR_NONE)
		err = enable_in_transaction(card, &present, slot,
		                            isdr_class(head.flags) == CLASS_TEST);
	if (isdr_settle(card, err) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	follow_up(card, message->refresh);
	return RESULT_OK;
}

enum err isdr_enable(struct card *card, struct bytes request, struct room *out)
{
	struct switch_profile message;

	TRY(switch_profile_read(request, TAG_ENABLE_PROFILE, &message));
	rsp_result_put(out, TAG_ENABLE_PROFILE, enable(card, &message));
	return ERR_NONE;
}

/* SGP.22 5.7.17: disabling a test profile brings back what it displaced. */
static enum err disable_in_transaction(struct card *card, const struct present *present)
{
	uint8_t back = present->profile_class == CLASS_TEST ? displaced(card) : 0;

	TRY(forget_displaced(card));
	return switch_to(card, present, back);
}

static uint8_t disable(struct card *card, const struct switch_profile *message)
{
	struct present present;
	uint8_t slot;

	if (find(card, &message->profile, &slot) != ERR_NONE)
		return DISABLE_NOT_FOUND;
	if (present_read(card, &present) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	if (present.slot != slot)
		return DISABLE_NOT_ENABLED;
	if ((present.pprs & PPR1_NO_DISABLE) != 0)
		return DISABLE_DISALLOWED_BY_POLICY;
	if (cat_busy(card, message->refresh))
		return DISABLE_CAT_BUSY;
	enum err err = vault_begin(&card->vault);
	if (err == ERR_NONE)
		err = disable_in_transaction(card, &present);
	if (isdr_settle(card, err) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	follow_up(card, message->refresh);
	return RESULT_OK;
}

enum err isdr_disable(struct card *card, struct bytes request, struct room *out)
{
	struct switch_profile message;

	TRY(switch_profile_read(request, TAG_DISABLE_PROFILE, &message));
	rsp_result_put(out, TAG_DISABLE_PROFILE, disable(card, &message));
	return ERR_NONE;
}

enum err isdr_delete_in_transaction(struct card *card, uint8_t slot)
{
	TRY(isdr_notify_profile(card, slot, NOTIFY_DELETE));
	enum err err = record_remove(&card->vault, record_key(EUICC_NICKNAME, slot));
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	return profile_delete(card, slot);
}

static uint8_t delete_profile(struct card *card, const struct profile_identifier *profile)
{
	struct profile_head head;
	uint8_t slot;

	if (find(card, profile, &slot) != ERR_NONE)
		return DELETE_NOT_FOUND;
	if (profile_head_read(card, slot, &head) != ERR_NONE)
		return RESULT_UNDEFINED_ERROR;
	/* What a test profile has displaced is only waiting: it counts as enabled (SGP.22 5.7.18). */
	if (head.enabled || displaced(card) == slot)
		return DELETE_NOT_DISABLED;
	if ((isdr_pprs(head.flags) & PPR2_NO_DELETE) != 0)
		return DELETE_DISALLOWED_BY_POLICY;
	enum err err = vault_begin(&card->vault);
	if (err == ERR_NONE)
		err = isdr_delete_in_transaction(card, slot);
	return isdr_settle(card, err) == ERR_NONE ? RESULT_OK : RESULT_UNDEFINED_ERROR;
}

enum err isdr_delete(struct card *card, struct bytes request, struct room *out)
{
	struct profile_identifier profile;

	TRY(delete_profile_read(request, &profile));
	rsp_result_put(out, TAG_DELETE_PROFILE, delete_profile(card, &profile));
	return ERR_NONE;
}

static uint8_t set_nickname(struct card *card, const struct set_nickname *message)
{
	uint8_t slot;

	if (profile_by_iccid(card, message->iccid.at, &slot) != ERR_NONE)
		return NICKNAME_NOT_FOUND;
	uint16_t key = record_key(EUICC_NICKNAME, slot);
	enum err err = vault_begin(&card->vault);
	if (err == ERR_NONE && message->nickname.len > 0)
		err = record_put(&card->vault, key, message->nickname);
	else if (err == ERR_NONE)
		err = record_remove(&card->vault, key); /* SGP.22 5.7.21: empty removes it */
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	return isdr_settle(card, err) == ERR_NONE ? RESULT_OK : RESULT_UNDEFINED_ERROR;
}

enum err isdr_set_nickname(struct card *card, struct bytes request, struct room *out)
{
	struct set_nickname message;

	TRY(set_nickname_read(request, &message));
	rsp_result_put(out, TAG_SET_NICKNAME, set_nickname(card, &message));
	return ERR_NONE;
}
