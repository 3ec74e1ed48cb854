/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subscription concealed identifier that the USIM computes itself (TS 31.102 7.5, TS 33.501 annex C):
 * the subscriber's number enciphered for the home network, so that it is not sent in clear.
 */
#ifndef CARD_SUCI_H
#define CARD_SUCI_H

#include "base/bytes.h"
#include "base/err.h"
#include "port/crypto.h"

enum suci_scheme { /* TS 33.501 C.1 */
	           SUCI_NULL = 0,
	           SUCI_PROFILE_A = 1, /* X25519 */
	           SUCI_PROFILE_B = 2, /* P-256, points compressed */
};

enum {
	SUCI_PLAIN_MAX = 16, /* one cipher block; an MSIN has 5 octets at most */
	SUCI_MAC_SIZE = 8,
};

/* suci_generate makes an ephemeral scalar for the scheme. */
NODISCARD enum err suci_generate(enum suci_scheme scheme, struct secret *ephemeral);

/* suci_conceal appends the scheme output for `plain`. The home network's key is 32 octets for profile A,
 * 33 or 65 for profile B. ERR_UNSUPPORTED for another scheme, ERR_LENGTH, ERR_VALUE for a bad key. */
NODISCARD enum err suci_conceal(enum suci_scheme scheme, struct bytes network_key,
                                const struct secret *ephemeral, struct bytes plain,
                                struct room *out);

#endif
