/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's end of the wire to pcsc-lite's virtual reader (vsmartcard's vpcd). Every message is a
 * two-octet big-endian length and so many octets; a message of one octet from the reader is a control.
 * Blocking calls, one connection; a caller's flag ends every wait.
 */
#ifndef PORT_POSIX_VPCD_H
#define PORT_POSIX_VPCD_H

#include "base/bytes.h"
#include "base/err.h"

#include <signal.h>

enum vpcd_control { VPCD_OFF = 0, VPCD_ON = 1, VPCD_RESET = 2, VPCD_ATR = 4 };

struct vpcd {
	int fd;
	const volatile sig_atomic_t *stop; /* becomes non-zero when waiting shall end */
};

/* vpcd_connect makes the connection, looking at every address that `host` has. ERR_IO when nobody
 * answers there (yet); then nothing is open. SIGTERM and SIGINT must be blocked by the caller: waiting
 * unblocks them, so that none is lost between looking at `stop` and sleeping. */
NODISCARD enum err vpcd_connect(struct vpcd *vpcd, const char *host, const char *port,
                                const volatile sig_atomic_t *stop);

/* vpcd_receive waits for one message and appends it to `in`. ERR_IO when the reader has gone, ERR_ROOM
 * when the message is longer than the room, ERR_TIMEOUT when `stop` ended the wait. */
NODISCARD enum err vpcd_receive(struct vpcd *vpcd, struct room *in);

/* vpcd_send sends one message in one write. ERR_LIMIT above 1,024 octets (an answer to a short APDU has
 * 258), ERR_IO. */
NODISCARD enum err vpcd_send(struct vpcd *vpcd, struct bytes out);

void vpcd_close(struct vpcd *vpcd);

/* vpcd_pause sleeps for a while or until `stop`: between attempts to connect. */
void vpcd_pause(const volatile sig_atomic_t *stop, unsigned milliseconds);

#endif
