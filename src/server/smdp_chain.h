/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of a card: CI, EUM, eUICC (SGP.22 v2.5 4.5.2, 5.6.3). */
#ifndef SERVER_SMDP_CHAIN_H
#define SERVER_SMDP_CHAIN_H

#include "rsp/cert.h"
#include "server/smdp_card.h"
#include "server/smdp_ports.h"
#include "server/smdp_status.h"

/* Under whom a card is to be certified, as of when. `verify` is that of the ports (server/smdp_ports.h). */
struct smdp_trust {
	const struct smdp_ci *ci;
	size_t ci_count;
	int64_t now; /* seconds since 1970 */
	void *ctx;
	enum err (*verify)(void *ctx, enum ec_curve curve,
	                   const uint8_t point[static EC_POINT_SIZE], const struct bytes *parts,
	                   size_t count, const uint8_t signature[static EC_SIGNATURE_SIZE]);
};

/* smdp_trust gives that of an engine's ports. */
struct smdp_trust smdp_trust(const struct smdp_ports *ports);

/* smdp_chain_verify checks both certificates under the CI with that key identifier, or under any of
 * ours when root is NULL, each cause with its own status. */
NODISCARD enum smdp_status smdp_chain_verify(const struct smdp_trust *trust, const uint8_t *root,
                                             struct bytes euicc_certificate,
                                             struct bytes eum_certificate, struct smdp_card *out);

#endif
