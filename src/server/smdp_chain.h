/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of a card: CI, EUM, eUICC (SGP.22 v2.5 4.5.2, 5.6.3), and its signatures. */
#ifndef SERVER_SMDP_CHAIN_H
#define SERVER_SMDP_CHAIN_H

#include "rsp/cert.h"
#include "server/smdp_ports.h"
#include "server/smdp_status.h"

struct smdp_card {
	uint8_t eid[EID_SIZE];
	enum ec_curve curve;
	uint8_t point[EC_POINT_SIZE];
};

/* smdp_chain_verify checks both certificates under the CI with that key identifier, or under any of
 * ours when root is NULL, each cause with its own status. */
NODISCARD enum smdp_status smdp_chain_verify(const struct smdp_ports *ports, const uint8_t *root,
                                             struct bytes euicc_certificate,
                                             struct bytes eum_certificate, struct smdp_card *out);

/* smdp_card_verify checks a card's signature over an element and, unless at == NULL, the signature
 * element (5F37) of ours that it answers: SMDP_EUICC_UNVERIFIED. */
NODISCARD enum smdp_status smdp_card_verify(const struct smdp_card *card, struct bytes element,
                                            struct bytes our_signature, struct bytes signature);

#endif
