/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/softtpm.h"

#include <string.h>

enum err softtpm_init(struct softtpm *tpm)
{
	memset(tpm, 0, sizeof *tpm);
	tpm->attributes = TPM_FIXED_TPM | TPM_FIXED_PARENT | TPM_SENSITIVE_DATA_ORIGIN |
	                  TPM_USER_WITH_AUTH | TPM_NO_DA | TPM_RESTRICTED | TPM_SIGN;
	tpm->clock = (struct tpm_clock){ .clock = 1, .reset_count = 1, .safe = true };
	tpm_bank_clear(&tpm->bank, ATTEST_SHA256);
	return crypto_ec_generate(EC_P256, &tpm->scalar, tpm->point);
}

void softtpm_clear(struct softtpm *tpm)
{
	wipe(tpm, sizeof *tpm);
}

void softtpm_restart(struct softtpm *tpm)
{
	tpm->clock.reset_count++;
	tpm->clock.restart_count = 0;
	tpm_bank_clear(&tpm->bank, ATTEST_SHA256);
}

void softtpm_tick(struct softtpm *tpm, uint64_t ms)
{
	tpm->clock.clock += ms;
}

enum err softtpm_extend(struct softtpm *tpm, uint32_t pcr, const uint8_t digest[static SHA256_SIZE])
{
	if (pcr >= TPM_PCRS)
		return ERR_VALUE;
	return attest_extend(ATTEST_SHA256, tpm->bank.value[pcr], digest);
}

void softtpm_public(const struct softtpm *tpm, struct room *out)
{
	const struct tpm_public public = {
		.type = TPM_ALG_ECC,
		.name_hash = TPM_ALG_SHA256,
		.attributes = tpm->attributes,
		.symmetric = TPM_ALG_NULL,
		.scheme = TPM_ALG_ECDSA,
		.scheme_hash = TPM_ALG_SHA256,
		.curve = TPM_ECC_NIST_P256,
		.x = { tpm->point + 1, 32 },
		.y = { tpm->point + 33, 32 },
	};

	tpm_public_put(out, &public);
}

static enum err sign(struct softtpm *tpm, struct bytes octets, struct room *out)
{
	uint8_t rs[EC_SIGNATURE_SIZE];

	TRY(crypto_ecdsa_sign(EC_P256, &tpm->scalar, &octets, 1, rs));
	const struct tpm_signature signature = {
		.scheme = ATTEST_ECDSA, .hash = ATTEST_SHA256, .r = { rs, 32 }, .s = { rs + 32, 32 }
	};
	tpm_signature_put(out, &signature);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err softtpm_quote(struct softtpm *tpm, uint32_t mask, struct bytes qualifying,
                       struct room *attest, struct room *signature)
{
	uint8_t public_store[128], name_store[TPM_NAME_MAX], digest[ATTEST_HASH_MAX];
	struct room public = ROOM(public_store), name = ROOM(name_store);
	struct tpm_attest quote = {
		.type = TPM_ST_ATTEST_QUOTE,
		.extra_data = qualifying,
		.clock = tpm->clock,
		.firmware_version = 1,
		.selection = { .bank = { { TPM_ALG_SHA256, mask } }, .count = 1 },
	};
	size_t start = attest->len;

	softtpm_public(tpm, &public);
	TRY(tpm_name(room_used(&public), &name));
	quote.qualified_signer = room_used(&name);
	tpm->bank.known = mask; /* all of them are, to the chip */
	TRY(tpm_pcr_digest(&quote.selection, &tpm->bank, 1, ATTEST_SHA256, digest));
	quote.pcr_digest = (struct bytes){ digest, SHA256_SIZE };
	tpm_attest_put(attest, &quote);
	if (attest->full)
		return ERR_ROOM;
	return sign(tpm, (struct bytes){ attest->at + start, attest->len - start }, signature);
}

/* Part 1, 25.2: a restricted key signs a digest only when the TPM made it, which it does not of
 * octets that begin with its magic. */
enum err softtpm_sign(struct softtpm *tpm, struct bytes octets, struct room *signature)
{
	uint64_t magic = 0;

	if ((tpm->attributes & TPM_RESTRICTED) && octets.len >= 4 &&
	    bytes_uint((struct bytes){ octets.at, 4 }, &magic) && magic == TPM_GENERATED)
		return ERR_DENIED;
	return sign(tpm, octets, signature);
}
