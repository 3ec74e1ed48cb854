/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What says that somebody has opened the machine (R1b.5): a line of a switch or mesh, or another program. Once it
 * has said so it stays said; what follows is the caller's business. The third way is a call: whoever notices
 * tampering by other means does what the caller does after tamper_wait.
 *
 * Backend: posix/tamper.c.
 */
#ifndef PORT_TAMPER_H
#define PORT_TAMPER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct tamper {
	enum { TAMPER_FILE, TAMPER_FIFO, TAMPER_GPIO } kind;
	int fd;           /* readable when something has happened */
	int line;         /* TAMPER_GPIO: where the line's level is read */
	const char *path; /* TAMPER_FILE */
};

/* tamper_open begins to watch:
 *
 *     file:PATH            the event is that PATH is there
 *     fifo:PATH            the event is an octet written to it
 *     gpio:CHIP:LINE[:low] the event is that line LINE of the character device CHIP is active: high, or low
 *
 * ERR_VALUE for another text, ERR_NOT_FOUND when there is no such folder, FIFO or device, ERR_IO. `how` stays. */
NODISCARD enum err tamper_open(struct tamper *tamper, const char *how);
void tamper_close(struct tamper *tamper);

/* tamper_now tells whether it has happened, before the watch began or since. What cannot be asked any more counts as
 * having happened: a line that was cut is no way round. tamper_wait sleeps until then. */
NODISCARD bool tamper_now(struct tamper *tamper);
void tamper_wait(struct tamper *tamper);

#endif
