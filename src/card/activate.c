/* SPDX-License-Identifier: Apache-2.0 */
/* DEACTIVATE FILE and ACTIVATE FILE, TS 102 221 11.1.14 and 11.1.15. */
#include "card/inside.h"

/* P1: 00 by file id (or the current EF), 08 by path from the MF, 09 by path from the current DF. */
static uint16_t meant(struct card *card, const struct channel *channel, const struct apdu *apdu,
                      uint16_t *number)
{
	struct bytes path = apdu->data;
	uint16_t from = apdu->p1 == 0x08 ? FS_MF : channel->df;

	if (apdu->p2 != 0 || (apdu->p1 != 0x00 && apdu->p1 != 0x08 && apdu->p1 != 0x09))
		return SW_WRONG_P1P2;
	if (path.len == 0) {
		*number = channel->ef;
		return channel->ef != FS_NO_NODE ? SW_OK : SW_NO_EF;
	}
	if (path.len % 2 != 0 || (apdu->p1 == 0x00 && path.len != 2))
		return SW_WRONG_LENGTH;
	return fs_path(&card->fs, from, channel->adf, path, number) == ERR_NONE ? SW_OK
	                                                                        : SW_NO_FILE;
}

static uint16_t set_state(struct card *card, struct channel *channel, const struct apdu *apdu,
                          enum access access, enum lcsi state)
{
	struct node file;
	uint16_t number;

	uint16_t sw = meant(card, channel, apdu, &number);
	if (sw != SW_OK)
		return sw;
	if (fs_node(&card->fs, number, &file) != ERR_NONE)
		return SW_MEMORY;
	if (!node_is_file(&file))
		return SW_INCOMPATIBLE;
	if (file.lcsi == LCSI_TERMINATED)
		return SW_CONDITIONS;
	sw = access_check(card, channel, number, &file, access);
	if (sw != SW_OK)
		return sw;
	/* The file becomes the current EF (11.1.14). */
	channel->ef = number;
	channel->df = file.parent;
	channel->record = 0;
	file.lcsi = (uint8_t)state;
	if (vault_begin(&card->vault) != ERR_NONE || fs_set(&card->fs, number, &file) != ERR_NONE ||
	    vault_commit(&card->vault) != ERR_NONE)
		return SW_MEMORY;
	return SW_OK;
}

uint16_t command_activate_file(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	(void)reply;
	return set_state(card, channel, apdu, ACCESS_ACTIVATE, LCSI_ACTIVATED);
}

uint16_t command_deactivate_file(struct card *card, struct channel *channel,
                                 const struct apdu *apdu, struct room *reply)
{
	(void)reply;
	return set_state(card, channel, apdu, ACCESS_DEACTIVATE, LCSI_DEACTIVATED);
}
