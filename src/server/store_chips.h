/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests about chips, appraisals and what the verifier goes by, as its clients see them. */
#ifndef SERVER_STORE_CHIPS_H
#define SERVER_STORE_CHIPS_H

#include "server/chip.h"
#include "server/store.h"

/* store_chip_load finds a chip by its id or by the EID of its card. ERR_NOT_FOUND; `generation` is that of the
 * items all the same, and grows with each change of one. */
enum chip_by { CHIP_BY_ID, CHIP_BY_EID };
NODISCARD enum err store_chip_load(struct store_client *store, enum chip_by by, struct bytes key,
                                   uint64_t *generation, struct chip *out);

/* What an appraisal rests upon, read at once. */
struct card_facts {
	uint64_t generation; /* of items */
	bool has_chip, has_appraised, has_order;
	struct chip chip;           /* the one that has this card */
	struct appraised appraised; /* the card's last */
	struct order order;         /* of the profile that was asked about */
};

/* store_card_load reads that of a card and, unless `iccid` is empty, of a profile. */
NODISCARD enum err store_card_load(struct store_client *store, struct bytes eid, struct bytes iccid,
                                   struct card_facts *out);

/* One durable, atomic step. NULL members: nothing of that kind. ERR_BUSY: the chip's version has moved on;
 * ERR_EXISTS: another chip has that card; ERR_DENIED: too many chips claim that card, or too many cards that chip. What a
 * chip's new card or state changes for its machine is an event (R9), raised here and not again by the next appraisal. */
struct chip_change {
	const struct chip *chip;
	const struct appraised *appraised; /* takes the place of the card's last */
	struct bytes log;                  /* an event log to know again; or empty */
	const struct audit *audit;
	const struct equipment_event *events; /* of this card's equipment (R9), at most EVENT_KINDS */
	size_t event_count;
};
NODISCARD enum err store_chip_commit(struct store_client *store, const struct chip_change *change);

/* store_ask_chip_commit is told later, see store_later. */
NODISCARD enum err store_ask_chip_commit(struct store_client *store,
                                         const struct chip_change *change, store_later *then,
                                         void *ctx);

NODISCARD enum err store_appraised_load(struct store_client *store, struct bytes eid,
                                        struct appraised *out);

/* store_log_load gives an event log by its SHA-256. */
NODISCARD enum err store_log_load(struct store_client *store, struct bytes digest,
                                  struct bytes *log);

/* Whose subscription it is, and how its machine was last found. */
struct access_facts {
	uint64_t generation;
	struct bytes operator_name,
		eid;       /* eid is empty while no card is known to hold the profile */
	bool chip_revoked; /* the chip that the registry has with that card */
	bool has_appraised;
	struct appraised appraised;

	/* Since when, in milliseconds; 0: not known, or never. Of the policies also when one was taken away. */
	uint64_t revoked_ms, own_policy_ms, common_policy_ms;
};
NODISCARD enum err store_access_load(struct store_client *store, struct bytes imsi,
                                     struct access_facts *out);

/* store_ask_access is told later, with what store_access_read takes; its views are of the reply. */
NODISCARD enum err store_ask_access(struct store_client *store, struct bytes imsi,
                                    store_later *then, void *ctx);
NODISCARD enum err store_access_read(struct bytes reply, struct access_facts *out);

/* Lists, taken apart row by row as in store.h. */
NODISCARD enum err store_chips(struct store_client *store, struct bytes after, uint32_t limit,
                               struct bytes *reply);
NODISCARD enum err store_chips_next(struct bytes *reply, struct chip *out);
NODISCARD enum err store_appraisals(struct store_client *store, struct bytes after_eid,
                                    uint32_t limit, struct bytes *reply);
NODISCARD enum err store_appraisals_next(struct bytes *reply, struct appraised *out);

/* Items. A body that is empty removes; ERR_NOT_FOUND when it was not there. Each change is audited. `after`
 * NULL: from the first. */
NODISCARD enum err store_item_set(struct store_client *store, const struct item *item);
NODISCARD enum err store_items(struct store_client *store, const struct item *after, uint32_t limit,
                               struct bytes *reply);
NODISCARD enum err store_items_next(struct bytes *reply, struct item *out);

#endif
