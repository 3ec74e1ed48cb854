/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed blobs of the keeper: AES-256-GCM under a key derived from the master key for each kind of thing;
 * kind and identifier are authenticated with it, so that a blob moved to another row, or another table,
 * does not open. Layout: version (1 octet), nonce (12), ciphertext, tag (16).
 */
#ifndef SERVER_SEAL_H
#define SERVER_SEAL_H

#include "port/crypto.h"

enum seal_kind {
	SEAL_PACKAGE = 1,
	SEAL_SUBSCRIBER = 2,
	SEAL_ONE_TIME_KEY = 3,
	SEAL_PROTECTION_KEYS = 4,
	SEAL_PERMIT = 5,  /* nothing is sealed with it: the key of permits */
	SEAL_OPENING = 6, /* likewise: of the challenges of sessions (server/opening.h) */
	SEAL_KINDS = 7
};

enum { SEAL_EXTRA = 1 + GCM_NONCE_SIZE + GCM_TAG_SIZE };

struct seal {
	struct secret key[SEAL_KINDS];
};

/* seal_open derives the keys from 32 octets of master key. */
NODISCARD enum err seal_begin(struct seal *seal, const struct secret *master);
void seal_clear(struct seal *seal);

/* seal_put appends the sealed blob. */
NODISCARD enum err seal_put(const struct seal *seal, enum seal_kind kind, struct bytes id,
                            struct bytes clear, struct room *out);

/* seal_read appends what was sealed; ERR_MAC when it is not this kind and identifier's, or damaged. */
NODISCARD enum err seal_read(const struct seal *seal, enum seal_kind kind, struct bytes id,
                             struct bytes sealed, struct room *out);

#endif
