/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/imei.h"

/* Luhn: every second digit counts double, with the sum of its digits. */
char imei_check_digit(const char digits[static IMEI_DIGITS - 1])
{
	unsigned sum = 0;

	for (size_t i = 0; i < IMEI_DIGITS - 1; i++) {
		unsigned digit = (unsigned)(digits[i] - '0') * (i % 2 == 0 ? 1 : 2);

		sum += digit / 10 + digit % 10;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

bool imei_is_one(struct bytes digits)
{
	if (digits.len != IMEI_DIGITS)
		return false;
	for (size_t i = 0; i < IMEI_DIGITS; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
	}
	return digits.at[IMEI_DIGITS - 1] == (uint8_t)imei_check_digit((const char *)digits.at);
}
