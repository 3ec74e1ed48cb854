/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_device.h"

#include "evidence/imei.h"

#include <string.h>

enum { TAC_DIGITS = 8 };

/* digits_put packs digits two an octet, the first in the low nibble (TS 24.008 10.5.1.4), filled with F. */
static void digits_put(const char *digits, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < count; i += 2) {
		unsigned low = (unsigned)(digits[i] - '0');
		unsigned high = i + 1 < count ? (unsigned)(digits[i + 1] - '0') : 0xF;

		out[i / 2] = (uint8_t)(high << 4 | low);
	}
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
		digits_put(imei, IMEI_DIGITS, octets->imei);
		out->imei = BYTES(octets->imei);
	}
	memcpy(octets->eutran, release_15, sizeof release_15);
	memcpy(octets->svn, svn, sizeof svn);
	out->capability[CAP_EUTRAN_EPC] = BYTES(octets->eutran);
	out->capability[CAP_LPA_SVN] = BYTES(octets->svn);
	return ERR_NONE;
}
