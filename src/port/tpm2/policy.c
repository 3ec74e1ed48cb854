/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions and the policy: a platform state that the signer has approved (autonomous validation). */
#include "port/tpm2/chip.h"

#include <string.h>

enum err chip_session(struct chip *chip, TPM2_SE type, ESYS_TR *session)
{
	const TPMT_SYM_DEF symmetric = { .algorithm = TPM2_ALG_AES,
		                         .keyBits = { .aes = 128 },
		                         .mode = { .aes = TPM2_ALG_CFB } };
	ESYS_TR salt;

	TRY(chip_key(chip, CHIP_STORAGE, NULL, &salt));
	TSS2_RC rc = Esys_StartAuthSession(chip->esys, salt, ESYS_TR_NONE, ESYS_TR_NONE,
	                                   ESYS_TR_NONE, ESYS_TR_NONE, NULL, type, &symmetric,
	                                   TPM2_ALG_SHA256, session);
	if (rc != TSS2_RC_SUCCESS) {
		*session = ESYS_TR_NONE;
		return chip_err(rc, ERR_IO);
	}
	return ERR_NONE;
}

/* The signer's key as a TPM sees it: what is loaded to verify, and what has the Name in the policy. */
static void signer_public(const struct trust_policy *policy, TPM2B_PUBLIC *out)
{
	TPMT_PUBLIC *area = &out->publicArea;
	TPMS_ECC_PARMS *parms = &area->parameters.eccDetail;
	enum { COORDINATE = 32 };

	memset(out, 0, sizeof *out);
	area->type = TPM2_ALG_ECC;
	area->nameAlg = TPM2_ALG_SHA256;
	area->objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_USERWITHAUTH;
	parms->symmetric.algorithm = TPM2_ALG_NULL;
	parms->scheme.scheme = TPM2_ALG_ECDSA;
	parms->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
	parms->curveID = TPM2_ECC_NIST_P256;
	parms->kdf.scheme = TPM2_ALG_NULL;
	area->unique.ecc.x.size = area->unique.ecc.y.size = COORDINATE;
	memcpy(area->unique.ecc.x.buffer, policy->signer + 1, COORDINATE);
	memcpy(area->unique.ecc.y.buffer, policy->signer + 1 + COORDINATE, COORDINATE);
}

/* Part 1, 16: the name algorithm and the hash of the TPMT_PUBLIC. */
static enum err signer_name(const struct trust_policy *policy, uint8_t name[static 2 + SHA256_SIZE])
{
	uint8_t store[256];
	struct room area = ROOM(store);
	TPM2B_PUBLIC public;

	signer_public(policy, &public);
	TRY(chip_put_public(&public, &area));
	name[0] = TPM2_ALG_SHA256 >> 8;
	name[1] = TPM2_ALG_SHA256 & 0xFF;
	return crypto_sha256(name + 2, &(struct bytes){ store, area.len }, 1);
}

enum err chip_policy(const struct trust_policy *policy, TPM2B_DIGEST *out)
{
	/* Part 3, 23.16.1: PolicyUpdate from zero with the name, then with an empty policyRef. */
	static const uint8_t zero[SHA256_SIZE], command[] = { 0x00, 0x00, 0x01, 0x6A };
	uint8_t name[2 + SHA256_SIZE], digest[SHA256_SIZE];

	TRY(signer_name(policy, name));
	const struct bytes parts[] = { BYTES(zero), BYTES(command), BYTES(name) };
	TRY(crypto_sha256(digest, parts, COUNT(parts)));
	TRY(crypto_sha256(digest, &BYTES(digest), 1));
	out->size = SHA256_SIZE;
	memcpy(out->buffer, digest, SHA256_SIZE);
	return ERR_NONE;
}

static enum err policy_pcr(struct chip *chip, ESYS_TR session, uint32_t pcrs)
{
	const TPML_PCR_SELECTION selection = chip_selection(pcrs);

	return chip_err(Esys_PolicyPCR(chip->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
	                               ESYS_TR_NONE, NULL, &selection),
	                ERR_IO);
}

/* The chip verifies the approval and gives a ticket for it. */
static enum err verify_approval(struct chip *chip, const struct trust_policy *policy,
                                const struct trust_approval *approval, TPM2B_NAME **name,
                                TPMT_TK_VERIFIED **ticket)
{
	TPM2B_DIGEST digest = { .size = SHA256_SIZE };
	TPMT_SIGNATURE signature = { .sigAlg = TPM2_ALG_ECDSA };
	TPM2B_PUBLIC public;
	ESYS_TR signer;

	TRY(crypto_sha256(digest.buffer, &BYTES(approval->digest), 1));
	signature.signature.ecdsa.hash = TPM2_ALG_SHA256;
	signature.signature.ecdsa.signatureR.size = 32;
	signature.signature.ecdsa.signatureS.size = 32;
	memcpy(signature.signature.ecdsa.signatureR.buffer, approval->signature, 32);
	memcpy(signature.signature.ecdsa.signatureS.buffer, approval->signature + 32, 32);
	signer_public(policy, &public);
	TSS2_RC rc = Esys_LoadExternal(chip->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
	                               &public, ESYS_TR_RH_OWNER, &signer);
	if (rc != TSS2_RC_SUCCESS)
		return chip_err(rc, ERR_VALUE);
	rc = Esys_VerifySignature(chip->esys, signer, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	                          &digest, &signature, ticket);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_TR_GetName(chip->esys, signer, name);
	chip_flush(chip, &signer);
	return chip_err(rc, ERR_SIGNATURE);
}

static enum err authorize(struct chip *chip, ESYS_TR session, const struct trust_policy *policy,
                          const struct trust_approval *approval)
{
	TPM2B_DIGEST approved = { .size = SHA256_SIZE };
	static const TPM2B_NONCE no_reference = { 0 };
	TPMT_TK_VERIFIED *ticket = NULL;
	TPM2B_NAME *name = NULL;

	memcpy(approved.buffer, approval->digest, SHA256_SIZE);
	enum err err = verify_approval(chip, policy, approval, &name, &ticket);
	if (err == ERR_NONE) {
		/* TPM_RC_VALUE: the session's digest is not the approved one, so the state is not. */
		err = chip_err(Esys_PolicyAuthorize(chip->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
		                                    ESYS_TR_NONE, &approved, &no_reference, name,
		                                    ticket),
		               ERR_DENIED);
	}
	Esys_Free(name);
	Esys_Free(ticket);
	return err;
}

enum err chip_policy_session(struct chip *chip, const struct trust_policy *policy,
                             const struct trust_approval *approval, ESYS_TR *session)
{
	TRY(chip_session(chip, TPM2_SE_POLICY, session));

	enum err err = policy_pcr(chip, *session, approval->pcrs);
	if (err == ERR_NONE)
		err = authorize(chip, *session, policy, approval);
	if (err == ERR_NONE)
		err = chip_err(Esys_TRSess_SetAttributes(chip->esys, *session,
		                                         TPMA_SESSION_CONTINUESESSION |
		                                                 TPMA_SESSION_ENCRYPT |
		                                                 TPMA_SESSION_DECRYPT,
		                                         0xFF),
		               ERR_IO);
	if (err != ERR_NONE)
		chip_flush(chip, session);
	return err;
}

enum err chip_state_digest(struct trust *trust, uint32_t pcrs, uint8_t digest[static SHA256_SIZE])
{
	struct chip *chip = chip_of(trust);
	TPM2B_DIGEST *found = NULL;
	ESYS_TR session;

	TRY(chip_session(chip, TPM2_SE_TRIAL, &session));
	enum err err = policy_pcr(chip, session, pcrs);
	if (err == ERR_NONE)
		err = chip_err(Esys_PolicyGetDigest(chip->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
		                                    ESYS_TR_NONE, &found),
		               ERR_IO);
	if (err == ERR_NONE)
		memcpy(digest, found->buffer, SHA256_SIZE);
	Esys_Free(found);
	chip_flush(chip, &session);
	return err;
}
