/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims of a PSA root of trust: RFC 9783 with the EAT claims of RFC 9711 that it uses, and the two
 * profiles before it ("http://arm.com/psa/2.0.0" and PSA_IOT_PROFILE_1). The claims set is held to
 * its profile; whether its values are good is the verifier's to say.
 */
#ifndef EVIDENCE_EAT_H
#define EVIDENCE_EAT_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	PSA_COMPONENTS_MAX = 16,
	PSA_INSTANCE_SIZE = 33,       /* RFC 9783 4.2.1: a UEID of type RAND */
	PSA_IMPLEMENTATION_SIZE = 32, /* RFC 9783 4.2.2 */
};

enum psa_profile {
	PSA_PROFILE_1, /* "PSA_IOT_PROFILE_1", or none told: keys from -75000 */
	PSA_PROFILE_2,    /* "http://arm.com/psa/2.0.0": the drafts of RFC 9783, keys from 2394 */
	PSA_PROFILE_9783, /* "tag:psacertified.org,2023:psa#tfm" and other fragments */
};

/* RFC 9783 4.4.1; at == NULL where optional and absent. */
struct psa_component {
	struct bytes type, value, version, signer, description;
};

struct psa_claims {
	enum psa_profile profile;
	struct bytes nonce;          /* what the token is fresh for */
	struct bytes instance;       /* whose key signed */
	struct bytes implementation; /* which immutable root of trust */
	int64_t client;
	uint16_t lifecycle;
	struct bytes boot_seed, certification, service; /* optional */
	bool no_measurements;                           /* PSA_IOT_PROFILE_1 alone may say so */
	struct psa_component component[PSA_COMPONENTS_MAX];
	size_t components;
};

/* psa_claims_read takes a claims set, the payload of a token. ERR_NOT_FOUND when a mandatory claim
 * is missing; ERR_VALUE or ERR_LENGTH for one that its profile does not allow; ERR_UNSUPPORTED for
 * another profile. Unknown claims are skipped (RFC 9711 6.3.1); one that occurs twice is
 * ERR_EXISTS. */
NODISCARD enum err psa_claims_read(struct bytes in, struct psa_claims *out);

/* psa_claims_put writes a claims set of RFC 9783, in the order of deterministic encoding. */
void psa_claims_put(struct room *out, const struct psa_claims *claims);

enum psa_lifecycle {
	PSA_UNKNOWN,
	PSA_ASSEMBLY,
	PSA_PROVISIONING,
	PSA_SECURED,
	PSA_NON_PSA_ROT_DEBUG,
	PSA_RECOVERABLE_DEBUG,
	PSA_DECOMMISSIONED,
	PSA_INVALID,
};

/* psa_lifecycle_of sorts the claim into the states of RFC 9783 4.3.1. */
enum psa_lifecycle psa_lifecycle_of(uint16_t claim);

#endif
