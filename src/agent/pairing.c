/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/pairing.h"

#include "agent/exchange.h"

static enum err cause_of(uint16_t sw)
{
	switch (sw) {
	case 0x6982:
		return ERR_SIGNATURE;
	case 0x6985:
		return ERR_ORDER;
	case 0x6A80:
	case 0x6700:
		return ERR_VALUE;
	case 0x6A88:
		return ERR_NOT_FOUND;
	case 0x6D00:
	case 0x6E00:
		return ERR_UNSUPPORTED;
	default:
		return sw_good(sw) ? ERR_NONE : ERR_IO;
	}
}

static enum err run(const struct card_link *link, uint8_t ins, struct bytes data,
                    struct room *reply)
{
	struct exchange_command command = {
		.cla = 0x80, .ins = ins, .data = data, .wants = data.len == 0
	};
	uint16_t sw;

	TRY(exchange(link, 0, &command, reply, &sw));
	return cause_of(sw);
}

enum err pairing_ask(const struct card_link *link, struct pairing_seen *out)
{
	struct room reply = ROOM(out->octets);

	TRY(run(link, INS_PAIRING_CHALLENGE, (struct bytes){ NULL, 0 }, &reply));
	return pairing_answer_read(room_used(&reply), &out->answer);
}

static enum err sign(const struct pairing_signer *signer, const struct pairing_answer *answer,
                     uint8_t signature[static EC_SIGNATURE_SIZE])
{
	uint8_t octets[64];
	struct room message = ROOM(octets);
	struct bytes parts[PAIRING_PARTS];

	pairing_proof_parts(answer->challenge, answer->eid, parts);
	for (size_t i = 0; i < PAIRING_PARTS; i++)
		room_put(&message, parts[i]);
	if (message.full)
		return ERR_ROOM;
	return signer->sign(signer->ctx, room_used(&message), signature);
}

static enum err prove(const struct card_link *link, const struct pairing_signer *signer,
                      struct pairing_seen *seen)
{
	uint8_t signature[EC_SIGNATURE_SIZE], octets[2 + EC_SIGNATURE_SIZE], none[LINK_REPLY_MAX];
	struct room proof = ROOM(octets), reply = ROOM(none);

	TRY(pairing_ask(link, seen));
	if (seen->answer.status.proven || seen->answer.status.mode == PAIRING_OFF)
		return ERR_NONE;
	TRY(sign(signer, &seen->answer, signature));
	pairing_proof_put(&proof, BYTES(signature));
	enum err err = run(link, INS_PAIRING_PROVE, room_used(&proof), &reply);
	/* The chip signed, the card does not accept: it is the card of another machine. */
	return err == ERR_SIGNATURE ? ERR_MISMATCH : err;
}

enum err pairing_prove_machine(const struct card_link *link, const struct pairing_signer *signer,
                               struct pairing_seen *seen)
{
	struct card_link held = *link;

	/* Somebody else's challenge in between would make ours void. */
	held.lock = NULL;
	held.unlock = NULL;
	*seen = (struct pairing_seen){ 0 };
	if (link->lock != NULL)
		TRY(link->lock(link->ctx));
	enum err err = prove(&held, signer, seen);
	if (link->unlock != NULL)
		link->unlock(link->ctx);
	return err == ERR_UNSUPPORTED ? ERR_NONE : err;
}

enum err pairing_carry_order(const struct card_link *link, struct bytes order)
{
	uint8_t none[LINK_REPLY_MAX];
	struct room reply = ROOM(none);

	return run(link, INS_PAIRING_ORDER, order, &reply);
}

/* --- a link that proves after each reset ------------------------------------------------------ */

static enum err link_transmit(void *ctx, struct bytes command, struct room *reply)
{
	struct pairing_link *link = ctx;

	return link->inner->transmit(link->inner->ctx, command, reply);
}

static enum err link_lock(void *ctx)
{
	struct pairing_link *link = ctx;

	return link->inner->lock != NULL ? link->inner->lock(link->inner->ctx) : ERR_NONE;
}

static void link_unlock(void *ctx)
{
	struct pairing_link *link = ctx;

	if (link->inner->unlock != NULL)
		link->inner->unlock(link->inner->ctx);
}

static enum err link_reset(void *ctx)
{
	struct pairing_link *link = ctx;
	struct pairing_seen seen;

	TRY(link->inner->reset(link->inner->ctx));
	/* A card that can be reached but not convinced is still a card: what it refuses, it says itself. */
	link->why = pairing_prove_machine(link->inner, link->signer, &seen);
	return ERR_NONE;
}

static const char *link_why(void *ctx)
{
	const struct pairing_link *link = ctx;

	return link->inner->why != NULL ? link->inner->why(link->inner->ctx) : err_text(ERR_IO);
}

struct card_link pairing_link_on(struct pairing_link *link)
{
	return (struct card_link){ link, link_transmit, link_lock, link_unlock, link_reset, link_why };
}
