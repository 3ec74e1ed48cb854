/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VERIFY, CHANGE, DISABLE, ENABLE and UNBLOCK PIN (TS 102 221 11.1.9 to 11.1.13). A try is counted,
 * durably, before the presented value is compared: cutting the power does not give tries back.
 */
#include "card/inside.h"
#include "card/pin.h"

#include <string.h>

/* A PIN or PUK under a command. */
struct key {
	uint16_t number;
	struct node node;
};

static void key_clear(struct key *key)
{
	wipe(key, sizeof *key);
}

/* Like SECRET: the value does not stay on the stack (R7). */
#define KEY __attribute__((cleanup(key_clear))) struct key

static enum err key_store(struct card *card, const struct key *key)
{
	TRY(vault_begin(&card->vault));
	TRY(fs_set(&card->fs, key->number, &key->node));
	return vault_commit(&card->vault);
}

/* P2: 01 to 1F global, 81 to 9F local to the current directory (TS 102 221 table 9.3). */
static uint16_t key_open(struct card *card, const struct channel *channel, uint8_t reference,
                         struct key *out)
{
	if ((reference & 0x60) != 0 || (reference & 0x1F) == 0)
		return SW_WRONG_P1P2;
	if (pin_find(card, channel, channel->df, reference, &out->number, &out->node) != ERR_NONE)
		return SW_NO_REFERENCED;
	return SW_OK;
}

static uint16_t tries_left(const struct key *key)
{
	return key->node.pin_left == 0 ? SW_BLOCKED
	                               : (uint16_t)(SW_TRIES_LEFT | key->node.pin_left);
}

/* Compares and keeps the count; SW_OK when the value is right. The caller stores what else changes. */
static uint16_t present(struct card *card, struct key *key, struct bytes value)
{
	struct bytes stored = { key->node.pin_value, PIN_SIZE };

	if (key->node.pin_left == 0)
		return SW_BLOCKED;
	key->node.pin_left--;
	if (key_store(card, key) != ERR_NONE)
		return SW_MEMORY;
	if (!secret_same(stored, value)) {
		if (key->node.kind == NODE_PIN)
			pin_forget(card, key->number);
		return (uint16_t)(SW_TRIES_LEFT | key->node.pin_left);
	}
	key->node.pin_left = key->node.pin_max;
	return SW_OK;
}

static void note_verified(struct card *card, uint16_t number)
{
	pin_forget(card, number);
	for (unsigned i = 0; i < CARD_PINS; i++) {
		if (card->verified[i] == FS_NO_NODE) {
			card->verified[i] = number;
			return;
		}
	}
	card->verified[0] = number; /* more PINs than rows: the oldest must be given again */
}

/* Stores what the command made of the PIN; it counts as verified only then. */
static uint16_t settle(struct card *card, const struct key *key)
{
	if (key_store(card, key) != ERR_NONE)
		return SW_MEMORY;
	note_verified(card, key->number);
	return SW_OK;
}

uint16_t command_verify_pin(struct card *card, struct channel *channel, const struct apdu *apdu,
                            struct room *reply)
{
	KEY key = { .number = FS_NO_NODE };

	(void)reply;
	if (apdu->p1 != 0)
		return SW_WRONG_P1P2;
	uint16_t sw = key_open(card, channel, apdu->p2, &key);
	if (sw != SW_OK)
		return sw;
	if (apdu->data.len == 0) /* TS 102 221 11.1.9: asks for the counter */
		return tries_left(&key);
	if (apdu->data.len != PIN_SIZE)
		return SW_WRONG_LENGTH;
	if (!(key.node.pin_flags & PIN_FLAG_ENABLED))
		return SW_INVALIDATED;
	sw = present(card, &key, apdu->data);
	return sw == SW_OK ? settle(card, &key) : sw;
}

uint16_t command_change_pin(struct card *card, struct channel *channel, const struct apdu *apdu,
                            struct room *reply)
{
	struct bytes data = apdu->data, old;
	KEY key = { .number = FS_NO_NODE };

	(void)reply;
	if (apdu->p1 != 0)
		return SW_WRONG_P1P2;
	uint16_t sw = key_open(card, channel, apdu->p2, &key);
	if (sw != SW_OK)
		return sw;
	if (data.len == 0)
		return tries_left(&key);
	if (!bytes_take(&data, PIN_SIZE, &old) || data.len != PIN_SIZE)
		return SW_WRONG_LENGTH;
	if (!(key.node.pin_flags & PIN_FLAG_ENABLED))
		return SW_INVALIDATED;
	if (!(key.node.pin_flags & PIN_FLAG_CHANGEABLE))
		return SW_CONDITIONS;
	sw = present(card, &key, old);
	if (sw != SW_OK)
		return sw;
	memcpy(key.node.pin_value, data.at, PIN_SIZE);
	return settle(card, &key);
}

/* TS 102 221 11.1.11: P1 is 00, or 80 with the reference of the PIN that replaces this one. */
static uint16_t replacement(struct card *card, const struct channel *channel, uint8_t p1,
                            uint8_t reference)
{
	struct node universal;
	uint16_t number;

	if (p1 == 0)
		return SW_OK;
	if (!(p1 & 0x80) || (p1 & 0x7F) != PIN_UNIVERSAL || reference == PIN_UNIVERSAL)
		return SW_WRONG_P1P2;
	if (pin_find(card, channel, FS_MF, PIN_UNIVERSAL, &number, &universal) != ERR_NONE)
		return SW_NO_REFERENCED;
	return universal.pin_flags & PIN_FLAG_ENABLED ? SW_OK : SW_INVALIDATED;
}

uint16_t command_disable_pin(struct card *card, struct channel *channel, const struct apdu *apdu,
                             struct room *reply)
{
	KEY key = { .number = FS_NO_NODE };

	(void)reply;
	uint16_t sw = key_open(card, channel, apdu->p2, &key);
	if (sw == SW_OK)
		sw = replacement(card, channel, apdu->p1, apdu->p2);
	if (sw != SW_OK)
		return sw;
	if (apdu->data.len == 0)
		return tries_left(&key);
	if (apdu->data.len != PIN_SIZE)
		return SW_WRONG_LENGTH;
	if (!(key.node.pin_flags & PIN_FLAG_ENABLED))
		return SW_INVALIDATED;
	if (!(key.node.pin_flags & PIN_FLAG_DISABLEABLE))
		return SW_CONDITIONS;
	sw = present(card, &key, apdu->data);
	if (sw != SW_OK)
		return sw;
	key.node.pin_flags &= (uint8_t)~PIN_FLAG_ENABLED;
	if (apdu->p1 != 0)
		key.node.pin_flags |= PIN_FLAG_REPLACED;
	return settle(card, &key);
}

uint16_t command_enable_pin(struct card *card, struct channel *channel, const struct apdu *apdu,
                            struct room *reply)
{
	KEY key = { .number = FS_NO_NODE };

	(void)reply;
	if (apdu->p1 != 0)
		return SW_WRONG_P1P2;
	uint16_t sw = key_open(card, channel, apdu->p2, &key);
	if (sw != SW_OK)
		return sw;
	if (apdu->data.len == 0)
		return tries_left(&key);
	if (apdu->data.len != PIN_SIZE)
		return SW_WRONG_LENGTH;
	if (key.node.pin_flags & PIN_FLAG_ENABLED)
		return SW_INVALIDATED;
	sw = present(card, &key, apdu->data);
	if (sw != SW_OK)
		return sw;
	key.node.pin_flags |= PIN_FLAG_ENABLED;
	key.node.pin_flags &= (uint8_t)~PIN_FLAG_REPLACED;
	return settle(card, &key);
}

static uint16_t puk_open(struct card *card, const struct key *pin, struct key *puk)
{
	struct fs_query query = {
		0, pin->node.parent, pin->node.pin_unblock, 0, NODE_PUK, NODE_PUK, {NULL, 0}
	};

	if (pin->node.pin_unblock == 0)
		return SW_NO_REFERENCED;
	if (fs_find(&card->fs, &query, &puk->number, &puk->node) == ERR_NONE)
		return SW_OK;
	query.parent = FS_NO_NODE; /* the PUK of an application may stand at the MF */
	return fs_find(&card->fs, &query, &puk->number, &puk->node) == ERR_NONE ? SW_OK
	                                                                        : SW_NO_REFERENCED;
}

/* Both nodes change together: a PIN is never new with its PUK still counted down. */
static uint16_t unblock(struct card *card, struct key *pin, struct key *puk, struct bytes value)
{
	memcpy(pin->node.pin_value, value.at, PIN_SIZE);
	pin->node.pin_left = pin->node.pin_max;
	/* TS 102 221 11.1.13: the PIN is enabled, and counts as verified. */
	pin->node.pin_flags |= PIN_FLAG_ENABLED;
	pin->node.pin_flags &= (uint8_t)~PIN_FLAG_REPLACED;
	if (vault_begin(&card->vault) != ERR_NONE ||
	    fs_set(&card->fs, pin->number, &pin->node) != ERR_NONE ||
	    fs_set(&card->fs, puk->number, &puk->node) != ERR_NONE ||
	    vault_commit(&card->vault) != ERR_NONE)
		return SW_MEMORY;
	note_verified(card, pin->number);
	return SW_OK;
}

uint16_t command_unblock_pin(struct card *card, struct channel *channel, const struct apdu *apdu,
                             struct room *reply)
{
	struct bytes data = apdu->data, code;
	KEY pin = { .number = FS_NO_NODE }, puk = pin;

	(void)reply;
	if (apdu->p1 != 0)
		return SW_WRONG_P1P2;
	uint16_t sw = key_open(card, channel, apdu->p2, &pin);
	if (sw == SW_OK)
		sw = puk_open(card, &pin, &puk);
	if (sw != SW_OK)
		return sw;
	if (data.len == 0)
		return tries_left(&puk);
	if (!bytes_take(&data, PIN_SIZE, &code) || data.len != PIN_SIZE)
		return SW_WRONG_LENGTH;
	sw = present(card, &puk, code);
	return sw == SW_OK ? unblock(card, &pin, &puk, data) : sw;
}
