/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card knows its machine (R1a, R1c, R12). A card that is paired keeps the public key of a key in the
 * machine's sensitive chip, which signs in a good platform state only. In each card session the machine
 * proves itself by signing a challenge; until then a card that enforces refuses to authenticate to a
 * network and to let itself be managed, and one that observes works and keeps count.
 *
 * A session lasts from reset to reset. This part knows neither ES10 nor AKA: whoever does something
 * that is the paired machine's alone asks pairing_gate first. A card without pairing, or where it is off,
 * is to standard commands octet for octet a card that never heard of it.
 */
#ifndef CARD_PAIRING_H
#define CARD_PAIRING_H

#include "base/bytes.h"
#include "base/err.h"
#include "rsp/pairing.h"

struct card;

/* Of the card session, in RAM. */
struct pairing {
	uint8_t mode;    /* enum pairing_mode, as the vault has it */
	bool known;      /* there is a record: the card has a machine, or who may give it one */
	bool proven;     /* the machine has proved itself since the last reset */
	bool counted;    /* that it has not is in the vault already */
	bool challenged; /* `challenge` waits for its answer */
	uint8_t challenge[PAIRING_CHALLENGE_SIZE];
};

/* What personalisation says. Points of EC_POINT_SIZE octets on P-256, at == NULL: none. */
struct pairing_settings {
	uint8_t mode;
	struct bytes key;       /* of the machine; needed unless the mode is off */
	struct bytes authority; /* whose orders change mode and key; none: they stay for ever */
};

/* pairing_reset begins a card session. */
void pairing_reset(struct card *card);

/* pairing_gate is asked before what only the paired machine may do. ERR_ORDER refuses: the card enforces,
 * and there was no proof. A session without proof is counted the first time it matters, before the gate
 * answers; not inside a transaction. */
NODISCARD enum err pairing_gate(struct card *card);

/* pairing_report appends the element for EUICCInfo2, which the eUICC signs in AuthenticateServer: so the
 * network learns of it. Nothing where pairing is off. */
NODISCARD enum err pairing_report(struct card *card, struct room *out);

/* pairing_personalise writes the settings, inside the caller's transaction; nothing when there is neither
 * key nor authority. ERR_VALUE when a key is not a point, or one is missing. */
NODISCARD enum err pairing_personalise(struct card *card, const struct pairing_settings *settings);

#endif
