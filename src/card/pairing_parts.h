/* SPDX-License-Identifier: Apache-2.0 */
/* What pairing.c and pairing_commands.c share and nobody else uses. */
#ifndef CARD_PAIRING_PARTS_H
#define CARD_PAIRING_PARTS_H

#include "card/card.h"
#include "card/pairing.h"

/* The settings as the vault keeps them; a point that is not there is zeros. */
struct pairing_record {
	uint8_t mode;
	uint32_t orders; /* number of the last order */
	uint8_t key[EC_POINT_SIZE], authority[EC_POINT_SIZE];
};

/* pairing_load reads them, ERR_NOT_FOUND when the card never had any; pairing_store writes them, inside
 * a transaction. */
NODISCARD enum err pairing_load(struct card *card, struct pairing_record *out);
NODISCARD enum err pairing_store(struct card *card, const struct pairing_record *record);

/* pairing_status_get collects what answers and reports say; key_id points to `id`. */
NODISCARD enum err pairing_status_get(struct card *card, uint8_t id[static PAIRING_KEY_ID_SIZE],
                                      struct pairing_status *out);

/* pairing_note_proven makes it durable that the last thing seen was a proof. */
NODISCARD enum err pairing_note_proven(struct card *card);

/* pairing_point_check is ERR_VALUE unless it is an uncompressed point on P-256. */
NODISCARD enum err pairing_point_check(struct bytes point);

#endif
