/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets from their text in the configuration. */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include "server/child.h"

/* listen_fault tells why nothing could ever listen at a place that a configuration names: a phrase for people, or NULL
 * when something could. Nothing is opened. */
NODISCARD const char *listen_fault(const char *at);

/* listeners_open opens all that are configured; says what fails. On false none is left open. */
NODISCARD bool listeners_open(struct child_listeners *out, const struct config *config);

/* connect_datagram makes a UDP socket that sends to ADDRESS:PORT and takes answers from there only; -1 and errno. */
NODISCARD int connect_datagram(const char *at);
void listeners_close(struct child_listeners *listeners);

#endif
