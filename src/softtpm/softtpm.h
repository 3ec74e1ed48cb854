/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A software root of trust: a TPM 2.0 that is a struct, for simulation, benchmarks and tests. It makes the structures
 * that a chip makes and refuses what a chip refuses, so that a verifier cannot tell it from one but by its endorsement.
 * **It protects nothing**: who reads its memory, or the file that trust.c keeps it in, has all its keys. So verifiers
 * take it only for chips enrolled under a test endorsement, and only when told to.
 *
 * One bank (SHA-256), keys on P-256, derived from the seed. What is written is what port/trust.h says, in the
 * TPM's encoding; ERR_ROOM where a room is too small. The caller owns the memory, and there is no clock: softtpm_tick.
 */
#ifndef SOFTTPM_SOFTTPM_H
#define SOFTTPM_SOFTTPM_H

#include "base/secret.h"
#include "evidence/tpm.h"
#include "port/crypto.h"
#include "port/trust.h"

enum {
	SOFTTPM_CERTIFICATE_MAX = TRUST_CERTIFICATE_MAX,
	SOFTTPM_STATE_MAX = 1024 + SOFTTPM_CERTIFICATE_MAX,
};

struct softtpm {
	struct secret seed;
	struct secret scalar; /* of the attestation key */
	uint8_t point[EC_POINT_SIZE];
	uint32_t attributes; /* of the attestation key; what a test may bend */
	struct tpm_bank bank;
	struct tpm_clock clock;
	uint64_t counter; /* 0: not made yet */
	uint32_t floor;
};

/* softtpm_init draws a seed and starts the chip for the first time. softtpm_clear wipes it. */
NODISCARD enum err softtpm_init(struct softtpm *tpm);
void softtpm_clear(struct softtpm *tpm);

/* softtpm_restart does what a reset of the machine does: PCRs anew, reset count up. */
void softtpm_restart(struct softtpm *tpm);

void softtpm_tick(struct softtpm *tpm, uint64_t ms);

/* softtpm_extend extends a PCR, at any locality. ERR_VALUE for a PCR there is not. */
NODISCARD enum err softtpm_extend(struct softtpm *tpm, uint32_t pcr,
                                  const uint8_t digest[static SHA256_SIZE]);

/* softtpm_public appends the attestation key's TPMT_PUBLIC. */
void softtpm_public(const struct softtpm *tpm, struct room *out);

/* softtpm_quote appends a TPMS_ATTEST over the PCRs of `mask` and the TPMT_SIGNATURE over it. */
NODISCARD enum err softtpm_quote(const struct softtpm *tpm, uint32_t mask, struct bytes qualifying,
                                 struct room *attest, struct room *signature);

/* softtpm_sign appends a TPMT_SIGNATURE over any octets: what a restricted key refuses to do for
 * octets that begin like a TPM's own, and then ERR_DENIED. */
NODISCARD enum err softtpm_sign(const struct softtpm *tpm, struct bytes octets,
                                struct room *signature);

/* softtpm_attestation_sign does the same as r || s, as trust_attestation_sign. */
NODISCARD enum err softtpm_attestation_sign(const struct softtpm *tpm, struct bytes message,
                                            uint8_t signature[static EC_SIGNATURE_SIZE]);

/* softtpm_endorsement_public appends the endorsement key's TPMT_PUBLIC (EK Credential Profile, template L-2), and
 * softtpm_endorsement_point tells its point. */
NODISCARD enum err softtpm_endorsement_public(const struct softtpm *tpm, struct room *out);
NODISCARD enum err softtpm_endorsement_point(const struct softtpm *tpm,
                                             uint8_t point[static EC_POINT_SIZE]);

/* The rest is as port/trust.h says of trust_activate and so on. */
NODISCARD enum err softtpm_activate(const struct softtpm *tpm, struct bytes credential,
                                    struct bytes secret, struct secret *out);
NODISCARD enum err softtpm_state_digest(const struct softtpm *tpm, uint32_t pcrs,
                                        uint8_t digest[static SHA256_SIZE]);
NODISCARD enum err softtpm_pairing_public(const struct softtpm *tpm,
                                          const struct trust_policy *policy, struct room *public);
NODISCARD enum err softtpm_pairing_certify(const struct softtpm *tpm,
                                           const struct trust_policy *policy, struct room *public,
                                           struct room *attest, struct room *signature);
NODISCARD enum err softtpm_pairing_sign(const struct softtpm *tpm,
                                        const struct trust_policy *policy,
                                        const struct trust_approval *approval, struct bytes message,
                                        uint8_t signature[static EC_SIGNATURE_SIZE]);
NODISCARD enum err softtpm_seal(const struct softtpm *tpm, const struct trust_policy *policy,
                                const struct secret *secret, struct room *blob);
NODISCARD enum err softtpm_unseal(const struct softtpm *tpm, const struct trust_policy *policy,
                                  const struct trust_approval *approval, struct bytes blob,
                                  struct secret *secret);
void softtpm_counter(struct softtpm *tpm, bool next, uint64_t *out);

/* What outlives the power, and how the file has it: softtpm_state_put appends at most SOFTTPM_STATE_MAX octets.
 * `at_ms` is when the chip's clock stood as it does, in a time of the caller's; the certificate is the endorsement key's
 * or empty. softtpm_state_read is ERR_CORRUPT for what is no such state, or damaged; then nothing is written. */
void softtpm_state_put(struct room *out, const struct softtpm *tpm, uint64_t at_ms,
                       struct bytes certificate);
NODISCARD enum err softtpm_state_read(struct bytes in, struct softtpm *tpm, uint64_t *at_ms,
                                      struct bytes *certificate);

#endif
