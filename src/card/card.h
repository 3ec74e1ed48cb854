/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UICC with an eUICC inside: commands go in, answers come out (TS 102 221, TS 31.102, SGP.22). All
 * state is in struct card, which the caller owns, and in the flash behind the port; a process may hold
 * thousands of cards. The room does no I/O of its own and never keeps a pointer to a command or reply.
 *
 * A card that lost power is a struct card that is initialised again over the same flash.
 * A struct card stays where it was initialised: its tree points to its vault.
 */
#ifndef CARD_CARD_H
#define CARD_CARD_H

#include "base/bytes.h"
#include "base/err.h"
#include "card/apdu.h"
#include "card/fs.h"
#include "card/isdr.h"
#include "card/pairing.h"
#include "card/profiles.h"
#include "vault/vault.h"

enum {
	CARD_CHANNELS = 8,    /* the basic one and seven more; TS 102 221 8.7 allows 19 */
	CARD_PINS = 24,       /* verified PINs remembered at once */
	CARD_REPLY_MAX = 272, /* answers of the UICC part; the ISD-R keeps its own */
	CARD_PROACTIVE_MAX = 32,
};

struct card_ports {
	struct flash flash;
	const struct secret *seal; /* 32 octets; NULL where the flash is itself a secure element */
};

/* enum card_app: what a channel has selected as its application. */
enum card_app {
	APP_NONE, /* the MF and what is below it */
	APP_ADF,  /* an ADF of the enabled profile */
	APP_ISDR,
	APP_ECASD,
	APP_DOMAIN, /* a security domain of the enabled profile */
};

/* enum transfer: what SET DATA or RETRIEVE DATA began on a channel. */
enum transfer { TRANSFER_NONE, TRANSFER_RETRIEVE, TRANSFER_SET };

struct channel {
	bool open;
	uint8_t app;      /* enum card_app */
	uint16_t adf;     /* current application's ADF, FS_NO_NODE: none */
	uint16_t df, ef;  /* current directory; current EF or FS_NO_NODE */
	uint8_t record;   /* record pointer, 0: none (TS 102 221 8.2.2.2) */
	uint8_t transfer; /* enum transfer: a BER-TLV object that comes or goes in blocks */
	uint32_t tag;     /* which object */
	uint32_t block_at, block_end; /* the block sent last, or where the next one goes */
	uint8_t aid_len; /* what SELECT by AID last looked for: "next" goes on from there */
	uint8_t aid[AID_MAX];
	uint16_t aid_row;
};

struct card {
	struct vault vault;
	struct fs fs;          /* the enabled profile's tree; volume 0 when none is enabled */
	struct fs_index index; /* of that tree */
	struct channel channels[CARD_CHANNELS];
	uint16_t verified[CARD_PINS]; /* PIN nodes; FS_NO_NODE: free row */
	uint8_t pending
		[CARD_REPLY_MAX]; /* what GET RESPONSE gives, and the status word at its end */
	uint16_t pending_len, pending_at, pending_status;
	uint8_t pending_channel;
	uint8_t proactive[CARD_PROACTIVE_MAX]; /* command for FETCH */
	uint8_t proactive_len;
	bool proactive_fetched; /* a TERMINAL RESPONSE is due */
	bool terminal_profile;  /* TERMINAL PROFILE came: the terminal understands 91xx */
	bool terminal_refresh;  /* ... and REFRESH */
	bool switching;         /* the enabled profile changed; its tree comes at the next switch */
	struct staging staging;
	struct pairing pairing;
	struct isdr isdr;
};

/* card_format makes a blank card: an empty vault, no profile, no identity. */
NODISCARD enum err card_format(struct card *card, const struct card_ports *ports);

/* card_init powers a card on. ERR_NOT_FOUND when the flash was never formatted, ERR_MAC when the seal
 * key is wrong, ERR_CORRUPT, ERR_IO. */
NODISCARD enum err card_init(struct card *card, const struct card_ports *ports);

/* card_reset is the reset line: the session ends, the answer to reset is returned. */
struct bytes card_reset(struct card *card);

/* card_run answers one command. It always appends data and SW1 SW2, at most APDU_REPLY_MAX octets; the
 * reply is ready after everything it acknowledges is durable (I5). */
void card_run(struct card *card, struct bytes command, struct room *reply);

/* card_switch makes the enabled profile's tree the one that APDUs see and ends the session of the old
 * one: channels but the basic one are closed, PINs unverified. A failure leaves a card without tree. */
void card_switch(struct card *card);

/* card_refresh tells the terminal that the enabled profile changed: a proactive REFRESH "UICC Reset"
 * (TS 102 223 6.4.7, SGP.22 3.2.1) is queued, and card_switch follows the terminal's answer or reset.
 * Where the terminal said nothing about REFRESH, the switch waits for the reset. ERR_BUSY while
 * another proactive command is open. */
NODISCARD enum err card_refresh(struct card *card);

/* card_check asserts the invariants of everything in RAM. */
void card_check(const struct card *card);

#endif
