/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation results in JSON and JWT, read: in the names of draft-ietf-rats-ear and in those that
 * its implementations used before ("ear.status"). Hosted, as it needs a JSON library. */
#ifndef VERIFIER_EAR_JSON_H
#define VERIFIER_EAR_JSON_H

#include "evidence/ear.h"

#include <jansson.h>

/* A result that was read. The views of `ear` are into `root` and `nonce`, and die with
 * ear_json_clear. */
struct ear_json {
	json_t *root;
	uint8_t nonce[64];
	struct ear ear;
};

/* ear_json_read takes a claims set. ERR_VALUE when it is no JSON or a claim is of another type;
 * ERR_NOT_FOUND when a mandatory claim is missing. On error there is nothing to clear. */
NODISCARD enum err ear_json_read(struct bytes in, struct ear_json *out);

/* ear_jwt_read verifies and reads a JWT in compact form under ES256; causes as of ear_cwt_read, and
 * ERR_UNSUPPORTED for another algorithm. */
NODISCARD enum err ear_jwt_read(struct bytes in, const struct attest_key *key,
                                struct bytes audience, int64_t now, struct ear_json *out);

void ear_json_clear(struct ear_json *ear);

#endif
