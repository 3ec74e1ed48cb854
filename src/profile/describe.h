/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions as people write them: lines "key = value", '#' begins a comment. docs/profiles.md lists
 * the keys. What is left out is as profile_defaults has it; keys and codes that are left out are drawn
 * at random by profile_complete, so that a description need hold no secret.
 */
#ifndef PROFILE_DESCRIBE_H
#define PROFILE_DESCRIBE_H

#include "profile/build.h"

struct describe_flaw {
	unsigned line;    /* from 1 */
	const char *says; /* one English phrase */
};

/* profile_describe reads a description's text. On error `out` is wiped and `flaw` says where and why. */
NODISCARD enum err profile_describe(struct bytes text, struct profile_description *out,
                                    struct describe_flaw *flaw);

/* What completing a description asks of others: random octets, and OPc or TOPc from K and OP. */
struct describe_ports {
	enum err (*random)(uint8_t *out, size_t len);
	enum err (*derive_opc)(const struct profile_description *what, struct secret *opc);
};

/* profile_complete draws what the description left out. */
NODISCARD enum err profile_complete(struct profile_description *what,
                                    const struct describe_ports *ports);

/* profile_step makes the description that of the nth next subscription: IMSI, ICCID and MSISDN go up by
 * n, an ICCID's check digit is computed anew if it was right. MCC and MNC stay. ERR_LIMIT when a number
 * runs out; then `what` is not for use. */
NODISCARD enum err profile_step(struct profile_description *what, uint64_t n);

#endif
