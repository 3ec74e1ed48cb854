/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attestation result: an EAT Attestation Result (draft-ietf-rats-ear-03) with the
 * trustworthiness vector of draft-ietf-rats-ar4si, as signed CWT and as signed JWT. It is what the
 * verifier hands on, so it names for whom it is, until when, and for which session (the nonce is
 * that session's binding).
 *
 * JSON is written here but read by hosted code (verifier/ear_json.h), which has a JSON library.
 */
#ifndef EVIDENCE_EAR_H
#define EVIDENCE_EAR_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "port/attest_crypto.h"

/* AR4SI 2.3.2: the tiers, and the values that begin them. */
enum ear_tier { EAR_NONE = 0, EAR_AFFIRMING = 2, EAR_WARNING = 32, EAR_CONTRAINDICATED = 96 };

/* AR4SI 2.3.4: the claims of the vector, in the order of their keys. */
enum ear_claim {
	EAR_INSTANCE_IDENTITY,
	EAR_CONFIGURATION,
	EAR_EXECUTABLES,
	EAR_FILE_SYSTEM,
	EAR_HARDWARE,
	EAR_RUNTIME_OPAQUE,
	EAR_STORAGE_OPAQUE,
	EAR_SOURCED_DATA,
	EAR_CLAIMS,
};

/* Values of AR4SI 2.3.4 that this verifier gives. */
enum {
	EAR_TRUSTWORTHY_INSTANCE = 2,
	EAR_UNTRUSTWORTHY_INSTANCE = 96,
	EAR_UNRECOGNIZED_INSTANCE = 97,
	EAR_APPROVED_CONFIG = 2,
	EAR_UNSUPPORTABLE_CONFIG = 96,
	EAR_APPROVED_RUNTIME = 2,
	EAR_APPROVED_BOOT = 3,
	EAR_UNSAFE_RUNTIME = 32,
	EAR_UNRECOGNIZED_RUNTIME = 33,
	EAR_CONTRAINDICATED_RUNTIME = 96,
	EAR_GENUINE_HARDWARE = 2,
	EAR_UNRECOGNIZED_HARDWARE = 97,
};

struct ear {
	struct bytes profile;          /* when written and empty: the draft's own */
	struct bytes audience;         /* for whom; empty when absent */
	int64_t issued, expires;       /* seconds since 1970; expires 0 when absent */
	struct bytes nonce;            /* at == NULL when absent */
	struct bytes developer, build; /* of the verifier */
	struct bytes submodule;        /* name of the one appraised thing */
	enum ear_tier status;
	int8_t vector[EAR_CLAIMS]; /* 0 is "no claim" and left out */
	struct bytes policy;       /* at == NULL when absent */
};

/* ear_claim_text is the claim's name in JSON. */
const char *ear_claim_text(enum ear_claim claim);
const char *ear_tier_text(enum ear_tier tier);

/* ear_tier_of sorts a trustworthiness value: AR4SI 2.3.2. */
enum ear_tier ear_tier_of(int8_t value);

/* ear_claims_read takes the CBOR claims set with one submodule or more, of which the first is
 * given. A status that is better than the worst value of its vector is ERR_VALUE (EAR 3.2). */
NODISCARD enum err ear_claims_read(struct bytes in, struct ear *out);
void ear_claims_put(struct room *out, const struct ear *ear);

/* ear_cwt_put appends the result as CWT under ES256. */
NODISCARD enum err ear_cwt_put(struct room *out, const struct secret *scalar, struct bytes kid,
                               const struct ear *ear);

/* ear_cwt_read verifies and reads a CWT: ERR_SIGNATURE; ERR_DENIED for another audience;
 * ERR_EXPIRED when `now` is not before its end; ERR_VALUE when it was issued after `now`, or never
 * ends. */
NODISCARD enum err ear_cwt_read(struct bytes in, const struct attest_key *key,
                                struct bytes audience, int64_t now, struct ear *out);

/* ear_json_put appends the claims set as JSON, ear_jwt_put as JWT under ES256 in compact form. */
void ear_json_put(struct room *out, const struct ear *ear);
NODISCARD enum err ear_jwt_put(struct room *out, const struct secret *scalar, struct bytes kid,
                               const struct ear *ear);

#endif
