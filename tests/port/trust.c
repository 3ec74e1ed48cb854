/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The backends of port/trust.h, the same rows for each: swtpm, a TPM that we did not write, and the software TPM. Evidence
 * is read and verified by room evidence, policies hold and refuse as DESIGN of the pairing key asks (R1a, R9, R10, R12);
 * at the end the structures of both are laid side by side.
 */
#include "evidence/credential.h"
#include "port/tpm2/chip.h"
#include "tests/chip.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <tss2/tss2_mu.h>

/* Octets of our own under the attestation key: they cannot be a structure of the chip's. */
static void messages(struct trust *trust, const struct attest_key *key,
                     const struct tpm_clock *quoted, struct bytes attest)
{
	static const uint8_t longest[TRUST_MESSAGE_MAX] = { 1 }, too_long[TRUST_MESSAGE_MAX + 1];
	uint8_t signature[EC_SIGNATURE_SIZE], clock_store[32];
	struct bytes say = BYTES_STR("all is well"), most = BYTES(longest);
	struct room clock = ROOM(clock_store);
	struct tpm_clock now = { 0 };

	ok(trust_attestation_sign(trust, say, signature) == ERR_NONE &&
	           attest_verify(key, ATTEST_ECDSA, ATTEST_SHA256, &say, 1, BYTES(signature)) ==
	                   ERR_NONE,
	   "the restricted key signs octets that the chip hashed");
	ok(trust_attestation_sign(trust, most, signature) == ERR_NONE &&
	           attest_verify(key, ATTEST_ECDSA, ATTEST_SHA256, &most, 1, BYTES(signature)) ==
	                   ERR_NONE,
	   "... up to 1024");
	ok_err(trust_attestation_sign(trust, BYTES(too_long), signature), ERR_LENGTH,
	       "... not more");
	ok_err(trust_attestation_sign(trust, attest, signature), ERR_DENIED,
	       "R10: ... and nothing that begins as a quote does");
	ok_err(trust_attestation_sign(trust, (struct bytes){ attest.at, 4 }, signature), ERR_DENIED,
	       "R10: ... not even its first four octets");
	ok_err(trust_attestation_sign(trust, (struct bytes){ attest.at, 3 }, signature), ERR_NONE,
	       "... of which three are no structure's");
	ok_err(trust_clock(trust, &(struct room){ clock_store, 4, 0, false }), ERR_ROOM,
	       "a room that is too small for the clock");
	ok(trust_clock(trust, &clock) == ERR_NONE &&
	           tpm_clock_read(room_used(&clock), &now) == ERR_NONE &&
	           now.reset_count == quoted->reset_count &&
	           now.restart_count == quoted->restart_count && now.clock >= quoted->clock,
	   "its clock is that of its quotes");
}

static void evidence(struct trust *trust)
{
	enum { PCRS = 1u << 7 | 1u << 16 };
	uint8_t ak_store[TRUST_BLOB_MAX], attest_store[TPM_ATTEST_MAX],
		sig_store[TPM_SIGNATURE_MAX];
	uint8_t point_store[EC_POINT_SIZE], digest[SHA256_SIZE] = { 1, 2, 3 }, before[SHA256_SIZE];
	uint8_t pcr_digest[ATTEST_HASH_MAX];
	struct room ak = ROOM(ak_store), attest = ROOM(attest_store), sig = ROOM(sig_store);
	struct room point = ROOM(point_store);
	struct tpm_bank bank = { .hash = ATTEST_SHA256, .known = PCRS };
	struct tpm_public public;
	struct tpm_signature signature;
	struct tpm_attest quote;
	struct attest_key key;

	ok_err(trust_attestation_public(trust, &ak), ERR_NONE, "attestation key");
	ok(tpm_public_read(room_used(&ak), false, &public) == ERR_NONE &&
	           (public.attributes & TPM_RESTRICTED) != 0 && (public.attributes & TPM_SIGN) != 0,
	   "R10: ... is restricted: it signs nothing that could pass for a quote");
	ok(trust_pcr(trust, 16, before) == ERR_NONE &&
	           trust_extend(trust, 16, digest) == ERR_NONE &&
	           trust_pcr(trust, 16, bank.value[16]) == ERR_NONE &&
	           trust_pcr(trust, 7, bank.value[7]) == ERR_NONE,
	   "a PCR is extended and read");
	ok(attest_extend(ATTEST_SHA256, before, digest) == ERR_NONE &&
	           memcmp(before, bank.value[16], SHA256_SIZE) == 0,
	   "... to what replaying gives");
	ok_err(trust_quote(trust, PCRS, BYTES(digest), &attest, &sig), ERR_NONE, "quote");
	ok(tpm_attest_read(room_used(&attest), &quote) == ERR_NONE &&
	           quote.type == TPM_ST_ATTEST_QUOTE,
	   "... is a TPMS_ATTEST");
	ok_bytes(quote.extra_data, BYTES(digest), "R5: ... over what it was to be bound to");
	ok(tpm_pcr_digest(&quote.selection, &bank, 1, ATTEST_SHA256, pcr_digest) == ERR_NONE &&
	           bytes_same(quote.pcr_digest, (struct bytes){ pcr_digest, SHA256_SIZE }),
	   "... and over those PCRs");
	ok(tpm_public_key(&public, &point, &key) == ERR_NONE &&
	           tpm_signature_read(room_used(&sig), &signature) == ERR_NONE &&
	           tpm_verify(&key, &signature, room_used(&attest)) == ERR_NONE,
	   "... signed by the attestation key");
	messages(trust, &key, &quote.clock, room_used(&attest));
	attest_store[20] ^= 1;
	ok(tpm_verify(&key, &signature, room_used(&attest)) == ERR_SIGNATURE,
	   "... and nothing else");
}

/* The template that certificates are for: EK Credential Profile, L-2, whose policy B.3.1 prints. */
static void endorsement(struct trust *trust)
{
	static const uint8_t policy_a[] = { 0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xB3, 0xF8,
		                            0x1A, 0x90, 0xCC, 0x8D, 0x46, 0xA5, 0xD7, 0x24,
		                            0xFD, 0x52, 0xD7, 0x6E, 0x06, 0x52, 0x0B, 0x64,
		                            0xF2, 0xA1, 0xDA, 0x1B, 0x33, 0x14, 0x69, 0xAA };
	uint8_t public_store[TRUST_BLOB_MAX], certificate_store[TRUST_CERTIFICATE_MAX], small[8];
	struct room public = ROOM(public_store), certificate = ROOM(certificate_store),
		    tiny = ROOM(small);
	struct tpm_public ek;

	ok_err(trust_endorsement(trust, &public, &certificate), ERR_NOT_FOUND,
	       "a blank chip has no endorsement certificate");
	ok(public.len > 0 && tpm_public_read(room_used(&public), false, &ek) == ERR_NONE,
	   "... but the key");
	ok(ek.attributes == 0x000300B2 && ek.curve == TPM_ECC_NIST_P256 &&
	           ek.symmetric == TPM_ALG_AES && ek.symmetric_bits == 128 &&
	           ek.symmetric_mode == TPM_ALG_CFB && ek.scheme == TPM_ALG_NULL &&
	           bytes_same(ek.policy, BYTES(policy_a)),
	   "... of the profile's template for P-256");
	ok_err(trust_endorsement(trust, &tiny, &certificate), ERR_ROOM, "a room that is too small");
}

struct credential {
	uint8_t object_store[CREDENTIAL_OBJECT_MAX], encrypted_store[CREDENTIAL_ENCRYPTED_MAX];
	struct room object, encrypted;
};

/* credential_make makes one for the chip's endorsement key and a Name, as a verifier does. */
static bool credential_make(struct trust *trust, struct bytes name, struct bytes secret,
                            struct credential *out)
{
	uint8_t public_store[TRUST_BLOB_MAX], certificate_store[TRUST_CERTIFICATE_MAX];
	struct room public = ROOM(public_store), certificate = ROOM(certificate_store);
	struct tpm_public ek;

	out->object = ROOM(out->object_store);
	out->encrypted = ROOM(out->encrypted_store);
	return trust_endorsement(trust, &public, &certificate) == ERR_NOT_FOUND &&
	       tpm_public_read(room_used(&public), false, &ek) == ERR_NONE &&
	       tpm_make_credential(&ek, name, secret, &out->object, &out->encrypted) == ERR_NONE;
}

static bool attestation_name(struct trust *trust, struct room *name)
{
	uint8_t store[TRUST_BLOB_MAX];
	struct room public = ROOM(store);

	return trust_attestation_public(trust, &public) == ERR_NONE &&
	       tpm_name(room_used(&public), name) == ERR_NONE;
}

static void activation(struct trust *trust)
{
	uint8_t name_store[TPM_NAME_MAX];
	struct bytes proof = BYTES_STR("thirty-two octets, or up to that");
	struct room name = ROOM(name_store);
	struct secret got = { { 0 }, 0 };
	struct credential made;

	if (!ok(attestation_name(trust, &name) &&
	                credential_make(trust, room_used(&name), proof, &made),
	        "a credential for the pair of keys"))
		return;
	struct bytes object = room_used(&made.object), secret = room_used(&made.encrypted);
	ok_err(trust_activate(trust, object, secret, &got), ERR_NONE, "R9: the chip opens it");
	ok(secret_same(secret_bytes(&got), proof), "... and finds the proof");
	for (size_t at = 0; at < object.len; at += 9) {
		made.object_store[at] ^= 1;
		if (trust_activate(trust, object, secret, &got) != ERR_MAC)
			ok(false, "R9: altered at octet %zu", at);
		made.object_store[at] ^= 1;
	}
	made.encrypted_store[40] ^= 1;
	ok_err(trust_activate(trust, object, secret, &got), ERR_MAC, "R9: with another point");
	made.encrypted_store[40] ^= 1;
	ok_err(trust_activate(trust, (struct bytes){ object.at, object.len - 1 }, secret, &got),
	       ERR_MAC, "... cut short");
	ok_err(trust_activate(trust, object, (struct bytes){ secret.at, secret.len - 1 }, &got),
	       ERR_MAC, "... its other part, too");
	ok_err(trust_activate(trust, (struct bytes){ NULL, 0 }, (struct bytes){ NULL, 0 }, &got),
	       ERR_MAC, "... empty");
	ok_err(trust_activate(trust, BYTES(made.encrypted_store), secret, &got), ERR_LENGTH,
	       "... longer than any is");
	name_store[10] ^= 1;
	ok(credential_make(trust, room_used(&name), proof, &made), "one for another key's Name");
	ok_err(trust_activate(trust, room_used(&made.object), room_used(&made.encrypted), &got),
	       ERR_MAC, "one for other keys stays closed");
}

/* What a verifier of another make does, here TPM2_MakeCredential of swtpm, for any chip's keys. */
static void foreign_activation(struct trust *trust, struct trust *maker)
{
	uint8_t public_store[TRUST_BLOB_MAX], certificate_store[TRUST_CERTIFICATE_MAX],
		name_store[TPM_NAME_MAX];
	struct room public = ROOM(public_store), certificate = ROOM(certificate_store),
		    name = ROOM(name_store);
	TPM2B_DIGEST proof = { .size = 16, .buffer = "sixteen octets!" };
	TPM2B_ENCRYPTED_SECRET *seed = NULL;
	TPM2B_ID_OBJECT *object = NULL;
	TPM2B_NAME ak = { .size = 0 };
	TPM2B_PUBLIC area = { .size = 0 };
	struct secret got = { { 0 }, 0 };
	size_t at = 0;
	ESYS_TR ek;

	if (!ok(trust_endorsement(trust, &public, &certificate) == ERR_NOT_FOUND &&
	                attestation_name(trust, &name) &&
	                Tss2_MU_TPMT_PUBLIC_Unmarshal(public.at, public.len, &at,
	                                              &area.publicArea) == TSS2_RC_SUCCESS &&
	                at == public.len,
	        "tpm2-tss reads the endorsement key"))
		return;
	memcpy(ak.name, name.at, ak.size = (UINT16)name.len);
	ESYS_CONTEXT *esys = chip_of(maker)->esys;
	bool made = Esys_LoadExternal(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL, &area,
	                              ESYS_TR_RH_ENDORSEMENT, &ek) == TSS2_RC_SUCCESS &&
	            Esys_MakeCredential(esys, ek, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &proof,
	                                &ak, &object, &seed) == TSS2_RC_SUCCESS;
	if (!ok(made, "swtpm makes a credential for it"))
		return;
	chip_flush(chip_of(maker), &ek);
	ok_err(trust_activate(trust, (struct bytes){ object->credential, object->size },
	                      (struct bytes){ seed->secret, seed->size }, &got),
	       ERR_NONE, "R9: which the chip opens");
	ok(secret_same(secret_bytes(&got), (struct bytes){ proof.buffer, proof.size }),
	   "... and finds what swtpm put in");
	Esys_Free(seed);
	Esys_Free(object);
}

static void approve(struct trust *trust, const struct secret *signer, uint32_t pcrs,
                    struct trust_approval *out)
{
	out->pcrs = pcrs;
	ok(trust_state_digest(trust, pcrs, out->digest) == ERR_NONE &&
	           crypto_ecdsa_sign(EC_P256, signer, &BYTES(out->digest), 1, out->signature) ==
	                   ERR_NONE,
	   "a state is approved");
}

static void policies(struct trust *trust)
{
	uint8_t signature[EC_SIGNATURE_SIZE], blob_store[TRUST_BLOB_MAX], key_store[TRUST_BLOB_MAX];
	uint8_t again_store[TRUST_BLOB_MAX], point_store[EC_POINT_SIZE];
	struct room blob = ROOM(blob_store), public = ROOM(key_store), again = ROOM(again_store);
	struct room point = ROOM(point_store), tiny = { blob_store, 4, 0, false };
	struct bytes message = BYTES_STR("the card's challenge");
	struct secret signer, stranger, sealed = { { 7, 8, 9 }, 32 }, opened = { { 0 }, 0 };
	struct trust_approval approval, updated, forged;
	struct trust_policy policy, other;
	struct tpm_public read;
	struct attest_key key;

	ok(crypto_ec_generate(EC_P256, &signer, policy.signer) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &stranger, other.signer) == ERR_NONE,
	   "a signer and a stranger");
	approve(trust, &signer, 1u << 23, &approval);
	ok(trust_pairing_public(trust, &policy, &public) == ERR_NONE &&
	           tpm_public_read(room_used(&public), false, &read) == ERR_NONE &&
	           tpm_public_key(&read, &point, &key) == ERR_NONE,
	   "pairing key");
	ok_err(trust_pairing_sign(trust, &policy, &approval, message, signature), ERR_NONE,
	       "R1a: signs in the approved state");
	ok_err(crypto_ecdsa_verify(EC_P256, point_store, &message, 1, signature), ERR_NONE,
	       "... verifiably");
	ok_err(trust_seal(trust, &policy, &sealed, &blob), ERR_NONE, "a secret is sealed");
	ok_err(trust_unseal(trust, &policy, &approval, room_used(&blob), &opened), ERR_NONE,
	       "... and opened");
	ok(secret_same(secret_bytes(&sealed), secret_bytes(&opened)), "... the same");
	blob_store[blob.len - 1] ^= 1;
	ok_err(trust_unseal(trust, &policy, &approval, room_used(&blob), &opened), ERR_CORRUPT,
	       "an altered blob is refused");
	blob_store[blob.len - 1] ^= 1;
	ok_err(trust_unseal(trust, &policy, &approval, (struct bytes){ blob.at, blob.len - 1 },
	                    &opened),
	       ERR_CORRUPT, "... and one that is cut short");
	ok_err(trust_unseal(trust, &policy, &approval, (struct bytes){ blob.at, 0 }, &opened),
	       ERR_CORRUPT, "... and an empty one");
	ok_err(trust_seal(trust, &policy, &(struct secret){ .len = 0 }, &again), ERR_IO,
	       "nothing cannot be sealed");
	ok_err(trust_seal(trust, &policy, &sealed, &tiny), ERR_ROOM,
	       "a room that is too small for what is sealed");

	forged = approval;
	ok(crypto_ecdsa_sign(EC_P256, &stranger, &BYTES(forged.digest), 1, forged.signature) ==
	           ERR_NONE,
	   "a stranger approves");
	ok_err(trust_pairing_sign(trust, &policy, &forged, message, signature), ERR_SIGNATURE,
	       "... and is not listened to");
	ok(trust_pairing_public(trust, &other, &again) == ERR_NONE &&
	           !bytes_same(room_used(&again), room_used(&public)),
	   "another signer's pairing key is another key");
	ok(crypto_ecdsa_sign(EC_P256, &stranger, &BYTES(forged.digest), 1, forged.signature) ==
	                   ERR_NONE &&
	           trust_unseal(trust, &other, &forged, room_used(&blob), &opened) == ERR_DENIED,
	   "what is sealed for one signer's states does not open in another's");
	memset(other.signer + 1, 0xFF, EC_POINT_SIZE - 1);
	ok_err(trust_pairing_sign(trust, &other, &approval, message, signature), ERR_VALUE,
	       "a signer whose key is none");

	ok_err(trust_extend(trust, 23, signer.at), ERR_NONE, "the platform changes");
	ok_err(trust_pairing_sign(trust, &policy, &approval, message, signature), ERR_DENIED,
	       "R12: the pairing key no longer signs");
	ok_err(trust_unseal(trust, &policy, &approval, room_used(&blob), &opened), ERR_DENIED,
	       "R1b.5: nor does the sealed secret open");
	approve(trust, &signer, 1u << 23, &updated);
	ok_err(trust_pairing_sign(trust, &policy, &updated, message, signature), ERR_NONE,
	       "a signed update does not brick the pair: it signs again");
	ok_err(crypto_ecdsa_verify(EC_P256, point_store, &message, 1, signature), ERR_NONE,
	       "... with the same key");
	ok_err(trust_unseal(trust, &policy, &updated, room_used(&blob), &opened), ERR_NONE,
	       "... and the same blob opens");
}

/* R1b.6: what an image of an earlier state is told by. */
static void counter(struct trust *trust)
{
	uint64_t first, second, same;

	ok_err(trust_counter(trust, false, &first), ERR_NONE, "the counter is made and read");
	ok(trust_counter(trust, true, &second) == ERR_NONE && second == first + 1,
	   "R1b.6: it counts");
	ok(trust_counter(trust, false, &same) == ERR_NONE && same == second, "and stays");
}

static void floors(struct trust *trust)
{
	static const struct {
		uint32_t least, then;
		const char *says;
	} rows[] = {
		{0,                0,               "R1b.3: a new chip has no floor"         },
		{ 3,               3,               "R1b.3: the first number is remembered"  },
		{ 0,               3,               "... and read"                           },
		{ 2,               3,               "R1b.3: no lower number brings it down"  },
		{ 64,              64,              "the last bit of an index"               },
		{ 65,              65,              "the first of the next"                  },
		{ 5,               65,              "R1b.3: nor does one of an earlier index"},
		{ TRUST_FLOOR_MAX, TRUST_FLOOR_MAX,
                 "the highest, far from the last: at one stroke"                             },
		{ 1,               TRUST_FLOOR_MAX, "and stays"                              },
	};
	uint32_t got = 7;

	for (size_t i = 0; i < COUNT(rows); i++)
		ok(trust_floor(trust, rows[i].least, &got) == ERR_NONE && got == rows[i].then, "%s",
		   rows[i].says);
	ok_err(trust_floor(trust, TRUST_FLOOR_MAX + 1, &got), ERR_VALUE, "a number too high");
}

static void limits(struct trust *trust)
{
	uint8_t attest_store[TPM_ATTEST_MAX], sig_store[TPM_SIGNATURE_MAX],
		digest[SHA256_SIZE] = { 1 };
	uint8_t long_one[SHA256_SIZE + 1] = { 0 }, value[SHA256_SIZE], ones[SHA256_SIZE];
	struct room attest = ROOM(attest_store), sig = ROOM(sig_store),
		    tiny = { sig_store, 4, 0, false };
	struct tpm_attest quote;

	ok(trust_extend(trust, TRUST_PCRS, digest) == ERR_VALUE &&
	           trust_pcr(trust, TRUST_PCRS, value) == ERR_VALUE,
	   "there is no PCR 24");
	memset(ones, 0xFF, sizeof ones);
	ok(trust_pcr(trust, 17, value) == ERR_NONE && memcmp(value, ones, sizeof ones) == 0,
	   "PCR 17 is all ones: there was no dynamic launch");
	ok_err(trust_extend(trust, 17, digest), ERR_IO, "... and software does not extend it");
	ok(trust_pcr(trust, 17, value) == ERR_NONE && memcmp(value, ones, sizeof ones) == 0,
	   "... so that it stays");
	ok_err(trust_quote(trust, 1, BYTES(long_one), &attest, &sig), ERR_LENGTH,
	       "a quote is qualified by 32 octets at most");
	ok_err(trust_quote(trust, 1, BYTES(digest), &tiny, &sig), ERR_ROOM,
	       "a quote in a room that is too small");
	ok(trust_quote(trust, 0, (struct bytes){ NULL, 0 }, &attest, &sig) == ERR_NONE &&
	           tpm_attest_read(room_used(&attest), &quote) == ERR_NONE &&
	           quote.selection.bank[0].mask == 0 && quote.extra_data.len == 0,
	   "a quote of no PCR, qualified by nothing");
}

/* Part 1, 16: the qualified Name of a primary key. */
static bool qualified(struct bytes name, struct bytes found)
{
	static const uint8_t hierarchy[] = { 0x40, 0x00, 0x00, 0x0B };
	const struct bytes parts[] = { BYTES(hierarchy), name };
	uint8_t digest[SHA256_SIZE];

	return crypto_sha256(digest, parts, COUNT(parts)) == ERR_NONE &&
	       found.len == 2 + SHA256_SIZE && found.at[1] == TPM_ALG_SHA256 &&
	       memcmp(found.at + 2, digest, sizeof digest) == 0;
}

/* R1a: what a server believes of the pairing key. */
static void certification(struct trust *trust)
{
	uint8_t public_store[TRUST_BLOB_MAX], ak_store[TRUST_BLOB_MAX],
		attest_store[TPM_ATTEST_MAX], sig_store[TPM_SIGNATURE_MAX],
		name_store[TPM_NAME_MAX], point_store[EC_POINT_SIZE], signer_name[TPM_NAME_MAX];
	struct room public = ROOM(public_store), ak = ROOM(ak_store), attest = ROOM(attest_store),
		    sig = ROOM(sig_store), name = ROOM(name_store), point = ROOM(point_store),
		    ak_name = ROOM(signer_name);
	struct tpm_public read;
	struct tpm_signature signature;
	struct tpm_attest certify;
	struct trust_policy policy;
	struct attest_key key;
	struct secret signer;

	ok(crypto_ec_generate(EC_P256, &signer, policy.signer) == ERR_NONE, "a signer");
	ok_err(trust_pairing_certify(trust, &policy, &public, &attest, &sig), ERR_NONE,
	       "the pairing key is certified");
	ok(tpm_attest_read(room_used(&attest), &certify) == ERR_NONE &&
	           certify.type == TPM_ST_ATTEST_CERTIFY && certify.extra_data.len == 0 &&
	           tpm_name(room_used(&public), &name) == ERR_NONE &&
	           bytes_same(certify.name, room_used(&name)),
	   "... by its Name");
	ok(trust_attestation_public(trust, &ak) == ERR_NONE &&
	           tpm_public_read(room_used(&ak), false, &read) == ERR_NONE &&
	           tpm_public_key(&read, &point, &key) == ERR_NONE &&
	           tpm_signature_read(room_used(&sig), &signature) == ERR_NONE &&
	           tpm_verify(&key, &signature, room_used(&attest)) == ERR_NONE,
	   "... under the attestation key's signature");
	ok(tpm_name(room_used(&ak), &ak_name) == ERR_NONE &&
	           qualified(room_used(&ak_name), certify.qualified_signer) &&
	           qualified(room_used(&name), certify.qualified_name),
	   "... both keys being primary keys of the endorsement hierarchy");
}

/* A reset of the machine: R1b.6, R9. */
static void reset(struct test_chip *chip)
{
	uint8_t key_store[2][TRUST_BLOB_MAX], attest_store[2][TPM_ATTEST_MAX],
		sig_store[TPM_SIGNATURE_MAX], value[SHA256_SIZE], zero[SHA256_SIZE] = { 0 };
	struct room keys[2] = { ROOM(key_store[0]), ROOM(key_store[1]) };
	struct tpm_attest quote[2];
	uint64_t counted[2];
	uint32_t floor = 0;

	for (int i = 0; i < 2; i++) {
		struct room attest = ROOM(attest_store[i]), sig = ROOM(sig_store);
		bool good = trust_attestation_public(chip->trust, &keys[i]) == ERR_NONE &&
		            trust_counter(chip->trust, false, &counted[i]) == ERR_NONE &&
		            trust_extend(chip->trust, 16, zero) == ERR_NONE &&
		            trust_quote(chip->trust, 1u << 16, (struct bytes){ NULL, 0 }, &attest,
		                        &sig) == ERR_NONE &&
		            tpm_attest_read(room_used(&attest), &quote[i]) == ERR_NONE;
		ok(good, i == 0 ? "before a reset" : "after it");
		if (!good || (i == 0 && !ok(chip_reset(chip), "the machine is reset")))
			return;
		if (i == 0)
			ok(trust_pcr(chip->trust, 16, value) == ERR_NONE &&
			           memcmp(value, zero, sizeof zero) == 0,
			   "R9: its PCRs begin anew");
	}
	ok_bytes(room_used(&keys[1]), room_used(&keys[0]), "R9: it is the same chip");
	ok(quote[1].clock.reset_count == quote[0].clock.reset_count + 1 &&
	           quote[1].clock.restart_count == 0,
	   "R9: that has counted the reset");
	ok(quote[1].clock.clock > quote[0].clock.clock || !quote[1].clock.safe,
	   "R9: whose clock went on, or else it says that it is not sure");
	ok(counted[1] == counted[0] && trust_floor(chip->trust, 0, &floor) == ERR_NONE &&
	           floor == TRUST_FLOOR_MAX,
	   "R1b.6: and whose counter and floor stay");
}

/* What one chip has sealed is nothing to another, of the same kind or not. */
static void elsewhere(struct trust *from, struct trust *to)
{
	uint8_t blob_store[TRUST_BLOB_MAX];
	struct secret signer, sealed = { { 7 }, 32 }, opened = { { 0 }, 0 };
	struct room blob = ROOM(blob_store);
	struct trust_approval approval;
	struct trust_policy policy;

	ok(crypto_ec_generate(EC_P256, &signer, policy.signer) == ERR_NONE &&
	           trust_seal(from, &policy, &sealed, &blob) == ERR_NONE,
	   "one chip seals");
	approve(to, &signer, 1u << 1, &approval);
	ok_err(trust_unseal(to, &policy, &approval, room_used(&blob), &opened), ERR_CORRUPT,
	       "R12: another does not open it");
}

/* --- both side by side ------------------------------------------------------------------------ */

/* What a chip shows, without what is its own: keys, its clock and its firmware's number. */
struct shown {
	uint8_t store[6][TRUST_BLOB_MAX], state[SHA256_SIZE];
	struct room endorsement, attestation, pairing, quote, certify, signature;
};

static void mask(struct room *in, struct bytes part)
{
	memset(in->at + (part.at - in->at), 0, part.len);
}

static bool mask_public(struct room *in)
{
	struct tpm_public public;

	if (tpm_public_read(room_used(in), false, &public) != ERR_NONE)
		return false;
	mask(in, public.x);
	mask(in, public.y);
	return true;
}

/* TPMS_CLOCK_INFO and firmwareVersion are 25 octets behind extraData. */
static bool mask_attest(struct room *in)
{
	struct tpm_attest attest;

	if (tpm_attest_read(room_used(in), &attest) != ERR_NONE)
		return false;
	mask(in, (struct bytes){ attest.extra_data.at + attest.extra_data.len, 25 });
	mask(in, (struct bytes){ attest.qualified_signer.at + 2, SHA256_SIZE });
	if (attest.type == TPM_ST_ATTEST_CERTIFY) {
		mask(in, (struct bytes){ attest.name.at + 2, SHA256_SIZE });
		mask(in, (struct bytes){ attest.qualified_name.at + 2, SHA256_SIZE });
	}
	return true;
}

static bool show(struct trust *trust, const struct trust_policy *policy, struct shown *out)
{
	enum { PCRS = 1u << 0 | 1u << 8 | 1u << 17 | 1u << 23 };
	struct room none = { NULL, 0, 0, false },
		    *all[] = { &out->endorsement, &out->attestation, &out->pairing,
		               &out->quote,       &out->certify,     &out->signature };
	uint8_t digest[SHA256_SIZE] = { 5 };

	for (size_t i = 0; i < COUNT(all); i++)
		*all[i] = ROOM(out->store[i]);
	bool good =
		trust_extend(trust, 8, digest) == ERR_NONE &&
		trust_state_digest(trust, PCRS, out->state) == ERR_NONE &&
		trust_endorsement(trust, &out->endorsement, &none) == ERR_NOT_FOUND &&
		trust_attestation_public(trust, &out->attestation) == ERR_NONE &&
		trust_quote(trust, PCRS, BYTES(digest), &out->quote, &out->signature) == ERR_NONE;
	out->signature.len = 0;
	return good &&
	       trust_pairing_certify(trust, policy, &out->pairing, &out->certify,
	                             &out->signature) == ERR_NONE &&
	       mask_public(&out->endorsement) && mask_public(&out->attestation) &&
	       mask_public(&out->pairing) && mask_attest(&out->quote) && mask_attest(&out->certify);
}

/* R11: evidence from simulation and benchmarks is what a chip's would be. */
static void alike(struct trust *soft, struct trust *chip)
{
	static struct shown a, b;
	struct trust_policy policy;
	struct secret signer;

	if (!ok(crypto_ec_generate(EC_P256, &signer, policy.signer) == ERR_NONE &&
	                show(soft, &policy, &a) && show(chip, &policy, &b),
	        "both show what they have"))
		return;
	ok_bytes(room_used(&a.endorsement), room_used(&b.endorsement),
	         "endorsement keys differ in the key alone");
	ok_bytes(room_used(&a.attestation), room_used(&b.attestation), "attestation keys, too");
	ok_bytes(room_used(&a.pairing), room_used(&b.pairing), "pairing keys, too, policy and all");
	ok_bytes(room_used(&a.quote), room_used(&b.quote),
	         "quotes of the same state differ in signer, clock and firmware alone");
	ok_bytes(room_used(&a.certify), room_used(&b.certify), "certifications, too");
	ok_bytes(BYTES(a.state), BYTES(b.state),
	         "R1a: an approval of one's state is good for the other's");
	ok(a.signature.len == b.signature.len ||
	           a.signature.len == b.signature.len + 1, /* a chip may leave out a zero */
	   "signatures have the same form");
}

/* --- the file ------------------------------------------------------------------------------------ */

static void refuses_to_open(const char *name, enum err want, const char *says)
{
	struct trust *trust = NULL;

	ok_err(trust_open(&trust, name), want, says);
	trust_close(trust);
}

/* Another process has it, for a while. */
static void waits_for_another(struct test_chip *chip)
{
	uint64_t counted = 0, after = 0;
	struct trust *trust;
	pid_t pid;

	trust_close(chip->trust);
	chip->trust = NULL;
	pid = fork();
	if (pid == 0) {
		if (trust_open(&trust, chip->name) != ERR_NONE)
			_exit(1);
		usleep(300000);
		enum err err = trust_counter(trust, true, &counted);
		trust_close(trust);
		_exit(err != ERR_NONE);
	}
	usleep(100000);
	ok(trust_open(&chip->trust, chip->name) == ERR_NONE &&
	           trust_counter(chip->trust, false, &after) == ERR_NONE && after >= 4,
	   "who opens it meanwhile waits, and sees what the other has done");
	int status = -1;
	ok(waitpid(pid, &status, 0) == pid && status == 0, "... which was its own to do");
}

/* counts tells each count that the chip has made durable, until it is killed. */
static void counts(const char *name, int to)
{
	struct trust *trust;
	uint64_t counted;

	if (trust_open(&trust, name) != ERR_NONE)
		_exit(1);
	while (trust_counter(trust, true, &counted) == ERR_NONE &&
	       write(to, &counted, sizeof counted) == sizeof counted)
		;
	_exit(1);
}

/* I5: whatever it was doing, the file is whole afterwards, and has what was said. */
static void killed(struct test_chip *chip)
{
	uint64_t said = 0, there = 0, total = 0;
	bool good = true;

	trust_close(chip->trust);
	chip->trust = NULL;
	for (int round = 0; good && round < 10; round++) {
		int ends[2];
		good = pipe(ends) == 0;
		pid_t pid = fork();
		if (pid == 0)
			counts(chip->name, ends[1]);
		close(ends[1]);
		good = good && read(ends[0], &said, sizeof said) == sizeof said;
		usleep((useconds_t)(1777 * round));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(ends[0], &said, sizeof said) == sizeof said)
			total++;
		close(ends[0]);
		good = good && trust_open(&chip->trust, chip->name) == ERR_NONE &&
		       trust_counter(chip->trust, false, &there) == ERR_NONE &&
		       (there == said || there == said + 1);
		trust_close(chip->trust);
		chip->trust = NULL;
	}
	ok(good,
	   "I5: killed at any moment, it has what it said, and one more at most");
	printf("# killed 10 times, %llu counts, %llu of the last\n", (unsigned long long)total,
	       (unsigned long long)there);
	ok(trust_open(&chip->trust, chip->name) == ERR_NONE, "... and is used again");
}

static void file(struct test_chip *chip)
{
	const char *path = chip->name + strlen("soft:");
	char other[96], command[256];
	uint64_t counted;
	struct stat info;

	ok(stat(path, &info) == 0 && (info.st_mode & 07777) == 0600,
	   "R7: the file is its owner's alone");
	int fd = open(path, O_RDONLY);
	ok(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0, "it is locked while it is open");
	close(fd);
	ok(trust_counter(chip->trust, true, &counted) == ERR_NONE, "it is replaced");
	fd = open(path, O_RDONLY);
	ok(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0, "... and still locked");
	close(fd);
	ok(stat(path, &info) == 0 && (info.st_mode & 07777) == 0600, "... and its owner's alone");
	waits_for_another(chip);
	killed(chip);
	snprintf(other, sizeof other, "soft:%s/none", chip->folder);
	refuses_to_open(other, ERR_NOT_FOUND, "there is no such file");
	snprintf(command, sizeof command, "cp %s %s/none && printf x >>%s/none", path, chip->folder,
	         chip->folder);
	ok(system(command) == 0, "a file that is longer than it was");
	refuses_to_open(other, ERR_CORRUPT, "... is no chip");
	struct softtpm tpm;
	ok(softtpm_init(&tpm) == ERR_NONE &&
	           softtpm_file_new(path, &tpm, (struct bytes){ NULL, 0 }) == ERR_EXISTS,
	   "a chip is not made over another");
	ok_err(softtpm_file_new("/tmp/no such/folder", &tpm, (struct bytes){ NULL, 0 }),
	       ERR_NOT_FOUND, "nor where there is no folder");
	softtpm_clear(&tpm);
}

static void rows(struct test_chip *chip)
{
	endorsement(chip->trust);
	evidence(chip->trust);
	limits(chip->trust);
	activation(chip->trust);
	certification(chip->trust);
	policies(chip->trust);
	counter(chip->trust);
	floors(chip->trust);
	reset(chip);
}

int main(void)
{
	static struct test_chip chips[CHIP_KINDS], fresh[CHIP_KINDS];
	bool there[CHIP_KINDS];
	struct trust *trust;

	for (enum chip_kind kind = 0; kind < CHIP_KINDS; kind++) {
		there[kind] = chip_there(kind) && ok(chip_start(&chips[kind], kind), "chip opened");
		if (there[kind])
			rows(&chips[kind]);
	}
	ok_err(trust_open(&trust, "swtpm:path=/nonexistent"), ERR_NOT_FOUND, "no chip there");
	if (there[CHIP_SOFT])
		file(&chips[CHIP_SOFT]);
	printf("# both\n");
	if (there[CHIP_SWTPM] && there[CHIP_SOFT] &&
	    ok(chip_start(&fresh[0], CHIP_SWTPM) && chip_start(&fresh[1], CHIP_SOFT),
	       "two more, just made")) {
		alike(fresh[CHIP_SOFT].trust, fresh[CHIP_SWTPM].trust);
		elsewhere(fresh[CHIP_SOFT].trust, chips[CHIP_SOFT].trust);
		elsewhere(fresh[CHIP_SWTPM].trust, chips[CHIP_SWTPM].trust);
		elsewhere(fresh[CHIP_SOFT].trust, fresh[CHIP_SWTPM].trust);
		elsewhere(fresh[CHIP_SWTPM].trust, fresh[CHIP_SOFT].trust);
		foreign_activation(fresh[CHIP_SOFT].trust, fresh[CHIP_SWTPM].trust);
		foreign_activation(fresh[CHIP_SWTPM].trust, fresh[CHIP_SWTPM].trust);
	}
	for (enum chip_kind kind = 0; kind < CHIP_KINDS; kind++) {
		chip_stop(&chips[kind]);
		chip_stop(&fresh[kind]);
	}
	return done();
}
