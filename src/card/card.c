/* SPDX-License-Identifier: Apache-2.0 */
/* Power, reset, and the path of a command: read it, run it, shape its answer for T=0 or T=1. */
#include "card/card.h"

#include "card/inside.h"

#include <string.h>

enum { INS_GET_RESPONSE = 0xC0 };

/* TS 102 221 6.3: T=0 first, then T=15 with clock stop and class in TA3 and, in TB3, eUICC functions
 * (table 6.7). Historical octets: selection by AID, path and SFI, BER-TLV data objects, eight or more
 * logical channels that either side may assign, and the issuer's data. */
static const uint8_t atr[] = {
	0x3B, 0x9D, 0x96, 0x80, 0x3F, 0xC7, 0x82, 0x80, 0x31, 0xE0, 0x73,
	0xFE, 0x21, 0x1F, 0x55, 'A',  's',  's',  'a',  'y',  0x1F,
};

static void session_clear(struct card *card)
{
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		channel_enter(&card->channels[i]);
		card->channels[i].open = i == 0;
	}
	pin_forget_all(card);
	wipe(card->pending, sizeof card->pending);
	card->pending_len = card->pending_at = 0;
	card->proactive_len = 0;
	card->proactive_fetched = false;
	card->terminal_profile = card->terminal_refresh = false;
}

/* The enabled profile's tree, or none. */
static void mount(struct card *card)
{
	uint8_t slot = profile_enabled(card);
	uint8_t volume = (uint8_t)(PROFILE_VOLUME + slot);

	if (slot == 0 || fs_open(&card->fs, &card->vault, volume) != ERR_NONE ||
	    fs_index(&card->fs, &card->index) != ERR_NONE)
		card->fs = (struct fs){ .vault = &card->vault };
	card->switching = false;
}

static void power_on(struct card *card)
{
	card->staging.len = 0;
	session_clear(card);
	isdr_reset(&card->isdr);
	pairing_reset(card);
	mount(card);
	card_check(card);
}

enum err card_format(struct card *card, const struct card_ports *ports)
{
	memset(card, 0, sizeof *card);
	TRY(vault_format(&card->vault, &ports->flash, ports->seal));
	power_on(card);
	return ERR_NONE;
}

enum err card_init(struct card *card, const struct card_ports *ports)
{
	memset(card, 0, sizeof *card);
	TRY(vault_open(&card->vault, &ports->flash, ports->seal));
	power_on(card);
	return ERR_NONE;
}

struct bytes card_reset(struct card *card)
{
	vault_abort(&card->vault);
	staging_drop(card);
	power_on(card);
	return BYTES(atr);
}

void card_switch(struct card *card)
{
	pin_forget_all(card);
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		struct channel *channel = &card->channels[i];
		/* An LPA goes on talking to the ISD-R; everything else was the old profile's. */
		if (channel->open && channel->app == APP_ISDR)
			continue;
		bool open = i == 0;
		channel_enter(channel);
		channel->open = open;
	}
	mount(card);
}

/* --- answers ------------------------------------------------------------------------------ */

static void status_put(struct room *reply, uint16_t sw)
{
	room_put_u16(reply, sw);
}

static bool carries_data(uint16_t sw)
{
	return sw == SW_OK || sw >> 8 == 0x62 || sw >> 8 == 0x63;
}

/* 7.4.2.2: where all went well and a proactive command waits, 91xx says so. */
static uint16_t with_proactive(const struct card *card, uint16_t sw)
{
	if (sw != SW_OK || card->proactive_len == 0 || card->proactive_fetched ||
	    !card->terminal_profile)
		return sw;
	return (uint16_t)(SW_PROACTIVE | card->proactive_len);
}

static uint16_t pending_word(const struct card *card)
{
	size_t left = (size_t)(card->pending_len - card->pending_at);

	return (uint16_t)(SW_MORE_DATA | (left > 0xFF ? 0 : left));
}

/* Gives n octets of what is pending, and 61xx or the command's own status word. */
static uint16_t pending_take(struct card *card, size_t n, struct room *reply)
{
	room_put(reply, (struct bytes){ card->pending + card->pending_at, n });
	card->pending_at = (uint16_t)(card->pending_at + n);
	if (card->pending_at < card->pending_len)
		return pending_word(card);
	uint16_t sw = card->pending_status;
	wipe(card->pending, card->pending_len);
	card->pending_len = card->pending_at = 0;
	return with_proactive(card, sw);
}

/* Data of a command that carried data itself waits for GET RESPONSE (7.3.1.1.4), unless Le was there
 * already, as T=1 sends it. */
static uint16_t answer_two_way(struct card *card, const struct apdu *apdu, struct bytes data,
                               uint16_t sw, struct room *reply)
{
	ASSERT(data.len <= CARD_REPLY_MAX);
	memcpy(card->pending, data.at, data.len);
	card->pending_len = (uint16_t)data.len;
	card->pending_at = 0;
	card->pending_status = sw;
	card->pending_channel = apdu->channel;
	if (!apdu->has_le)
		return pending_word(card);
	return pending_take(card, apdu->le < data.len ? apdu->le : data.len, reply);
}

static uint16_t get_response(struct card *card, const struct apdu *apdu, struct room *reply)
{
	size_t left = (size_t)(card->pending_len - card->pending_at);

	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (apdu->data.len != 0)
		return SW_WRONG_LENGTH;
	if (left == 0 || card->pending_channel != apdu->channel)
		return SW_CONDITIONS;
	size_t want = apdu->has_le ? apdu->le : 256;
	if (want > left)
		return (uint16_t)(SW_WRONG_LE | left);
	return pending_take(card, want, reply);
}

/* --- commands ----------------------------------------------------------------------------- */

static uint16_t refuse(const struct card *card, enum err err, const struct apdu *apdu)
{
	if (err == ERR_VALUE)
		return SW_CLA;
	if (err != ERR_NONE)
		return SW_WRONG_LENGTH;
	if (apdu->channel >= CARD_CHANNELS || !card->channels[apdu->channel].open)
		return SW_CHANNEL;
	if (apdu->security != 0)
		return SW_SECURE_MESSAGING;
	if (apdu->chained)
		return SW_CHAINING;
	return SW_OK;
}

static uint16_t command_run(struct card *card, const struct apdu *apdu, struct room *reply)
{
	uint8_t data[256];
	struct room out = ROOM(data);
	bool two_way;

	if (apdu->ins == INS_GET_RESPONSE) {
		if (isdr_pending(card, apdu->channel))
			return with_proactive(card, isdr_run(card, apdu->channel, apdu, reply));
		return get_response(card, apdu, reply);
	}
	/* GET RESPONSE comes at once or never. */
	card->pending_len = card->pending_at = 0;

	uint16_t sw = commands_run(card, apdu, &out, &two_way);
	if (out.full)
		return SW_TECHNICAL;
	if (out.len == 0 || !carries_data(sw))
		sw = with_proactive(card, sw);
	else if (two_way)
		sw = answer_two_way(card, apdu, room_used(&out), sw, reply);
	else
		room_put(reply, room_used(&out));
	wipe(data, out.len);
	return out.len > 0 && !two_way ? with_proactive(card, sw) : sw;
}

void card_run(struct card *card, struct bytes command, struct room *reply)
{
	struct apdu apdu;
	enum err err = apdu_read(command, &apdu);
	uint16_t sw = refuse(card, err, &apdu);

	if (sw == SW_OK)
		sw = command_run(card, &apdu, reply);
	/* Whoever failed half-way left nothing behind. */
	vault_abort(&card->vault);
	card_check(card);
	status_put(reply, sw);
}

void card_check(const struct card *card)
{
	vault_check(&card->vault);
	fs_check(&card->fs);
	ASSERT(!vault_in_transaction(&card->vault));
	ASSERT(card->channels[0].open); /* TS 102 221 8.7: the basic channel is always open */
	ASSERT(card->pending_at <= card->pending_len && card->pending_len <= CARD_REPLY_MAX);
	ASSERT(card->proactive_len <= CARD_PROACTIVE_MAX);
	ASSERT(!card->proactive_fetched || card->proactive_len > 0);
	ASSERT(card->pairing.mode < PAIRING_MODES);
	ASSERT(!card->pairing.proven || card->pairing.mode != PAIRING_OFF);
	for (unsigned i = 0; i < CARD_CHANNELS; i++) {
		const struct channel *channel = &card->channels[i];
		ASSERT((channel->app == APP_ADF) == (channel->adf != FS_NO_NODE));
		ASSERT(channel->df < FS_NODES_MAX);
		ASSERT(channel->block_at <= channel->block_end);
		if (card->fs.volume == 0)
			ASSERT(channel->adf == FS_NO_NODE && channel->ef == FS_NO_NODE);
	}
	for (unsigned i = 0; i < CARD_PINS; i++)
		ASSERT(card->verified[i] == FS_NO_NODE || card->verified[i] < card->fs.nodes);
}
