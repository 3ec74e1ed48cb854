/* SPDX-License-Identifier: Apache-2.0 */
/* What works in an approved state only: the pairing key (R1a, R12) and sealed secrets. */
#include "softtpm/key.h"

#include "evidence/credential.h"

#include <string.h>

enum { BLOB_HEAD = SHA256_SIZE + GCM_NONCE_SIZE, BLOB_MAX = BLOB_HEAD + SECRET_MAX + GCM_TAG_SIZE };

/* Part 3, 23.7: a policy of zeros extended with which PCRs, and the digest of what they are. */
enum err softtpm_state_digest(const struct softtpm *tpm, uint32_t pcrs,
                              uint8_t digest[static SHA256_SIZE])
{
	enum { TPM_CC_POLICY_PCR = 0x017F };
	const struct tpm_selection selection = {
		.bank = { { TPM_ALG_SHA256, pcrs & tpm->bank.known } }, .count = 1
	};
	static const uint8_t zero[SHA256_SIZE];
	uint8_t command_octets[32], pcr_digest[ATTEST_HASH_MAX];
	struct room command = ROOM(command_octets);

	TRY(tpm_pcr_digest(&selection, &tpm->bank, 1, ATTEST_SHA256, pcr_digest));
	room_put_u32(&command, TPM_CC_POLICY_PCR);
	tpm_selection_put(&command, &selection);
	const struct bytes parts[] = {
		BYTES(zero), room_used(&command), {pcr_digest, SHA256_SIZE}
	};
	return crypto_sha256(digest, parts, COUNT(parts));
}

/* What PolicyAuthorize by the signer leaves, whatever it was before (part 3, 23.16). */
static enum err authorized(const struct trust_policy *policy, uint8_t out[static SHA256_SIZE])
{
	enum { TPM_CC_POLICY_AUTHORIZE = 0x016A };
	uint8_t public_octets[KEY_PUBLIC_MAX], name_octets[TPM_NAME_MAX];
	struct room public = ROOM(public_octets), name = ROOM(name_octets);

	key_public(&public, TPM_SIGN | TPM_USER_WITH_AUTH, (struct bytes){ NULL, 0 },
	           policy->signer);
	TRY(tpm_name(room_used(&public), &name));
	return policy_update(TPM_CC_POLICY_AUTHORIZE, room_used(&name), out);
}

/* A policy session: the signer's word first, then whether it is about the state of now. */
static enum err satisfied(const struct softtpm *tpm, const struct trust_policy *policy,
                          const struct trust_approval *approval)
{
	uint8_t digest[SHA256_SIZE];

	TRY(crypto_ecdsa_verify(EC_P256, policy->signer, &BYTES(approval->digest), 1,
	                        approval->signature));
	TRY(softtpm_state_digest(tpm, approval->pcrs, digest));
	return memcmp(digest, approval->digest, sizeof digest) == 0 ? ERR_NONE : ERR_DENIED;
}

static enum err pairing_key(const struct softtpm *tpm, const struct trust_policy *policy,
                            struct secret *scalar, struct room *public)
{
	uint8_t digest[SHA256_SIZE], point[EC_POINT_SIZE];

	TRY(authorized(policy, digest));
	TRY(key_derive(tpm, BYTES_STR("PAIRING"), BYTES(digest), scalar, point));
	if (public != NULL)
		key_public(public, KEY_PAIRING, BYTES(digest), point);
	return public != NULL && public->full ? ERR_ROOM : ERR_NONE;
}

enum err softtpm_pairing_public(const struct softtpm *tpm, const struct trust_policy *policy,
                                struct room *public)
{
	SECRET scalar = { .len = 0 };

	return pairing_key(tpm, policy, &scalar, public);
}

enum err softtpm_pairing_certify(const struct softtpm *tpm, const struct trust_policy *policy,
                                 struct room *public, struct room *attest, struct room *signature)
{
	uint8_t name_octets[TPM_NAME_MAX], qualified_octets[TPM_NAME_MAX];
	struct room name = ROOM(name_octets), qualified = ROOM(qualified_octets);
	size_t start = public->len;

	TRY(softtpm_pairing_public(tpm, policy, public));
	TRY(tpm_name((struct bytes){ public->at + start, public->len - start }, &name));
	TRY(key_qualified_name(room_used(&name), &qualified));
	struct tpm_attest certify = { .type = TPM_ST_ATTEST_CERTIFY,
		                      .name = room_used(&name),
		                      .qualified_name = room_used(&qualified) };
	return key_attest(tpm, &certify, attest, signature);
}

enum err softtpm_pairing_sign(const struct softtpm *tpm, const struct trust_policy *policy,
                              const struct trust_approval *approval, struct bytes message,
                              uint8_t signature[static EC_SIGNATURE_SIZE])
{
	SECRET scalar = { .len = 0 };

	TRY(satisfied(tpm, policy, approval));
	TRY(pairing_key(tpm, policy, &scalar, NULL));
	return crypto_ecdsa_sign(EC_P256, &scalar, &message, 1, signature);
}

static enum err storage_key(const struct softtpm *tpm, struct secret *key)
{
	const struct bytes none = { NULL, 0 };
	struct room room = ROOM(key->at);

	key->len = sizeof key->at;
	return tpm_kdfa(ATTEST_SHA256, secret_bytes(&tpm->seed), BYTES_STR("SEAL"), none, none,
	                8 * sizeof key->at, &room);
}

/* A blob is of no meaning to others: the policy, a nonce, and the secret under the chip's own key. */
enum err softtpm_seal(const struct softtpm *tpm, const struct trust_policy *policy,
                      const struct secret *secret, struct room *blob)
{
	uint8_t octets[BLOB_MAX];
	SECRET key = { .len = 0 };

	if (secret->len == 0)
		return ERR_IO; /* a TPM seals something (part 3, 12.1) */
	TRY(authorized(policy, octets));
	TRY(crypto_random(octets + SHA256_SIZE, GCM_NONCE_SIZE));
	TRY(storage_key(tpm, &key));
	TRY(crypto_gcm_seal(&key, octets + SHA256_SIZE, (struct bytes){ octets, SHA256_SIZE },
	                    secret_bytes(secret), octets + BLOB_HEAD));
	room_put(blob, (struct bytes){ octets, BLOB_HEAD + (size_t)secret->len + GCM_TAG_SIZE });
	return blob->full ? ERR_ROOM : ERR_NONE;
}

/* The blob, of whatever policy. ERR_CORRUPT. */
static enum err load(const struct softtpm *tpm, struct bytes blob, struct secret *out)
{
	SECRET key = { .len = 0 };

	if (blob.len <= BLOB_HEAD + GCM_TAG_SIZE || blob.len > BLOB_MAX)
		return ERR_CORRUPT;
	TRY(storage_key(tpm, &key));
	enum err err = crypto_gcm_open(
		&key, blob.at + SHA256_SIZE, (struct bytes){ blob.at, SHA256_SIZE },
		(struct bytes){ blob.at + BLOB_HEAD, blob.len - BLOB_HEAD }, out->at);
	if (err == ERR_NONE)
		out->len = (uint8_t)(blob.len - BLOB_HEAD - GCM_TAG_SIZE);
	return err == ERR_MAC ? ERR_CORRUPT : err;
}

enum err softtpm_unseal(const struct softtpm *tpm, const struct trust_policy *policy,
                        const struct trust_approval *approval, struct bytes blob,
                        struct secret *secret)
{
	uint8_t digest[SHA256_SIZE];
	SECRET found = { .len = 0 };

	TRY(satisfied(tpm, policy, approval));
	TRY(load(tpm, blob, &found));
	TRY(authorized(policy, digest));
	if (memcmp(digest, blob.at, sizeof digest) != 0)
		return ERR_DENIED; /* sealed under another signer's policy */
	*secret = found;
	return ERR_NONE;
}
