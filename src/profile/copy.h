/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A package read and written again through everything this room knows of it: what comes out is the
 * package in its normal form (defaults left out, shortest numbers). A package in normal form comes out
 * as it was; that is how reading and writing are held against each other.
 */
#ifndef PROFILE_COPY_H
#define PROFILE_COPY_H

#include "profile/source.h"

/* profile_copy appends the normal form. Elements and members of later versions are taken over as they
 * are. ERR_ROOM when it does not fit; any other cause is where reading failed, see `fault`. */
NODISCARD enum err profile_copy(const struct source *package, struct room *out,
                                struct fault *fault);

#endif
