/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the messages of SGP.22 v2.5 have in common: sizes, bit strings, object identifiers, the
 * small results. The room speaks SGP.22 for card, server and agent alike; it knows neither APDUs
 * nor HTTP, holds no state and owns no memory.
 *
 * The ASN.1 module has automatic tags and implied extensibility: a SEQUENCE none of whose
 * components is tagged numbers them 80, 81, ..., and any SEQUENCE may end in elements that this
 * version does not know. Readers give those as `extensions` (well formed, otherwise unread) and
 * writers put them back, so that what one end adds reaches the other.
 *
 * All `_read` functions take exactly one whole message (nothing may follow), give views into it,
 * and on error leave the result untouched. All `_put` functions append to a latching room.
 */
#ifndef RSP_RSP_H
#define RSP_RSP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"
#include "codec/ber.h"

enum {
	RSP_CHALLENGE_SIZE = 16, /* SGP.22 2.6.7.1: Octet16 */
	RSP_SIGNATURE_SIZE = 64, /* SGP.22 2.6.7.2: r || s as TR-03111 plain format */
	RSP_POINT_SIZE = 65,     /* one-time keys are uncompressed points */
	RSP_HASH_CC_SIZE = 32,
	RSP_VERSION_SIZE = 3,
};

/* Tags that occur in several messages. */
enum {
	TAG_SIGNATURE = 0x5F37,
	TAG_ONE_TIME_KEY = 0x5F49,
	TAG_ICCID = 0x5A,
	TAG_ISDP_AID = 0x4F,
};

/* Bit strings are kept as a mask: named bit n is 1u << n. rsp_bits_read ignores bits from the 33rd
 * on, which no version names, and refuses unused bits that are not zero and more than 128 bits;
 * rsp_bits_put writes the DER form of a named bit list. */
NODISCARD enum err rsp_bits_read(struct bytes *in, ber_tag tag, uint32_t *bits);
void rsp_bits_put(struct room *out, ber_tag tag, uint32_t bits);

/* rsp_sized_read takes an element whose value has min to max octets. */
NODISCARD enum err rsp_sized_read(struct bytes *in, ber_tag tag, size_t min, size_t max,
                                  struct bytes *value);

/* rsp_sized_optional is the same for an element that may be absent: then value->at is NULL. */
NODISCARD enum err rsp_sized_optional(struct bytes *in, ber_tag tag, size_t min, size_t max,
                                      struct bytes *value);

/* The two that nearly every message has: transactionId [0] and a signature (5F37, r || s). */
NODISCARD enum err rsp_transaction_id_read(struct bytes *in, struct bytes *id);
NODISCARD enum err rsp_signature_read(struct bytes *in, struct bytes *signature);

/* rsp_utf8_read takes a UTF8String of at most max octets, well formed and without NUL. */
NODISCARD enum err rsp_utf8_read(struct bytes *in, ber_tag tag, size_t max, struct bytes *value);
NODISCARD enum err rsp_utf8_optional(struct bytes *in, ber_tag tag, size_t max,
                                     struct bytes *value);

/* rsp_put_optional writes the element when value.at is not NULL. */
void rsp_put_optional(struct room *out, ber_tag tag, struct bytes value);

/* rsp_extensions checks that what is left of a SEQUENCE is well-formed elements and gives them. */
NODISCARD enum err rsp_extensions(struct bytes rest, struct bytes *extensions);

/* rsp_iccid_text writes the digits of an ICCID as EF.ICCID codes it (TS 102 221 13.2), without
 * the F of the padding; rsp_iccid_read is its inverse for 18 to 20 digits (a last F is
 * accepted). */
NODISCARD enum err rsp_iccid_text(const uint8_t iccid[static ICCID_SIZE], struct room *text);
NODISCARD enum err rsp_iccid_read(struct bytes text, uint8_t iccid[static ICCID_SIZE]);

/* rsp_eid_read turns 32 decimal digits into 16 octets; ERR_LENGTH or ERR_VALUE. rsp_eid_valid
 * checks the two check digits (SGP.02 2.2.2 / SGP.29: the number modulo 97 is 1). */
NODISCARD enum err rsp_eid_read(struct bytes text, uint8_t eid[static EID_SIZE]);
bool rsp_eid_valid(const uint8_t eid[static EID_SIZE]);

/* A message that is only one number: `BF31 { 80 result }`, as most ES10c answers are. */
NODISCARD enum err rsp_result_read(struct bytes in, ber_tag outer, uint8_t *result);
void rsp_result_put(struct room *out, ber_tag outer, uint8_t result);

#endif
