/* SPDX-License-Identifier: Apache-2.0 */
/* PIN nodes, and what the session remembers of them. */
#include "card/pin.h"

#include "card/inside.h"

#include <string.h>

static enum err create(struct fs *fs, const struct pin_new *pin, uint8_t kind)
{
	struct node node = {
		.kind = kind,
		.fid = pin->reference,
		.parent = pin->scope,
		.link = FS_NO_NODE,
		.pin_flags = pin->flags,
		.pin_max = pin->max,
		.pin_left = pin->left,
		.pin_unblock = pin->unblock,
	};

	if (pin->max == 0 || pin->max > 15 || pin->left > pin->max)
		return ERR_VALUE;
	memcpy(node.pin_value, pin->value, PIN_SIZE);
	enum err err = fs_create(fs, &node, (struct fs_fill){ .repeat = false }, NULL);
	wipe(&node, sizeof node);
	return err;
}

enum err pin_create(struct fs *fs, const struct pin_new *pin)
{
	return create(fs, pin, NODE_PIN);
}

enum err puk_create(struct fs *fs, const struct pin_new *puk)
{
	return create(fs, puk, NODE_PUK);
}

static enum err pin_in(struct card *card, uint16_t directory, uint8_t reference, uint16_t *number,
                       struct node *out)
{
	struct fs_query query = {
		0, directory, reference, 0, NODE_PIN, NODE_PIN, {NULL, 0}
	};

	return fs_find(&card->fs, &query, number, out);
}

enum err pin_find(struct card *card, const struct channel *channel, uint16_t from,
                  uint8_t reference, uint16_t *number, struct node *out)
{
	uint16_t directory = from;
	struct node node;

	for (;;) {
		enum err err = pin_in(card, directory, reference, number, out);
		if (err != ERR_NOT_FOUND)
			return err;
		if (directory == FS_MF)
			break;
		TRY(fs_node(&card->fs, directory, &node));
		directory = node.parent;
	}
	/* A rule at the MF may name the second PIN of whatever application is selected. */
	if (channel->adf != FS_NO_NODE)
		return pin_in(card, channel->adf, reference, number, out);
	return ERR_NOT_FOUND;
}

static bool verified(const struct card *card, uint16_t number)
{
	for (unsigned i = 0; i < CARD_PINS; i++)
		if (card->verified[i] == number)
			return true;
	return false;
}

bool pin_met(struct card *card, const struct channel *channel, uint16_t number,
             const struct node *pin)
{
	struct node universal;
	uint16_t other;

	if (pin->pin_flags & PIN_FLAG_ENABLED)
		return verified(card, number);
	if (!(pin->pin_flags & PIN_FLAG_REPLACED))
		return true; /* TS 102 221 11.1.11: a disabled PIN asks nothing */
	/* TS 102 221 9.4.1: the universal PIN stands in. */
	return pin_find(card, channel, FS_MF, PIN_UNIVERSAL, &other, &universal) == ERR_NONE &&
	       (universal.pin_flags & PIN_FLAG_ENABLED) != 0 && verified(card, other);
}

void pin_forget(struct card *card, uint16_t number)
{
	for (unsigned i = 0; i < CARD_PINS; i++)
		if (card->verified[i] == number)
			card->verified[i] = FS_NO_NODE;
}

void pin_forget_all(struct card *card)
{
	for (unsigned i = 0; i < CARD_PINS; i++)
		card->verified[i] = FS_NO_NODE;
}

void pin_forget_scope(struct card *card, uint16_t directory)
{
	struct node node;

	for (unsigned i = 0; i < CARD_PINS; i++)
		if (card->verified[i] != FS_NO_NODE &&
		    (fs_node(&card->fs, card->verified[i], &node) != ERR_NONE ||
		     node.parent == directory))
			card->verified[i] = FS_NO_NODE;
}
