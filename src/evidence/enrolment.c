/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/enrolment.h"

static const char label[] = "assay enrolment v1"; /* with its NUL */

enum err enrol_proof(const struct secret *secret, struct bytes eid, struct bytes ak_public,
                     struct bytes imei, struct bytes model, uint8_t out[static SHA256_SIZE])
{
	static const uint8_t nul = 0;
	uint8_t ak[SHA256_SIZE];

	TRY(crypto_sha256(ak, &ak_public, 1));
	const struct bytes parts[] = {
		{(const uint8_t *)label, sizeof label},
                eid, BYTES(ak), imei, { &nul,                  1           },
                model
	};
	return crypto_hmac_sha256(out, secret, parts, COUNT(parts));
}
