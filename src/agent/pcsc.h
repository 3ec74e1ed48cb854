/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the card through PC/SC (winscard of pcsc-lite), T=0 or T=1. */
#ifndef AGENT_PCSC_H
#define AGENT_PCSC_H

#include "agent/link.h"

enum { PCSC_READER_MAX = 128, PCSC_NAMES_MAX = 2048, PCSC_ATR_MAX = 33, PCSC_WHY_MAX = 160 };

struct pcsc {
	long context, card;
	unsigned long protocol;
	bool connected;
	char reader[PCSC_READER_MAX];
	uint8_t atr[PCSC_ATR_MAX];
	size_t atr_len;
	char why[PCSC_WHY_MAX]; /* what went wrong last, in words */
};

/* pcsc_open connects to the card in the reader whose name contains `reader`, or, with NULL, in the first
 * one that has a card. Shared, so that others may use the card between our commands. On error `why`
 * says more: ERR_NOT_FOUND (no reader, no card), ERR_IO. Close it either way. */
NODISCARD enum err pcsc_open(struct pcsc *pcsc, const char *reader);

void pcsc_close(struct pcsc *pcsc);

/* pcsc_look asks whether the card session is still the one that the connection knows. ERR_SYNC when somebody
 * has reset the card: the connection is good again, its session is not. ERR_NOT_FOUND when the card or the
 * reader is gone, ERR_IO. */
NODISCARD enum err pcsc_look(struct pcsc *pcsc);

/* pcsc_link lends the open connection as a link; it dies with the connection. */
struct card_link pcsc_link(struct pcsc *pcsc);

/* pcsc_readers puts the names of the readers, each with its NUL, one after the other; with no
 * connection needed. ERR_NOT_FOUND when there is none. */
NODISCARD enum err pcsc_readers(struct pcsc *pcsc, struct room *names);

#endif
