/* SPDX-License-Identifier: Apache-2.0 */
/* A software eUICC for the appraiser's tests, with certificates of a fresh test PKI: what it signs in a session. */
#ifndef TESTS_APPRAISER_CARD_H
#define TESTS_APPRAISER_CARD_H

#include "server/smdp_chain.h"

/* Who signs, and under whose certificates. */
enum signer {
	SIGNER_CARD,
	SIGNER_STRANGER,  /* a card of the same maker, under the card's certificate */
	SIGNER_FOREIGNER, /* a card with that EID, under a CI that is none of ours */
};

struct said {
	struct bytes session; /* the serverSigned1 that it answers */
	struct bytes digest;  /* of evidence, or empty */
	struct bytes imei;    /* digits, or empty */
	struct bytes report;  /* content of DF22, or empty */
	const char *matching_id;
	enum signer signer;
};

/* card_begin makes the cards; the CI is for the appraiser. */
struct smdp_ci card_begin(const uint8_t eid[static EID_SIZE]);

/* card_key gives the card as the keeper will know it. */
const struct smdp_card *card_key(void);

/* card_says makes an AuthenticateServerResponse. */
void card_says(const struct said *said, struct room *out);

#endif
