/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles on the card: numbered slots, each with a head that the card needs itself, a metadata
 * blob that only the ISD-R reads, and a file tree (fs.h) in its own volume. At most one is enabled;
 * only its tree can be reached through APDUs.
 *
 * Functions that change something work inside the caller's vault transaction, so several of them, and
 * the caller's own records, happen together or not at all (I1, I5).
 */
#ifndef CARD_PROFILES_H
#define CARD_PROFILES_H

#include "card/fs.h"

struct card;

enum {
	PROFILE_SLOTS = 16, /* slots are 1 to 16 */
	PROFILE_METADATA_MAX = 3072,
	PROFILE_VOLUME = 1,  /* slot s lives in volume PROFILE_VOLUME + s */
	VOLUME_PLATFORM = 29, /* of what runs the card: the card itself never looks at it */
	VOLUME_STAGING = 30, /* downloads before they are installed, see staging_* */
	VOLUME_SPOOL = 31,   /* answers too long for RAM: free for the ISD-R */
};

/* What the card keeps about a slot. */
struct profile_head {
	uint8_t iccid[ICCID_SIZE];
	uint8_t isdp_aid_len;
	uint8_t isdp_aid[AID_MAX];
	bool enabled;
	uint8_t flags; /* the ISD-R's: class, policy rules ... */
};

/* profile_free_slot finds a slot without a profile. ERR_FULL. */
NODISCARD enum err profile_free_slot(struct card *card, uint8_t *slot);

/* profile_next finds the next used slot after *slot (start with 0). ERR_NOT_FOUND at the end. */
NODISCARD enum err profile_next(struct card *card, uint8_t *slot);

/* profile_by_iccid and profile_by_aid find a slot. ERR_NOT_FOUND. */
NODISCARD enum err profile_by_iccid(struct card *card, const uint8_t iccid[static ICCID_SIZE],
                                    uint8_t *slot);
NODISCARD enum err profile_by_aid(struct card *card, struct bytes aid, uint8_t *slot);

/* profile_enabled is the enabled slot, 0 when there is none. It is what was committed; the tree that
 * APDUs see follows at card_switch. */
uint8_t profile_enabled(struct card *card);

NODISCARD enum err profile_head_read(struct card *card, uint8_t slot, struct profile_head *out);

/* profile_head_write changes the head of a used slot (`enabled` is ignored: see below). Transaction. */
NODISCARD enum err profile_head_write(struct card *card, uint8_t slot,
                                      const struct profile_head *head);

/* profile_metadata_read appends the blob to the room; _write replaces it (transaction). */
NODISCARD enum err profile_metadata_read(struct card *card, uint8_t slot, struct room *out);
NODISCARD enum err profile_metadata_write(struct card *card, uint8_t slot, struct bytes blob);

/* profile_draft starts a tree for an unused slot; profile_adopt makes it a disabled profile with head
 * and metadata when the transaction commits. Until then profile_discard forgets it. */
NODISCARD enum err profile_draft(struct card *card, uint8_t slot, struct fs *tree);
NODISCARD enum err profile_adopt(struct card *card, struct fs *tree,
                                 const struct profile_head *head, struct bytes metadata);
void profile_discard(struct fs *tree);

/* profile_enable enables a disabled profile and disables the enabled one, if any; profile_disable
 * disables the enabled one; profile_delete removes a disabled one and frees all it had. Transaction.
 * ERR_NOT_FOUND, ERR_ORDER when the state is not the one needed. */
NODISCARD enum err profile_enable(struct card *card, uint8_t slot);
NODISCARD enum err profile_disable(struct card *card, uint8_t slot);
NODISCARD enum err profile_delete(struct card *card, uint8_t slot);

/* --- staging: octets of a download, appended as they arrive, read anywhere; gone with the power --- */

struct staging {
	uint32_t len;
};

/* staging_start empties the area, staging_append adds to its end (ERR_FULL), staging_read copies from
 * it (ERR_VALUE when the range is not there), staging_drop frees it. */
NODISCARD enum err staging_start(struct card *card);
NODISCARD enum err staging_append(struct card *card, struct bytes data);
NODISCARD enum err staging_read(struct card *card, uint32_t at, uint8_t *out, size_t len);
uint32_t staging_size(const struct card *card);
void staging_drop(struct card *card);

#endif
