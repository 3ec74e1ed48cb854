/* SPDX-License-Identifier: Apache-2.0 */
/* The three commands of the pairing, docs/protocol.md. A card without pairing does not know them. */
#include "card/inside.h"
#include "card/pairing_parts.h"

#include "card/euicc.h"

#include <string.h>

/* What each command refuses before it looks closer. */
static uint16_t admit(const struct card *card, const struct apdu *apdu)
{
	if (!card->pairing.known)
		return SW_INS;
	return apdu->p1 != 0 || apdu->p2 != 0 ? SW_WRONG_P1P2 : SW_OK;
}

uint16_t command_pairing_challenge(struct card *card, struct channel *channel,
                                   const struct apdu *apdu, struct room *reply)
{
	struct pairing *pairing = &card->pairing;
	uint8_t eid[EID_SIZE], id[PAIRING_KEY_ID_SIZE];
	struct pairing_answer answer = { BYTES(pairing->challenge), BYTES(eid), { 0 } };

	(void)channel;
	uint16_t sw = admit(card, apdu);
	if (sw != SW_OK)
		return sw;
	if (euicc_eid(card, eid) != ERR_NONE ||
	    pairing_status_get(card, id, &answer.status) != ERR_NONE)
		return SW_MEMORY;
	/* A new challenge makes the old one void: at most one is open. */
	pairing->challenged = false;
	if (crypto_random(pairing->challenge, sizeof pairing->challenge) != ERR_NONE)
		return SW_TECHNICAL;
	pairing_answer_put(reply, &answer);
	sw = le_must_be(apdu, reply->len);
	pairing->challenged = sw == SW_OK;
	return sw;
}

static enum err prove(struct card *card, struct bytes data)
{
	struct pairing *pairing = &card->pairing;
	struct pairing_record record;
	struct bytes parts[PAIRING_PARTS], signature;
	uint8_t eid[EID_SIZE];

	if (!pairing->challenged)
		return ERR_ORDER;
	pairing->challenged = false; /* one challenge, one try */
	TRY(pairing_proof_read(data, &signature));
	TRY(pairing_load(card, &record));
	if (record.mode == PAIRING_OFF || record.key[0] == 0)
		return ERR_ORDER;
	TRY(euicc_eid(card, eid));
	pairing_proof_parts(BYTES(pairing->challenge), BYTES(eid), parts);
	TRY(crypto_ecdsa_verify(EC_P256, record.key, parts, PAIRING_PARTS, signature.at));
	TRY(pairing_note_proven(card));
	pairing->proven = true;
	return ERR_NONE;
}

/* 6982 where a signature is not good; everything else as everywhere. */
static uint16_t answer_of(enum err err)
{
	return err == ERR_SIGNATURE ? (uint16_t)SW_SECURITY_STATUS : status_of(err);
}

uint16_t command_pairing_prove(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	(void)channel;
	(void)reply;
	uint16_t sw = admit(card, apdu);
	return sw != SW_OK ? sw : answer_of(prove(card, apdu->data));
}

/* check_order makes the verifications in their order: whose it is, for whom, whether it is new, and whether
 * what comes of it can work. */
static enum err check_order(struct card *card, const struct pairing_order *order,
                            const struct pairing_record *record)
{
	struct bytes parts[PAIRING_ORDER_PARTS];
	uint8_t eid[EID_SIZE];

	if (record->authority[0] == 0)
		return ERR_ORDER;
	pairing_order_parts(order->signed_part, parts);
	TRY(crypto_ecdsa_verify(EC_P256, record->authority, parts, PAIRING_ORDER_PARTS,
	                        order->signature.at));
	TRY(euicc_eid(card, eid));
	if (!bytes_same(order->eid, BYTES(eid)))
		return ERR_NOT_FOUND;
	if (order->number <= record->orders)
		return ERR_ORDER;
	if (order->key.at != NULL)
		TRY(pairing_point_check(order->key));
	else if (order->mode != PAIRING_OFF && record->key[0] == 0)
		return ERR_VALUE;
	return ERR_NONE;
}

static enum err carry_out(struct card *card, struct bytes data)
{
	struct pairing_record record;
	struct pairing_order order;

	TRY(pairing_order_read(data, &order));
	TRY(pairing_load(card, &record));
	TRY(check_order(card, &order, &record));
	record.mode = order.mode;
	record.orders = order.number;
	if (order.key.at != NULL)
		memcpy(record.key, order.key.at, EC_POINT_SIZE);
	TRY(vault_begin(&card->vault));
	enum err err = pairing_store(card, &record);
	if (err == ERR_NONE)
		err = vault_commit(&card->vault);
	else
		vault_abort(&card->vault);
	TRY(err);
	pairing_reset(card); /* what was proved was proved to the pairing before */
	return ERR_NONE;
}

uint16_t command_pairing_order(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	(void)channel;
	(void)reply;
	uint16_t sw = admit(card, apdu);
	if (sw != SW_OK)
		return sw;
	enum err err = carry_out(card, apdu->data);
	return err == ERR_NOT_FOUND ? (uint16_t)SW_NO_REFERENCED : answer_of(err);
}
