/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter of interoperable profile packages (TCA 2.3.1): it runs a package element by element
 * and so makes a profile's files, codes and keys as a draft tree. It knows the language of packages
 * (room profile) and the card's file system; it knows nothing of SGP.22.
 *
 * Nothing sees a draft. The caller makes it a profile, together with its own records, by profile_adopt
 * in one transaction; whatever stops the installation before leaves the card as it was.
 */
#ifndef CARD_INSTALL_H
#define CARD_INSTALL_H

#include "base/bytes.h"
#include "base/err.h"
#include "card/fs.h"
#include "profile/source.h"

struct card;

/* card_install_profile builds the package's tree as a draft for the unused profile slot and appends an
 * EUICCResponse to `response` whatever happens. `iccid` (ICCID_SIZE octets, as StoreMetadata has it) is
 * what the package must be for; empty: anything goes. ERR_NONE: `tree` is whole and for the caller to
 * adopt or to discard. Otherwise the draft is gone and the response names the element at fault. */
NODISCARD enum err card_install_profile(struct card *card, uint8_t slot,
                                        const struct source *package, struct bytes iccid,
                                        struct fs *tree, struct room *response);

/* source_staging reads the octets that were staged in the card (profiles.h). */
struct source source_staging(struct card *card);

/* Objects (NODE_OBJECT, below the MF) that an installation leaves: the first has this number, further
 * ones of the kind count up. Contents are the element as it stood in the package, without its tag. */
enum install_object {
	OBJECT_HEADER = 0x0001,          /* ProfileHeader */
	OBJECT_SECURITY_DOMAIN = 0x0100, /* PE-SecurityDomain: instance and keys */
	OBJECT_RFM = 0x0200,             /* PE-RFM */
	OBJECT_CDMA = 0x0300,            /* PE-CDMAParameter */
	OBJECT_LAST = 0x00FF,            /* how many of a kind at most */
};

#endif
