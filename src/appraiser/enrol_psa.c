/* SPDX-License-Identifier: Apache-2.0 */
/* PSA roots of trust: they cannot answer a challenge without making a token, so that an operator names them. */
#include "appraiser/appraiser_work.h"

#include "evidence/eat.h"
#include "server/pack.h"

#include <stdio.h>
#include <string.h>

enum { UEID_RAND = 1 }; /* RFC 9711 4.2.1.1 */

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

static enum err check(const struct chip *told, struct chip *out, struct enrol_refusal *refused)
{
	uint8_t digest[SHA256_SIZE];
	struct bytes point = appraiser_point(told->key);

	if (told->eid.len != EID_SIZE)
		return refuse(refused, "eid", "a card has an EID of 32 digits");
	if (point.at == NULL || !on_curve(point))
		return refuse(refused, "key",
		              "it is no public key on P-256 or P-384 (SubjectPublicKeyInfo, not compressed)");
	if (told->instance.len != PSA_INSTANCE_SIZE || told->instance.at[0] != UEID_RAND)
		return refuse(refused, "instance",
		              "an instance ID has 33 octets, of which the first is 01");
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

	TRY(unpack_chip(&in, &told));
	if (in.len > 0)
		return ERR_TRAILING;
	enum err err = check(&told, &chip, &refused);
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
