/* SPDX-License-Identifier: Apache-2.0 */
/* READ RECORD, UPDATE RECORD and INCREASE, TS 102 221 11.1.5, 11.1.6 and 11.1.8. */
#include "card/inside.h"

#include <string.h>

enum record_mode { MODE_NEXT = 2, MODE_PREVIOUS = 3, MODE_ABSOLUTE = 4 };

static uint16_t record_open(struct card *card, struct channel *channel, uint8_t sfi,
                            enum access access, struct file *file)
{
	if (sfi == 0x1F)
		return SW_WRONG_P1P2;
	uint16_t sw = file_current(card, channel, sfi, file);
	if (sw != SW_OK)
		return sw;
	if (file->body.kind != NODE_LINEAR && file->body.kind != NODE_CYCLIC)
		return SW_INCOMPATIBLE;
	return file_usable(card, channel, file, access);
}

/* The record after or before the pointer; a cyclic file has no end (8.2.2.3). Without pointer NEXT is the
 * first and PREVIOUS the last. 0, or more than there are, is no record. */
static unsigned neighbour(const struct channel *channel, const struct node *file, uint8_t mode)
{
	bool cyclic = file->kind == NODE_CYCLIC;
	unsigned at = channel->record;

	if (mode == MODE_NEXT)
		return cyclic && at == file->records ? 1 : at + 1;
	return at == 0 || (cyclic && at == 1) ? file->records : at - 1;
}

/* Which record P1 and the mode in P2 mean (11.1.5.1). */
static uint16_t record_number(const struct channel *channel, const struct node *file,
                              const struct apdu *apdu, uint8_t *record)
{
	uint8_t mode = apdu->p2 & 0x07;
	unsigned number = apdu->p1 != 0 ? apdu->p1 : channel->record; /* 00: the current record */

	if (mode == MODE_NEXT || mode == MODE_PREVIOUS) {
		if (apdu->p1 != 0)
			return SW_WRONG_P1P2;
		number = neighbour(channel, file, mode);
	} else if (mode != MODE_ABSOLUTE) {
		return SW_WRONG_P1P2;
	}
	*record = (uint8_t)number;
	return number >= 1 && number <= file->records ? SW_OK : SW_NO_RECORD;
}

static void pointer_move(struct channel *channel, const struct apdu *apdu, uint8_t record)
{
	/* Absolute addressing leaves the pointer where it is. */
	if ((apdu->p2 & 0x07) != MODE_ABSOLUTE)
		channel->record = record;
}

uint16_t command_read_record(struct card *card, struct channel *channel, const struct apdu *apdu,
                             struct room *reply)
{
	struct file file;
	uint8_t record = 0;

	uint16_t sw = record_open(card, channel, apdu->p2 >> 3, ACCESS_READ, &file);
	if (sw == SW_OK)
		sw = record_number(channel, &file.body, apdu, &record);
	if (sw == SW_OK)
		sw = le_must_be(apdu, file.body.record_size);
	if (sw != SW_OK)
		return sw;
	uint8_t *at = room_claim(reply, file.body.record_size);
	if (at == NULL || fs_read(&card->fs, file.body_number, fs_record_at(&file.body, record), at,
	                          file.body.record_size) != ERR_NONE)
		return SW_MEMORY;
	pointer_move(channel, apdu, record);
	return SW_OK;
}

/* A cyclic file overwrites its oldest record, which becomes record 1. */
static enum err cyclic_add(struct card *card, struct file *file, struct bytes data)
{
	struct node *body = &file->body;

	body->newest = (uint8_t)((body->newest + body->records - 1) % body->records);
	TRY(vault_begin(&card->vault));
	TRY(fs_set(&card->fs, file->body_number, body));
	TRY(fs_write(&card->fs, file->body_number, fs_record_at(body, 1), data));
	return vault_commit(&card->vault);
}

static uint16_t update_cyclic(struct card *card, struct channel *channel, const struct apdu *apdu,
                              struct file *file)
{
	if ((apdu->p2 & 0x07) != MODE_PREVIOUS || apdu->p1 != 0)
		return SW_WRONG_P1P2; /* 11.1.6: PREVIOUS is the only mode for cyclic files */
	if (cyclic_add(card, file, apdu->data) != ERR_NONE)
		return SW_MEMORY;
	channel->record = 1;
	return SW_OK;
}

uint16_t command_update_record(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	struct file file;
	uint8_t record;

	(void)reply;
	uint16_t sw = record_open(card, channel, apdu->p2 >> 3, ACCESS_UPDATE, &file);
	if (sw != SW_OK)
		return sw;
	if (apdu->data.len != file.body.record_size)
		return SW_WRONG_LENGTH;
	if (file.body.kind == NODE_CYCLIC)
		return update_cyclic(card, channel, apdu, &file);
	sw = record_number(channel, &file.body, apdu, &record);
	if (sw != SW_OK)
		return sw;
	if (vault_begin(&card->vault) != ERR_NONE ||
	    fs_write(&card->fs, file.body_number, fs_record_at(&file.body, record), apdu->data) !=
	            ERR_NONE ||
	    vault_commit(&card->vault) != ERR_NONE)
		return SW_MEMORY;
	pointer_move(channel, apdu, record);
	return SW_OK;
}

/* value += addend, both big-endian; false on overflow. */
static bool add(uint8_t *value, size_t len, struct bytes addend)
{
	unsigned carry = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned sum = value[len - 1 - i] + carry;
		if (i < addend.len)
			sum += addend.at[addend.len - 1 - i];
		value[len - 1 - i] = (uint8_t)sum;
		carry = sum >> 8;
	}
	return carry == 0;
}

/* 11.1.8: the newest record plus the value becomes the new record 1; the answer is both. */
uint16_t command_increase(struct card *card, struct channel *channel, const struct apdu *apdu,
                          struct room *reply)
{
	uint8_t sfi = apdu->p1 & 0x1F;
	struct file file;

	if (apdu->p2 != 0 || (apdu->p1 != 0 && (apdu->p1 & 0xE0) != 0x80))
		return SW_WRONG_P1P2;
	uint16_t sw = record_open(card, channel, sfi, ACCESS_INCREASE, &file);
	if (sw != SW_OK)
		return sw;
	if (file.body.kind != NODE_CYCLIC)
		return SW_INCOMPATIBLE;
	if (apdu->data.len == 0 || apdu->data.len > 127 || apdu->data.len > file.body.record_size)
		return SW_WRONG_LENGTH;

	size_t start = reply->len, len = file.body.record_size;
	uint8_t *value = room_claim(reply, len);
	if (value == NULL || fs_read(&card->fs, file.body_number, fs_record_at(&file.body, 1),
	                             value, len) != ERR_NONE)
		return SW_MEMORY;
	if (!add(value, len, apdu->data)) {
		reply->len = start;
		return SW_MAXIMUM;
	}
	room_put(reply, apdu->data);
	if (cyclic_add(card, &file, (struct bytes){ value, len }) != ERR_NONE)
		return SW_MEMORY;
	channel->record = 1;
	return SW_OK;
}
