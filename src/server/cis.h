/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate issuers of the configuration, as workers and the appraiser have them: whom cards are to be certified
 * under, with a memory of what was verified. */
#ifndef SERVER_CIS_H
#define SERVER_CIS_H

#include "server/buffer.h"
#include "server/config.h"
#include "server/smdp_chain.h"

struct cis {
	struct smdp_ci ci[CI_MAX];
	size_t count;
	struct buffer certificates[CI_MAX][3];
};

/* cis_load reads the certificates of all CIs; says what is wrong. */
NODISCARD enum err cis_load(struct cis *cis, const struct config *config);

/* cis_verify is crypto_ecdsa_verify, and what has verified once verifies again: the digest over curve, key, text and
 * signature is remembered by the process. Failures are not. `ctx` is not looked at. */
NODISCARD enum err cis_verify(void *ctx, enum ec_curve curve,
                              const uint8_t point[static EC_POINT_SIZE], const struct bytes *parts,
                              size_t count, const uint8_t signature[static EC_SIGNATURE_SIZE]);

/* cis_trust is whom to believe at a time, in seconds since 1970. */
struct smdp_trust cis_trust(const struct cis *cis, int64_t now);

#endif
