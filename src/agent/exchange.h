/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command and its whole answer: fetches what a T=0 card holds back (61xx), repeats with the length
 * that the card asks for (6Cxx), and puts the logical channel into the class byte.
 */
#ifndef AGENT_EXCHANGE_H
#define AGENT_EXCHANGE_H

#include "agent/link.h"

enum { CHANNEL_MAX = 19 };

struct exchange_command {
	uint8_t cla; /* 0x00 or 0x80, without channel */
	uint8_t ins, p1, p2;
	struct bytes data; /* at most 255 octets */
	bool wants;        /* an answer with data is expected: Le is sent */
};

/* exchange runs the command on the channel, appends the answer's data to `reply` and gives the last
 * status word. ERR_NONE means that the card answered, whatever its status word says; ERR_IO when it did
 * not; ERR_ROOM when the answer does not fit; ERR_LENGTH when it has no status word. */
NODISCARD enum err exchange(const struct card_link *link, uint8_t channel,
                            const struct exchange_command *command, struct room *reply,
                            uint16_t *sw);

/* exchange_class puts a channel of 0 to 19 into a class byte of 0x00 or 0x80. */
uint8_t exchange_class(uint8_t cla, uint8_t channel);

/* sw_good tells whether the status word means success: 9000, or 91xx, which adds that the card has a
 * proactive command waiting (TS 102 221 10.2.1.1). */
bool sw_good(uint16_t sw);

/* sw_text is one English phrase for a status word; never NULL. */
const char *sw_text(uint16_t sw);

#endif
