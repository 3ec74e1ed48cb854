/* SPDX-License-Identifier: Apache-2.0 */
/* Logical channels (TS 102 221 8.7, 11.1.17) and the current file of a channel. */
#include "card/inside.h"

#include <string.h>

void channel_enter(struct channel *channel)
{
	*channel = (struct channel){
		.open = true,
		.app = APP_NONE,
		.adf = FS_NO_NODE,
		.df = FS_MF,
		.ef = FS_NO_NODE,
	};
}

static bool adf_in_use(const struct card *card, const struct channel *except, uint16_t adf)
{
	for (unsigned i = 0; i < CARD_CHANNELS; i++)
		if (&card->channels[i] != except && card->channels[i].open &&
		    card->channels[i].adf == adf)
			return true;
	return false;
}

void channel_leave(struct card *card, struct channel *channel)
{
	uint8_t number = channel_number(card, channel);

	if (channel->app == APP_ISDR)
		isdr_close(card, number);
	/* TS 102 221 9.4.3: a local PIN is verified for as long as its application is active. */
	if (channel->adf != FS_NO_NODE && !adf_in_use(card, channel, channel->adf))
		pin_forget_scope(card, channel->adf);
	channel->app = APP_NONE;
	channel->adf = FS_NO_NODE;
	channel->transfer = TRANSFER_NONE;
}

/* 11.1.17: from the basic channel the new one starts at the MF; from another one it starts where that
 * one is. */
static uint16_t channel_open(struct card *card, const struct channel *origin,
                             const struct apdu *apdu, struct room *reply)
{
	uint8_t number = apdu->p2;

	if (number >= CARD_CHANNELS)
		return SW_FUNCTION;
	if (number == 0)
		for (number = 1; number < CARD_CHANNELS && card->channels[number].open; number++)
			;
	if (number == CARD_CHANNELS || card->channels[number].open)
		return SW_FUNCTION;
	if (apdu->p2 == 0) {
		uint16_t sw = le_must_be(apdu, 1);
		if (sw != SW_OK)
			return sw;
		room_put_u8(reply, number);
	}
	channel_enter(&card->channels[number]);
	if (origin != &card->channels[0] && origin->app != APP_ISDR && origin->app != APP_ECASD &&
	    origin->app != APP_DOMAIN) {
		card->channels[number].app = origin->app;
		card->channels[number].adf = origin->adf;
		card->channels[number].df = origin->df;
	}
	return SW_OK;
}

uint16_t command_manage_channel(struct card *card, struct channel *channel, const struct apdu *apdu,
                                struct room *reply)
{
	uint8_t number = apdu->p2;

	if (apdu->p1 == 0x00)
		return channel_open(card, channel, apdu, reply);
	if (apdu->p1 != 0x80)
		return SW_WRONG_P1P2;
	if (number == 0 || number >= CARD_CHANNELS || !card->channels[number].open)
		return SW_CHANNEL;
	channel_leave(card, &card->channels[number]);
	card->channels[number].open = false;
	if (card->pending_channel == number)
		card->pending_len = 0;
	return SW_OK;
}

static uint16_t choose(struct card *card, struct channel *channel, uint8_t sfi)
{
	struct fs_query query = {
		0, channel->df, -1, sfi, NODE_TRANSPARENT, NODE_BER_TLV, {NULL, 0}
	};
	uint16_t number;

	if (fs_find(&card->fs, &query, &number, NULL) != ERR_NONE)
		return SW_NO_FILE;
	channel->ef = number;
	channel->record = 0; /* TS 102 221 8.2.2.2: choosing by SFI unsets the pointer */
	channel->transfer = TRANSFER_NONE;
	return SW_OK;
}

uint16_t file_current(struct card *card, struct channel *channel, uint8_t sfi, struct file *out)
{
	if (sfi != 0) {
		uint16_t sw = choose(card, channel, sfi);
		if (sw != SW_OK)
			return sw;
	}
	if (channel->ef == FS_NO_NODE)
		return SW_NO_EF;
	out->number = channel->ef;
	if (fs_node(&card->fs, out->number, &out->node) != ERR_NONE ||
	    fs_target(&card->fs, out->number, &out->body_number) != ERR_NONE ||
	    fs_node(&card->fs, out->body_number, &out->body) != ERR_NONE)
		return SW_MEMORY;
	return SW_OK;
}
