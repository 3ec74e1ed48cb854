/* SPDX-License-Identifier: Apache-2.0 */
/* The IMEI as a text of 15 digits (TS 23.003 6.2.1): 14, and a check digit over them (annex B). */
#ifndef EVIDENCE_IMEI_H
#define EVIDENCE_IMEI_H

#include "base/bytes.h"

enum { IMEI_DIGITS = 15 };

/* imei_is_one tells whether the text is 15 digits with a good check digit. */
bool imei_is_one(struct bytes digits);

/* imei_check_digit computes the last digit, as a character, from the 14 before it. */
char imei_check_digit(const char digits[static IMEI_DIGITS - 1]);

#endif
