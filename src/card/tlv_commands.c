/* SPDX-License-Identifier: Apache-2.0 */
/* RETRIEVE DATA and SET DATA, TS 102 221 11.3.1 and 11.3.2: objects come and go in blocks. */
#include "card/inside.h"
#include "card/tlv.h"
#include "codec/ber.h"

enum {
	BLOCK_FIRST = 0x80,
	BLOCK_NEXT = 0x00,
	BLOCK_AGAIN = 0xC0, /* RETRIEVE DATA: the block that was sent last once more */
	RETRIEVE_BLOCK_MAX = 255,
	TAG_LIST = 0x5C,
};

static uint16_t tlv_open(struct card *card, struct channel *channel, const struct apdu *apdu,
                         enum access access, struct file *file)
{
	if (apdu->p1 > 0x1E || (apdu->p2 & 0x3F) != 0)
		return SW_WRONG_P1P2;
	uint16_t sw = file_current(card, channel, apdu->p1, file);
	if (sw != SW_OK)
		return sw;
	if (file->body.kind != NODE_BER_TLV)
		return SW_INCOMPATIBLE;
	return file_usable(card, channel, file, access);
}

/* The tag alone, or with a length, as the first block of either command begins. */
static bool tag_read(struct bytes *in, ber_tag *tag)
{
	struct bytes octets = *in, skipped;

	if (!ber_peek(octets, tag))
		return false;
	return bytes_take(in, *tag > 0xFFFF ? 3 : *tag > 0xFF ? 2 : 1, &skipped);
}

/* A tag as it is on the wire: without the zeros in front. */
static void tag_put(struct room *out, const uint8_t raw[static 3])
{
	if (raw[0] != 0)
		room_put_u8(out, raw[0]);
	if (raw[0] != 0 || raw[1] != 0)
		room_put_u8(out, raw[1]);
	room_put_u8(out, raw[2]);
}

/* 11.3.1: tag 5C asks for the list of tags. */
static uint16_t retrieve_tags(struct card *card, const struct file *file, struct room *reply)
{
	size_t mark = ber_open(reply, TAG_LIST);

	for (uint32_t row = 0; row < TLV_OBJECTS; row++) {
		uint8_t raw[4];
		if (fs_read(&card->fs, file->body_number, row * TLV_ROW_SIZE, raw, sizeof raw) !=
		    ERR_NONE)
			return SW_MEMORY;
		if (raw[0] == TLV_THERE)
			tag_put(reply, raw + 1);
	}
	ber_close(reply, mark);
	return SW_OK;
}

/* Gives the block that begins where the channel's transfer stands. */
static uint16_t retrieve_block(struct card *card, struct channel *channel, const struct file *file,
                               const struct apdu *apdu, struct room *reply)
{
	size_t n = apdu->has_le && apdu->le < RETRIEVE_BLOCK_MAX ? apdu->le : RETRIEVE_BLOCK_MAX;
	struct tlv object;
	uint8_t row;

	if (tlv_find(&card->fs, file->body_number, TLV_THERE, channel->tag, &row, &object) !=
	    ERR_NONE)
		return SW_NO_REFERENCED;
	if (apdu->p2 != BLOCK_AGAIN)
		channel->block_at = channel->block_end;
	if (channel->block_at >= object.len)
		return SW_CONDITIONS;
	size_t left = object.len - channel->block_at;
	if (n > left)
		n = left;
	uint8_t *at = room_claim(reply, n);
	if (at == NULL ||
	    tlv_read(&card->fs, file->body_number, &object, channel->block_at, at, n) != ERR_NONE)
		return SW_MEMORY;
	channel->block_end = channel->block_at + (uint32_t)n;
	return n < left ? SW_MORE_OBJECT_DATA : SW_OK;
}

uint16_t command_retrieve_data(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	struct bytes data = apdu->data;
	struct file file;
	ber_tag tag = 0;

	uint16_t sw = tlv_open(card, channel, apdu, ACCESS_READ, &file);
	if (sw != SW_OK)
		return sw;
	if (apdu->p2 == BLOCK_FIRST) {
		if (!tag_read(&data, &tag) || data.len != 0)
			return SW_WRONG_DATA;
		if (tag == TAG_LIST)
			return retrieve_tags(card, &file, reply);
		channel->transfer = TRANSFER_RETRIEVE;
		channel->tag = tag;
		channel->block_at = channel->block_end = 0;
	} else if (channel->transfer != TRANSFER_RETRIEVE || data.len != 0) {
		return SW_CONDITIONS;
	}
	return retrieve_block(card, channel, &file, apdu, reply);
}

/* The first block: tag, length and the value's beginning; or a tag alone, which deletes. */
static enum err set_first(struct card *card, struct channel *channel, const struct file *file,
                          struct bytes data)
{
	struct bytes in = data;
	struct tlv object;
	size_t len;
	ber_tag tag;

	if (!tag_read(&in, &tag))
		return ERR_TAG;
	if (in.len == 0)
		return tlv_remove(&card->fs, file->body_number, tag);
	in = data;
	TRY(ber_header(&in, &tag, &len));
	size_t whole = data.len - in.len + len;
	if (len > file->body.size)
		return ERR_FULL;
	if (in.len > len)
		return ERR_LENGTH;
	TRY(tlv_start(&card->fs, file->body_number, tag, (uint32_t)whole, &object));
	TRY(tlv_write(&card->fs, file->body_number, &object, 0, data));
	if (data.len == whole)
		return tlv_finish(&card->fs, file->body_number, tag);
	channel->transfer = TRANSFER_SET;
	channel->tag = tag;
	channel->block_at = 0;
	channel->block_end = (uint32_t)data.len;
	return ERR_NONE;
}

static enum err set_next(struct card *card, struct channel *channel, const struct file *file,
                         struct bytes data)
{
	struct tlv object;
	uint8_t row;

	TRY(tlv_find(&card->fs, file->body_number, TLV_COMING, channel->tag, &row, &object));
	TRY(tlv_write(&card->fs, file->body_number, &object, channel->block_end, data));
	channel->block_end += (uint32_t)data.len;
	if (channel->block_end < object.len)
		return ERR_NONE;
	channel->transfer = TRANSFER_NONE;
	return tlv_finish(&card->fs, file->body_number, channel->tag);
}

static uint16_t set_status(enum err err)
{
	switch ((unsigned)err) {
	case ERR_NONE:
		return SW_OK;
	case ERR_NOT_FOUND:
		return SW_NO_REFERENCED;
	case ERR_FULL:
		return SW_NO_SPACE;
	case ERR_IO:
	case ERR_CORRUPT:
		return SW_MEMORY;
	default:
		return SW_WRONG_DATA;
	}
}

uint16_t command_set_data(struct card *card, struct channel *channel, const struct apdu *apdu,
                          struct room *reply)
{
	struct file file;

	(void)reply;
	uint16_t sw = tlv_open(card, channel, apdu, ACCESS_UPDATE, &file);
	if (sw != SW_OK)
		return sw;
	if (apdu->p2 != BLOCK_FIRST && apdu->p2 != BLOCK_NEXT)
		return SW_WRONG_P1P2;
	if (apdu->data.len == 0)
		return SW_WRONG_LENGTH;
	if (apdu->p2 == BLOCK_NEXT && channel->transfer != TRANSFER_SET)
		return SW_CONDITIONS;
	if (apdu->p2 == BLOCK_FIRST)
		channel->transfer = TRANSFER_NONE;
	if (vault_begin(&card->vault) != ERR_NONE)
		return SW_MEMORY;
	enum err err = apdu->p2 == BLOCK_FIRST ? set_first(card, channel, &file, apdu->data)
	                                       : set_next(card, channel, &file, apdu->data);
	if (err == ERR_NONE)
		err = vault_commit(&card->vault);
	if (err != ERR_NONE) {
		channel->transfer = TRANSFER_NONE;
		return set_status(err);
	}
	return channel->transfer == TRANSFER_SET ? SW_MORE_EXPECTED : SW_OK;
}
