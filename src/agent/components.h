/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine starts (R1b.3): a signed text that names each component, where it lies and what it must be.
 *
 *     assay-components 1
 *     model M1
 *     firmware 1.0
 *     version 7
 *     component card 3A0E...F1 /usr/bin/assay-card
 *     component agent 77C2...09 /usr/bin/assay-agent
 *     signature 5D...
 *
 * Lines end in a line feed, words are parted by one space, a path goes to the end of its line. Digests are SHA-256
 * of the file, in hexadecimal. The signature is r || s of ECDSA on P-256 with SHA-256, in hexadecimal, over all octets
 * before the line that holds it; nothing follows. The version is a number of its own, from 1 to COMPONENTS_VERSION_MAX,
 * that its signer raises when older lists shall not start anything any more.
 */
#ifndef AGENT_COMPONENTS_H
#define AGENT_COMPONENTS_H

#include "base/secret.h"
#include "port/crypto.h"

enum { COMPONENTS_MAX = 16, COMPONENTS_TEXT_MAX = 8 << 10, COMPONENTS_VERSION_MAX = 1024 };

struct component {
	struct bytes name, path;
	uint8_t digest[SHA256_SIZE];
};

struct components {
	struct bytes model, firmware;
	uint32_t version;
	struct component component[COMPONENTS_MAX];
	size_t count;
};

/* components_read takes a whole text. ERR_SIGNATURE unless `signer` has signed exactly this; nothing else of the text
 * is looked at before. ERR_TAG, ERR_VALUE, ERR_LENGTH, ERR_LIMIT for what is malformed, ERR_EXISTS for what is
 * given twice, ERR_NOT_FOUND for a list without model, firmware, version or component. The views are of `text`. */
NODISCARD enum err components_read(struct bytes text, const uint8_t signer[static EC_POINT_SIZE],
                                   struct components *out);

/* components_put appends the signed text. ERR_VALUE for a name, model or version that is empty or has a space or a
 * control character in it, for a path that is not absolute, and for a version out of range. */
NODISCARD enum err components_put(struct room *out, const struct components *components,
                                  const struct secret *key);

/* components_find gives the component of that name; NULL when there is none. */
const struct component *components_find(const struct components *components, struct bytes name);

#endif
