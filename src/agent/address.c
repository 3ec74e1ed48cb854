/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/address.h"

#include "base/limits.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool port_good(struct bytes text)
{
	unsigned port = 0;

	if (text.len == 0 || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i]))
			return false;
		port = 10 * port + (text.at[i] - (unsigned)'0');
	}
	return port > 0 && port <= 65535;
}

/* RFC 1123 2.1: 1 to 63 letters, digits and '-', which stands at neither end. */
static bool label_good(struct bytes label)
{
	if (label.len == 0 || label.len > 63 || label.at[0] == '-' ||
	    label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		if (!is_digit(label.at[i]) && !is_letter(label.at[i]) && label.at[i] != '-')
			return false;
	}
	return true;
}

bool server_address_good(struct bytes text)
{
	size_t from = 0;

	if (text.len > SERVER_ADDRESS_MAX)
		return false;
	for (size_t i = 0; i <= text.len; i++) {
		bool end = i == text.len || text.at[i] == ':';

		if (!end && text.at[i] != '.')
			continue;
		if (!label_good((struct bytes){ text.at + from, i - from }))
			return false;
		if (end)
			return i == text.len ||
			       port_good((struct bytes){ text.at + i + 1, text.len - i - 1 });
		from = i + 1;
	}
	return false;
}
