/* SPDX-License-Identifier: Apache-2.0 */
/* Between trust.c and the backends of trust.h: what each of them fills in. Who uses a chip needs trust.h only. */
#ifndef PORT_TRUST_BACKEND_H
#define PORT_TRUST_BACKEND_H

#include "port/trust.h"

/* As trust.h says of the function of that name; trust.c has checked numbers and lengths of which trust.h says that they
 * are refused. */
struct trust_backend {
	enum err (*open)(struct trust **trust, const char *name);
	void (*close)(struct trust *trust);
	enum err (*endorsement)(struct trust *trust, struct room *public, struct room *certificate);
	enum err (*attestation_public)(struct trust *trust, struct room *public);
	enum err (*activate)(struct trust *trust, struct bytes credential, struct bytes secret,
	                     struct secret *out);
	enum err (*quote)(struct trust *trust, uint32_t pcrs, struct bytes qualifying,
	                  struct room *attest, struct room *signature);
	enum err (*attestation_sign)(struct trust *trust, struct bytes message,
	                             uint8_t signature[static EC_SIGNATURE_SIZE]);
	enum err (*clock)(struct trust *trust, struct room *clock);
	enum err (*extend)(struct trust *trust, unsigned pcr,
	                   const uint8_t digest[static SHA256_SIZE]);
	enum err (*pcr)(struct trust *trust, unsigned pcr, uint8_t value[static SHA256_SIZE]);
	enum err (*state_digest)(struct trust *trust, uint32_t pcrs,
	                         uint8_t digest[static SHA256_SIZE]);
	enum err (*pairing_public)(struct trust *trust, const struct trust_policy *policy,
	                           struct room *public);
	enum err (*pairing_certify)(struct trust *trust, const struct trust_policy *policy,
	                            struct room *public, struct room *attest,
	                            struct room *signature);
	enum err (*pairing_sign)(struct trust *trust, const struct trust_policy *policy,
	                         const struct trust_approval *approval, struct bytes message,
	                         uint8_t signature[static EC_SIGNATURE_SIZE]);
	enum err (*seal)(struct trust *trust, const struct trust_policy *policy,
	                 const struct secret *secret, struct room *blob);
	enum err (*unseal)(struct trust *trust, const struct trust_policy *policy,
	                   const struct trust_approval *approval, struct bytes blob,
	                   struct secret *secret);
	enum err (*counter)(struct trust *trust, bool next, uint64_t *out);
	enum err (*floor)(struct trust *trust, uint32_t least, uint32_t *out);
};

/* The first member of what a backend has open. */
struct trust {
	const struct trust_backend *on;
};

extern const struct trust_backend trust_tpm2; /* tpm2/ */
extern const struct trust_backend trust_soft; /* room softtpm, which stands above this one */

#endif
