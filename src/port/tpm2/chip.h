/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the TPM 2.0 backend: the connection, the primary keys by template, and policy sessions. */
#ifndef PORT_TPM2_CHIP_H
#define PORT_TPM2_CHIP_H

#include "port/trust_backend.h"

#include <tss2/tss2_esys.h>

enum chip_key {
	CHIP_EK_RSA,  /* TCG EK Credential Profile, template L-1 */
	CHIP_EK_P256, /* L-2 */
	CHIP_EK_P384, /* H-3 */
	CHIP_AK,
	CHIP_PAIRING,
	CHIP_STORAGE,
	CHIP_KEYS
};

/* A chip without resource manager has three places for objects (PC Client profile 4.5): two keys of
 * ours and one guest, a signer or a sealed object. What gives way is kept as a saved context. */
enum { CHIP_LOADED_MAX = 2 };

struct chip_slot {
	ESYS_TR loaded;      /* ESYS_TR_NONE: not in the chip now */
	TPMS_CONTEXT *saved; /* NULL: never made */
	TPM2B_PUBLIC *public;
	uint64_t used; /* when it was last asked for */
};

struct chip {
	struct trust trust; /* first: chip_of */
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	struct chip_slot keys[CHIP_KEYS];
	uint64_t turn;
	TPM2B_DIGEST pairing_policy; /* what keys[CHIP_PAIRING] was made with */
};

static inline struct chip *chip_of(struct trust *trust)
{
	return (struct chip *)trust;
}

/* chip_err maps a response code; `otherwise` stands for codes without a cause of their own. */
enum err chip_err(TSS2_RC rc, enum err otherwise);

/* chip_key makes a primary key, or brings it back; `policy` is its authPolicy for CHIP_PAIRING, else NULL.
 * The handles of the last CHIP_LOADED_MAX different keys are good; sessions load keys too, so they are
 * started first. */
NODISCARD enum err chip_key(struct chip *chip, enum chip_key key, const TPM2B_DIGEST *policy,
                            ESYS_TR *handle);

/* chip_ek finds which endorsement key has a certificate in NV memory; without one it is CHIP_EK_P256. */
enum chip_key chip_ek(struct chip *chip, TPMI_RH_NV_INDEX *certificate);

/* chip_session starts a session whose parameters are enciphered on the bus under the storage key. The
 * caller flushes it with chip_flush. */
NODISCARD enum err chip_session(struct chip *chip, TPM2_SE type, ESYS_TR *session);
void chip_flush(struct chip *chip, ESYS_TR *handle);

/* chip_forget wipes the last answer's parameters, deciphered, in the library's own memory (R7): it is to follow
 * each command that gives a secret at once. */
void chip_forget(struct chip *chip);

/* chip_policy computes the authPolicy of trust_policy: one PolicyAuthorize with the signer's name. */
NODISCARD enum err chip_policy(const struct trust_policy *policy, TPM2B_DIGEST *out);

/* chip_policy_session starts a session that has satisfied the policy by the approval. */
NODISCARD enum err chip_policy_session(struct chip *chip, const struct trust_policy *policy,
                                       const struct trust_approval *approval, ESYS_TR *session);

/* chip_selection names PCRs of the SHA-256 bank. */
TPML_PCR_SELECTION chip_selection(uint32_t pcrs);

/* chip_ecdsa gives an ECDSA signature on P-256 as r || s. */
void chip_ecdsa(const TPMT_SIGNATURE *signature, uint8_t out[static EC_SIGNATURE_SIZE]);

/* chip_put_signature appends the TPMT_SIGNATURE, chip_put_public the TPMT_PUBLIC. */
NODISCARD enum err chip_put_signature(const TPMT_SIGNATURE *signature, struct room *out);
NODISCARD enum err chip_put_public(const TPM2B_PUBLIC *public, struct room *out);

/* What trust.h says of trust_endorsement and so on; chip.c has the table. */
NODISCARD enum err chip_endorsement(struct trust *trust, struct room *public,
                                    struct room *certificate);
NODISCARD enum err chip_attestation_public(struct trust *trust, struct room *public);
NODISCARD enum err chip_activate(struct trust *trust, struct bytes credential, struct bytes secret,
                                 struct secret *out);
NODISCARD enum err chip_quote(struct trust *trust, uint32_t pcrs, struct bytes qualifying,
                              struct room *attest, struct room *signature);
NODISCARD enum err chip_attestation_sign(struct trust *trust, struct bytes message,
                                         uint8_t signature[static EC_SIGNATURE_SIZE]);
NODISCARD enum err chip_clock(struct trust *trust, struct room *clock);
NODISCARD enum err chip_extend(struct trust *trust, unsigned pcr,
                               const uint8_t digest[static SHA256_SIZE]);
NODISCARD enum err chip_pcr(struct trust *trust, unsigned pcr, uint8_t value[static SHA256_SIZE]);
NODISCARD enum err chip_state_digest(struct trust *trust, uint32_t pcrs,
                                     uint8_t digest[static SHA256_SIZE]);
NODISCARD enum err chip_pairing_public(struct trust *trust, const struct trust_policy *policy,
                                       struct room *public);
NODISCARD enum err chip_pairing_certify(struct trust *trust, const struct trust_policy *policy,
                                        struct room *public, struct room *attest,
                                        struct room *signature);
NODISCARD enum err chip_pairing_sign(struct trust *trust, const struct trust_policy *policy,
                                     const struct trust_approval *approval, struct bytes message,
                                     uint8_t signature[static EC_SIGNATURE_SIZE]);
NODISCARD enum err chip_seal(struct trust *trust, const struct trust_policy *policy,
                             const struct secret *secret, struct room *blob);
NODISCARD enum err chip_unseal(struct trust *trust, const struct trust_policy *policy,
                               const struct trust_approval *approval, struct bytes blob,
                               struct secret *secret);
NODISCARD enum err chip_counter(struct trust *trust, bool next, uint64_t *out);
NODISCARD enum err chip_floor(struct trust *trust, uint32_t least, uint32_t *out);

#endif
