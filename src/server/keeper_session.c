/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for sessions with cards: opening one, and the permit for what came of it. */
#include "server/keeper_state.h"
#include "server/opening.h"
#include "server/pack.h"

#include <time.h>

/* A session lasts from its row's commit, which comes after its serverSigned1. */
enum { OPENING_SLACK_S = 10 };

/* What is signed with DPauth is made here from beginning to end: nobody is served as an oracle. */
static enum err opening_put(const struct keeper_state *state, struct bytes euicc_challenge,
                            struct room *out)
{
	uint8_t id[TRANSACTION_ID_MAX], challenge[RSP_CHALLENGE_SIZE];
	const struct server_signed1 session = {
		.transaction_id = BYTES(id),
		.euicc_challenge = euicc_challenge,
		.server_address = state->address,
		.server_challenge = BYTES(challenge),
	};

	/* 5.6.1: unique; here also not to be guessed, for who knows it can act in the session. */
	TRY(crypto_random(id, sizeof id));
	TRY(opening_challenge(&state->seal.key[SEAL_OPENING], (uint64_t)time(NULL), &session,
	                      challenge));
	server_signed1_put(out, &session);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err keeper_do_open(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t challenge[RSP_CHALLENGE_SIZE], signature[EC_SIGNATURE_SIZE];
	const struct keeper_ci *ci;
	struct bytes text;
	uint64_t which;
	enum err err;

	TRY(unpack_u64(&in, &which));
	TRY(unpack_exact(&in, challenge, sizeof challenge));
	if (in.len != 0)
		return ERR_TRAILING;
	if (which >= state->ci_count || !state->ci[which].has_dpauth)
		return ERR_NOT_FOUND;
	ci = &state->ci[which];
	err = opening_put(state, BYTES(challenge), out);
	text = room_used(out);
	if (err == ERR_NONE)
		err = crypto_ecdsa_sign(ci->curve, &ci->dpauth, &text, 1, signature);
	if (err != ERR_NONE) {
		out->len = 0;
		return err;
	}
	room_put(out, BYTES(signature)); /* the answer ends in it */
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err keeper_do_permit(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint64_t purpose, decision;
	struct permit permit;
	struct bytes session;
	uint8_t *at;

	TRY(unpack_u64(&in, &purpose));
	TRY(unpack_u64(&in, &decision));
	TRY(unpack_u64(&in, &permit.expires_s));
	TRY(unpack_exact(&in, permit.subject, sizeof permit.subject));
	TRY(unpack_exact(&in, permit.result, sizeof permit.result));
	TRY(unpack_bytes(&in, &session));
	if (purpose >= PURPOSES || decision >= DECISIONS || in.len != 0)
		return ERR_VALUE;
	permit.purpose = (enum purpose)purpose;
	permit.decision = (enum decision)decision;
	TRY(opening_check(&state->seal.key[SEAL_OPENING], session, (uint64_t)time(NULL),
	                  state->session_s + OPENING_SLACK_S));
	if (permit.decision == REFUSE)
		return ERR_NONE;
	at = room_claim(out, PERMIT_SIZE);
	return at == NULL ? ERR_ROOM : permit_make(&state->seal.key[SEAL_PERMIT], &permit, at);
}
