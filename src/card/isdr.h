/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ISD-R: the application of the eUICC that an LPA speaks to (SGP.22 v2.5, ES10a, ES10b, ES10c).
 * Requests arrive as STORE DATA blocks and are collected in one bounded buffer; answers leave through
 * GET RESPONSE and are produced piece by piece, so that a list of notifications with its certificates
 * never lies in RAM as a whole.
 *
 * It knows ES10, RSP sessions and notifications. It does not know how channels are managed, what a
 * profile consists of, or how anything is stored: it asks the card's other parts.
 */
#ifndef CARD_ISDR_H
#define CARD_ISDR_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/secret.h"
#include "port/crypto.h"

struct apdu;
struct card;

enum {
	ISDR_BUFFER = 3072,        /* AuthenticateServer with a 1.3 KB certificate, and its answer; one
	                              BPP segment of 1,024 octets beside the metadata with icon */
	ISDR_OID_MAX = 32,         /* object identifier of an SM-DP+, as DER */
};

/* SGP.22 3.1.3: an RSP session goes through these in order, and falls back to idle from each. */
enum isdr_state {
	ISDR_IDLE,
	ISDR_CHALLENGED,    /* GetEUICCChallenge has given a challenge */
	ISDR_AUTHENTICATED, /* AuthenticateServer has accepted a server */
	ISDR_PREPARED,      /* PrepareDownload has given a one-time key */
	ISDR_LOADING,       /* a bound profile package is arriving */
	ISDR_STATES
};

/* The RAM of the ISD-R inside struct card. Its members are its own business. */
struct isdr {
	uint8_t state;           /* enum isdr_state */
	uint8_t channel;         /* the channel whose blocks are in the buffer */
	uint8_t next_block;      /* P2 that the next STORE DATA block must bear */
	uint16_t have;           /* octets of the request collected so far */
	uint32_t reply_at;       /* how much of the answer has left */
	uint32_t reply_len;      /* the whole answer; equal to reply_at when none is pending */
	uint8_t buffer[ISDR_BUFFER];
};

/* isdr_aid is A0000005591010FFFFFFFF8900000100 (SGP.22 annex: ISD-R AID), 16 octets. */
extern const uint8_t isdr_aid[AID_MAX];

/* isdr_reset forgets the session and everything pending: card reset. */
void isdr_reset(struct isdr *isdr);

/* isdr_select appends the FCI that SELECT of the ISD-R answers (SGP.22 5.7.1: 6F with 84 and E0). */
void isdr_select(struct card *card, uint8_t channel, struct room *reply);

/* isdr_close forgets what is half received or half sent on a channel that is closed or reselected. */
void isdr_close(struct card *card, uint8_t channel);

/* isdr_run answers one command on a channel where the ISD-R is selected: STORE DATA (INS E2) and GET
 * RESPONSE (INS C0) for its answer. STORE DATA never returns data, only 61xx (or 9000); GET RESPONSE
 * appends at most Le octets to `reply`. The returned value is SW1 SW2; all other INS give 6D00. */
uint16_t isdr_run(struct card *card, uint8_t channel, const struct apdu *apdu, struct room *reply);

/* isdr_pending tells whether GET RESPONSE on this channel is for the ISD-R. */
bool isdr_pending(const struct card *card, uint8_t channel);

#endif
