/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges a package without a card: is every element well formed, are they in an order that works, does
 * what one refers to exist. For hosts; it finds the first flaw and says where.
 */
#ifndef PROFILE_CHECK_H
#define PROFILE_CHECK_H

#include "profile/pe.h"

struct profile_flaw {
	uint32_t offset;   /* in the package */
	uint16_t number;   /* of the element, the header being 1; 0: of the package as a whole */
	enum pe_kind kind; /* PE_KINDS: not known */
	bool identified;
	uint16_t identification;
	ber_tag want; /* the tag that should be at the offset; 0: not a matter of tags */
	enum err cause;
	const char *says; /* one English phrase; never NULL */
};

/* profile_check is ERR_NONE when nothing is wrong; otherwise the cause, and `flaw` tells more. */
NODISCARD enum err profile_check(const struct source *package, struct profile_flaw *flaw);

#endif
