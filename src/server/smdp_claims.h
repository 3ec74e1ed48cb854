/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card has signed in AuthenticateClient, SGP.22 v2.5 5.6.3. Whoever decides by it verifies it himself: the
 * appraiser, before it admits a card, for a worker's word about one is worth nothing there
 * (docs/threat-model.md); the worker, before it does anything by itself.
 */
#ifndef SERVER_SMDP_CLAIMS_H
#define SERVER_SMDP_CLAIMS_H

#include "rsp/authenticate_server.h"
#include "server/smdp_chain.h"

/* Views are of what was received. */
struct smdp_claims {
	struct bytes whole; /* AuthenticateServerResponse BF38 */
	struct authenticate_server_response response;
	/* Unless it is an error: */
	struct smdp_card card; /* as the certificate has it */
	struct euicc_signed1 signed1;
	struct euicc_info2 info;
	struct ctx_params1 params;
};

/* smdp_claims_read takes an AuthenticateServerResponse, which may be an error. Nothing in it is verified.
 * SMDP_FORMAT_INVALID, or for a certificate that is none SMDP_EUICC_CERTIFICATE_INVALID. */
NODISCARD enum smdp_status smdp_claims_read(struct bytes in, struct smdp_claims *out);

/* smdp_claims_verify checks the chain (smdp_chain_verify), euiccSignature1, and that what was signed belongs to the
 * session that `session` opened: SMDP_TRANSACTION_UNKNOWN, or SMDP_EUICC_UNVERIFIED for another challenge. */
NODISCARD enum smdp_status smdp_claims_verify(const struct smdp_trust *trust, const uint8_t *root,
                                              const struct server_signed1 *session,
                                              const struct smdp_claims *claims);

#endif
