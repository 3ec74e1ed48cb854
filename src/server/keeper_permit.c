/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's request for the appraiser. */
#include "server/keeper_state.h"
#include "server/pack.h"

enum err keeper_do_permit(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint64_t purpose, decision;
	struct permit permit;
	uint8_t *at;

	TRY(unpack_u64(&in, &purpose));
	TRY(unpack_u64(&in, &decision));
	TRY(unpack_u64(&in, &permit.expires_s));
	TRY(unpack_exact(&in, permit.subject, sizeof permit.subject));
	TRY(unpack_exact(&in, permit.result, sizeof permit.result));
	if (purpose >= PURPOSES || decision >= DECISIONS || in.len != 0)
		return ERR_VALUE;
	permit.purpose = (enum purpose)purpose;
	permit.decision = (enum decision)decision;
	at = room_claim(out, PERMIT_SIZE);
	return at == NULL ? ERR_ROOM : permit_make(&state->seal.key[SEAL_PERMIT], &permit, at);
}
