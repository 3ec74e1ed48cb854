/* SPDX-License-Identifier: Apache-2.0 */
/* Records, counts, gate and report of the pairing; its three commands are in pairing_commands.c. */
#include "card/pairing_parts.h"

#include "card/euicc.h"
#include "vault/record.h"

#include <string.h>

/* Record 0: mode, number of the last order, the two points. Record 1: last, refused, missed; apart, since
 * it changes often and the other must not wear with it. */
enum {
	RECORD_SETTINGS = 0,
	RECORD_COUNTS = 1,
	SETTINGS_SIZE = 1 + 4 + 2 * EC_POINT_SIZE,
	COUNTS_SIZE = 1 + 4 + 4,
	EXACT_BITS = 8, /* below 256, counts are exact */
};

static uint32_t number_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

enum err pairing_load(struct card *card, struct pairing_record *out)
{
	uint8_t raw[SETTINGS_SIZE];

	TRY(record_read(&card->vault, record_key(EUICC_PAIRING, RECORD_SETTINGS), 0, raw,
	                sizeof raw));
	if (raw[0] >= PAIRING_MODES)
		return ERR_CORRUPT;
	out->mode = raw[0];
	out->orders = number_at(raw + 1);
	memcpy(out->key, raw + 5, EC_POINT_SIZE);
	memcpy(out->authority, raw + 5 + EC_POINT_SIZE, EC_POINT_SIZE);
	return ERR_NONE;
}

enum err pairing_store(struct card *card, const struct pairing_record *record)
{
	uint8_t raw[SETTINGS_SIZE];
	struct room room = ROOM(raw);

	room_put_u8(&room, record->mode);
	room_put_u32(&room, record->orders);
	room_put(&room, BYTES(record->key));
	room_put(&room, BYTES(record->authority));
	return record_put(&card->vault, record_key(EUICC_PAIRING, RECORD_SETTINGS), BYTES(raw));
}

static enum err counts_load(struct card *card, struct pairing_status *status)
{
	uint8_t raw[COUNTS_SIZE];

	TRY(record_read(&card->vault, record_key(EUICC_PAIRING, RECORD_COUNTS), 0, raw,
	                sizeof raw));
	if (raw[0] >= PAIRING_LASTS)
		return ERR_CORRUPT;
	status->last = raw[0];
	status->refused = number_at(raw + 1);
	status->missed = number_at(raw + 5);
	return ERR_NONE;
}

static enum err counts_store(struct card *card, const struct pairing_status *status)
{
	uint8_t raw[COUNTS_SIZE];
	struct room room = ROOM(raw);

	room_put_u8(&room, status->last);
	room_put_u32(&room, status->refused);
	room_put_u32(&room, status->missed);
	return record_put(&card->vault, record_key(EUICC_PAIRING, RECORD_COUNTS), BYTES(raw));
}

void pairing_reset(struct card *card)
{
	struct pairing_record record;
	enum err err = pairing_load(card, &record);

	wipe(&card->pairing, sizeof card->pairing);
	card->pairing.known = err != ERR_NOT_FOUND;
	/* A record that cannot be read any more is no way to be rid of the pairing. */
	card->pairing.mode = err == ERR_NONE        ? record.mode
	                     : err == ERR_NOT_FOUND ? (uint8_t)PAIRING_OFF
	                                            : (uint8_t)PAIRING_ENFORCE;
}

/* --- counting ------------------------------------------------------------------------------ */

/* Above 255 a count goes up by 2^k with probability 2^-k: right in the mean, and the flash sees at most
 * 128 writes for each doubling, however often somebody switches the card on. */
static enum err count_up(uint32_t *count)
{
	uint8_t dice[4];
	unsigned shift = 0;

	while (*count >> (EXACT_BITS + shift) != 0)
		shift++;
	TRY(crypto_random(dice, sizeof dice));
	uint32_t step = 1u << shift;
	if ((number_at(dice) & (step - 1)) == 0)
		*count = *count > UINT32_MAX - step ? UINT32_MAX : *count + step;
	return ERR_NONE;
}

/* Writes only where something changed. */
static enum err counts_change(struct card *card, uint8_t last, bool refused, bool missed)
{
	struct pairing_status before = { 0 }, after;

	TRY(counts_load(card, &before));
	after = before;
	after.last = last;
	if (refused)
		TRY(count_up(&after.refused));
	if (missed)
		TRY(count_up(&after.missed));
	if (after.last == before.last && after.refused == before.refused &&
	    after.missed == before.missed)
		return ERR_NONE;
	TRY(vault_begin(&card->vault));
	enum err err = counts_store(card, &after);
	if (err == ERR_NONE)
		return vault_commit(&card->vault);
	vault_abort(&card->vault);
	return err;
}

enum err pairing_gate(struct card *card)
{
	struct pairing *pairing = &card->pairing;
	bool refuse = pairing->mode == PAIRING_ENFORCE;

	if (pairing->mode == PAIRING_OFF || pairing->proven)
		return ERR_NONE;
	/* Counting must not decide: where it fails the answer is the same, and the next one tries again. */
	if (!pairing->counted)
		pairing->counted = counts_change(card, PAIRING_MISSED, refuse, !refuse) == ERR_NONE;
	return refuse ? ERR_ORDER : ERR_NONE;
}

enum err pairing_note_proven(struct card *card)
{
	return counts_change(card, PAIRING_PROVEN, false, false);
}

/* --- saying ---------------------------------------------------------------------------------- */

enum err pairing_status_get(struct card *card, uint8_t id[static PAIRING_KEY_ID_SIZE],
                            struct pairing_status *out)
{
	struct pairing_record record;

	*out = (struct pairing_status){ 0 };
	TRY(pairing_load(card, &record));
	TRY(counts_load(card, out));
	out->mode = record.mode;
	out->proven = card->pairing.proven;
	out->orders = record.orders;
	if (record.key[0] == 0)
		return ERR_NONE;
	TRY(pairing_key_id(record.key, id));
	out->key_id = (struct bytes){ id, PAIRING_KEY_ID_SIZE };
	return ERR_NONE;
}

enum err pairing_report(struct card *card, struct room *out)
{
	uint8_t id[PAIRING_KEY_ID_SIZE];
	struct pairing_status status;

	if (card->pairing.mode == PAIRING_OFF)
		return ERR_NONE;
	TRY(pairing_status_get(card, id, &status));
	pairing_report_put(out, &status);
	return ERR_NONE;
}

/* --- being set ------------------------------------------------------------------------------- */

enum err pairing_point_check(struct bytes point)
{
	static const uint8_t no_signature[EC_SIGNATURE_SIZE];
	struct bytes nothing = { point.at, 0 };

	if (point.len != EC_POINT_SIZE || point.at[0] != 0x04)
		return ERR_VALUE;
	/* The port says ERR_VALUE of a point that is not on the curve, before it looks at the signature. */
	enum err err = crypto_ecdsa_verify(EC_P256, point.at, &nothing, 1, no_signature);
	return err == ERR_SIGNATURE ? ERR_NONE : err == ERR_NONE ? ERR_VALUE : err;
}

static enum err point_take(struct bytes point, uint8_t to[static EC_POINT_SIZE])
{
	if (point.at == NULL)
		return ERR_NONE;
	TRY(pairing_point_check(point));
	memcpy(to, point.at, EC_POINT_SIZE);
	return ERR_NONE;
}

enum err pairing_personalise(struct card *card, const struct pairing_settings *settings)
{
	struct pairing_record record = { .mode = settings->mode };
	struct pairing_status none = { 0 };

	if (settings->mode >= PAIRING_MODES ||
	    (settings->mode != PAIRING_OFF && settings->key.at == NULL))
		return ERR_VALUE;
	if (settings->key.at == NULL && settings->authority.at == NULL)
		return ERR_NONE;
	TRY(point_take(settings->key, record.key));
	TRY(point_take(settings->authority, record.authority));
	TRY(pairing_store(card, &record));
	return counts_store(card, &none);
}
