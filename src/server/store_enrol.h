/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests about enrolment, as its clients see them: challenges, suppliers' lists, approval. */
#ifndef SERVER_STORE_ENROL_H
#define SERVER_STORE_ENROL_H

#include "server/store_chips.h"

/* store_chips_of_card lists the chips that hold or claim a card; store_chips_next takes the rows. */
NODISCARD enum err store_chips_of_card(struct store_client *store, struct bytes eid,
                                       struct bytes *reply);

/* store_chip_decide approves or revokes a chip, by somebody's word `how`, with a line in the audit log.
 * ERR_NOT_FOUND; ERR_EXISTS when another chip that is approved has its card; ERR_ORDER when it is so
 * already. What is revoked keeps its card from being enrolled anew without a person, and is struck from suppliers'
 * lists. `out` is the chip as it is now. */
NODISCARD enum err store_chip_decide(struct store_client *store,
                                     const uint8_t id[static CHIP_ID_SIZE], enum chip_state state,
                                     struct bytes how, struct chip *out);

/* store_chip_add keeps a chip as approved on somebody's word `chip->how`, in the place of what was known of it before, with
 * a line in the audit log. ERR_ORDER when it was revoked; ERR_EXISTS when another chip that is approved has its card;
 * ERR_DENIED when too many chips claim that card. `out` is the chip as it is now. */
NODISCARD enum err store_chip_add(struct store_client *store, const struct chip *chip,
                                  struct chip *out);

/* store_challenge_add keeps a challenge until a time in seconds; ERR_BUSY when there are too many.
 * store_challenge_take gives it once; ERR_NOT_FOUND when there is none, or it is too old. */
NODISCARD enum err store_challenge_add(struct store_client *store, struct bytes id,
                                       uint64_t expires_s, struct bytes body);
NODISCARD enum err store_challenge_take(struct store_client *store, struct bytes id, uint64_t now_s,
                                        struct bytes *body);

/* What a supplier has listed for a card. */
struct listed {
	struct bytes ek_digest, imei, model, supplier, batch;
};
NODISCARD enum err store_manifest_find(struct store_client *store, struct bytes eid,
                                       struct listed *out);

/* store_manifest_add keeps a manifest: `entries` as manifest_next takes them, with an audit line that has its
 * digest. ERR_EXISTS, and nothing is kept, when a card in it is listed by another supplier. */
NODISCARD enum err store_manifest_add(struct store_client *store, struct bytes supplier,
                                      struct bytes batch, struct bytes digest, uint64_t count,
                                      struct bytes entries);

#endif
