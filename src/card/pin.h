/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs and unblock PINs (TS 102 221 clause 9). A PIN is a node whose fid is its key reference: global
 * ones (01 to 08, 11 universal, 0A to 0E ADM1 to 5) below the MF, local ones (81 to 88, 8A to 8E) below
 * their ADF or DF. What has been verified is RAM and ends with the card session.
 */
#ifndef CARD_PIN_H
#define CARD_PIN_H

#include "card/fs.h"

enum {
	PIN_SIZE = 8, /* TS 102 221 11.1.9: eight octets, padded with FF */
	PIN_UNIVERSAL = 0x11,
	PIN_FLAG_ENABLED = 0x01, /* pinAttributes of the profile package, bit for bit */
	PIN_FLAG_CHANGEABLE = 0x02,
	PIN_FLAG_DISABLEABLE = 0x04,
	PIN_FLAG_REPLACED = 0x08, /* disabled, and the universal PIN stands in (TS 102 221 9.4.1) */
};

/* A PIN or PUK to be created. Tries are 1 to 15. */
struct pin_new {
	uint16_t scope;    /* directory node it belongs to */
	uint8_t reference; /* key reference; for a PUK the number that PINs name in `unblock` */
	uint8_t value[PIN_SIZE];
	uint8_t unblock;   /* PIN: reference of its PUK, 0: none */
	uint8_t flags;     /* PIN: PIN_FLAG_* */
	uint8_t max, left; /* maxNumOfAttemps-retryNumLeft: high and low nibble */
};

/* pin_create and puk_create add one to a draft tree. ERR_EXISTS, ERR_VALUE, ERR_LIMIT, ERR_FULL. */
NODISCARD enum err pin_create(struct fs *fs, const struct pin_new *pin);
NODISCARD enum err puk_create(struct fs *fs, const struct pin_new *puk);

#endif
