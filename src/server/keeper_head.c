/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for the audit log (I6). It signs a head only when it has been proved that what it signed
 * before is the beginning of it: the log can neither be cut nor fork, from one life of the keeper to the next
 * where it has a file to remember by (server/head_file.h). */
#include "server/keeper_state.h"
#include "server/pack.h"

#include <string.h>

enum err keeper_do_head_last(struct keeper_state *state, struct bytes in, struct room *out)
{
	(void)in;
	if (!state->has_head)
		return ERR_NOT_FOUND;
	audit_head_put(out, &state->head);
	return ERR_NONE;
}

static bool same_tree(const struct audit_head *a, const struct audit_head *b)
{
	return a->size == b->size && memcmp(a->root, b->root, MERKLE_HASH) == 0;
}

/* Who knows no head, after a start without a file, takes the one that was kept: it must be signed with its own key. */
static enum err follows(const struct keeper_state *state, struct bytes old_octets,
                        struct bytes proof, const struct audit_head *head)
{
	struct audit_head old;

	if (old_octets.len == 0)
		return state->has_head || proof.len != 0 ? ERR_DENIED : ERR_NONE;
	TRY(audit_head_read(old_octets, &old));
	if (audit_head_verify(&old, state->audit_point) != ERR_NONE ||
	    (state->has_head && !same_tree(&old, &state->head)) ||
	    merkle_verify_consistency(old.size, old.root, head->size, head->root, proof) !=
	            ERR_NONE)
		return ERR_DENIED;
	return ERR_NONE;
}

enum err keeper_do_head_sign(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t octets[AUDIT_SIGNED_SIZE];
	struct bytes old, proof, unsigned_head, part;
	struct room room = ROOM(octets);
	struct audit_head head;

	if (!state->has_audit)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(&in, &old));
	TRY(unpack_bytes(&in, &proof));
	TRY(unpack_bytes(&in, &unsigned_head));
	if (in.len != 0)
		return ERR_TRAILING;
	TRY(audit_head_read_signed(unsigned_head, &head));
	TRY(follows(state, old, proof, &head));
	TRY(audit_log_id(state->audit_point, head.log));
	audit_head_put_signed(&room, &head);
	part = room_used(&room);
	TRY(crypto_ecdsa_sign(EC_P256, &state->audit, &part, 1, head.signature));
	/* Remembered before it is given out. */
	if (state->head_file.open)
		TRY(head_file_put(&state->head_file, &head));
	state->head = head;
	state->has_head = true;
	audit_head_put(out, &head);
	return ERR_NONE;
}
