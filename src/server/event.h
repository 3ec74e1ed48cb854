/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of a machine that its operator should hear of (R9), with what was before and what is now. Raised
 * within the commit of what noticed it; the store numbers it, puts it into the audit log and queues the
 * call-back to the operator, in the same transaction.
 */
#ifndef SERVER_EVENT_H
#define SERVER_EVENT_H

#include "base/bytes.h"
#include "base/err.h"

enum event_kind {
	EVENT_MOVED_CARD, /* the card is in another machine */
	EVENT_NEW_CHIP,   /* another sensitive chip vouches for the same machine, or tries to */
	EVENT_NEW_IMEI,
	EVENT_NEW_FIRMWARE,
	EVENT_PAIRING_FAILED, /* the card was used, or asked for something, by a machine that is not its own */
	EVENT_TAMPER,           /* the machine reported that it was opened */
	EVENT_DECISION_CHANGED, /* what the machine is found to be worth: admitted, restricted, refused */
	EVENT_KINDS
};

enum { EVENT_TEXT_MAX = 256, EVENT_JSON_MAX = 8 * EVENT_TEXT_MAX + 512 };

struct equipment_event {
	enum event_kind kind;
	struct bytes eid;           /* of the card, 16 octets */
	struct bytes operator_name; /* whom to tell; empty: nobody but who looks */
	struct bytes before, after; /* texts; longer than EVENT_TEXT_MAX are cut */
	struct bytes detail;        /* text, or empty */
};

/* event_word is "moved-card". */
const char *event_word(enum event_kind kind);

void pack_event(struct room *out, const struct equipment_event *event);
NODISCARD enum err unpack_event(struct bytes *in, struct equipment_event *out);

/* event_json_put writes it as docs/admin-api.md says and operators are told. */
void event_json_put(struct room *out, uint64_t number, uint64_t time_ms,
                    const struct equipment_event *event);

#endif
