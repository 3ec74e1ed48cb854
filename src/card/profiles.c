/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: a head record, a metadata record and a volume each. */
#include "card/profiles.h"

#include "card/card.h"
#include "vault/record.h"

#include <string.h>

enum { HEAD_SIZE = ICCID_SIZE + 1 + AID_MAX + 2 };

static uint16_t head_key(uint8_t slot)
{
	return record_key(RECORD_PROFILE_HEAD, slot);
}

static uint16_t metadata_key(uint8_t slot)
{
	return record_key(RECORD_PROFILE_METADATA, slot);
}

static uint8_t volume_of(uint8_t slot)
{
	return (uint8_t)(PROFILE_VOLUME + slot);
}

static bool slot_valid(uint8_t slot)
{
	return slot >= 1 && slot <= PROFILE_SLOTS;
}

static enum err head_put(struct card *card, uint8_t slot, const struct profile_head *head)
{
	uint8_t raw[HEAD_SIZE];
	struct room out = ROOM(raw);

	if (head->isdp_aid_len > AID_MAX)
		return ERR_VALUE;
	room_put(&out, BYTES(head->iccid));
	room_put_u8(&out, head->isdp_aid_len);
	room_put(&out, BYTES(head->isdp_aid));
	room_put_u8(&out, head->enabled);
	room_put_u8(&out, head->flags);
	return record_put(&card->vault, head_key(slot), room_used(&out));
}

enum err profile_head_read(struct card *card, uint8_t slot, struct profile_head *out)
{
	uint8_t raw[HEAD_SIZE];

	TRY(record_read(&card->vault, head_key(slot), 0, raw, sizeof raw));
	memcpy(out->iccid, raw, ICCID_SIZE);
	out->isdp_aid_len = raw[ICCID_SIZE];
	memcpy(out->isdp_aid, raw + ICCID_SIZE + 1, AID_MAX);
	out->enabled = raw[HEAD_SIZE - 2] != 0;
	out->flags = raw[HEAD_SIZE - 1];
	return out->isdp_aid_len <= AID_MAX ? ERR_NONE : ERR_CORRUPT;
}

enum err profile_head_write(struct card *card, uint8_t slot, const struct profile_head *head)
{
	struct profile_head old, new = *head;

	TRY(profile_head_read(card, slot, &old));
	new.enabled = old.enabled;
	return head_put(card, slot, &new);
}

enum err profile_next(struct card *card, uint8_t *slot)
{
	uint16_t key = head_key((uint8_t)(*slot + 1));

	TRY(record_next(&card->vault, RECORD_PROFILE_HEAD, &key));
	*slot = (uint8_t)key;
	return ERR_NONE;
}

enum err profile_free_slot(struct card *card, uint8_t *slot)
{
	size_t size;

	for (unsigned s = 1; s <= PROFILE_SLOTS; s++) {
		enum err err = record_size(&card->vault, head_key((uint8_t)s), &size);
		if (err == ERR_NOT_FOUND) {
			*slot = (uint8_t)s;
			return ERR_NONE;
		}
		TRY(err);
	}
	return ERR_FULL;
}

enum err profile_by_iccid(struct card *card, const uint8_t iccid[static ICCID_SIZE], uint8_t *slot)
{
	struct profile_head head;

	for (uint8_t s = 0; profile_next(card, &s) == ERR_NONE;) {
		TRY(profile_head_read(card, s, &head));
		if (memcmp(head.iccid, iccid, ICCID_SIZE) == 0) {
			*slot = s;
			return ERR_NONE;
		}
	}
	return ERR_NOT_FOUND;
}

enum err profile_by_aid(struct card *card, struct bytes aid, uint8_t *slot)
{
	struct profile_head head;

	for (uint8_t s = 0; profile_next(card, &s) == ERR_NONE;) {
		TRY(profile_head_read(card, s, &head));
		if (bytes_same((struct bytes){ head.isdp_aid, head.isdp_aid_len }, aid)) {
			*slot = s;
			return ERR_NONE;
		}
	}
	return ERR_NOT_FOUND;
}

uint8_t profile_enabled(struct card *card)
{
	struct profile_head head;

	for (uint8_t s = 0; profile_next(card, &s) == ERR_NONE;)
		if (profile_head_read(card, s, &head) == ERR_NONE && head.enabled)
			return s;
	return 0;
}

enum err profile_metadata_read(struct card *card, uint8_t slot, struct room *out)
{
	return record_get(&card->vault, metadata_key(slot), out);
}

enum err profile_metadata_write(struct card *card, uint8_t slot, struct bytes blob)
{
	size_t size;

	TRY(record_size(&card->vault, head_key(slot), &size));
	return blob.len <= PROFILE_METADATA_MAX ? record_put(&card->vault, metadata_key(slot), blob)
	                                        : ERR_LIMIT;
}

enum err profile_draft(struct card *card, uint8_t slot, struct fs *tree)
{
	size_t size;

	if (!slot_valid(slot))
		return ERR_VALUE;
	if (record_size(&card->vault, head_key(slot), &size) != ERR_NOT_FOUND)
		return ERR_EXISTS;
	return fs_draft(tree, &card->vault, volume_of(slot));
}

enum err profile_adopt(struct card *card, struct fs *tree, const struct profile_head *head,
                       struct bytes metadata)
{
	uint8_t slot = (uint8_t)(tree->volume - PROFILE_VOLUME), other;
	struct profile_head new = *head;

	if (!slot_valid(slot))
		return ERR_ORDER;
	if (profile_by_iccid(card, head->iccid, &other) == ERR_NONE)
		return ERR_EXISTS; /* I1, and SGP.22 2.5.6.3: installFailedDueToIccidAlreadyExists */
	new.enabled = false;
	TRY(fs_adopt(tree));
	TRY(head_put(card, slot, &new));
	return profile_metadata_write(card, slot, metadata);
}

void profile_discard(struct fs *tree)
{
	fs_discard(tree);
}

static enum err set_enabled(struct card *card, uint8_t slot, bool enabled)
{
	struct profile_head head;

	TRY(profile_head_read(card, slot, &head));
	if (head.enabled == enabled)
		return ERR_ORDER;
	head.enabled = enabled;
	return head_put(card, slot, &head);
}

enum err profile_enable(struct card *card, uint8_t slot)
{
	uint8_t before = profile_enabled(card);

	TRY(set_enabled(card, slot, true));
	if (before != 0)
		TRY(set_enabled(card, before, false)); /* I1: one at most */
	return ERR_NONE;
}

enum err profile_disable(struct card *card, uint8_t slot)
{
	return set_enabled(card, slot, false);
}

enum err profile_delete(struct card *card, uint8_t slot)
{
	struct profile_head head;
	enum err err;

	TRY(profile_head_read(card, slot, &head));
	if (head.enabled)
		return ERR_ORDER;
	if (card->fs.volume == volume_of(slot))
		card_switch(card); /* the tree is still mounted: a switch was due */
	TRY(vault_drop(&card->vault, volume_of(slot)));
	TRY(record_remove(&card->vault, head_key(slot)));
	err = record_remove(&card->vault, metadata_key(slot));
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* --- staging ------------------------------------------------------------------------------- */

enum err staging_start(struct card *card)
{
	card->staging.len = 0;
	return vault_draft(&card->vault, VOLUME_STAGING);
}

enum err staging_append(struct card *card, struct bytes data)
{
	TRY(vault_write(&card->vault, VOLUME_STAGING, card->staging.len, data));
	card->staging.len += (uint32_t)data.len;
	return ERR_NONE;
}

enum err staging_read(struct card *card, uint32_t at, uint8_t *out, size_t len)
{
	if (at > card->staging.len || len > card->staging.len - at)
		return ERR_VALUE;
	return vault_read(&card->vault, VOLUME_STAGING, at, out, len);
}

uint32_t staging_size(const struct card *card)
{
	return card->staging.len;
}

void staging_drop(struct card *card)
{
	card->staging.len = 0;
	(void)!vault_drop(&card->vault, VOLUME_STAGING); /* there may be none */
}
