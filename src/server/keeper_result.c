/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's request for attestation results. */
#include "evidence/ear.h"
#include "server/keeper_state.h"
#include "server/pack.h"

/* What is signed is written anew from what was understood: the key never signs octets that came. */
enum err keeper_do_result(struct keeper_state *state, struct bytes in, struct room *out)
{
	struct bytes claims;
	struct ear ear;

	if (!state->has_result)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(&in, &claims));
	if (in.len != 0)
		return ERR_TRAILING;
	TRY(ear_claims_read(claims, &ear));
	return ear_cwt_put(out, &state->result, (struct bytes){ NULL, 0 }, &ear);
}
