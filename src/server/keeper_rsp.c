/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for SM-DP+: signatures of a session, binding a package to a card. */
#include "server/keeper_state.h"
#include "server/log.h"
#include "server/pack.h"

#include "rsp/bpp.h"
#include "rsp/prepare_download.h"

#include <string.h>
#include <time.h>

/* Each key signs one kind of thing only: a worker that has been taken over gets no oracle for others. */
static enum err signable(struct bytes text)
{
	struct smdp_signed2 signed2;
	struct bytes element, signature;

	TRY(ber_read_whole(&text, 0x30, &element));
	TRY(smdp_signed2_read(element, &signed2));
	TRY(rsp_sized_read(&text, TAG_SIGNATURE, EC_SIGNATURE_SIZE, EC_SIGNATURE_SIZE, &signature));
	return ber_end(text);
}

enum err keeper_do_sign(struct keeper_state *state, struct bytes in, struct room *out)
{
	const struct keeper_ci *ci;
	uint8_t *signature;
	struct bytes text;
	uint64_t which;

	TRY(unpack_u64(&in, &which));
	TRY(unpack_bytes(&in, &text));
	if (in.len != 0)
		return ERR_TRAILING;
	if (which >= state->ci_count || !state->ci[which].has_dppb)
		return ERR_NOT_FOUND;
	ci = &state->ci[which];
	TRY(signable(text));
	signature = room_claim(out, EC_SIGNATURE_SIZE);
	if (signature == NULL)
		return ERR_ROOM;
	return crypto_ecdsa_sign(ci->curve, &ci->dppb, &text, 1, signature);
}

static enum err card_read(struct bytes *in, struct smdp_card *out)
{
	uint64_t curve;

	TRY(unpack_exact(in, out->eid, EID_SIZE));
	TRY(unpack_u64(in, &curve));
	if (curve >= EC_CURVES)
		return ERR_VALUE;
	out->curve = (enum ec_curve)curve;
	return unpack_exact(in, out->point, EC_POINT_SIZE);
}

static enum err bind_read(struct bytes in, struct keeper_bind *out)
{
	uint64_t ci;

	TRY(unpack_u64(&in, &ci));
	if (ci >= CI_MAX)
		return ERR_VALUE;
	out->ci = (uint8_t)ci;
	TRY(unpack_bytes(&in, &out->permit));
	TRY(card_read(&in, &out->card));
	TRY(unpack_bytes(&in, &out->euicc_signed2));
	TRY(unpack_bytes(&in, &out->euicc_signature2));
	TRY(unpack_bytes(&in, &out->smdp_signature2));
	TRY(unpack_bytes(&in, &out->host_id));
	TRY(unpack_bytes(&in, &out->iccid));
	TRY(unpack_bytes(&in, &out->sealed_package));
	TRY(unpack_bytes(&in, &out->metadata));
	TRY(unpack_bytes(&in, &out->sealed_ppk));
	TRY(unpack_bytes(&in, &out->sealed_otsk));
	if (out->iccid.len != ICCID_SIZE || out->smdp_signature2.len != EC_SIGNATURE_SIZE)
		return ERR_LENGTH;
	return in.len == 0 ? ERR_NONE : ERR_TRAILING;
}

/* I4: the very permit that is shown, for this profile, card and session, now. */
static enum err permitted(const struct keeper_state *state, const struct keeper_bind *bind,
                          struct bytes transaction_id)
{
	uint8_t subject[PERMIT_SUBJECT_SIZE];
	struct permit permit;
	enum err err =
		permit_subject_provisioning(&bind->card, transaction_id, bind->iccid.at, subject);

	if (err == ERR_NONE)
		err = permit_check(&state->seal.key[SEAL_PERMIT], bind->permit,
		                   PURPOSE_PROVISIONING, subject, (uint64_t)time(NULL), &permit);
	if (err == ERR_NONE)
		return ERR_NONE;
	log_error("a package was asked for without a good permit");
	return ERR_DENIED;
}

/* What is bound to what: all that follows goes by it. */
struct binding {
	const struct keeper_bind *bind;
	struct euicc_signed2 signed2;
};

/* The one-time key pair of a retry is the one of the first delivery (SGP.22 5.6.2); it opens only for the
 * same profile and the same otPK.EUICC. */
static enum err one_time_key(struct keeper_state *state, const struct binding *binding,
                             struct secret *otsk, uint8_t point[static EC_POINT_SIZE],
                             struct room *sealed)
{
	const struct keeper_bind *bind = binding->bind;
	enum ec_curve curve = state->ci[bind->ci].curve;
	uint8_t id_octets[SHA256_SIZE], clear[SECRET_MAX];
	struct room room = ROOM(clear);
	const struct bytes parts[] = { bind->iccid, binding->signed2.euicc_otpk };
	enum err err;

	TRY(crypto_sha256(id_octets, parts, COUNT(parts)));
	if (bind->sealed_otsk.len == 0) {
		TRY(crypto_ec_generate(curve, otsk, point));
		return seal_put(&state->seal, SEAL_ONE_TIME_KEY, BYTES(id_octets),
		                secret_bytes(otsk), sealed);
	}
	err = seal_read(&state->seal, SEAL_ONE_TIME_KEY, BYTES(id_octets), bind->sealed_otsk,
	                &room);
	if (err == ERR_NONE && !secret_from(otsk, room_used(&room)))
		err = ERR_LENGTH;
	wipe(clear, sizeof clear);
	TRY(err);
	TRY(crypto_ec_public(curve, otsk, point));
	room_put(sealed, bind->sealed_otsk);
	return ERR_NONE;
}

/* smdpSign covers 82 to 5F49 of initialiseSecureChannel and the element of otPK.EUICC, SGP.22 5.5.1. */
static enum err channel_sign(const struct keeper_state *state, const struct binding *binding,
                             const struct initialise_secure_channel *isc,
                             uint8_t signature[static EC_SIGNATURE_SIZE])
{
	uint8_t octets[256];
	struct room text = ROOM(octets);
	const struct keeper_ci *ci;
	struct bytes part;

	initialise_secure_channel_put_signed(&text, isc);
	ber_put(&text, TAG_ONE_TIME_KEY, binding->signed2.euicc_otpk);
	if (text.full)
		return ERR_LIMIT;
	part = room_used(&text);
	ci = &state->ci[binding->bind->ci];
	return crypto_ecdsa_sign(ci->curve, &ci->dppb, &part, 1, signature);
}

enum {
	PPK_SIZE = 16,
	PROTECTION_SIZE = KEEPER_PPK_SIZE
}; /* initial MAC chaining value, enc, mac */

enum err keeper_do_protect(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t iccid[ICCID_SIZE], drawn[PROTECTION_SIZE];
	struct bytes keys;
	enum err err;

	TRY(unpack_exact(&in, iccid, sizeof iccid));
	TRY(unpack_bytes(&in, &keys));
	if (keys.len != 0 && keys.len != PROTECTION_SIZE)
		return ERR_LENGTH;
	if (keys.len == 0) {
		TRY(crypto_random(drawn, sizeof drawn));
		keys = BYTES(drawn);
	}
	err = seal_put(&state->seal, SEAL_PROTECTION_KEYS, BYTES(iccid), keys, out);
	wipe(drawn, sizeof drawn);
	return err;
}

static enum err protection_read(const struct keeper_state *state, const struct keeper_bind *bind,
                                uint8_t clear[static PROTECTION_SIZE],
                                struct replace_session_keys *out)
{
	struct room room = { clear, PROTECTION_SIZE, 0, false };

	TRY(seal_read(&state->seal, SEAL_PROTECTION_KEYS, bind->iccid, bind->sealed_ppk, &room));
	if (room.len != PROTECTION_SIZE)
		return ERR_LENGTH;
	out->mac_chain = (struct bytes){ clear, PPK_SIZE };
	if (!secret_from(&out->ppk_enc, (struct bytes){ clear + PPK_SIZE, PPK_SIZE }) ||
	    !secret_from(&out->ppk_cmac, (struct bytes){ clear + 2 * PPK_SIZE, PPK_SIZE }))
		return ERR_LENGTH;
	return ERR_NONE;
}

/* package_put writes the bound package under session keys, or, when the profile has protection keys of its
 * own, under those (SGP.22 2.5.3, ReplaceSessionKeys). */
static enum err package_put(struct keeper_state *state, const struct keeper_bind *bind,
                            struct bpp_input *input, struct bsp *bsp, struct room *out)
{
	uint8_t clear[PROTECTION_SIZE];
	struct replace_session_keys keys;
	struct room protected;
	BSP protection = { .counter = 0 };
	enum err err;

	if (bind->sealed_ppk.len == 0)
		return bpp_put(out, input, bsp);
	err = protection_read(state, bind, clear, &keys);
	if (err == ERR_NONE)
		err = bsp_replace(&protection, keys.mac_chain, &keys.ppk_enc, &keys.ppk_cmac);
	if (err == ERR_NONE) {
		protected = (struct room){ state->clear.at + state->clear.len,
			                   state->clear.cap - state->clear.len, 0, false };
		err = bpp_protect(&protected, input->profile, &protection);
		input->keys = &keys;
		input->protected_profile = room_used(&protected);
	}
	if (err == ERR_NONE)
		err = bpp_put(out, input, bsp);
	secret_clear(&keys.ppk_enc);
	secret_clear(&keys.ppk_cmac);
	wipe(clear, sizeof clear);
	return err;
}

static enum err bind_put(struct keeper_state *state, const struct binding *binding,
                         const struct secret *otsk, const uint8_t point[static EC_POINT_SIZE],
                         struct room *out)
{
	const struct keeper_bind *bind = binding->bind;
	uint8_t signature[EC_SIGNATURE_SIZE], configure_octets[16];
	struct room configure = ROOM(configure_octets);
	const struct configure_isdp nothing = {
		.dp_proprietary_data = {NULL, 0}
	};
	struct bpp_input input = {
		.isc = {.remote_op = REMOTE_OP_INSTALL_BPP,
                        .transaction_id = binding->signed2.transaction_id,
                        .key_type = BSP_KEY_TYPE_AES,
                        .key_length = BSP_KEY_LENGTH,
                        .host_id = bind->host_id,
                        .smdp_otpk = { point, EC_POINT_SIZE },
                        .smdp_sign = BYTES(signature)}
	};
	SECRET shared = { .len = 0 };
	BSP bsp = { .counter = 0 };

	TRY(channel_sign(state, binding, &input.isc, signature));
	TRY(crypto_ecdh(state->ci[bind->ci].curve, otsk, binding->signed2.euicc_otpk.at, &shared));
	TRY(bsp_start(&bsp, &shared, bind->host_id, bind->card.eid));
	configure_isdp_put(&configure, &nothing);
	input.configure_isdp = room_used(&configure);
	input.metadata = bind->metadata;
	TRY(seal_read(&state->seal, SEAL_PACKAGE, bind->iccid, bind->sealed_package,
	              &state->clear));
	input.profile = room_used(&state->clear);
	return package_put(state, bind, &input, &bsp, out);
}

enum err keeper_do_bind(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t point[EC_POINT_SIZE], sealed_octets[SECRET_MAX + SEAL_EXTRA];
	struct room sealed = ROOM(sealed_octets);
	struct keeper_bind bind;
	struct binding binding = { .bind = &bind };
	SECRET otsk = { .len = 0 };

	TRY(bind_read(in, &bind));
	if (bind.ci >= state->ci_count || !state->ci[bind.ci].has_dppb)
		return ERR_NOT_FOUND;
	TRY(euicc_signed2_read(bind.euicc_signed2, &binding.signed2));
	TRY(permitted(state, &bind, binding.signed2.transaction_id));
	/* What a package is bound to is the card's own word. */
	if (smdp_card_verify_signed2(&bind.card, bind.euicc_signed2, bind.smdp_signature2,
	                             bind.euicc_signature2) != SMDP_OK)
		return ERR_SIGNATURE;
	TRY(one_time_key(state, &binding, &otsk, point, &sealed));
	pack_bytes(out, BYTES(point));
	pack_bytes(out, room_used(&sealed));
	/* The rest of the answer is the package. */
	return bind_put(state, &binding, &otsk, point, out);
}
