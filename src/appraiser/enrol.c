/* SPDX-License-Identifier: Apache-2.0 */
#include "appraiser/enrol.h"

#include "evidence/imei.h"
#include "evidence/manifest.h"

#include <stdio.h>
#include <string.h>

static enum err refuse(struct enrol_refusal *refused, const char *reason, const char *text)
{
	snprintf(refused->reason, sizeof refused->reason, "%s", reason);
	snprintf(refused->text, sizeof refused->text, "%s", text);
	return ERR_DENIED;
}

static bool has_all(uint32_t attributes, uint32_t wanted, uint32_t unwanted)
{
	return (attributes & wanted) == wanted && (attributes & unwanted) == 0;
}

enum {
	/* Born in this chip, and never leaves it. */
	OF_THE_CHIP = TPM_FIXED_TPM | TPM_FIXED_PARENT | TPM_SENSITIVE_DATA_ORIGIN,
};

enum err enrol_check_claims(struct bytes imei, struct bytes model, struct enrol_refusal *refused)
{
	if (imei.len > 0 && !imei_is_one(imei))
		return refuse(refused, "imei",
		              "the IMEI has not 15 digits with a good check digit");
	if (model.len == 0 || model.len > MANIFEST_TEXT_MAX)
		return refuse(refused, "model", "a model has 1 to 64 characters");
	for (size_t i = 0; i < model.len; i++)
		if (model.at[i] < ' ' || model.at[i] == 0x7F)
			return refuse(refused, "model", "a model has no control characters");
	return ERR_NONE;
}

/* The certificate speaks of the key alone; that the key only opens credentials is a matter of its attributes,
 * and a chip derives another key from other ones. */
static enum err check_ek(const struct enrol_begin *begin, const struct ek_roots *roots,
                         bool test_chips, int64_t now_s, struct enrol_checked *out,
                         struct enrol_refusal *refused)
{
	uint8_t octets[ATTEST_POINT_MAX];
	struct room point = ROOM(octets);
	char reason[ENROL_REASON_MAX];
	struct attest_key key;
	struct ek_found found;
	size_t others = 0;

	if (tpm_public_read(begin->ek_public, false, &out->ek) != ERR_NONE ||
	    tpm_public_key(&out->ek, &point, &key) != ERR_NONE)
		return refuse(refused, "ek-malformed",
		              "the endorsement key cannot be read, or is of an unknown kind");
	if (!has_all(out->ek.attributes, OF_THE_CHIP | TPM_RESTRICTED | TPM_DECRYPT, TPM_SIGN))
		return refuse(refused, "ek-template",
		              "the endorsement key is not one that only opens credentials");
	if (begin->ek_certificate.len == 0)
		return refuse(refused, "ek-no-certificate",
		              "the endorsement key has no certificate of its maker");
	while (others < ENROL_CHAIN_MAX && begin->chain[others].len > 0)
		others++;
	enum ek_verdict verdict =
		ek_verify(roots, begin->ek_certificate, begin->chain, others, &key, now_s, &found);
	if (verdict != EK_GOOD) {
		snprintf(reason, sizeof reason, "ek-%s", ek_verdict_id(verdict));
		return refuse(refused, reason, ek_verdict_text(verdict));
	}
	if (found.test && !test_chips)
		return refuse(refused, "ek-test-root",
		              "the chip protects nothing, and this server takes no test chips");
	out->endorsed = true;
	out->test = found.test;
	memcpy(out->ek_digest, found.spki, sizeof out->ek_digest);
	return ERR_NONE;
}

/* Restricted: it signs what the chip itself has made, and nothing that only looks like it. */
static enum err check_ak(const struct enrol_begin *begin, struct enrol_checked *out,
                         struct enrol_refusal *refused)
{
	uint8_t octets[ATTEST_POINT_MAX];
	struct room point = ROOM(octets);
	struct attest_key key;

	if (tpm_public_read(begin->ak_public, false, &out->ak) != ERR_NONE ||
	    tpm_public_key(&out->ak, &point, &key) != ERR_NONE ||
	    (key.kind == ATTEST_RSA && key.modulus.len < ATTEST_RSA_MIN))
		return refuse(refused, "ak-malformed",
		              "the attestation key cannot be read, or is of an unknown kind");
	if (!has_all(out->ak.attributes, OF_THE_CHIP | TPM_RESTRICTED | TPM_SIGN, TPM_DECRYPT))
		return refuse(refused, "ak-attributes",
		              "the attestation key is not a restricted signing key of the chip");
	return ERR_NONE;
}

static enum err verify_certify(const struct enrol_begin *begin, const struct enrol_checked *checked)
{
	uint8_t octets[ATTEST_POINT_MAX], name_octets[TPM_NAME_MAX];
	struct room point = ROOM(octets), name = ROOM(name_octets);
	struct tpm_signature signature;
	struct tpm_attest attest;
	struct attest_key key;

	TRY(tpm_public_key(&checked->ak, &point, &key));
	TRY(tpm_attest_read(begin->certify, &attest));
	TRY(tpm_signature_read(begin->certify_signature, &signature));
	TRY(tpm_name(begin->pairing_public, &name));
	if (attest.type != TPM_ST_ATTEST_CERTIFY || !bytes_same(attest.name, room_used(&name)))
		return ERR_MISMATCH;
	return tpm_verify(&key, &signature, begin->certify);
}

/* The pairing key signs by policy alone: with a password it would sign in any state of the machine. */
static enum err check_pairing(const struct enrol_begin *begin, struct enrol_checked *out,
                              struct enrol_refusal *refused)
{
	struct room point = ROOM(out->pairing_key);
	struct tpm_public public;
	struct attest_key key;

	out->has_pairing_key = begin->pairing_public.len > 0;
	if (!out->has_pairing_key)
		return ERR_NONE;
	if (tpm_public_read(begin->pairing_public, false, &public) != ERR_NONE ||
	    public.type != TPM_ALG_ECC || public.curve != TPM_ECC_NIST_P256 ||
	    tpm_public_key(&public, &point, &key) != ERR_NONE)
		return refuse(refused, "pairing-malformed", "the pairing key is no P-256 key");
	if (!has_all(public.attributes, OF_THE_CHIP | TPM_SIGN,
	             TPM_DECRYPT | TPM_RESTRICTED | TPM_USER_WITH_AUTH) ||
	    public.policy.len == 0)
		return refuse(refused, "pairing-attributes",
		              "the pairing key signs without a policy, or is not the chip's");
	if (verify_certify(begin, out) != ERR_NONE)
		return refuse(refused, "pairing-uncertified",
		              "the attestation key has not certified the pairing key");
	return ERR_NONE;
}

enum err enrol_check(const struct enrol_begin *begin, const struct ek_roots *roots, bool test_chips,
                     int64_t now_s, struct enrol_checked *out, struct enrol_refusal *refused)
{
	out->endorsed = false;
	TRY(enrol_check_claims(begin->imei, begin->model, refused));
	TRY(check_ek(begin, roots, test_chips, now_s, out, refused));
	TRY(check_ak(begin, out, refused));
	return check_pairing(begin, out, refused);
}

bool enrol_listed(const struct chip *chip, const struct listed *listed, struct room *how)
{
	bool same = false;

	if (listed == NULL)
		room_put(how, BYTES_STR("no supplier has listed this card"));
	else if (!bytes_same(chip->ek_digest, listed->ek_digest))
		room_put(how, BYTES_STR("the supplier has listed another chip for this card"));
	else if (!bytes_same(chip->imei, listed->imei))
		room_put(how, BYTES_STR("the supplier has listed another IMEI for this card"));
	else if (!bytes_same(chip->model, listed->model))
		room_put(how, BYTES_STR("the supplier has listed another model for this card"));
	else
		same = true;
	if (!same)
		return false;
	room_put(how, BYTES_STR("listed by "));
	room_put(how, listed->supplier);
	room_put(how, BYTES_STR(" in "));
	room_put(how, listed->batch);
	return true;
}
