/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card says and hears of its pairing with a machine: its state, the machine's proof, an order that
 * changes the pairing. Written to the octet in docs/protocol.md; card, agent and network read it here.
 *
 * Nothing of this is in SGP.22 or TS 102 221: instructions of the proprietary class, and one element
 * of the private class in EUICCInfo2, which is extensible.
 */
#ifndef RSP_PAIRING_H
#define RSP_PAIRING_H

#include "port/crypto.h"
#include "rsp/rsp.h"

enum { /* with class 8X or CX, P1 = P2 = 00; no such instructions in TS 102 221 table 10.5 */
       INS_PAIRING_CHALLENGE = 0x54,
       INS_PAIRING_PROVE = 0x56,
       INS_PAIRING_ORDER = 0x58,
};

enum {
	PAIRING_CHALLENGE_SIZE = 16,
	PAIRING_KEY_ID_SIZE = 8, /* the first octets of SHA-256 of the public key's point */
	PAIRING_STATUS_MAX = 3 * 3 + 3 * 6 + 2 + PAIRING_KEY_ID_SIZE,
	PAIRING_ANSWER_MAX = 2 + PAIRING_CHALLENGE_SIZE + 2 + EID_SIZE + PAIRING_STATUS_MAX,
	PAIRING_SIGNED_MAX = 128, /* the signed part of an order */
	PAIRING_ORDER_MAX = 200,
	TAG_PAIRING_REPORT = 0xDF22, /* [PRIVATE 34] in EUICCInfo2 */
};

enum pairing_mode { PAIRING_OFF, PAIRING_OBSERVE, PAIRING_ENFORCE, PAIRING_MODES };

/* What happened last: a proof, or the use of the card without one. */
enum pairing_last { PAIRING_NEVER, PAIRING_PROVEN, PAIRING_MISSED, PAIRING_LASTS };

struct pairing_status {
	uint8_t mode;        /* enum pairing_mode */
	bool proven;         /* in this card session */
	uint8_t last;        /* enum pairing_last */
	uint32_t refused;    /* card sessions in which something was refused */
	uint32_t missed;     /* card sessions in which the card worked without a proof */
	uint32_t orders;     /* number of the last order */
	struct bytes key_id; /* of the pairing key; at == NULL when there is none */
};

/* The answer to the challenge command. */
struct pairing_answer {
	struct bytes challenge, eid;
	struct pairing_status status;
};

struct pairing_order {
	struct bytes eid;
	uint32_t number; /* greater than that of the order before */
	uint8_t mode;
	struct bytes key;         /* point of the pairing key; at == NULL: it stays */
	struct bytes signed_part; /* the element that is signed, set by the reader */
	struct bytes signature;
};

/* pairing_answer_read takes what the challenge command answers; elements behind the known ones are for
 * later versions and passed over. */
NODISCARD enum err pairing_answer_read(struct bytes in, struct pairing_answer *out);
void pairing_answer_put(struct room *out, const struct pairing_answer *answer);

/* pairing_report_find looks among the extensions of EUICCInfo2. ERR_NOT_FOUND when the card says nothing:
 * it has no pairing, or it is off. */
NODISCARD enum err pairing_report_find(struct bytes extensions, struct pairing_status *out);
void pairing_report_put(struct room *out, const struct pairing_status *status);

/* pairing_proof_parts lists what a machine signs: a label, the challenge, the EID. */
enum { PAIRING_PARTS = 3 };
void pairing_proof_parts(struct bytes challenge, struct bytes eid,
                         struct bytes parts[static PAIRING_PARTS]);
NODISCARD enum err pairing_proof_read(struct bytes in, struct bytes *signature);
void pairing_proof_put(struct room *out, struct bytes signature);

/* pairing_order_signed_put appends the element that is signed, of everything but the signature;
 * pairing_order_parts lists what the signature is over: a label, then that element. */
void pairing_order_signed_put(struct room *out, const struct pairing_order *order);
enum { PAIRING_ORDER_PARTS = 2 };
void pairing_order_parts(struct bytes signed_part, struct bytes parts[static PAIRING_ORDER_PARTS]);
NODISCARD enum err pairing_order_read(struct bytes in, struct pairing_order *out);
void pairing_order_put(struct room *out, struct bytes signed_part, struct bytes signature);

/* pairing_key_id names a public key. */
NODISCARD enum err pairing_key_id(const uint8_t point[static EC_POINT_SIZE],
                                  uint8_t id[static PAIRING_KEY_ID_SIZE]);

/* pairing_mode_name is "off", "observe" or "enforce"; pairing_mode_read is its inverse. */
const char *pairing_mode_name(uint8_t mode);
NODISCARD enum err pairing_mode_read(struct bytes name, uint8_t *mode);

#endif
