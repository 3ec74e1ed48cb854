/* SPDX-License-Identifier: Apache-2.0 */
#include "softtpm/key.h"

#include "evidence/credential.h"

/* FIPS 186-5, A.2.2: candidates are tried until one is a scalar. The first is, but for one seed in 2^32. */
enum err key_derive(const struct softtpm *tpm, struct bytes label, struct bytes context,
                    struct secret *scalar, uint8_t point[static EC_POINT_SIZE])
{
	enum err err = ERR_VALUE;

	for (uint8_t n = 0; err == ERR_VALUE && n < UINT8_MAX; n++) {
		struct room room = ROOM(scalar->at);
		TRY(tpm_kdfa(ATTEST_SHA256, secret_bytes(&tpm->seed), label, context,
		             (struct bytes){ &n, 1 }, 8 * sizeof scalar->at, &room));
		scalar->len = sizeof scalar->at;
		err = crypto_ec_public(EC_P256, scalar, point);
	}
	return err;
}

void key_public(struct room *out, uint32_t attributes, struct bytes policy,
                const uint8_t point[static EC_POINT_SIZE])
{
	bool signs = (attributes & TPM_SIGN) != 0;
	const struct tpm_public public = {
		.type = TPM_ALG_ECC,
		.name_hash = TPM_ALG_SHA256,
		.attributes = attributes,
		.policy = policy,
		.symmetric = signs ? TPM_ALG_NULL : TPM_ALG_AES,
		.symmetric_bits = 128,
		.symmetric_mode = TPM_ALG_CFB,
		.scheme = signs ? TPM_ALG_ECDSA : TPM_ALG_NULL,
		.scheme_hash = TPM_ALG_SHA256,
		.curve = TPM_ECC_NIST_P256,
		.x = {point + 1,   32},
		.y = { point + 33, 32},
	};

	tpm_public_put(out, &public);
}

enum err key_qualified_name(struct bytes name, struct room *out)
{
	static const uint8_t endorsement[] = { 0x40, 0x00, 0x00, 0x0B }; /* TPM_RH_ENDORSEMENT */
	const struct bytes parts[] = { BYTES(endorsement), name };
	uint8_t digest[SHA256_SIZE];

	TRY(crypto_sha256(digest, parts, COUNT(parts)));
	room_put_u16(out, TPM_ALG_SHA256);
	room_put(out, BYTES(digest));
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err policy_update(uint32_t command, struct bytes what, uint8_t policy[static SHA256_SIZE])
{
	static const uint8_t zero[SHA256_SIZE];
	uint8_t code_octets[4];
	struct room code = ROOM(code_octets);

	room_put_u32(&code, command);
	const struct bytes parts[] = { BYTES(zero), room_used(&code), what };
	TRY(crypto_sha256(policy, parts, COUNT(parts)));
	return crypto_sha256(policy, &(struct bytes){ policy, SHA256_SIZE }, 1);
}
