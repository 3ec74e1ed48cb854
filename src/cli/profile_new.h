/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes packages from a description, one or many: what `assay profile new` does, apart from where the
 * packages go.
 */
#ifndef CLI_PROFILE_NEW_H
#define CLI_PROFILE_NEW_H

#include "profile/build.h"

/* Where a package goes, and what it was made from (keys included). */
struct profile_sink {
	void *ctx;
	enum err (*take)(void *ctx, const struct profile_description *what, struct bytes package);
};

/* profile_make builds the package of the nth subscription of a description: numbers go up by n, what
 * the description leaves out is drawn at random. `flaw` names the key that is wrong on ERR_VALUE. */
NODISCARD enum err profile_make(const struct profile_description *first, uint64_t n,
                                const struct profile_sink *sink, const char **flaw);

#endif
