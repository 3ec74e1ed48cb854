/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential activation (TCG TPM 2.0 Library part 1, clause 24): a secret is wrapped so that only
 * the TPM with that endorsement key can unwrap it, and only while it holds an object of that Name.
 * Who gives the secret back has thereby shown that the attestation key lives in the certified chip.
 */
#ifndef EVIDENCE_CREDENTIAL_H
#define EVIDENCE_CREDENTIAL_H

#include "evidence/tpm.h"

enum {
	CREDENTIAL_SECRET_MAX = 32,
	CREDENTIAL_OBJECT_MAX = 2 * (2 + ATTEST_HASH_MAX), /* TPM2B_ID_OBJECT without its size */
	CREDENTIAL_ENCRYPTED_MAX = 4 + ATTEST_RSA_MAX,
	KDF_LABEL_MAX = 31,
};

/* tpm_kdfa is KDFa of part 1, 11.4.10.2 (SP 800-108, counter mode, HMAC): it appends (bits + 7) / 8
 * octets. The label is given without the NUL that ends it. ERR_ROOM. */
NODISCARD enum err tpm_kdfa(enum attest_hash hash, struct bytes key, struct bytes label,
                            struct bytes context_u, struct bytes context_v, uint32_t bits,
                            struct room *out);

/* tpm_kdfe is KDFe of part 1, 11.4.10.3 (SP 800-56A), for secrets out of ECDH. */
NODISCARD enum err tpm_kdfe(enum attest_hash hash, struct bytes z, struct bytes label,
                            struct bytes party_u, struct bytes party_v, uint32_t bits,
                            struct room *out);

/* tpm_make_credential wraps `secret` for the chip with endorsement key `ek` and an object of
 * `name`. `object` becomes the content of TPM2B_ID_OBJECT, `encrypted` that of
 * TPM2B_ENCRYPTED_SECRET. ERR_UNSUPPORTED for a key that is no storage key with AES-128 or AES-256
 * in CFB mode. */
NODISCARD enum err tpm_make_credential(const struct tpm_public *ek, struct bytes name,
                                       struct bytes secret, struct room *object,
                                       struct room *encrypted);

#endif
