/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the software TPM: its keys. */
#ifndef SOFTTPM_KEY_H
#define SOFTTPM_KEY_H

#include "softtpm/softtpm.h"

enum {
	/* Born in the chip, and never leaves it. */
	KEY_OF_THE_CHIP = TPM_FIXED_TPM | TPM_FIXED_PARENT | TPM_SENSITIVE_DATA_ORIGIN,
	KEY_ENDORSEMENT = KEY_OF_THE_CHIP | TPM_ADMIN_WITH_POLICY | TPM_RESTRICTED | TPM_DECRYPT,
	KEY_ATTESTATION =
		KEY_OF_THE_CHIP | TPM_USER_WITH_AUTH | TPM_NO_DA | TPM_RESTRICTED | TPM_SIGN,
	KEY_PAIRING = KEY_OF_THE_CHIP | TPM_NO_DA | TPM_SIGN,
	KEY_PUBLIC_MAX = 128,
};

/* softtpm_blank is a chip at its first start that has no seed yet; softtpm_keys makes the attestation key from the seed. */
void softtpm_blank(struct softtpm *tpm);
NODISCARD enum err softtpm_keys(struct softtpm *tpm);

/* key_derive makes a primary key from the seed: another label or context, another key. */
NODISCARD enum err key_derive(const struct softtpm *tpm, struct bytes label, struct bytes context,
                              struct secret *scalar, uint8_t point[static EC_POINT_SIZE]);

/* key_public appends the TPMT_PUBLIC of a key with these attributes and this policy (may be empty). */
void key_public(struct room *out, uint32_t attributes, struct bytes policy,
                const uint8_t point[static EC_POINT_SIZE]);

/* key_qualified_name appends what the Name of a primary key of the endorsement hierarchy is there (part 1, 16). */
NODISCARD enum err key_qualified_name(struct bytes name, struct room *out);

/* key_attest fills in who says it and when, appends it, and appends the attestation key's signature over it. */
NODISCARD enum err key_attest(const struct softtpm *tpm, struct tpm_attest *say,
                              struct room *attest, struct room *signature);

/* policy_update is PolicyUpdate of part 3, 23.2.3 from a policy of zeros: a command's code and what it names, then
 * an empty policyRef. */
NODISCARD enum err policy_update(uint32_t command, struct bytes what,
                                 uint8_t policy[static SHA256_SIZE]);

#endif
