/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's side of a pairing (docs/protocol.md): what the card says of it, the proof that this is the
 * card's machine, and orders that are carried to the card. Who signs is behind a port: the machine's
 * sensitive chip, or for tests something else.
 *
 * A proof holds until the card is reset. pairing_link is a link that proves again after each reset that
 * goes through it, so that nothing above has to know.
 */
#ifndef AGENT_PAIRING_H
#define AGENT_PAIRING_H

#include "agent/link.h"
#include "port/crypto.h"
#include "port/trust.h"
#include "rsp/pairing.h"

struct pairing_signer {
	void *ctx;
	/* sign makes the signature over SHA-256 of the message, r || s. ERR_DENIED when the platform is not in
	 * an approved state, ERR_SIGNATURE when the approval is not the signer's. */
	enum err (*sign)(void *ctx, struct bytes message,
	                 uint8_t signature[static EC_SIGNATURE_SIZE]);
};

/* The answer of the card, and the octets that it points to. */
struct pairing_seen {
	struct pairing_answer answer;
	uint8_t octets[LINK_REPLY_MAX];
};

/* pairing_ask asks for a challenge and the state. ERR_UNSUPPORTED when the card has no pairing. */
NODISCARD enum err pairing_ask(const struct card_link *link, struct pairing_seen *out);

/* pairing_prove_machine proves the machine for this card session, unless it is done, off, or the card knows
 * no pairing. ERR_DENIED when the platform is not in a good state, ERR_SIGNATURE when the chip does not
 * accept the approval, ERR_MISMATCH when the card belongs to another key. `seen` says what the card said first. */
NODISCARD enum err pairing_prove_machine(const struct card_link *link,
                                         const struct pairing_signer *signer,
                                         struct pairing_seen *seen);

/* pairing_carry_order gives an order to the card. ERR_SIGNATURE, ERR_NOT_FOUND (it is for another card),
 * ERR_ORDER (it is old, or the card takes no orders), ERR_VALUE. */
NODISCARD enum err pairing_carry_order(const struct card_link *link, struct bytes order);

/* A key in a chip under a policy. */
struct pairing_chip {
	struct trust *trust;
	struct trust_policy policy;
	struct trust_approval approval;
};
struct pairing_signer pairing_chip_signer(struct pairing_chip *chip);

/* pairing_chip_public gives the point of the chip's pairing key under a policy. */
NODISCARD enum err pairing_chip_public(struct trust *trust, const struct trust_policy *policy,
                                       uint8_t point[static EC_POINT_SIZE]);

/* A link on top of another one. `why` is the cause of the last proof that failed after a reset. */
struct pairing_link {
	const struct card_link *inner;
	const struct pairing_signer *signer;
	enum err why;
};
struct card_link pairing_link_on(struct pairing_link *link);

/* An approval as a file: 30 { 80 PCRs (4), 81 digest (32), 82 signature (64) }. */
enum { APPROVAL_SIZE = 2 + 6 + 34 + 66 };
NODISCARD enum err pairing_approval_read(struct bytes in, struct trust_approval *out);
void pairing_approval_put(struct room *out, const struct trust_approval *approval);

#endif
