/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TPM 2.0 backend of port/trust.h against swtpm, a TPM that we did not write: evidence is read and
 * verified by room evidence, policies hold and refuse as DESIGN of the pairing key asks (R1a, R9, R10, R12).
 */
#include "evidence/tpm.h"
#include "port/tpm2/chip.h"

#include "tests/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/assay-tpm2-XXXXXX";
static pid_t chip;

static bool start_chip(void)
{
	char state[64], server[96], control[96];

	snprintf(state, sizeof state, "dir=%s", folder);
	snprintf(server, sizeof server, "type=unixio,path=%s/tpm", folder);
	snprintf(control, sizeof control, "type=unixio,path=%s/tpm.ctrl", folder);
	chip = fork();
	if (chip == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server",
		       server, "--ctrl", control, "--flags", "not-need-init", (char *)NULL);
		_exit(127); /* not there */
	}
	for (int i = 0; i < 100; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/tpm", folder);
		if (access(path, F_OK) == 0)
			return true;
		if (waitpid(chip, NULL, WNOHANG) != 0)
			return false;
		usleep(50000);
	}
	return false;
}

static void stop_chip(void)
{
	char command[96];

	kill(chip, SIGTERM);
	waitpid(chip, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		printf("# %s stays behind\n", folder);
}

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

/* A verifier's part of TPM2_MakeCredential, done by the chip itself: it needs no secret. */
static void activation(struct trust *trust)
{
	TPM2B_DIGEST proof = { .size = 16, .buffer = "sixteen octets!" };
	TPM2B_ENCRYPTED_SECRET *seed = NULL;
	TPM2B_ID_OBJECT *object = NULL;
	TPM2B_NAME *name = NULL;
	struct secret got = { { 0 }, 0 };
	ESYS_TR ek, ak;

	bool made = chip_key(trust, CHIP_EK_P256, NULL, &ek) == ERR_NONE &&
	            chip_key(trust, CHIP_AK, NULL, &ak) == ERR_NONE &&
	            Esys_TR_GetName(trust->esys, ak, &name) == TSS2_RC_SUCCESS &&
	            Esys_MakeCredential(trust->esys, ek, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	                                &proof, name, &object, &seed) == TSS2_RC_SUCCESS;
	if (!ok(made, "a credential for the pair of keys"))
		return;
	struct bytes credential = { object->credential, object->size };
	struct bytes secret = { seed->secret, seed->size };
	ok_err(trust_activate(trust, credential, secret, &got), ERR_NONE, "R9: the chip opens it");
	ok(secret_same(secret_bytes(&got), (struct bytes){ proof.buffer, proof.size }),
	   "... and finds the proof");
	object->credential[object->size - 1] ^= 1;
	ok_err(trust_activate(trust, credential, secret, &got), ERR_MAC,
	       "one for other keys stays closed");
	Esys_Free(seed);
	Esys_Free(object);
	Esys_Free(name);
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
	struct room point = ROOM(point_store);
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

	forged = approval;
	ok(crypto_ecdsa_sign(EC_P256, &stranger, &BYTES(forged.digest), 1, forged.signature) ==
	           ERR_NONE,
	   "a stranger approves");
	ok_err(trust_pairing_sign(trust, &policy, &forged, message, signature), ERR_SIGNATURE,
	       "... and is not listened to");
	ok(trust_pairing_public(trust, &other, &again) == ERR_NONE &&
	           !bytes_same(room_used(&again), room_used(&public)),
	   "another signer's pairing key is another key");

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

int main(void)
{
	uint8_t public_store[TRUST_BLOB_MAX], certificate_store[TRUST_CERTIFICATE_MAX];
	struct room public = ROOM(public_store), certificate = ROOM(certificate_store);
	struct trust *trust;
	char name[64];

	if (system("command -v swtpm >/dev/null") != 0) {
		skip("swtpm is not installed");
		return done();
	}
	setenv("TSS2_LOG", "all+none", 1);
	ok_err(trust_open(&trust, "swtpm:path=/nonexistent"), ERR_NOT_FOUND, "no chip there");
	if (mkdtemp(folder) == NULL || !ok(start_chip(), "swtpm starts"))
		return done();
	snprintf(name, sizeof name, "swtpm:path=%s/tpm", folder);
	/* Its socket is there a moment before it listens. */
	enum err opened = trust_open(&trust, name);
	for (int i = 0; i < 200 && opened == ERR_NOT_FOUND; i++) {
		usleep(50000);
		opened = trust_open(&trust, name);
	}
	if (ok_err(opened, ERR_NONE, "chip opened")) {
		ok_err(trust_endorsement(trust, &public, &certificate), ERR_NOT_FOUND,
		       "a blank chip has no endorsement certificate");
		ok(public.len > 0, "... but the key");
		evidence(trust);
		activation(trust);
		policies(trust);
		counter(trust);
		floors(trust);
		trust_close(trust);
	}
	stop_chip();
	return done();
}
