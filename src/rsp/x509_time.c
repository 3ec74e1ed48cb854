/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/x509.h"

/* Two decimal digits, or -1. */
static int two(const uint8_t *at)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return -1;
	return 10 * (at[0] - '0') + (at[1] - '0');
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

/* Days from 1970-01-01 in the Gregorian calendar; years 1950 to 9999. */
static int64_t day_number(int year, int month, int day)
{
	int64_t past = year - 1;
	int64_t days = past * 365 + past / 4 - past / 100 + past / 400 - 719162;

	for (int m = 1; m < month; m++)
		days += days_in_month(year, m);
	return days + day - 1;
}

enum err x509_time_read(struct bytes *in, int64_t *seconds)
{
	struct bytes rest = *in, value, head;
	int part[5], year;
	bool utc = ber_is(rest, 0x17);

	TRY(ber_read(&rest, utc ? 0x17 : 0x18, &value));
	/* RFC 5280 4.1.2.5: YYMMDDHHMMSSZ until 2049, YYYYMMDDHHMMSSZ from 2050 on. SGP.26 has
	 * GeneralizedTime earlier than that, which is tolerated. */
	if (value.len != (utc ? 13 : 15))
		return ERR_LENGTH;
	if (!bytes_take(&value, utc ? 2 : 4, &head))
		return ERR_TRUNCATED;
	int high = two(head.at), low = utc ? 0 : two(head.at + 2);
	if (high < 0 || low < 0)
		return ERR_VALUE;
	year = utc ? high + (high < 50 ? 2000 : 1900) : 100 * high + low;
	for (size_t i = 0; i < COUNT(part); i++) {
		part[i] = two(value.at + 2 * i);
		if (part[i] < 0)
			return ERR_VALUE;
	}
	if (value.at[10] != 'Z' || year < 1950 || part[0] < 1 || part[0] > 12 || part[1] < 1 ||
	    part[1] > days_in_month(year, part[0]) || part[2] > 23 || part[3] > 59 || part[4] > 59)
		return ERR_VALUE;
	*seconds =
		((day_number(year, part[0], part[1]) * 24 + part[2]) * 60 + part[3]) * 60 + part[4];
	*in = rest;
	return ERR_NONE;
}
