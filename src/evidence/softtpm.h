/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A software root of trust: the structures of a TPM 2.0 without one, for simulation, benchmarks and
 * tests. One bank (SHA-256), one restricted P-256 attestation key. It protects nothing, so
 * verifiers take it only for chips enrolled under a test endorsement, and only when told to.
 */
#ifndef EVIDENCE_SOFTTPM_H
#define EVIDENCE_SOFTTPM_H

#include "base/secret.h"
#include "evidence/tpm.h"
#include "port/crypto.h"

struct softtpm {
	struct secret scalar;
	uint8_t point[EC_POINT_SIZE];
	uint32_t attributes; /* of the key; what a test may bend */
	struct tpm_bank bank;
	struct tpm_clock clock;
};

/* softtpm_init makes a key and starts the chip for the first time. softtpm_clear wipes it. */
NODISCARD enum err softtpm_init(struct softtpm *tpm);
void softtpm_clear(struct softtpm *tpm);

/* softtpm_restart does what a reset of the machine does: PCRs anew, reset count up. */
void softtpm_restart(struct softtpm *tpm);

void softtpm_tick(struct softtpm *tpm, uint64_t ms);

/* softtpm_extend: ERR_VALUE for a PCR there is not. */
NODISCARD enum err softtpm_extend(struct softtpm *tpm, uint32_t pcr,
                                  const uint8_t digest[static SHA256_SIZE]);

/* softtpm_public appends the key's TPMT_PUBLIC. */
void softtpm_public(const struct softtpm *tpm, struct room *out);

/* softtpm_quote appends a TPMS_ATTEST over the PCRs of `mask` and the TPMT_SIGNATURE over it. */
NODISCARD enum err softtpm_quote(struct softtpm *tpm, uint32_t mask, struct bytes qualifying,
                                 struct room *attest, struct room *signature);

/* softtpm_sign appends a TPMT_SIGNATURE over any octets: what a restricted key refuses to do for
 * octets that begin like a TPM's own, and then ERR_DENIED. */
NODISCARD enum err softtpm_sign(struct softtpm *tpm, struct bytes octets, struct room *signature);

#endif
