/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a card's machine, and which changes of it an operator hears of (R9). No I/O: what was seen
 * last and what is seen now go in, events come out. */
#ifndef SERVER_EQUIPMENT_H
#define SERVER_EQUIPMENT_H

#include "evidence/decision.h"
#include "server/event.h"

/* Empty or false: not known. */
struct equipment_seen {
	struct bytes chip;     /* of the sensitive chip that vouched: its id */
	struct bytes imei;     /* digits */
	struct bytes firmware; /* text */
	bool foreign;          /* evidence came that the known chip did not make */
	bool tampered;         /* it said that it was opened */
	bool has_pairing;
	uint32_t refused,
		missed; /* of the card's report: sessions with a machine that was not its own */
	bool has_decision;
	enum decision decision;
};

enum { EQUIPMENT_TEXTS_MAX = 512 };

/* equipment_compare gives the events, at most EVENT_KINDS; their texts are in `before`, `now` and `texts`. What is
 * not known on one side is no change. */
size_t equipment_compare(const struct equipment_seen *before, const struct equipment_seen *now,
                         struct room *texts, struct equipment_event events[static EVENT_KINDS]);

/* equipment_machine_put writes which machine it is, as events have it: "IMEI 49..., chip a1...". */
void equipment_machine_put(struct room *texts, struct bytes chip, struct bytes imei);

/* equipment_merge keeps in `now` what was known before and was not said this time. */
void equipment_merge(const struct equipment_seen *before, struct equipment_seen *now);

/* equipment_pairing takes a card's report: the content of DF22 of EUICCInfo2, or nothing (rsp/pairing.h). */
void equipment_pairing(struct bytes report, struct equipment_seen *seen);

void pack_equipment(struct room *out, const struct equipment_seen *seen);
NODISCARD enum err unpack_equipment(struct bytes *in, struct equipment_seen *out);

#endif
