/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card application toolkit as far as an eUICC needs it: it learns what the terminal can do, and
 * asks for a REFRESH when the enabled profile has changed (TS 102 221 11.2, TS 102 223 6.4.7).
 */
#include "card/inside.h"
#include "codec/ber.h"

#include <string.h>

enum {
	PROACTIVE_REFRESH = 0x01,
	REFRESH_UICC_RESET = 0x04,  /* TS 102 223 8.6: qualifier of REFRESH */
	PROFILE_REFRESH_OCTET = 2,  /* TS 102 223 5.2, third octet, bit 8 */
	TAG_SMS_PP_DOWNLOAD = 0xD1, /* TS 31.111 */
};

enum err card_refresh(struct card *card)
{
	static const uint8_t command[] = {
		0xD0,
		0x09,
		0x81,
		0x03,
		0x01,
		PROACTIVE_REFRESH,
		REFRESH_UICC_RESET, /* command details */
		0x82,
		0x02,
		0x81,
		0x82, /* from the UICC to the terminal */
	};

	if (card->proactive_len != 0)
		return ERR_BUSY;
	card->switching = true;
	if (!card->terminal_refresh)
		return ERR_NONE;
	_Static_assert(sizeof command <= CARD_PROACTIVE_MAX, "the command fits");
	memcpy(card->proactive, command, sizeof command);
	card->proactive_len = sizeof command;
	card->proactive_fetched = false;
	return ERR_NONE;
}

uint16_t command_terminal_profile(struct card *card, struct channel *channel,
                                  const struct apdu *apdu, struct room *reply)
{
	struct bytes octet;

	(void)channel;
	(void)reply;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (apdu->data.len == 0)
		return SW_WRONG_LENGTH;
	card->terminal_profile = true;
	card->terminal_refresh = bytes_slice(apdu->data, PROFILE_REFRESH_OCTET, 1, &octet) &&
	                         (octet.at[0] & 0x80) != 0;
	return SW_OK;
}

/* 11.1.19: what the terminal is able to do; nothing in it changes what this card does. */
uint16_t command_terminal_capability(struct card *card, struct channel *channel,
                                     const struct apdu *apdu, struct room *reply)
{
	struct bytes in = apdu->data, value;

	(void)card;
	(void)channel;
	(void)reply;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (ber_read(&in, 0xA9, &value) != ERR_NONE || in.len != 0)
		return SW_WRONG_DATA;
	return SW_OK;
}

/* Event downloads and the like are taken note of; there is no applet that would answer. Secured
 * packets need one. */
uint16_t command_envelope(struct card *card, struct channel *channel, const struct apdu *apdu,
                          struct room *reply)
{
	struct bytes in = apdu->data, value;
	ber_tag tag;

	(void)card;
	(void)channel;
	(void)reply;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (ber_next(&in, &tag, &value) != ERR_NONE || in.len != 0)
		return SW_WRONG_DATA;
	return tag == TAG_SMS_PP_DOWNLOAD ? SW_CONDITIONS : SW_OK;
}

uint16_t command_fetch(struct card *card, struct channel *channel, const struct apdu *apdu,
                       struct room *reply)
{
	(void)channel;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (card->proactive_len == 0 || card->proactive_fetched)
		return SW_CONDITIONS;
	uint16_t sw = le_must_be(apdu, card->proactive_len);
	if (sw != SW_OK)
		return sw;
	room_put(reply, (struct bytes){ card->proactive, card->proactive_len });
	card->proactive_fetched = true;
	return SW_OK;
}

/* Command details come first; comprehension bits may be set or not (TS 102 223 7.1, 6.8). */
static bool answers_ours(struct bytes in)
{
	struct bytes details;
	ber_tag tag;

	if (ber_next(&in, &tag, &details) != ERR_NONE || (tag & 0x7F) != 0x01 || details.len != 3)
		return false;
	return details.at[1] == PROACTIVE_REFRESH;
}

/* Whatever the result says, the terminal has been told; SGP.22 3.2.1 lets the switch go ahead. */
uint16_t command_terminal_response(struct card *card, struct channel *channel,
                                   const struct apdu *apdu, struct room *reply)
{
	(void)channel;
	(void)reply;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (!card->proactive_fetched)
		return SW_CONDITIONS;
	if (!answers_ours(apdu->data))
		return SW_WRONG_DATA;
	card->proactive_len = 0;
	card->proactive_fetched = false;
	if (card->switching)
		card_switch(card);
	return SW_OK;
}
