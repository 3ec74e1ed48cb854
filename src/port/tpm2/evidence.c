/* SPDX-License-Identifier: Apache-2.0 */
/* Who the chip is, and what it attests to. */
#include "port/tpm2/chip.h"

#include <string.h>
#include <tss2/tss2_mu.h>

static enum err read_nv(struct chip *chip, TPMI_RH_NV_INDEX at, struct room *out)
{
	enum { STEP = 512 }; /* below every chip's TPM2_PT_NV_BUFFER_MAX */
	TPM2B_NV_PUBLIC *public = NULL;
	ESYS_TR index;
	TSS2_RC rc;

	rc = Esys_TR_FromTPMPublic(chip->esys, at, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	                           &index);
	if (rc != TSS2_RC_SUCCESS)
		return chip_err(rc, ERR_NOT_FOUND);
	rc = Esys_NV_ReadPublic(chip->esys, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	                        &public, NULL);
	UINT16 size = rc == TSS2_RC_SUCCESS ? public->nvPublic.dataSize : 0;
	Esys_Free(public);
	for (UINT16 done = 0; rc == TSS2_RC_SUCCESS && done < size;) {
		UINT16 step = size - done < STEP ? (UINT16)(size - done) : STEP;
		TPM2B_MAX_NV_BUFFER *part = NULL;
		rc = Esys_NV_Read(chip->esys, index, index, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		                  ESYS_TR_NONE, step, done, &part);
		if (rc == TSS2_RC_SUCCESS)
			room_put(out, (struct bytes){ part->buffer, part->size });
		Esys_Free(part);
		done = (UINT16)(done + step);
	}
	(void)Esys_TR_Close(chip->esys, &index); /* only what the library remembers */
	if (rc != TSS2_RC_SUCCESS)
		return chip_err(rc, ERR_IO);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err chip_endorsement(struct trust *trust, struct room *public, struct room *certificate)
{
	struct chip *chip = chip_of(trust);
	TPMI_RH_NV_INDEX at;
	enum chip_key key = chip_ek(chip, &at);
	ESYS_TR handle;

	TRY(chip_key(chip, key, NULL, &handle));
	TRY(chip_put_public(chip->keys[key].public, public));
	if (at == 0)
		return ERR_NOT_FOUND;
	return read_nv(chip, at, certificate);
}

enum err chip_attestation_public(struct trust *trust, struct room *public)
{
	struct chip *chip = chip_of(trust);
	ESYS_TR handle;

	TRY(chip_key(chip, CHIP_AK, NULL, &handle));
	return chip_put_public(chip->keys[CHIP_AK].public, public);
}

/* Templates L ask for PolicySecret with the endorsement hierarchy's authorization; H take an empty one. */
static enum err ek_session(struct chip *chip, enum chip_key key, ESYS_TR *session)
{
	*session = ESYS_TR_PASSWORD;
	if (key == CHIP_EK_P384)
		return ERR_NONE;
	TRY(chip_session(chip, TPM2_SE_POLICY, session));
	TSS2_RC rc =
		Esys_PolicySecret(chip->esys, ESYS_TR_RH_ENDORSEMENT, *session, ESYS_TR_PASSWORD,
	                          ESYS_TR_NONE, ESYS_TR_NONE, NULL, NULL, NULL, 0, NULL, NULL);
	if (rc != TSS2_RC_SUCCESS)
		chip_flush(chip, session);
	return chip_err(rc, ERR_IO);
}

enum err chip_activate(struct trust *trust, struct bytes credential, struct bytes secret,
                       struct secret *out)
{
	struct chip *chip = chip_of(trust);
	TPM2B_ID_OBJECT object = { .size = (UINT16)credential.len };
	TPM2B_ENCRYPTED_SECRET seed = { .size = (UINT16)secret.len };
	TPMI_RH_NV_INDEX at;
	enum chip_key key = chip_ek(chip, &at);
	TPM2B_DIGEST *found = NULL;
	ESYS_TR ek, ak = ESYS_TR_NONE, session;

	if (credential.len > sizeof object.credential || secret.len > sizeof seed.secret)
		return ERR_LENGTH;
	if (credential.len > 0)
		memcpy(object.credential, credential.at, credential.len);
	if (secret.len > 0)
		memcpy(seed.secret, secret.at, secret.len);
	TRY(ek_session(chip, key, &session));
	enum err err = chip_key(chip, key, NULL, &ek);
	if (err == ERR_NONE)
		err = chip_key(chip, CHIP_AK, NULL, &ak);
	if (err == ERR_NONE)
		err = chip_err(Esys_ActivateCredential(chip->esys, ak, ek, ESYS_TR_PASSWORD,
		                                       session, ESYS_TR_NONE, &object, &seed,
		                                       &found),
		               ERR_MAC);
	chip_forget(chip);
	if (session != ESYS_TR_PASSWORD)
		chip_flush(chip, &session);
	TRY(err);
	bool fits = secret_from(out, (struct bytes){ found->buffer, found->size });
	wipe(found, sizeof *found);
	Esys_Free(found);
	return fits ? ERR_NONE : ERR_LENGTH;
}

enum err chip_put_signature(const TPMT_SIGNATURE *signature, struct room *out)
{
	uint8_t store[sizeof *signature];
	size_t used = 0;

	if (Tss2_MU_TPMT_SIGNATURE_Marshal(signature, store, sizeof store, &used) !=
	    TSS2_RC_SUCCESS)
		return ERR_IO;
	room_put(out, (struct bytes){ store, used });
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err chip_quote(struct trust *trust, uint32_t pcrs, struct bytes qualifying,
                    struct room *attest, struct room *signature)
{
	struct chip *chip = chip_of(trust);
	const TPML_PCR_SELECTION selection = chip_selection(pcrs);
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL }; /* the key's own */
	TPM2B_DATA data = { .size = (UINT16)qualifying.len };
	TPMT_SIGNATURE *signed_by = NULL;
	TPM2B_ATTEST *quoted = NULL;
	ESYS_TR ak;

	if (qualifying.len > 0)
		memcpy(data.buffer, qualifying.at, qualifying.len);
	TRY(chip_key(chip, CHIP_AK, NULL, &ak));
	TSS2_RC rc = Esys_Quote(chip->esys, ak, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data,
	                        &scheme, &selection, &quoted, &signed_by);
	enum err err = chip_err(rc, ERR_IO);
	if (err == ERR_NONE) {
		room_put(attest, (struct bytes){ quoted->attestationData, quoted->size });
		err = attest->full ? ERR_ROOM : chip_put_signature(signed_by, signature);
	}
	Esys_Free(quoted);
	Esys_Free(signed_by);
	return err;
}

/* A TPM2B of at most 32 octets, right-aligned: chips leave leading zeros out. */
static void put_coordinate(uint8_t *out, const TPM2B_ECC_PARAMETER *number)
{
	UINT16 size = number->size < 32 ? number->size : 32;

	memset(out, 0, 32);
	memcpy(out + 32 - size, number->buffer + number->size - size, size);
}

void chip_ecdsa(const TPMT_SIGNATURE *signature, uint8_t out[static EC_SIGNATURE_SIZE])
{
	put_coordinate(out, &signature->signature.ecdsa.signatureR);
	put_coordinate(out + 32, &signature->signature.ecdsa.signatureS);
}

/* Part 3, 15.4: a ticket that names a hierarchy says that the chip hashed the octets itself and that they do not
 * begin with TPM_GENERATED_VALUE; a restricted key signs (20.2) only what has one. */
enum err chip_attestation_sign(struct trust *trust, struct bytes message,
                               uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct chip *chip = chip_of(trust);
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL }; /* the key's own */
	TPM2B_MAX_BUFFER octets = { .size = (UINT16)message.len };
	TPMT_TK_HASHCHECK *ticket = NULL;
	TPMT_SIGNATURE *made = NULL;
	TPM2B_DIGEST *digest = NULL;
	ESYS_TR ak;

	memcpy(octets.buffer, message.at, message.len);
	TRY(chip_key(chip, CHIP_AK, NULL, &ak));
	TSS2_RC rc = Esys_Hash(chip->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &octets,
	                       TPM2_ALG_SHA256, ESYS_TR_RH_ENDORSEMENT, &digest, &ticket);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Sign(chip->esys, ak, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, digest,
		               &scheme, ticket, &made);
	if (rc == TSS2_RC_SUCCESS)
		chip_ecdsa(made, signature);
	Esys_Free(digest);
	Esys_Free(ticket);
	Esys_Free(made);
	return chip_err(rc, ERR_IO);
}

enum err chip_clock(struct trust *trust, struct room *clock)
{
	struct chip *chip = chip_of(trust);
	uint8_t store[sizeof(TPMS_CLOCK_INFO)];
	TPMS_TIME_INFO *now = NULL;
	size_t used = 0;

	TRY(chip_err(Esys_ReadClock(chip->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &now),
	             ERR_IO));
	TSS2_RC rc = Tss2_MU_TPMS_CLOCK_INFO_Marshal(&now->clockInfo, store, sizeof store, &used);
	Esys_Free(now);
	if (rc != TSS2_RC_SUCCESS)
		return ERR_IO;
	room_put(clock, (struct bytes){ store, used });
	return clock->full ? ERR_ROOM : ERR_NONE;
}

enum err chip_extend(struct trust *trust, unsigned pcr, const uint8_t digest[static SHA256_SIZE])
{
	struct chip *chip = chip_of(trust);
	TPML_DIGEST_VALUES values = { .count = 1 };

	values.digests[0].hashAlg = TPM2_ALG_SHA256;
	memcpy(values.digests[0].digest.sha256, digest, SHA256_SIZE);
	return chip_err(Esys_PCR_Extend(chip->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
	                                ESYS_TR_NONE, ESYS_TR_NONE, &values),
	                ERR_IO);
}

enum err chip_pcr(struct trust *trust, unsigned pcr, uint8_t value[static SHA256_SIZE])
{
	struct chip *chip = chip_of(trust);
	const TPML_PCR_SELECTION selection = chip_selection(UINT32_C(1) << pcr);
	TPML_DIGEST *values = NULL;
	TSS2_RC rc = Esys_PCR_Read(chip->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &selection,
	                           NULL, NULL, &values);
	enum err err = chip_err(rc, ERR_IO);
	if (err == ERR_NONE && (values->count != 1 || values->digests[0].size != SHA256_SIZE))
		err = ERR_UNSUPPORTED; /* the chip has no SHA-256 bank */
	if (err == ERR_NONE)
		memcpy(value, values->digests[0].buffer, SHA256_SIZE);
	Esys_Free(values);
	return err;
}
