/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent of all: opens the listening sockets, starts the children, hands out the links between them,
 * starts again what dies, reloads, stops. It parses nothing that comes from a network and holds no key.
 */
#ifndef SERVER_SUPERVISOR_H
#define SERVER_SUPERVISOR_H

#include "server/config.h"

/* supervisor_run returns the exit status of assayd after a stop signal, or when it cannot start. */
NODISCARD int supervisor_run(struct config *config);

#endif
