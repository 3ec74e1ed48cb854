/* SPDX-License-Identifier: Apache-2.0 */
/* PSA roots of trust: they cannot answer a challenge without making a token, so that an operator names them. */
#include "appraiser/appraiser_work.h"

#include "codec/base64.h"
#include "evidence/corim.h"
#include "evidence/eat.h"
#include "server/pack.h"

#include <stdio.h>
#include <string.h>

enum {
	UEID_RAND = 1, /* RFC 9711 4.2.1.1 */
	SPKI_MAX = 160,
	PEM_MAX = 256,
};

static enum err refuse(struct enrol_refusal *refused, const char *reason, const char *text)
{
	snprintf(refused->reason, sizeof refused->reason, "%s", reason);
	snprintf(refused->text, sizeof refused->text, "%s", text);
	return ERR_DENIED;
}

/* Whatever comes of the signature, a point that is not on the curve is told. */
static bool on_curve(struct bytes point)
{
	static const uint8_t any[96] = { 1 };
	const bool p256 = point.len == EC_POINT_SIZE;
	const struct attest_key key = { .kind = p256 ? ATTEST_P256 : ATTEST_P384, .point = point };
	const struct bytes signature = { any, point.len - 1 };

	return attest_verify(&key, ATTEST_ECDSA, p256 ? ATTEST_SHA256 : ATTEST_SHA384, &point, 1,
	                     signature) != ERR_VALUE;
}

/* What PEM (RFC 7468) has between its lines. */
static enum err pem_read(struct bytes pem, struct room *out)
{
	char octets[PEM_MAX];
	struct room text = ROOM(octets);
	bool boundary = false;

	for (size_t i = 0; i < pem.len; i++) {
		uint8_t c = pem.at[i];
		boundary = c == '\n' ? false : boundary || c == '-';
		if (!boundary && c != '\n' && c != '\r')
			room_put_u8(&text, c);
	}
	return text.full ? ERR_LIMIT : base64_read(room_used(&text), out);
}

/* A CoRIM that is signed counts under a supplier's key that is in force, another on the operator's word. */
static enum err corim_of(struct appraiser_state *state, struct bytes file, struct corim *out)
{
	static struct appraiser_suppliers suppliers;

	if (!references_are_signed(file))
		return corim_read(file, out);
	TRY(appraiser_suppliers_load(state, &suppliers));
	for (size_t i = 0; i < suppliers.count; i++) {
		const struct attest_key key = { .kind = ATTEST_P256,
			                        .point = BYTES(suppliers.point[i]) };
		enum err err = corim_signed_read(file, &key, out);
		if (err != ERR_SIGNATURE && err != ERR_UNSUPPORTED)
			return err;
	}
	return ERR_SIGNATURE;
}

/* The operator gives a key, or a CoRIM that has one for the instance. */
static enum err find_key(struct appraiser_state *state, const struct chip *told, struct room *spki,
                         struct enrol_refusal *refused)
{
	int64_t now = (int64_t)state->ports.now_s(state->ports.ctx);
	struct corim corim;
	struct bytes pem;

	if (told->key.len > 0 && told->key.at[0] == 0x30) { /* SEQUENCE; no CoRIM begins so */
		room_put(spki, told->key);
		return ERR_NONE;
	}
	enum err err = corim_of(state, told->key, &corim);
	if (err == ERR_SIGNATURE)
		return refuse(refused, "signature", "no supplier in force has signed this CoRIM");
	if (err != ERR_NONE)
		return refuse(refused, "key",
		              "it is no public key on P-256 or P-384, and no CoRIM");
	if (corim.bounded && (now < corim.not_before || now > corim.not_after))
		return refuse(refused, "expired", "the CoRIM is not valid at present");
	err = corim_attest_key(&corim, told->instance, &pem);
	if (err == ERR_NOT_FOUND)
		return refuse(refused, "instance",
		              "the CoRIM has no attestation key of this instance");
	if (err != ERR_NONE || pem_read(pem, spki) != ERR_NONE)
		return refuse(refused, "key",
		              "what the CoRIM has for this instance is not one public key in PEM");
	return ERR_NONE;
}

static enum err check(struct appraiser_state *state, const struct chip *told, struct room *spki,
                      struct chip *out, struct enrol_refusal *refused)
{
	uint8_t digest[SHA256_SIZE];

	if (told->eid.len != EID_SIZE)
		return refuse(refused, "eid", "a card has an EID of 32 digits");
	if (told->instance.len != PSA_INSTANCE_SIZE || told->instance.at[0] != UEID_RAND)
		return refuse(refused, "instance",
		              "an instance ID has 33 octets, of which the first is 01");
	TRY(find_key(state, told, spki, refused));
	struct bytes point = appraiser_point(room_used(spki));
	if (point.at == NULL || !on_curve(point))
		return refuse(refused, "key",
		              "it is no public key on P-256 or P-384 (SubjectPublicKeyInfo, not "
		              "compressed)");
	TRY(enrol_check_claims(told->imei, told->model, refused));
	TRY(crypto_sha256(digest, &point, 1));
	*out = (struct chip){ .format = EVIDENCE_PSA,
		              .state = CHIP_APPROVED,
		              .eid = told->eid,
		              .how = told->how,
		              .key = point,
		              .instance = told->instance,
		              .imei = told->imei,
		              .model = told->model };
	memcpy(out->id, digest, sizeof out->id);
	return ERR_NONE;
}

/* What the store has against it, for people; NULL: it was something else. */
static const char *objection(enum err err)
{
	switch ((int)err) { /* int: the causes not named are one case */
	case ERR_ORDER:
		return "this key has been revoked";
	case ERR_EXISTS:
		return "another chip is approved for this card; it would have to be revoked first";
	case ERR_DENIED:
		return "too many chips claim this card";
	default:
		return NULL;
	}
}

enum err appraiser_do_enrol_psa(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct enrol_refusal refused = { .reason = "" };
	struct chip told, chip, added;
	uint8_t octets[SPKI_MAX];
	struct room spki = ROOM(octets);

	TRY(unpack_chip(&in, &told));
	if (in.len > 0)
		return ERR_TRAILING;
	enum err err = check(state, &told, &spki, &chip, &refused);
	if (err == ERR_DENIED) {
		err = ERR_VALUE;
	} else if (err == ERR_NONE) {
		err = state->enrol.ports.chip_add(state->ports.ctx, &chip, &added);
		if (objection(err) != NULL)
			snprintf(refused.text, sizeof refused.text, "%s", objection(err));
	}
	if (err != ERR_NONE && refused.text[0] == '\0')
		return err;
	room_put_u64(out, (uint64_t)err);
	pack_bytes(out, bytes_text(refused.text));
	if (err == ERR_NONE)
		pack_chip(out, &added);
	return ERR_NONE;
}
