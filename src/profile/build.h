/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes an interoperable profile package (TCA 2.3.1) from a short description of a subscription. Used
 * where keys may be: on an operator's desk and inside the keeper, so it takes no memory but the
 * caller's and leaves nothing behind.
 */
#ifndef PROFILE_BUILD_H
#define PROFILE_BUILD_H

#include "base/secret.h"
#include "profile/find.h"
#include "profile/keys.h"

enum {
	PROFILE_PACKAGE_MAX = 16 * 1024, /* what profile_build writes at most */
	PROFILE_APNS_MAX = 4,
	PROFILE_APN_MAX = 64, /* text; TS 23.003 9.1 allows 63 octets of labels */
	PROFILE_PLMNS_MAX = 8,
	PROFILE_NUMBER_MAX = 21, /* 20 digits and a NUL */
	PROFILE_SPN_MAX = 49,    /* 16 characters of three octets and a NUL */
	PROFILE_SUCI_KEY_MAX = 65,
	PROFILE_OTA_KEYS = 3, /* KIc, KID, KIK of one key version */
};

/* SUCI as the USIM or the phone computes it (TS 31.102 4.4.11.8, TS 33.501 annex C). */
struct profile_suci {
	uint8_t scheme;  /* 0: null scheme, 1: profile A (X25519), 2: profile B (P-256) */
	bool in_usim;    /* GET IDENTITY computes it; else the phone does */
	uint8_t key_id;  /* home network public key identifier */
	uint8_t key_len; /* 32, or 33 (compressed) or 65 */
	uint8_t key[PROFILE_SUCI_KEY_MAX];
	char routing[5]; /* one to four digits, TS 23.003 2.2B */
};

/* Texts end in NUL; an empty one, or false, means: not in the profile. */
struct profile_description {
	char name[NAME_TEXT];   /* profileType; as a rule the operator's name */
	char iccid[ICCID_TEXT]; /* 18 to 20 digits, check digit included */
	char imsi[IMSI_TEXT];   /* 6 to 15 digits */
	uint8_t mnc_digits;     /* 2 or 3 */

	uint8_t algorithm;  /* ALGORITHM_* */
	uint8_t options;    /* algorithmOptions */
	uint8_t iterations; /* TUAK */
	struct secret k, opc;
	struct secret op;   /* OP or TOP, from which opc is still to be derived; or empty */
	bool has_constants; /* Milenage: r and c are not the usual ones */
	uint8_t rotation[5], xoring[80];

	char spn[PROFILE_SPN_MAX]; /* UTF-8: 16 characters of the GSM alphabet, or 7 others */
	bool spn_hidden;           /* not to be shown while roaming */
	char msisdn[PROFILE_NUMBER_MAX];
	char smsc[PROFILE_NUMBER_MAX];
	char language[3]; /* "en" */
	uint8_t apns;
	char apn[PROFILE_APNS_MAX][PROFILE_APN_MAX];
	bool acl_enforced; /* only these APNs may be used */
	uint8_t ehplmns, fplmns;
	char ehplmn[PROFILE_PLMNS_MAX][7], fplmn[PROFILE_PLMNS_MAX][7]; /* MCC and MNC digits */
	char gid1[17];                                                  /* hexadecimal */

	bool pin1_enabled;
	char pin1[9], pin2[9]; /* 4 to 8 digits */
	char puk1[9], puk2[9]; /* 8 digits */
	struct secret adm1;    /* 8 octets */

	bool isim, telecom, gsm, n5gs;
	struct profile_suci suci;
	bool ota; /* a security domain with these keys, and remote file management */
	struct secret ota_keys[PROFILE_OTA_KEYS]; /* 16, 24 or 32 octets of AES */
	uint8_t tar[3]; /* of the UICC's file system; the USIM's is one more */
};

/* profile_defaults fills in what a description need not say; codes and keys stay empty. */
void profile_defaults(struct profile_description *out);

/* profile_description_flaw names the member that is missing or wrong, as the description file spells it; NULL when
 * all is well. */
const char *profile_description_flaw(const struct profile_description *d);

/* profile_build appends the package. ERR_VALUE when profile_description_flaw has something to say; ERR_ROOM. */
NODISCARD enum err profile_build(struct room *out, const struct profile_description *what);

void profile_description_clear(struct profile_description *what);

/* luhn_digit is the check digit (ITU-T E.118) that belongs behind these digits. */
char luhn_digit(const char *digits);

/* digits_add adds n to a number written in decimal, in place; false when it has too few digits. */
NODISCARD bool digits_add(char *digits, size_t len, uint64_t n);

/* iccid_put writes an ICCID's digits two an octet, in their order, padded with F: as the header wants
 * them. False when there are more than 20, or other characters. */
NODISCARD bool iccid_put(const char *digits, uint8_t out[static 10]);

#endif
