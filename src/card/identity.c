/* SPDX-License-Identifier: Apache-2.0 */
/* GET IDENTITY, TS 31.102 7.5: the SUCI, from files that only the card needs to read. */
#include "card/inside.h"
#include "card/suci.h"
#include "codec/ber.h"

#include <string.h>

enum {
	CONTEXT_SUCI = 0x01,
	TAG_SUCI = 0xA1,
	TYPE_SUCI_IMSI = 0x01, /* TS 24.501 9.11.3.4 octet 4: SUPI format IMSI, type SUCI */
	FID_IMSI = 0x6F07,
	FID_AD = 0x6FAD,
	FID_DF_5GS = 0x5FC0,
	FID_ROUTING_INDICATOR = 0x4F0A,
	FID_DF_SAIP = 0x5FD0,
	FID_SUCI_CALC_INFO_USIM = 0x4F01,
	SERVICE_PRIVACY = 124,
	SERVICE_SUCI_BY_USIM = 125,
	CALC_INFO_MAX = 255,
	IMSI_SIZE = 9,
	MCC_DIGITS = 3,
};

/* What a SUCI is made of. */
struct identity {
	uint8_t digits[IMSI_DIGITS_MAX];
	uint8_t count, mnc_digits;
	uint8_t routing[2];
	uint8_t scheme, key_id;
	struct bytes key; /* in `info` */
	uint8_t info[CALC_INFO_MAX];
};

/* Appends as much of a transparent file as the room takes; ERR_LENGTH when it has less than `least`. */
static enum err file_get(struct card *card, uint16_t directory, uint16_t fid, size_t least,
                         struct room *out)
{
	struct node node;
	uint16_t number;

	TRY(fs_child(&card->fs, directory, fid, &number));
	TRY(fs_target(&card->fs, number, &number));
	TRY(fs_node(&card->fs, number, &node));
	if (node.kind != NODE_TRANSPARENT || node.size < least)
		return ERR_LENGTH;
	size_t len = node.size < room_left(out) ? node.size : room_left(out);
	uint8_t *at = room_claim(out, len);
	return at == NULL ? ERR_ROOM : fs_read(&card->fs, number, 0, at, len);
}

/* TS 31.102 4.2.2: length, then digits low nibble first, the first nibble being type and parity. */
static enum err imsi_get(struct card *card, uint16_t adf, struct identity *id)
{
	uint8_t raw[IMSI_SIZE], ad[4];
	struct room imsi = ROOM(raw), data = ROOM(ad);

	TRY(file_get(card, adf, FID_IMSI, IMSI_SIZE, &imsi));
	if (raw[0] == 0 || raw[0] >= IMSI_SIZE)
		return ERR_VALUE;
	size_t digits = 2u * raw[0] - 1 - ((raw[1] & 0x08) == 0);
	for (size_t i = 0; i < digits; i++) {
		size_t nibble = i + 1;
		uint8_t octet = raw[1 + nibble / 2];
		id->digits[i] = nibble % 2 != 0 ? octet >> 4 : octet & 0x0F;
		if (id->digits[i] > 9)
			return ERR_VALUE;
	}
	id->count = (uint8_t)digits;
	/* 4.2.18: octet 4 of EF.AD tells how long the MNC is. */
	TRY(file_get(card, adf, FID_AD, sizeof ad, &data));
	id->mnc_digits = ad[3] & 0x0F;
	if ((id->mnc_digits != 2 && id->mnc_digits != 3) ||
	    digits <= (size_t)MCC_DIGITS + id->mnc_digits)
		return ERR_VALUE;
	return ERR_NONE;
}

static enum err routing_get(struct card *card, uint16_t adf, struct identity *id)
{
	struct room routing = ROOM(id->routing);
	uint16_t directory;

	/* TS 24.501: without one, the first digit is 0 and the others are left out. */
	id->routing[0] = 0xF0;
	id->routing[1] = 0xFF;
	if (fs_child(&card->fs, adf, FID_DF_5GS, &directory) != ERR_NONE)
		return ERR_NONE;
	enum err err = file_get(card, directory, FID_ROUTING_INDICATOR, 2, &routing);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* The n-th key of the list A1: pairs of 80 (identifier) and 81 (key); numbers begin with 1. */
static enum err key_find(struct bytes list, unsigned n, struct identity *id)
{
	struct bytes number, key;

	do {
		TRY(ber_read(&list, 0x80, &number));
		TRY(ber_read(&list, 0x81, &key));
	} while (n-- > 1);
	if (number.len != 1)
		return ERR_LENGTH;
	id->key_id = number.at[0];
	id->key = key;
	return ERR_NONE;
}

/* TS 31.102 4.4.11.8: A0 holds pairs of scheme and key number, the preferred first. The first that
 * this card can do is taken; where the list is empty, the null scheme. */
static enum err scheme_choose(struct card *card, uint16_t adf, struct identity *id)
{
	struct bytes in, schemes, keys, pair;
	struct room info = ROOM(id->info);
	uint16_t directory;

	id->scheme = SUCI_NULL;
	id->key_id = 0;
	TRY(fs_child(&card->fs, adf, FID_DF_SAIP, &directory));
	TRY(file_get(card, directory, FID_SUCI_CALC_INFO_USIM, 2, &info));
	in = room_used(&info);
	TRY(ber_read(&in, 0xA0, &schemes));
	TRY(ber_read_optional(&in, 0xA1, &keys));
	while (bytes_take(&schemes, 2, &pair)) {
		id->scheme = pair.at[0];
		if (id->scheme == SUCI_NULL)
			return ERR_NONE;
		if ((id->scheme == SUCI_PROFILE_A || id->scheme == SUCI_PROFILE_B) &&
		    pair.at[1] > 0 && key_find(keys, pair.at[1], id) == ERR_NONE)
			return ERR_NONE;
	}
	id->scheme = SUCI_NULL;
	return ERR_NONE;
}

/* Digits two an octet, the first in the low nibble, F behind an odd number of them. */
static void digits_put(struct room *out, const uint8_t *digits, size_t count)
{
	for (size_t i = 0; i < count; i += 2) {
		uint8_t high = i + 1 < count ? digits[i + 1] : 0x0F;
		room_put_u8(out, (uint8_t)(high << 4 | digits[i]));
	}
}

/* TS 24.501 9.11.3.4: MCC digit 2 and 1, MNC digit 3 (or F) and MCC digit 3, MNC digit 2 and 1. */
static void network_put(struct room *out, const struct identity *id)
{
	const uint8_t *d = id->digits, *mnc = id->digits + MCC_DIGITS;
	uint8_t third = id->mnc_digits == 3 ? mnc[2] : 0x0F;

	room_put_u8(out, (uint8_t)(d[1] << 4 | d[0]));
	room_put_u8(out, (uint8_t)(third << 4 | d[2]));
	room_put_u8(out, (uint8_t)(mnc[1] << 4 | mnc[0]));
}

static enum err suci_put(const struct identity *id, struct room *out)
{
	size_t known = MCC_DIGITS + (size_t)id->mnc_digits;
	uint8_t number[SUCI_PLAIN_MAX];
	struct room plain = ROOM(number);
	SECRET ephemeral = { .len = 0 };

	digits_put(&plain, id->digits + known, id->count - known);
	size_t mark = ber_open(out, TAG_SUCI);
	room_put_u8(out, TYPE_SUCI_IMSI);
	network_put(out, id);
	room_put(out, BYTES(id->routing));
	room_put_u8(out, id->scheme);
	room_put_u8(out, id->key_id);
	if (id->scheme == SUCI_NULL) {
		room_put(out, room_used(&plain)); /* TS 33.501 C.2 */
	} else {
		TRY(suci_generate(id->scheme, &ephemeral));
		TRY(suci_conceal(id->scheme, id->key, &ephemeral, room_used(&plain), out));
	}
	ber_close(out, mark);
	return ERR_NONE;
}

uint16_t command_get_identity(struct card *card, struct channel *channel, const struct apdu *apdu,
                              struct room *reply)
{
	uint16_t adf = channel->adf;
	struct identity id;

	if (apdu->p1 != 0)
		return SW_WRONG_P1P2;
	uint16_t sw = naa_permitted(card, channel);
	if (sw != SW_OK)
		return sw;
	if ((apdu->p2 & 0x7F) != CONTEXT_SUCI)
		return SW_CONTEXT;
	if (!naa_service(card, adf, SERVICE_PRIVACY) ||
	    !naa_service(card, adf, SERVICE_SUCI_BY_USIM))
		return SW_CONDITIONS;
	enum err err = imsi_get(card, adf, &id);
	if (err == ERR_NONE)
		err = routing_get(card, adf, &id);
	if (err == ERR_NONE)
		err = scheme_choose(card, adf, &id);
	if (err == ERR_NONE)
		err = suci_put(&id, reply);
	if (err == ERR_IO || err == ERR_CORRUPT)
		return SW_MEMORY;
	return err == ERR_NONE ? le_must_be(apdu, reply->len) : (uint16_t)SW_CONDITIONS;
}
