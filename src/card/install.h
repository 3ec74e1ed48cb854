/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter of interoperable profile packages (TCA 2.3.1): it runs a package element by element
 * and so makes a profile's files, codes and keys in the card. It knows the language of packages (room
 * profile), the card's file system and its codes; it knows nothing of SGP.22.
 *
 * What is made is invisible until the last step, one small transaction that makes the whole profile
 * exist; before it, whatever stops the installation leaves the card as it was.
 */
#ifndef CARD_INSTALL_H
#define CARD_INSTALL_H

#include "base/bytes.h"
#include "base/err.h"
#include "profile/source.h"

struct card;

/* card_install_profile installs the package into the profile slot `slot`, which is free, and appends
 * an EUICCResponse to `response` whatever happens. ERR_NONE: the profile exists, disabled. Otherwise
 * nothing is left of it and the response names the element at fault. `iccid` (10 octets, as in the
 * metadata) is what the package must be for, or empty when anything goes. */
NODISCARD enum err card_install_profile(struct card *card, uint8_t slot,
                                        const struct source *package, struct bytes iccid,
                                        struct room *response);

#endif
