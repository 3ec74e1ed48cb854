/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access rules in expanded format (TS 102 221 9.2.6, ISO/IEC 7816-4 5.4.3.3): a record of EF.ARR is a
 * sequence of access mode objects, each followed by the security conditions for it. What no rule
 * mentions is never allowed.
 */
#include "card/inside.h"
#include "card/pin.h"
#include "codec/ber.h"

enum {
	TAG_AM_BYTE = 0x80,
	TAG_AM_INS = 0x84,
	TAG_ALWAYS = 0x90,
	TAG_NEVER = 0x97,
	TAG_OR = 0xA0,
	TAG_CRT = 0xA4, /* control reference template: user authentication */
	TAG_AND = 0xAF,
	TAG_KEY_REFERENCE = 0x83,
	ARR_RECORD_MAX = 255,
};

/* Who asks, for conditions that name a PIN. */
struct asker {
	struct card *card;
	const struct channel *channel;
	uint16_t directory;
};

static bool crt_met(const struct asker *who, struct bytes crt)
{
	struct bytes reference;
	struct node pin;
	uint16_t number;

	if (ber_find(crt, TAG_KEY_REFERENCE, &reference) != ERR_NONE || reference.len != 1)
		return false;
	return pin_find(who->card, who->channel, who->directory, reference.at[0], &number, &pin) ==
	               ERR_NONE &&
	       pin_met(who->card, who->channel, number, &pin);
}

static bool simple_met(const struct asker *who, ber_tag tag, struct bytes value)
{
	if (tag == TAG_CRT)
		return crt_met(who, value);
	return tag == TAG_ALWAYS;
}

/* A template inside a template; deeper ones do not occur and are not fulfilled. */
static bool inner_met(const struct asker *who, ber_tag kind, struct bytes in)
{
	bool any = false, all = in.len > 0;
	struct bytes value;
	ber_tag tag;

	while (in.len > 0) {
		if (ber_next(&in, &tag, &value) != ERR_NONE)
			return false;
		bool met = simple_met(who, tag, value);
		any |= met;
		all &= met;
	}
	return kind == TAG_OR ? any : all;
}

static bool template_met(const struct asker *who, ber_tag kind, struct bytes in)
{
	bool any = false, all = in.len > 0;
	struct bytes value;
	ber_tag tag;

	while (in.len > 0) {
		if (ber_next(&in, &tag, &value) != ERR_NONE)
			return false;
		bool met = tag == TAG_OR || tag == TAG_AND ? inner_met(who, tag, value)
		                                           : simple_met(who, tag, value);
		any |= met;
		all &= met;
	}
	return kind == TAG_OR ? any : all;
}

static bool condition_met(const struct asker *who, ber_tag tag, struct bytes value)
{
	return tag == TAG_OR || tag == TAG_AND ? template_met(who, tag, value)
	                                       : simple_met(who, tag, value);
}

static bool mode_names(ber_tag tag, struct bytes value, enum access access)
{
	if (tag == TAG_AM_BYTE)
		return value.len == 1 && (value.at[0] & 0x80) == 0 &&
		       (value.at[0] & (access & 0xFF)) != 0;
	if (tag != TAG_AM_INS)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (access >> 8 != 0 && value.at[i] == access >> 8)
			return true;
	return false;
}

/* Several conditions behind one access mode: any of them suffices. */
static bool rule_met(const struct asker *who, struct bytes rule, enum access access)
{
	bool ours = false;
	struct bytes value;
	ber_tag tag;

	while (rule.len > 0 && rule.at[0] != 0xFF) { /* FF: unused end of the record */
		if (ber_next(&rule, &tag, &value) != ERR_NONE)
			return false;
		if (tag >= 0x80 && tag <= 0x8F)
			ours = mode_names(tag, value, access);
		else if (ours && condition_met(who, tag, value))
			return true;
	}
	return false;
}

/* TS 102 221 9.2.7: the EF.ARR that is meant lies in the file's directory or the nearest above. */
static enum err arr_find(struct card *card, uint16_t directory, uint16_t fid, uint16_t *number)
{
	struct node node;

	for (;;) {
		enum err err = fs_child(&card->fs, directory, fid, number);
		if (err != ERR_NOT_FOUND || directory == FS_MF)
			return err;
		TRY(fs_node(&card->fs, directory, &node));
		directory = node.parent;
	}
}

/* Tag 8B: FID and record; or FID and pairs of SE id and record, of which SE 01 is ours; or a record
 * alone, then of the EF.ARR that is usual for the level. */
static enum err arr_of(struct card *card, const struct node *file, uint16_t directory,
                       uint16_t *arr, uint8_t *record)
{
	const uint8_t *s = file->security;
	uint16_t fid = (uint16_t)(s[0] << 8 | s[1]);

	if (file->security_len == 1) {
		*record = s[0];
		if (arr_find(card, directory, 0x6F06, arr) == ERR_NONE)
			return ERR_NONE;
		return arr_find(card, FS_MF, 0x2F06, arr);
	}
	if (file->security_len < 3)
		return ERR_NOT_FOUND;
	*record = file->security_len == 3 ? s[2] : s[3];
	for (unsigned i = 2; file->security_len > 3 && i + 1 < file->security_len; i += 2)
		if (s[i] == 0x01)
			*record = s[i + 1];
	return arr_find(card, directory, fid, arr);
}

uint16_t access_check(struct card *card, const struct channel *channel, uint16_t number,
                      const struct node *file, enum access access)
{
	uint16_t directory = node_is_directory(file) ? number : file->parent, arr;
	struct asker who = { card, channel, directory };
	uint8_t rule[ARR_RECORD_MAX], record;
	struct node node;

	if (arr_of(card, file, directory, &arr, &record) != ERR_NONE ||
	    fs_node(&card->fs, arr, &node) != ERR_NONE || node.kind != NODE_LINEAR || record == 0 ||
	    record > node.records)
		return SW_SECURITY_STATUS;
	if (fs_read(&card->fs, arr, fs_record_at(&node, record), rule, node.record_size) !=
	    ERR_NONE)
		return SW_MEMORY;
	return rule_met(&who, (struct bytes){ rule, node.record_size }, access)
	               ? SW_OK
	               : SW_SECURITY_STATUS;
}

uint16_t file_usable(struct card *card, const struct channel *channel, const struct file *file,
                     enum access access)
{
	/* Special file information bit 7: readable and updatable when deactivated (TS 102 222
	 * 6.3.2.2.6). */
	if (file->node.lcsi == LCSI_DEACTIVATED && !(file->node.special & 0x40))
		return SW_INVALIDATED;
	if (file->node.lcsi == LCSI_TERMINATED)
		return SW_CONDITIONS;
	return access_check(card, channel, file->number, &file->node, access);
}
