/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine starts (R1b.3): a signed text that names each component, where it lies and what it must be.
 *
 *     assay-components 1
 *     model M1
 *     firmware 1.0
 *     component card 3A0E...F1 /usr/bin/assay-card
 *     component agent 77C2...09 /usr/bin/assay-agent
 *     signature 5D...
 *
 * Lines end in a line feed, words are parted by one space, a path goes to the end of its line. Digests are SHA-256
 * of the file, in hexadecimal. The signature is r || s of ECDSA on P-256 with SHA-256, in hexadecimal, over all octets
 * before the line that holds it; nothing follows.
 */
#ifndef AGENT_COMPONENTS_H
#define AGENT_COMPONENTS_H

#include "base/secret.h"
#include "port/crypto.h"

enum { COMPONENTS_MAX = 16, COMPONENTS_TEXT_MAX = 8 << 10 };

struct component {
	struct bytes name, path;
	uint8_t digest[SHA256_SIZE];
};

struct components {
	struct bytes model, firmware;
	struct component component[COMPONENTS_MAX];
	size_t count;
};

/* components_read takes a whole text. ERR_SIGNATURE unless `signer` has signed exactly this; nothing else of the text
 * is looked at before. ERR_TAG, ERR_VALUE, ERR_LENGTH, ERR_LIMIT for what is malformed, ERR_EXISTS for a name
 * given twice. The views are of `text`. */
NODISCARD enum err components_read(struct bytes text, const uint8_t signer[static EC_POINT_SIZE],
                                   struct components *out);

/* components_put appends the signed text. ERR_VALUE for a name, model or version that is empty or has a space or a
 * control character in it, and for a path that is not absolute. */
NODISCARD enum err components_put(struct room *out, const struct components *components,
                                  const struct secret *key);

/* components_find gives the component of that name; NULL when there is none. */
const struct component *components_find(const struct components *components, struct bytes name);

#endif
