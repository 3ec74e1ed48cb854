/* SPDX-License-Identifier: Apache-2.0 */
/* Server addresses, before they become part of a URL. */
#ifndef AGENT_ADDRESS_H
#define AGENT_ADDRESS_H

#include "base/bytes.h"

/* server_address_good tells whether the text is a host name or IPv4 address (RFC 1123 2.1) with an optional
 * port, of at most SERVER_ADDRESS_MAX octets. */
bool server_address_good(struct bytes text);

#endif
