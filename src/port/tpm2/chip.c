/* SPDX-License-Identifier: Apache-2.0 */
#include "port/tpm2/chip.h"

#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_sys.h>
#include <tss2/tss2_tctildr.h>

/* The last part of a response code in format 1 (part 2, 6.6): which parameter or session is left out. */
static TSS2_RC cause(TSS2_RC rc)
{
	return (rc & TPM2_RC_FMT1) != 0 ? rc & (TPM2_RC_FMT1 | 0x3F) : rc & 0xFFFF;
}

enum err chip_err(TSS2_RC rc, enum err otherwise)
{
	if (rc == TSS2_RC_SUCCESS)
		return ERR_NONE;
	switch (cause(rc)) {
	case TPM2_RC_POLICY_FAIL:
		return ERR_DENIED;
	case TPM2_RC_PCR_CHANGED:
	case TPM2_RC_TICKET:
		return ERR_DENIED;
	case TPM2_RC_SIGNATURE:
		return ERR_SIGNATURE;
	case TPM2_RC_INTEGRITY:
		return ERR_MAC;
	case TPM2_RC_RETRY:
	case TPM2_RC_YIELDED:
		return ERR_BUSY;
	default:
		return otherwise;
	}
}

void chip_flush(struct chip *chip, ESYS_TR *handle)
{
	if (*handle != ESYS_TR_NONE)
		(void)Esys_FlushContext(chip->esys,
		                        *handle); /* gone at the next reset at the latest */
	*handle = ESYS_TR_NONE;
}

void chip_forget(struct chip *chip)
{
	TSS2_SYS_CONTEXT *sys;
	const uint8_t *answer;
	size_t len;

	if (Esys_GetSysContext(chip->esys, &sys) == TSS2_RC_SUCCESS &&
	    Tss2_Sys_GetRpBuffer(sys, &len, &answer) == TSS2_RC_SUCCESS)
		wipe((void *)(uintptr_t)answer, len); /* const to callers of the library, not in itself */
}

static void slot_clear(struct chip *chip, struct chip_slot *slot)
{
	chip_flush(chip, &slot->loaded);
	Esys_Free(slot->saved);
	Esys_Free(slot->public);
	*slot = (struct chip_slot){ .loaded = ESYS_TR_NONE };
}

static void chip_close(struct trust *trust)
{
	struct chip *chip = chip_of(trust);

	for (int key = 0; chip->esys != NULL && key < CHIP_KEYS; key++)
		slot_clear(chip, &chip->keys[key]);
	if (chip->esys != NULL)
		Esys_Finalize(&chip->esys);
	if (chip->tcti != NULL)
		Tss2_TctiLdr_Finalize(&chip->tcti);
	free(chip);
}

static enum err chip_open(struct trust **out, const char *name)
{
	struct chip *chip = calloc(1, sizeof *chip);

	if (chip == NULL)
		return ERR_FULL;
	for (int key = 0; key < CHIP_KEYS; key++)
		chip->keys[key].loaded = ESYS_TR_NONE;
	if (Tss2_TctiLdr_Initialize(name, &chip->tcti) != TSS2_RC_SUCCESS ||
	    Esys_Initialize(&chip->esys, chip->tcti, NULL) != TSS2_RC_SUCCESS) {
		chip_close(&chip->trust);
		return ERR_NOT_FOUND;
	}
	/* A chip behind a resource manager is started already, and says so. */
	TSS2_RC rc = Esys_Startup(chip->esys, TPM2_SU_CLEAR);
	if (rc != TSS2_RC_SUCCESS && cause(rc) != TPM2_RC_INITIALIZE) {
		chip_close(&chip->trust);
		return ERR_IO;
	}
	chip->trust.on = &trust_tpm2;
	*out = &chip->trust;
	return ERR_NONE;
}

/* TCG EK Credential Profile 2.5, B.3.1: PolicySecret(endorsement). */
static const uint8_t policy_a[] = {
	0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xB3, 0xF8, 0x1A, 0x90, 0xCC,
	0x8D, 0x46, 0xA5, 0xD7, 0x24, 0xFD, 0x52, 0xD7, 0x6E, 0x06, 0x52,
	0x0B, 0x64, 0xF2, 0xA1, 0xDA, 0x1B, 0x33, 0x14, 0x69, 0xAA,
};

/* B.6.4: PolicyB for SHA-384. */
static const uint8_t policy_b_384[] = {
	0xB2, 0x6E, 0x7D, 0x28, 0xD1, 0x1A, 0x50, 0xBC, 0x53, 0xD8, 0x82, 0xBC,
	0xF5, 0xFD, 0x3A, 0x1A, 0x07, 0x41, 0x48, 0xBB, 0x35, 0xD3, 0xB4, 0xE4,
	0xCB, 0x1C, 0x0A, 0xD9, 0xBD, 0xE4, 0x19, 0xCA, 0xCB, 0x47, 0xBA, 0x09,
	0x69, 0x96, 0x46, 0x15, 0x0F, 0x9F, 0xC0, 0x00, 0xF3, 0xF8, 0x0E, 0x12,
};

enum {
	FIXED = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN,
	EK_ATTRIBUTES =
		FIXED | TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
	/* NODA: an unclean stop of the chip must not lock the key as if it had been guessed at. */
	AK_ATTRIBUTES = FIXED | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED |
	                TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_NODA,
	PAIRING_ATTRIBUTES = FIXED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_NODA,
	STORAGE_ATTRIBUTES = FIXED | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED |
	                     TPMA_OBJECT_DECRYPT | TPMA_OBJECT_NODA,
};

static const struct template
{
	ESYS_TR hierarchy;
	TPMI_RH_NV_INDEX certificate; /* EK Credential Profile 2.2.1.4 and 2.2.1.5; 0: none */
	uint32_t attributes;
	TPMI_ALG_HASH name_hash;
	TPMI_ECC_CURVE curve;  /* TPM2_ECC_NONE: RSA-2048 */
	TPMI_AES_KEY_BITS aes; /* 0: a signing key */
	uint16_t unique;       /* octets of zeros in each part of `unique` */
	struct bytes policy;
}
templates[CHIP_KEYS] = {
	[CHIP_EK_RSA] = {ESYS_TR_RH_ENDORSEMENT,
                         0x01C00002, EK_ATTRIBUTES,
                         TPM2_ALG_SHA256, TPM2_ECC_NONE,
                         128, 256,
                         { policy_a, sizeof policy_a }        },
	[CHIP_EK_P256] = { ESYS_TR_RH_ENDORSEMENT,
                         0x01C0000A, EK_ATTRIBUTES,
                         TPM2_ALG_SHA256, TPM2_ECC_NIST_P256,
                         128, 32,
                         { policy_a, sizeof policy_a }        },
	[CHIP_EK_P384] = { ESYS_TR_RH_ENDORSEMENT,
                         0x01C00016, EK_ATTRIBUTES | TPMA_OBJECT_USERWITHAUTH,
                         TPM2_ALG_SHA384, TPM2_ECC_NIST_P384,
                         256, 0,
                         { policy_b_384, sizeof policy_b_384 }},
 /* In the endorsement hierarchy: TPM2_Clear by a new owner does not change who the chip is. */
	[CHIP_AK] = { ESYS_TR_RH_ENDORSEMENT,
	                 0,          AK_ATTRIBUTES,
	                 TPM2_ALG_SHA256, TPM2_ECC_NIST_P256,
	                 0,   0,
	                 { NULL, 0 }                          },
	[CHIP_PAIRING] = { ESYS_TR_RH_ENDORSEMENT,
                         0,          PAIRING_ATTRIBUTES,
                         TPM2_ALG_SHA256, TPM2_ECC_NIST_P256,
                         0,   0,
                         { NULL, 0 }                          },
	[CHIP_STORAGE] = { ESYS_TR_RH_OWNER,
                         0,          STORAGE_ATTRIBUTES,
                         TPM2_ALG_SHA256, TPM2_ECC_NIST_P256,
                         128, 0,
                         { NULL, 0 }                          },
};

static void set_symmetric(TPMT_SYM_DEF_OBJECT *symmetric, TPMI_AES_KEY_BITS bits)
{
	symmetric->algorithm = bits == 0 ? TPM2_ALG_NULL : TPM2_ALG_AES;
	symmetric->keyBits.aes = bits;
	symmetric->mode.aes = bits == 0 ? TPM2_ALG_NULL : TPM2_ALG_CFB;
}

static void fill_ecc(TPMT_PUBLIC *area, const struct template *as)
{
	TPMS_ECC_PARMS *parms = &area->parameters.eccDetail;

	area->type = TPM2_ALG_ECC;
	set_symmetric(&parms->symmetric, as->aes);
	parms->scheme.scheme = as->aes == 0 ? TPM2_ALG_ECDSA : TPM2_ALG_NULL;
	if (as->aes == 0)
		parms->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
	parms->curveID = as->curve;
	parms->kdf.scheme = TPM2_ALG_NULL;
	area->unique.ecc.x.size = area->unique.ecc.y.size = as->unique;
}

static void fill_rsa(TPMT_PUBLIC *area, const struct template *as)
{
	TPMS_RSA_PARMS *parms = &area->parameters.rsaDetail;

	area->type = TPM2_ALG_RSA;
	set_symmetric(&parms->symmetric, as->aes);
	parms->scheme.scheme = TPM2_ALG_NULL;
	parms->keyBits = 2048;
	area->unique.rsa.size = as->unique;
}

static void fill_template(TPM2B_PUBLIC *out, const struct template *as, const TPM2B_DIGEST *policy)
{
	TPMT_PUBLIC *area = &out->publicArea;

	memset(out, 0, sizeof *out);
	area->nameAlg = as->name_hash;
	area->objectAttributes = as->attributes;
	if (policy != NULL)
		area->authPolicy = *policy;
	else if (as->policy.len > 0)
		memcpy(area->authPolicy.buffer, as->policy.at,
		       area->authPolicy.size = (UINT16)as->policy.len);
	if (as->curve == TPM2_ECC_NONE)
		fill_rsa(area, as);
	else
		fill_ecc(area, as);
}

/* The pairing key depends on its policy; with another one it is another key. */
static void forget_other_policy(struct chip *chip, const TPM2B_DIGEST *policy)
{
	TPM2B_DIGEST *held = &chip->pairing_policy;

	if (held->size == policy->size && memcmp(held->buffer, policy->buffer, policy->size) == 0)
		return;
	slot_clear(chip, &chip->keys[CHIP_PAIRING]);
	*held = *policy;
}

/* Makes place for one more key: the one that was not asked for longest leaves the chip. */
static void make_place(struct chip *chip)
{
	struct chip_slot *oldest = NULL;
	int loaded = 0;

	for (int key = 0; key < CHIP_KEYS; key++) {
		struct chip_slot *slot = &chip->keys[key];
		if (slot->loaded == ESYS_TR_NONE)
			continue;
		loaded++;
		if (oldest == NULL || slot->used < oldest->used)
			oldest = slot;
	}
	if (loaded >= CHIP_LOADED_MAX)
		chip_flush(chip, &oldest->loaded);
}

static TSS2_RC make_key(struct chip *chip, enum chip_key key, const TPM2B_DIGEST *policy)
{
	static const TPM2B_SENSITIVE_CREATE no_auth = { 0 };
	static const TPM2B_DATA no_data = { 0 };
	static const TPML_PCR_SELECTION no_pcrs = { 0 };
	struct chip_slot *slot = &chip->keys[key];
	TPM2B_PUBLIC template;

	fill_template(&template, &templates[key], policy);
	TSS2_RC rc = Esys_CreatePrimary(chip->esys, templates[key].hierarchy, ESYS_TR_PASSWORD,
	                                ESYS_TR_NONE, ESYS_TR_NONE, &no_auth, &template, &no_data,
	                                &no_pcrs, &slot->loaded, &slot->public, NULL, NULL, NULL);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_ContextSave(chip->esys, slot->loaded, &slot->saved);
	return rc;
}

enum err chip_key(struct chip *chip, enum chip_key key, const TPM2B_DIGEST *policy, ESYS_TR *handle)
{
	struct chip_slot *slot = &chip->keys[key];
	TSS2_RC rc;

	if (key == CHIP_PAIRING)
		forget_other_policy(chip, policy);
	slot->used = ++chip->turn;
	if (slot->loaded == ESYS_TR_NONE) {
		make_place(chip);
		rc = slot->saved != NULL ? Esys_ContextLoad(chip->esys, slot->saved, &slot->loaded)
		                         : make_key(chip, key, policy);
		if (rc != TSS2_RC_SUCCESS) {
			slot_clear(chip, slot);
			return chip_err(rc, ERR_IO);
		}
	}
	*handle = slot->loaded;
	return ERR_NONE;
}

enum chip_key chip_ek(struct chip *chip, TPMI_RH_NV_INDEX *certificate)
{
	for (enum chip_key key = CHIP_EK_RSA; key <= CHIP_EK_P384; key++) {
		ESYS_TR index;
		if (Esys_TR_FromTPMPublic(chip->esys, templates[key].certificate, ESYS_TR_NONE,
		                          ESYS_TR_NONE, ESYS_TR_NONE, &index) != TSS2_RC_SUCCESS)
			continue;
		(void)Esys_TR_Close(chip->esys, &index); /* only what the library remembers */
		*certificate = templates[key].certificate;
		return key;
	}
	*certificate = 0;
	return CHIP_EK_P256;
}

TPML_PCR_SELECTION chip_selection(uint32_t pcrs)
{
	TPML_PCR_SELECTION out = { .count = 1 };

	out.pcrSelections[0].hash = TPM2_ALG_SHA256;
	out.pcrSelections[0].sizeofSelect = 3;
	for (unsigned i = 0; i < 3; i++)
		out.pcrSelections[0].pcrSelect[i] = (uint8_t)(pcrs >> 8 * i);
	return out;
}

enum err chip_put_public(const TPM2B_PUBLIC *public, struct room *out)
{
	uint8_t store[sizeof *public];
	size_t used = 0;

	if (Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, store, sizeof store, &used) !=
	    TSS2_RC_SUCCESS)
		return ERR_IO;
	room_put(out, (struct bytes){ store, used });
	return out->full ? ERR_ROOM : ERR_NONE;
}

const struct trust_backend trust_tpm2 = {
	.open = chip_open,
	.close = chip_close,
	.endorsement = chip_endorsement,
	.attestation_public = chip_attestation_public,
	.activate = chip_activate,
	.quote = chip_quote,
	.attestation_sign = chip_attestation_sign,
	.clock = chip_clock,
	.extend = chip_extend,
	.pcr = chip_pcr,
	.state_digest = chip_state_digest,
	.pairing_public = chip_pairing_public,
	.pairing_certify = chip_pairing_certify,
	.pairing_sign = chip_pairing_sign,
	.seal = chip_seal,
	.unseal = chip_unseal,
	.counter = chip_counter,
	.floor = chip_floor,
};
