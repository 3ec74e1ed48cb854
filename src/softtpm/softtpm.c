/* SPDX-License-Identifier: Apache-2.0 */
#include "softtpm/softtpm.h"

#include "softtpm/key.h"

#include <string.h>

/* A chip knows all of its PCRs. */
static void bank_clear(struct tpm_bank *bank)
{
	tpm_bank_clear(bank, ATTEST_SHA256);
	bank->known = (UINT32_C(1) << TPM_PCRS) - 1;
}

void softtpm_blank(struct softtpm *tpm)
{
	memset(tpm, 0, sizeof *tpm);
	tpm->attributes = KEY_ATTESTATION;
	tpm->clock = (struct tpm_clock){ .clock = 1, .reset_count = 1, .safe = true };
	bank_clear(&tpm->bank);
}

enum err softtpm_init(struct softtpm *tpm)
{
	softtpm_blank(tpm);
	tpm->seed.len = sizeof tpm->seed.at;
	TRY(crypto_random(tpm->seed.at, sizeof tpm->seed.at));
	return softtpm_keys(tpm);
}

enum err softtpm_keys(struct softtpm *tpm)
{
	return key_derive(tpm, BYTES_STR("ATTESTATION"), (struct bytes){ NULL, 0 }, &tpm->scalar,
	                  tpm->point);
}

void softtpm_clear(struct softtpm *tpm)
{
	wipe(tpm, sizeof *tpm);
}

void softtpm_restart(struct softtpm *tpm)
{
	tpm->clock.reset_count++;
	tpm->clock.restart_count = 0;
	bank_clear(&tpm->bank);
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
	key_public(out, tpm->attributes, (struct bytes){ NULL, 0 }, tpm->point);
}

static enum err sign(const struct softtpm *tpm, struct bytes octets,
                     uint8_t rs[static EC_SIGNATURE_SIZE])
{
	return crypto_ecdsa_sign(EC_P256, &tpm->scalar, &octets, 1, rs);
}

static enum err put_signature(const uint8_t rs[static EC_SIGNATURE_SIZE], struct room *out)
{
	const struct tpm_signature signature = {
		.scheme = ATTEST_ECDSA, .hash = ATTEST_SHA256, .r = {rs,       32},
                        .s = { rs + 32, 32}
	};

	tpm_signature_put(out, &signature);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err key_attest(const struct softtpm *tpm, struct tpm_attest *say, struct room *attest,
                    struct room *signature)
{
	uint8_t public_octets[KEY_PUBLIC_MAX], name_octets[TPM_NAME_MAX], signer[TPM_NAME_MAX],
		rs[EC_SIGNATURE_SIZE];
	struct room public = ROOM(public_octets), name = ROOM(name_octets),
		    qualified = ROOM(signer);
	size_t start = attest->len;

	softtpm_public(tpm, &public);
	TRY(tpm_name(room_used(&public), &name));
	TRY(key_qualified_name(room_used(&name), &qualified));
	say->qualified_signer = room_used(&qualified);
	say->clock = tpm->clock;
	say->firmware_version = 1;
	tpm_attest_put(attest, say);
	if (attest->full)
		return ERR_ROOM;
	TRY(sign(tpm, (struct bytes){ attest->at + start, attest->len - start }, rs));
	return put_signature(rs, signature);
}

enum err softtpm_quote(const struct softtpm *tpm, uint32_t mask, struct bytes qualifying,
                       struct room *attest, struct room *signature)
{
	uint8_t digest[ATTEST_HASH_MAX];
	struct tpm_attest quote = {
		.type = TPM_ST_ATTEST_QUOTE,
		.extra_data = qualifying,
		.selection = {.bank = { { TPM_ALG_SHA256, mask & tpm->bank.known } }, .count = 1 },
		.pcr_digest = { digest,						SHA256_SIZE},
	};

	TRY(tpm_pcr_digest(&quote.selection, &tpm->bank, 1, ATTEST_SHA256, digest));
	return key_attest(tpm, &quote, attest, signature);
}

/* Part 1, 25.2, and part 3, 15.4: a restricted key signs only what cannot be a structure of the chip's. */
enum err softtpm_attestation_sign(const struct softtpm *tpm, struct bytes message,
                                  uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct bytes begin;
	uint64_t magic;

	if ((tpm->attributes & TPM_RESTRICTED) && bytes_slice(message, 0, 4, &begin) &&
	    bytes_uint(begin, &magic) && magic == TPM_GENERATED)
		return ERR_DENIED;
	return sign(tpm, message, signature);
}

enum err softtpm_sign(const struct softtpm *tpm, struct bytes octets, struct room *signature)
{
	uint8_t rs[EC_SIGNATURE_SIZE];

	TRY(softtpm_attestation_sign(tpm, octets, rs));
	return put_signature(rs, signature);
}

/* Part 1, 37.2.4: a counter that was never incremented cannot be read, so it is when it is made. */
void softtpm_counter(struct softtpm *tpm, bool next, uint64_t *out)
{
	if (tpm->counter == 0)
		tpm->counter = 1;
	if (next)
		tpm->counter++;
	*out = tpm->counter;
}
