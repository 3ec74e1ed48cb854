/* SPDX-License-Identifier: Apache-2.0 */
/* A card in memory that profile packages are installed on. */
#ifndef TESTS_CARD_UPP_H
#define TESTS_CARD_UPP_H

#include "card/card.h"
#include "card/install.h"
#include "profile/status.h"
#include "tests/flash.h"

static inline enum err upp_adopt(struct card *card, struct fs *tree)
{
	struct profile_head head = { .iccid = { 0x98, (uint8_t)tree->volume },
		                     .isdp_aid_len = 16,
		                     .isdp_aid = { 0xA0, (uint8_t)tree->volume } };

	TRY(vault_begin(&card->vault));
	enum err err = profile_adopt(card, tree, &head, BYTES_STR("metadata"));
	if (err != ERR_NONE) {
		vault_abort(&card->vault);
		return err;
	}
	return vault_commit(&card->vault);
}

/* upp_install installs and adopts; `result` is what the response says first. */
static inline enum err upp_install(struct card *card, uint8_t slot, struct bytes package,
                                       struct pe_result *result)
{
	struct source source = source_memory(&package);
	uint8_t octets[512];
	struct room response = ROOM(octets);
	struct fs tree;
	bool aborted;
	enum err err = card_install_profile(card, slot, &source, (struct bytes){ NULL, 0 }, &tree,
	                                    &response);

	if (euicc_response_read(room_used(&response), result, &aborted) != ERR_NONE ||
	    aborted != (err != ERR_NONE))
		return ERR_CORRUPT;
	return err != ERR_NONE ? err : upp_adopt(card, &tree);
}

static inline enum err upp_enable(struct card *card, uint8_t slot)
{
	TRY(vault_begin(&card->vault));
	TRY(profile_enable(card, slot));
	TRY(vault_commit(&card->vault));
	card_switch(card);
	return ERR_NONE;
}

#endif
