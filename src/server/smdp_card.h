/* SPDX-License-Identifier: Apache-2.0 */
/* A card as its certificate has it, and its signatures. */
#ifndef SERVER_SMDP_CARD_H
#define SERVER_SMDP_CARD_H

#include "base/limits.h"
#include "port/crypto.h"
#include "server/smdp_status.h"

struct smdp_card {
	uint8_t eid[EID_SIZE];
	enum ec_curve curve;
	uint8_t point[EC_POINT_SIZE];
};

/* smdp_card_read takes what a certificate says, which is not verified: SMDP_EUICC_CERTIFICATE_INVALID when it says
 * nothing of the kind. */
NODISCARD enum smdp_status smdp_card_read(struct bytes euicc_certificate, struct smdp_card *out);

/* smdp_card_verify checks a card's signature over an element: SMDP_EUICC_UNVERIFIED. */
NODISCARD enum smdp_status smdp_card_verify(const struct smdp_card *card, struct bytes element,
                                            struct bytes signature);

/* smdp_card_verify_signed2 checks euiccSignature2, which is over euiccSigned2 and the signature element of ours that
 * it answers (SGP.22 v2.5 5.7.5); signatures are without their tags. SMDP_EUICC_UNVERIFIED. */
NODISCARD enum smdp_status smdp_card_verify_signed2(const struct smdp_card *card,
                                                    struct bytes euicc_signed2,
                                                    struct bytes smdp_signature2,
                                                    struct bytes euicc_signature2);

#endif
