/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for attestation results. */
#include "codec/hex.h"
#include "evidence/cose.h"
#include "evidence/ear.h"
#include "server/keeper_state.h"
#include "server/pack.h"

#include <string.h>

enum err keeper_key_id(const uint8_t point[static EC_POINT_SIZE],
                       uint8_t out[static KEEPER_KEY_ID_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	TRY(crypto_sha256(digest, &(struct bytes){ point, EC_POINT_SIZE }, 1));
	memcpy(out, digest, KEEPER_KEY_ID_SIZE);
	return ERR_NONE;
}

static enum err take(const struct keeper_state *state, struct bytes in, struct bytes *out)
{
	if (!state->has_result)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(&in, out));
	return in.len == 0 ? ERR_NONE : ERR_TRAILING;
}

/* What is signed is written anew from what was understood: the key never signs octets that came. */
enum err keeper_do_result(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t id[KEEPER_KEY_ID_SIZE];
	struct bytes claims;
	struct ear ear;

	TRY(take(state, in, &claims));
	TRY(ear_claims_read(claims, &ear));
	TRY(keeper_key_id(state->result_point, id));
	return ear_cwt_put(out, &state->result, BYTES(id), &ear);
}

/* Whoever asks for the other form gets what the appraiser had signed, and nothing else. */
enum err keeper_do_result_jwt(struct keeper_state *state, struct bytes in, struct room *out)
{
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(state->result_point) };
	uint8_t id[KEEPER_KEY_ID_SIZE], digits[2 * KEEPER_KEY_ID_SIZE];
	struct room hex = ROOM(digits);
	struct cose message;
	struct bytes cwt;
	struct ear ear;

	TRY(take(state, in, &cwt));
	TRY(cose_read(cwt, 0, &message));
	TRY(cose_verify(&message, &key, (struct bytes){ NULL, 0 }));
	TRY(ear_claims_read(message.payload, &ear));
	TRY(keeper_key_id(state->result_point, id));
	hex_put(&hex, BYTES(id));
	return ear_jwt_put(out, &state->result, room_used(&hex), &ear);
}
