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
#include "rsp/bsp.h"

struct apdu;
struct card;

enum {
	ISDR_BUFFER = 3072,      /* AuthenticateServer with a 1.5 KB certificate, and its answer */
	ISDR_SEGMENT_MAX = 1152, /* a BPP segment of BSP_SEGMENT_MAX; the metadata lies behind it */
	ISDR_METADATA_MAX =
		ISDR_BUFFER - ISDR_SEGMENT_MAX, /* icon of 1,024 octets, names, addresses */
	ISDR_OID_MAX = 32, /* object identifier of an SM-DP+, as DER contents */
	ISDR_ADDRESSES_MAX =
		6,          /* notification addresses of a profile: a switch notifies those of two
	                            profiles in one transaction */
	ISDR_LIST_MAX = 40, /* notifications kept; more than twice the profile slots */
};

/* SGP.22 3.1: an RSP session goes through these in order, and falls back to idle from each. */
enum isdr_state {
	ISDR_IDLE,
	ISDR_CHALLENGED,    /* GetEUICCChallenge has given a challenge */
	ISDR_AUTHENTICATED, /* AuthenticateServer has accepted a server */
	ISDR_PREPARED,      /* PrepareDownload has given a one-time key */
	ISDR_LOADING,       /* a bound profile package is arriving */
	ISDR_STATES
};

/* What an RSP session must remember between two commands; all of it is wiped when the session ends. */
struct isdr_session {
	uint8_t challenge[16];
	uint8_t transaction_id[TRANSACTION_ID_MAX], transaction_id_len;
	uint8_t address[SERVER_ADDRESS_MAX], address_len;
	uint8_t oid[ISDR_OID_MAX], oid_len; /* of CERT.DPauth; CERT.DPpb must bear the same */
	uint8_t signature1[EC_SIGNATURE_SIZE];
	uint8_t anchor;     /* the CI that the server certificate leads to */
	uint8_t credential; /* the eUICC's own keys, as euiccCiPKIdToBeUsed chose */
	uint8_t curve;      /* of CERT.DPpb: enum ec_curve */
	uint8_t dppb[EC_POINT_SIZE];
	uint8_t otpk[EC_POINT_SIZE];
	struct secret otsk;
	struct bsp bsp;
	uint8_t step;           /* enum load_step */
	uint32_t package_left;  /* octets of the bound profile package still to come */
	uint32_t sequence_left; /* of the sequence (A0 to A3) under way */
	uint16_t proprietary;   /* octets of dpProprietaryData in front of the metadata */
	uint16_t metadata;      /* octets in the metadata part of the buffer, the former included */
};

/* The answer that GET RESPONSE takes away. */
struct isdr_reply {
	uint8_t kind;       /* enum isdr_reply_kind */
	uint8_t credential; /* whose certificates end it */
	uint16_t from, len; /* the part in the buffer */
	uint16_t outer;     /* tag of a list */
	uint32_t fields;    /* INFO_* of a list of profiles */
	uint32_t at, total; /* how much has left; how much there is */
	uint8_t count;
	uint8_t item[ISDR_LIST_MAX];  /* slots, or numbers of notifications */
	uint16_t size[ISDR_LIST_MAX]; /* what each takes in the answer */
};

/* The RAM of the ISD-R inside struct card. Its members are its own business. */
struct isdr {
	uint8_t state;      /* enum isdr_state */
	uint8_t channel;    /* the channel whose blocks are in the buffer */
	uint8_t next_block; /* P2 that the next STORE DATA block must bear */
	bool collecting;    /* a request is half received */
	bool ready;         /* what a power cut interrupted has been finished */
	uint16_t have;      /* octets of the request collected so far */
	struct isdr_session session;
	struct isdr_reply reply;
	uint8_t buffer[ISDR_BUFFER];
};

/* isdr_aid is A0000005591010FFFFFFFF8900000100 (SGP.22 2.4.3), 16 octets. */
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
