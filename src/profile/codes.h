/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs and PUKs in a package: PE-PINCodes and PE-PUKCodes (TCA 2.3.1, 8.4). Values are secrets: they
 * leave only in a struct secret.
 */
#ifndef PROFILE_CODES_H
#define PROFILE_CODES_H

#include "base/secret.h"
#include "profile/fcp.h"
#include "profile/pe.h"

enum {
	CODE_SIZE = 8,       /* TS 102 221 9.5.1: padded with FF */
	PIN_ATTRIBUTES = 7,  /* default: enabled, changeable, may be disabled */
	PIN_ATTEMPTS = 0x33, /* default: three of three left */
	PUK_ATTEMPTS = 0xAA, /* default: ten of ten */
	PIN_CODES_MAX = 26,
	PUK_CODES_MAX = 16,
};

/* pinAttributes: bits of PINConfiguration. */
enum { PIN_ENABLED = 1, PIN_CHANGEABLE = 2, PIN_DISABLABLE = 4 };

/* One code. `attempts`: allowed in the high half, left in the low half. */
struct code {
	uint8_t reference;  /* key reference of TS 102 221 9.5.1 */
	uint8_t unblocking; /* a PIN's PUK; 0: none */
	uint8_t attributes; /* a PIN's; PUKs have none */
	uint8_t attempts;
	struct secret value; /* CODE_SIZE octets */
};

/* A PE-PINCodes either lists codes, or shares those of the DF or ADF at `path`. */
struct pin_codes {
	bool shared;
	struct fcp_value path;
	struct cursor codes; /* for pin_next */
};

/* pin_codes_read takes the body of a PE-PINCodes, puk_codes_read of a PE-PUKCodes. */
NODISCARD enum err pin_codes_read(const struct pe *pe, struct pin_codes *out);
NODISCARD enum err puk_codes_read(const struct pe *pe, struct cursor *codes);

/* pin_next and puk_next take one code. On error `out` holds nothing of a value. */
NODISCARD enum err pin_next(struct cursor *codes, struct code *out);
NODISCARD enum err puk_next(struct cursor *codes, struct code *out);

/* pin_reference_valid and puk_reference_valid: is it one that a package may define? */
bool pin_reference_valid(uint32_t reference);
bool puk_reference_valid(uint32_t reference);

/* pin_put and puk_put append one code, to a list that the caller opened with 30 members in mind. */
void pin_put(struct room *out, const struct code *pin);
void puk_put(struct room *out, const struct code *puk);

#endif
