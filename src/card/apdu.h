/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command as it arrives and the status words that answer it (TS 102 221 10.1 and 10.2). Short
 * commands only: Lc is 1 to 255, Le 1 to 256.
 */
#ifndef CARD_APDU_H
#define CARD_APDU_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	APDU_DATA_MAX = 255,
	APDU_REPLY_MAX = 256 + 2, /* what a reply room must hold: data and SW1 SW2 */
};

struct apdu {
	uint8_t cla, ins, p1, p2;
	uint8_t channel;   /* from CLA, 0 to 19 (TS 102 221 10.1.1) */
	uint8_t security;  /* secure messaging indication of CLA; only 0 is served */
	bool proprietary;  /* CLA bit 8: 8x, Cx, Ex */
	bool chained;      /* CLA bit 5: more of the command follows (ISO/IEC 7816-4 5.1.1) */
	struct bytes data; /* empty in cases 1 and 2 */
	bool has_le;
	uint16_t le; /* 1 to 256; 0 without has_le. Le octet 00 means 256 */
};

/* TS 102 221 10.2.1; xx of 61, 6C, 91 and 63C are added to the base. */
enum status_word {
	SW_OK = 0x9000,
	SW_MORE_DATA = 0x6100, /* 61xx: xx octets wait for GET RESPONSE */
	SW_PROACTIVE = 0x9100, /* 91xx: a command of xx octets waits for FETCH */
	SW_BUSY = 0x9300,
	SW_END_OF_FILE = 0x6282,
	SW_DEACTIVATED = 0x6283,      /* selected file invalidated */
	SW_MORE_OBJECT_DATA = 0x62F1, /* more data available (BER-TLV files) */
	SW_MORE_EXPECTED = 0x63F1,    /* SET DATA: further blocks are to come */
	SW_TRIES_LEFT = 0x63C0,       /* 63Cx: x tries left */
	SW_MEMORY = 0x6581,
	SW_WRONG_LENGTH = 0x6700,
	SW_CHANNEL = 0x6881, /* logical channel not supported */
	SW_SECURE_MESSAGING = 0x6882,
	SW_CHAINING = 0x6884,     /* command chaining not supported, ISO/IEC 7816-4 table 7 */
	SW_INCOMPATIBLE = 0x6981, /* command incompatible with file structure */
	SW_SECURITY_STATUS = 0x6982,
	SW_BLOCKED = 0x6983,
	SW_INVALIDATED = 0x6984,
	SW_CONDITIONS = 0x6985,
	SW_NO_EF = 0x6986, /* no EF selected */
	SW_WRONG_DATA = 0x6A80,
	SW_FUNCTION = 0x6A81,
	SW_NO_FILE = 0x6A82,
	SW_NO_RECORD = 0x6A83,
	SW_NO_SPACE = 0x6A84,
	SW_WRONG_P1P2 = 0x6A86,
	SW_NO_REFERENCED = 0x6A88, /* referenced data not found */
	SW_WRONG_PARAMETERS = 0x6B00,
	SW_WRONG_LE = 0x6C00, /* 6Cxx: xx octets are available */
	SW_INS = 0x6D00,
	SW_CLA = 0x6E00,
	SW_TECHNICAL = 0x6F00,
	SW_MAXIMUM = 0x9850, /* INCREASE: maximum value reached */
	SW_MAC = 0x9862,     /* authentication error, incorrect MAC */
	SW_CONTEXT = 0x9864, /* TS 31.102 7.3: security context not supported */
};

/* apdu_read takes a command apart. ERR_TRUNCATED below four octets; ERR_LENGTH when Lc and Le do not
 * add up; ERR_VALUE when CLA is one no class of TS 102 221 10.1.1 has. Header fields are set in `out`
 * whenever four octets are there, so that any command can be answered. */
NODISCARD enum err apdu_read(struct bytes in, struct apdu *out);

/* status_of maps a cause to a status word: the one place where a cause meets the wire. */
uint16_t status_of(enum err err);

#endif
