/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret is a type (R7): it is wiped on every way out of the function that declares it with
 * SECRET, compared in constant time, and no printer accepts it.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/bytes.h"

enum { SECRET_MAX = 32 }; /* P-256 scalar, AES-256 key, TUAK K: none is longer */

struct secret {
	uint8_t at[SECRET_MAX];
	uint8_t len;
};

/* wipe overwrites n octets in a way the compiler does not remove. */
void wipe(void *at, size_t n);

void secret_clear(struct secret *secret);

#define SECRET __attribute__((cleanup(secret_clear))) struct secret

/* secret_from copies 0 to SECRET_MAX octets. On failure (too long) `out` is untouched. */
NODISCARD bool secret_from(struct secret *out, struct bytes in);

/* secret_bytes lends the octets to a cryptographic function. The view dies with the secret. */
static inline struct bytes secret_bytes(const struct secret *secret)
{
	return (struct bytes){ secret->at, secret->len };
}

/* secret_same takes the same time wherever a and b differ; lengths are public. */
NODISCARD bool secret_same(struct bytes a, struct bytes b);

#endif
