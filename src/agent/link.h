/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent asks of the way to the card: carry one APDU, forget the session. Backends: pcsc.h;
 * tests link a card core in the same process.
 */
#ifndef AGENT_LINK_H
#define AGENT_LINK_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	LINK_COMMAND_MAX = 5 + 255 + 1, /* ISO/IEC 7816-3 12.1.3: short form, case 4 */
	LINK_REPLY_MAX = 256 + 2,
};

struct card_link {
	void *ctx;
	/* transmit sends a command APDU in its full form (case 4 with Le, whatever the protocol below)
	 * and appends data and status word. ERR_IO when the card did not answer. */
	enum err (*transmit)(void *ctx, struct bytes command, struct room *reply);
	/* lock keeps other programs off the card until unlock; both may be NULL. Not nested. */
	enum err (*lock)(void *ctx);
	void (*unlock)(void *ctx);
	/* reset switches the card off and on: logical channels are gone. */
	enum err (*reset)(void *ctx);
	const char *(*why)(void *ctx); /* what went wrong last, in words; NULL: nothing is known */
};

#endif
