/* SPDX-License-Identifier: Apache-2.0 */
/* What a description of a profile must be like, and the arithmetic of its numbers. */
#include "codec/alpha.h"
#include "profile/build.h"
#include "profile/build_put.h"
#include "profile/codes.h"

enum { SPN_OCTETS = 16 }; /* TS 31.102 4.2.12 */

static bool digits_only(const char *text, size_t min, size_t max)
{
	size_t len = 0;

	while (text[len] >= '0' && text[len] <= '9')
		len++;
	return text[len] == '\0' && len >= min && len <= max;
}

static bool number_fits(const char *text)
{
	return text[0] == '\0' || digits_only(text + (text[0] == '+'), 1, 20);
}

/* ITU-T E.118: every second digit from the right is doubled; the digits of all add up to a ten. */
char luhn_digit(const char *digits)
{
	struct bytes text = text_bytes(digits);
	unsigned sum = 0;

	for (size_t n = 0; n < text.len; n++) {
		unsigned digit = (unsigned)(text.at[text.len - 1 - n] - '0');
		if (n % 2 == 0)
			digit = 2 * digit > 9 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

bool digits_add(char *digits, size_t len, uint64_t n)
{
	while (n > 0) {
		if (len == 0 || digits[len - 1] < '0' || digits[len - 1] > '9')
			return false;
		len--;
		n += (uint64_t)(digits[len] - '0');
		digits[len] = (char)('0' + n % 10);
		n /= 10;
	}
	return true;
}

bool iccid_put(const char *digits, uint8_t out[static 10])
{
	struct bytes text = text_bytes(digits);

	if (!digits_only(digits, 1, 20))
		return false;
	for (size_t n = 0; n < 10; n++) {
		uint8_t high = 2 * n < text.len ? (uint8_t)(digits[2 * n] - '0') : 0x0F;
		uint8_t low = 2 * n + 1 < text.len ? (uint8_t)(digits[2 * n + 1] - '0') : 0x0F;
		out[n] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool spn_fits(const char *spn)
{
	uint8_t octets[SPN_OCTETS];
	struct room room = ROOM(octets);

	return alpha_put(&room, text_bytes(spn)) == ERR_NONE && !room.full;
}

static bool keys_fit(const struct profile_description *d)
{
	switch (d->algorithm) {
	case ALGORITHM_MILENAGE:
		return d->k.len == 16;
	case ALGORITHM_TUAK:
		return (d->k.len == 16 || d->k.len == 32) && d->iterations > 0;
	case ALGORITHM_USIM_TEST:
		return d->k.len == 16;
	default:
		return false;
	}
}

static bool opc_fits(const struct profile_description *d)
{
	size_t want = d->algorithm == ALGORITHM_TUAK ? 32 : 16;

	return d->opc.len == want || (d->algorithm == ALGORITHM_USIM_TEST && d->opc.len == 0);
}

/* TS 23.003 9.1: labels of 1 to 63 letters, digits and hyphens. */
static bool apn_fits(const char *apn)
{
	size_t label = 0, len = 0;

	for (; apn[len] != '\0'; len++) {
		char c = apn[len];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (letter || (c >= '0' && c <= '9') || c == '-') {
			label++;
		} else {
			return false;
		}
	}
	return label > 0 && len <= 62;
}

static bool suci_fits(const struct profile_suci *suci)
{
	if (suci->scheme == 1)
		return suci->key_len == 32;
	if (suci->scheme == 2)
		return (suci->key_len == 33 && (suci->key[0] == 2 || suci->key[0] == 3)) ||
		       (suci->key_len == 65 && suci->key[0] == 4);
	return suci->scheme == 0;
}

static bool hex_fits(const char *text)
{
	size_t len = 0;

	for (; text[len] != '\0'; len++) {
		char c = text[len];
		bool digit = c >= '0' && c <= '9';
		if (!digit && !((c & 0x5F) >= 'A' && (c & 0x5F) <= 'F'))
			return false;
	}
	return len % 2 == 0;
}

static bool plmns_fit(const char (*plmns)[7], size_t count)
{
	for (size_t n = 0; n < count; n++)
		if (!digits_only(plmns[n], 5, 6))
			return false;
	return count <= PROFILE_PLMNS_MAX;
}

static bool apns_fit(const struct profile_description *d)
{
	for (size_t n = 0; n < d->apns && n < PROFILE_APNS_MAX; n++)
		if (!apn_fits(d->apn[n]))
			return false;
	return d->apns <= PROFILE_APNS_MAX;
}

static bool ota_fits(const struct profile_description *d)
{
	for (size_t n = 0; d->ota && n < PROFILE_OTA_KEYS; n++) {
		size_t len = d->ota_keys[n].len;
		if (len != 16 && len != 24 && len != 32)
			return false;
	}
	return true;
}

const char *profile_description_flaw(const struct profile_description *d)
{
	const struct {
		bool fine;
		const char *name;
	} rows[] = {
		{digits_only(d->iccid, 18,						      20), "iccid" },
		{ digits_only(d->imsi,             6,								   15), "imsi" },
		{ d->mnc_digits == 2 || d->mnc_digits == 3,       "mnc-digits"},
		{ d->algorithm >= ALGORITHM_MILENAGE && d->algorithm <= ALGORITHM_USIM_TEST,
                 "algorithm"				 },
		{ keys_fit(d),                   "k"         },
		{ opc_fits(d),                   d->algorithm == ALGORITHM_TUAK ? "topc" : "opc"                              },
		{ spn_fits(d->spn),                   "spn"						      },
		{ number_fits(d->msisdn),                   "msisdn"                            },
		{ number_fits(d->smsc),                   "smsc"},
		{ apns_fit(d),                   "apn"                          },
		{ plmns_fit(d->ehplmn,                   d->ehplmns),								  "ehplmn" },
		{ plmns_fit(d->fplmn,                   d->fplmns),                              "fplmn" },
		{ hex_fits(d->gid1),            "gid1"},
		{ digits_only(d->pin1,4,           8), "pin1" },
		{ digits_only(d->pin2,   4,                                         8), "pin2" },
		{ digits_only(d->puk1, 8,								8), "puk1" },
		{ digits_only(d->puk2,              8,								    8), "puk2" },
		{ d->adm1.len == CODE_SIZE,                 "adm1"                             },
		{ suci_fits(&d->suci),                   "suci-key"						      },
		{ !d->n5gs || digits_only(d->suci.routing,                  1,    4), "routing-indicator" },
		{ ota_fits(d), "ota-keys"                                         },
	};

	for (size_t n = 0; n < COUNT(rows); n++)
		if (!rows[n].fine)
			return rows[n].name;
	return NULL;
}
