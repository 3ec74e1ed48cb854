/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network access applications: the subscriber's key, algorithm and sequence numbers under an ADF, and
 * AUTHENTICATE on top of them (TS 31.102 7.1, TS 31.103 7.1).
 */
#ifndef CARD_NAA_H
#define CARD_NAA_H

#include "aka/aka.h"
#include "card/fs.h"

/* What an akaParameter element of a profile package says beside the subscriber. */
struct naa_sequence {
	struct sqn_rules rules; /* sqnDelta, sqnAgeLimit in SEQ, 0: unlimited */
	struct sqn_array seen;  /* sqnInit */
};

/* naa_create gives an ADF of a draft tree its subscriber. ERR_EXISTS, ERR_VALUE. */
NODISCARD enum err naa_create(struct fs *fs, uint16_t adf, const struct aka_subscriber *who,
                              const struct naa_sequence *sequence);

/* naa_share lets an ADF use the subscriber and the sequence numbers of another one (mappingParameter). */
NODISCARD enum err naa_share(struct fs *fs, uint16_t adf, uint16_t source);

#endif
