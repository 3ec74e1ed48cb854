/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_device.h"

#include "evidence/imei.h"

#include <string.h>

enum { TAC_DIGITS = 8, IMEI_SIZE = 8 };

/* SGP.22 4.2: two digits an octet, the first in the low half. */
static void digits_put(const char *digits, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < count; i += 2)
		out[i / 2] = (uint8_t)((digits[i + 1] - '0') << 4 | (digits[i] - '0'));
}

/* There, too: the check digit is in the high half of the last octet, and F in the low one. */
static void imei_put(const char *digits, uint8_t out[static IMEI_SIZE])
{
	digits_put(digits, IMEI_DIGITS - 1, out);
	out[IMEI_SIZE - 1] = (uint8_t)((digits[IMEI_DIGITS - 1] - '0') << 4 | 0xF);
}

enum err device_info_make(const char *imei, struct device_octets *octets, struct device_info *out)
{
	static const char test_equipment[] =
		"00100000"; /* TS 23.003 6.2.1, reporting body 00: test */
	static const uint8_t release_15[] = { 15, 0, 0 }, svn[] = { 2, 5, 0 };

	if (imei != NULL && strlen(imei) != IMEI_DIGITS)
		return ERR_LENGTH;
	if (imei != NULL && !imei_is_one(bytes_text(imei)))
		return ERR_VALUE;
	*out = (struct device_info){ 0 };
	digits_put(imei != NULL ? imei : test_equipment, TAC_DIGITS, octets->tac);
	out->tac = BYTES(octets->tac);
	if (imei != NULL) {
		imei_put(imei, octets->imei);
		out->imei = BYTES(octets->imei);
	}
	memcpy(octets->eutran, release_15, sizeof release_15);
	memcpy(octets->svn, svn, sizeof svn);
	out->capability[CAP_EUTRAN_EPC] = BYTES(octets->eutran);
	out->capability[CAP_LPA_SVN] = BYTES(octets->svn);
	return ERR_NONE;
}
