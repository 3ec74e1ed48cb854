/* SPDX-License-Identifier: Apache-2.0 */
/* READ BINARY and UPDATE BINARY, TS 102 221 11.1.3 and 11.1.4. */
#include "card/inside.h"

/* P1 bit 8: P1 is 100 and a short id, P2 the offset; otherwise P1 P2 is an offset of 15 bits. */
static uint16_t binary_open(struct card *card, struct channel *channel, const struct apdu *apdu,
                            enum access access, struct file *file, uint32_t *offset)
{
	uint8_t sfi = apdu->p1 & 0x80 ? apdu->p1 & 0x1F : 0;

	if ((apdu->p1 & 0x80) && ((apdu->p1 & 0x60) != 0 || sfi == 0 || sfi == 0x1F))
		return SW_WRONG_P1P2;
	*offset = apdu->p1 & 0x80 ? apdu->p2 : (uint32_t)(apdu->p1 << 8 | apdu->p2);
	uint16_t sw = file_current(card, channel, sfi, file);
	if (sw != SW_OK)
		return sw;
	if (file->body.kind != NODE_TRANSPARENT)
		return SW_INCOMPATIBLE;
	return file_usable(card, channel, file, access);
}

uint16_t command_read_binary(struct card *card, struct channel *channel, const struct apdu *apdu,
                             struct room *reply)
{
	struct file file;
	uint32_t offset;

	uint16_t sw = binary_open(card, channel, apdu, ACCESS_READ, &file, &offset);
	if (sw != SW_OK)
		return sw;
	if (offset >= file.body.size)
		return SW_WRONG_PARAMETERS;
	uint32_t there = file.body.size - offset, want = apdu->has_le ? apdu->le : 256;
	if (want > there) /* 7.3.1.1.2: 6Cxx tells how much there is */
		return (uint16_t)(SW_WRONG_LE | there);
	uint8_t *at = room_claim(reply, want);
	if (at == NULL || fs_read(&card->fs, file.body_number, offset, at, want) != ERR_NONE)
		return SW_MEMORY;
	return SW_OK;
}

uint16_t command_update_binary(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	struct file file;
	uint32_t offset;

	(void)reply;
	uint16_t sw = binary_open(card, channel, apdu, ACCESS_UPDATE, &file, &offset);
	if (sw != SW_OK)
		return sw;
	if (offset >= file.body.size)
		return SW_WRONG_PARAMETERS;
	if (apdu->data.len > file.body.size - offset)
		return SW_WRONG_LENGTH;
	if (vault_begin(&card->vault) != ERR_NONE ||
	    fs_write(&card->fs, file.body_number, offset, apdu->data) != ERR_NONE ||
	    vault_commit(&card->vault) != ERR_NONE)
		return SW_MEMORY;
	return SW_OK;
}
