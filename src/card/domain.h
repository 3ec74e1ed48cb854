/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security domains of the enabled profile, the operator's first (TCA 2.3.1, 8.6): objects that the
 * installation left in the tree. They can be selected; their keys wait for secured packets.
 */
#ifndef CARD_DOMAIN_H
#define CARD_DOMAIN_H

#include "card/fs.h"
#include "profile/apps.h"

/* domain_aid gives the AID of the nth security domain, from 0; false behind the last. */
bool domain_aid(struct fs *fs, unsigned n, struct aid *aid);

#endif
