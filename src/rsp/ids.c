/* SPDX-License-Identifier: Apache-2.0 */
/* ICCID and EID between digits and octets. */
#include "rsp/rsp.h"

#include <string.h>

enum err rsp_iccid_text(const uint8_t iccid[static ICCID_SIZE], struct room *text)
{
	uint8_t digits[2 * ICCID_SIZE];
	size_t count = 0;

	for (size_t i = 0; i < 2 * (size_t)ICCID_SIZE; i++) {
		uint8_t nibble = i % 2 == 0 ? iccid[i / 2] & 0x0F : iccid[i / 2] >> 4;
		if (nibble > 9 && nibble != 0x0F)
			return ERR_VALUE;
		digits[i] = nibble;
		if (nibble != 0x0F) {
			if (count != i)
				return ERR_VALUE; /* a digit behind the padding */
			count = i + 1;
		}
	}
	if (count < 18)
		return ERR_LENGTH; /* ITU-T E.118: 18 to 20 with the check digit */
	for (size_t i = 0; i < count; i++)
		room_put_u8(text, (uint8_t)('0' + digits[i]));
	return ERR_NONE;
}

enum err rsp_iccid_read(struct bytes text, uint8_t iccid[static ICCID_SIZE])
{
	uint8_t octets[ICCID_SIZE];
	size_t digits = text.len;

	while (digits > 18 && (text.at[digits - 1] == 'F' || text.at[digits - 1] == 'f'))
		digits--;
	if (digits < 18 || digits > 20 || text.len > 20)
		return ERR_LENGTH;
	memset(octets, 0xFF, sizeof octets);
	for (size_t i = 0; i < digits; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return ERR_VALUE;
		uint8_t digit = (uint8_t)(text.at[i] - '0');
		if (i % 2 == 0)
			octets[i / 2] = (uint8_t)(0xF0 | digit);
		else
			octets[i / 2] = (uint8_t)(digit << 4 | (octets[i / 2] & 0x0F));
	}
	memcpy(iccid, octets, sizeof octets);
	return ERR_NONE;
}

enum err rsp_eid_read(struct bytes text, uint8_t eid[static EID_SIZE])
{
	uint8_t octets[EID_SIZE];

	if (text.len != 2 * (size_t)EID_SIZE)
		return ERR_LENGTH;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return ERR_VALUE;
		uint8_t digit = (uint8_t)(text.at[i] - '0');
		octets[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : octets[i / 2] | digit);
	}
	memcpy(eid, octets, sizeof octets);
	return ERR_NONE;
}

bool rsp_eid_valid(const uint8_t eid[static EID_SIZE])
{
	unsigned rest = 0;

	for (size_t i = 0; i < EID_SIZE; i++) {
		if ((eid[i] >> 4) > 9 || (eid[i] & 0x0F) > 9)
			return false;
		rest = (rest * 100 + (unsigned)(eid[i] >> 4) * 10 + (eid[i] & 0x0Fu)) % 97;
	}
	return rest == 1;
}
