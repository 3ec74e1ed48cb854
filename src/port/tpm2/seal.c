/* SPDX-License-Identifier: Apache-2.0 */
/* What works in an approved state only: the pairing key (R1a, R12) and sealed secrets. */
#include "port/tpm2/chip.h"

#include <string.h>
#include <tss2/tss2_mu.h>

static enum err pairing_key(struct chip *chip, const struct trust_policy *policy, ESYS_TR *key)
{
	TPM2B_DIGEST digest;

	TRY(chip_policy(policy, &digest));
	return chip_key(chip, CHIP_PAIRING, &digest, key);
}

enum err chip_pairing_public(struct trust *trust, const struct trust_policy *policy,
                             struct room *public)
{
	struct chip *chip = chip_of(trust);
	ESYS_TR key;

	TRY(pairing_key(chip, policy, &key));
	return chip_put_public(chip->keys[CHIP_PAIRING].public, public);
}

enum err chip_pairing_certify(struct trust *trust, const struct trust_policy *policy,
                              struct room *public, struct room *attest, struct room *signature)
{
	struct chip *chip = chip_of(trust);
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL }; /* the key's own */
	const TPM2B_DATA nothing = { .size = 0 };
	TPMT_SIGNATURE *signed_by = NULL;
	TPM2B_ATTEST *certified = NULL;
	ESYS_TR ak, pairing;

	TRY(chip_key(chip, CHIP_AK, NULL, &ak));
	TRY(pairing_key(chip, policy, &pairing));
	TRY(chip_put_public(chip->keys[CHIP_PAIRING].public, public));
	/* The pairing key's policy is for signing with it; to be certified its empty authorization will do. */
	enum err err =
		chip_err(Esys_Certify(chip->esys, pairing, ak, ESYS_TR_PASSWORD, ESYS_TR_PASSWORD,
	                              ESYS_TR_NONE, &nothing, &scheme, &certified, &signed_by),
	                 ERR_IO);
	if (err == ERR_NONE) {
		room_put(attest, (struct bytes){ certified->attestationData, certified->size });
		err = attest->full ? ERR_ROOM : chip_put_signature(signed_by, signature);
	}
	Esys_Free(certified);
	Esys_Free(signed_by);
	return err;
}

enum err chip_pairing_sign(struct trust *trust, const struct trust_policy *policy,
                           const struct trust_approval *approval, struct bytes message,
                           uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct chip *chip = chip_of(trust);
	const TPMT_TK_HASHCHECK no_ticket = { .tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL };
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL };
	TPM2B_DIGEST digest = { .size = SHA256_SIZE };
	TPMT_SIGNATURE *made = NULL;
	ESYS_TR key, session;

	TRY(crypto_sha256(digest.buffer, &message, 1));
	TRY(chip_policy_session(chip, policy, approval, &session));
	enum err err = pairing_key(chip, policy, &key);
	if (err == ERR_NONE)
		err = chip_err(Esys_Sign(chip->esys, key, session, ESYS_TR_NONE, ESYS_TR_NONE,
		                         &digest, &scheme, &no_ticket, &made),
		               ERR_IO);
	chip_flush(chip, &session);
	TRY(err);
	chip_ecdsa(made, signature);
	Esys_Free(made);
	return ERR_NONE;
}

static enum err put_blob(const TPM2B_PUBLIC *public, const TPM2B_PRIVATE *private,
                         struct room *blob)
{
	uint8_t store[TRUST_BLOB_MAX];
	size_t used = 0;

	if (Tss2_MU_TPM2B_PUBLIC_Marshal(public, store, sizeof store, &used) != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPM2B_PRIVATE_Marshal(private, store, sizeof store, &used) != TSS2_RC_SUCCESS)
		return ERR_IO;
	room_put(blob, (struct bytes){ store, used });
	return blob->full ? ERR_ROOM : ERR_NONE;
}

enum err chip_seal(struct trust *trust, const struct trust_policy *policy,
                   const struct secret *secret, struct room *blob)
{
	struct chip *chip = chip_of(trust);
	static const TPM2B_DATA no_data = { 0 };
	static const TPML_PCR_SELECTION no_pcrs = { 0 };
	TPM2B_PUBLIC template = {
		.publicArea = {.type = TPM2_ALG_KEYEDHASH,
                               .nameAlg = TPM2_ALG_SHA256,
                               .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
		                                    TPMA_OBJECT_NODA}
	};
	TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	TPM2B_PRIVATE *private = NULL;
	TPM2B_PUBLIC *public = NULL;
	ESYS_TR parent, session;

	template.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
	TRY(chip_policy(policy, &template.publicArea.authPolicy));
	TRY(chip_session(chip, TPM2_SE_HMAC, &session));
	enum err err = chip_key(chip, CHIP_STORAGE, NULL, &parent);
	if (err != ERR_NONE) {
		chip_flush(chip, &session);
		return err;
	}
	sensitive.sensitive.data.size = secret->len;
	memcpy(sensitive.sensitive.data.buffer, secret->at, secret->len);
	TSS2_RC rc = Esys_TRSess_SetAttributes(
		chip->esys, session, TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_DECRYPT, 0xFF);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Create(chip->esys, parent, session, ESYS_TR_NONE, ESYS_TR_NONE,
		                 &sensitive, &template, &no_data, &no_pcrs, &private, &public, NULL,
		                 NULL, NULL);
	wipe(&sensitive, sizeof sensitive);
	chip_flush(chip, &session);
	err = rc == TSS2_RC_SUCCESS ? put_blob(public, private, blob) : chip_err(rc, ERR_IO);
	Esys_Free(private);
	Esys_Free(public);
	return err;
}

static enum err load_blob(struct chip *chip, struct bytes blob, ESYS_TR *object)
{
	TPM2B_PUBLIC public = { 0 };
	TPM2B_PRIVATE private = { 0 };
	ESYS_TR parent;
	size_t at = 0;

	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(blob.at, blob.len, &at, &public) != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPM2B_PRIVATE_Unmarshal(blob.at, blob.len, &at, &private) != TSS2_RC_SUCCESS ||
	    at != blob.len)
		return ERR_CORRUPT;
	TRY(chip_key(chip, CHIP_STORAGE, NULL, &parent));
	TSS2_RC rc = Esys_Load(chip->esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
	                       &private, &public, object);
	return rc == TSS2_RC_SUCCESS ? ERR_NONE : ERR_CORRUPT;
}

enum err chip_unseal(struct trust *trust, const struct trust_policy *policy,
                     const struct trust_approval *approval, struct bytes blob,
                     struct secret *secret)
{
	struct chip *chip = chip_of(trust);
	TPM2B_SENSITIVE_DATA *data = NULL;
	ESYS_TR object, session;

	TRY(chip_policy_session(chip, policy, approval, &session));
	enum err err = load_blob(chip, blob, &object);
	if (err == ERR_NONE) {
		err = chip_err(
			Esys_Unseal(chip->esys, object, session, ESYS_TR_NONE, ESYS_TR_NONE, &data),
			ERR_IO);
		chip_forget(chip);
		chip_flush(chip, &object);
	}
	chip_flush(chip, &session);
	TRY(err);
	bool fits = secret_from(secret, (struct bytes){ data->buffer, data->size });
	wipe(data, sizeof *data);
	Esys_Free(data);
	return fits ? ERR_NONE : ERR_LENGTH;
}
