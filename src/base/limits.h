/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit that more than one room must know, each with its reason. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	AID_MAX = 16,            /* ISO/IEC 7816-4 8.2.1.2: 5 to 16 octets */
	AID_MIN = 5,
	EID_SIZE = 16,           /* SGP.22 4.3.1: 32 decimal digits, two an octet */
	ICCID_SIZE = 10,         /* TS 102 221 13.2: 10 octets, swapped nibbles */
	IMSI_DIGITS_MAX = 15,    /* TS 23.003 2.2 */
	TRANSACTION_ID_MAX = 16, /* SGP.22 2.6.7.2: OCTET STRING (SIZE(1..16)) */
	SERVER_ADDRESS_MAX = 128, /* FQDN with port, as a certificate's subjectAltName gives it */
	MATCHING_ID_MAX = 64,    /* SGP.22 4.1.1 sets no limit; activation codes are short */
	TLV_DEPTH_MAX = 12,      /* deepest element in the GSMA test profile, plus two */
};

#endif
