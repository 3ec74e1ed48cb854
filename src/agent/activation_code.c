/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/activation_code.h"

#include "base/limits.h"

#include <string.h>

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct bytes trimmed(struct bytes text)
{
	while (text.len > 0 && is_space(text.at[0]))
		text = (struct bytes){ text.at + 1, text.len - 1 };
	while (text.len > 0 && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

/* field takes what stands before the next '$'; false when nothing is left. */
static bool field(struct bytes *text, struct bytes *out)
{
	size_t n = 0;

	if (text->at == NULL)
		return false;
	while (n < text->len && text->at[n] != '$')
		n++;
	*out = (struct bytes){ text->at, n };
	if (n == text->len)
		*text = (struct bytes){ NULL, 0 };
	else
		*text = (struct bytes){ text->at + n + 1, text->len - n - 1 };
	return true;
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

bool server_address_good(struct bytes text)
{
	size_t label = 0; /* characters of the label so far: RFC 1123 2.1 allows 1 to 63 */

	if (text.len > SERVER_ADDRESS_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c == ':')
			return label > 0 && text.at[i - 1] != '-' &&
			       port_good((struct bytes){ text.at + i + 1, text.len - i - 1 });
		if (c == '.' ? label == 0 || text.at[i - 1] == '-' : c == '-' && label == 0)
			return false;
		if (c != '.' && c != '-' && !is_digit(c) && !is_letter(c))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && text.at[text.len - 1] != '-';
}

/* SGP.22 4.1.1: letters, digits and '-'. Upper case is what is printed; both are taken as they are. */
static bool matching_id_good(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i]) && !is_letter(text.at[i]) && text.at[i] != '-')
			return false;
	}
	return true;
}

static bool oid_good(struct bytes text)
{
	bool after_digit = false;

	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i]) && !(text.at[i] == '.' && after_digit))
			return false;
		after_digit = text.at[i] != '.';
	}
	return text.len == 0 || after_digit;
}

static enum err fields_check(const struct activation_code *code)
{
	if (code->address.len > SERVER_ADDRESS_MAX || code->matching_id.len > MATCHING_ID_MAX ||
	    code->smdp_oid.len > OID_TEXT_MAX)
		return ERR_LIMIT;
	if (!server_address_good(code->address) || !matching_id_good(code->matching_id) ||
	    !oid_good(code->smdp_oid))
		return ERR_VALUE;
	return ERR_NONE;
}

enum err activation_code_read(struct bytes text, struct activation_code *out)
{
	struct activation_code code = { 0 };
	struct bytes rest = trimmed(text), format, flag;

	if (rest.len > ACTIVATION_CODE_MAX)
		return ERR_LIMIT;
	if (rest.len >= 4 && memcmp(rest.at, "LPA:", 4) == 0)
		rest = (struct bytes){ rest.at + 4, rest.len - 4 };
	if (!field(&rest, &format) || format.len == 0)
		return ERR_TRUNCATED;
	if (format.len != 1 || format.at[0] != '1')
		return ERR_UNSUPPORTED;
	if (!field(&rest, &code.address) || !field(&rest, &code.matching_id))
		return ERR_TRUNCATED;
	if (!field(&rest, &code.smdp_oid))
		code.smdp_oid = (struct bytes){ rest.at, 0 };
	if (field(&rest, &flag) && flag.len > 0) {
		if (flag.len != 1 || flag.at[0] != '1')
			return ERR_VALUE;
		code.confirmation_code_required = true;
	}
	TRY(fields_check(&code));
	*out = code;
	return ERR_NONE;
}

void activation_code_put(struct room *out, const struct activation_code *code)
{
	room_put(out, BYTES_STR("LPA:1$"));
	room_put(out, code->address);
	room_put_u8(out, '$');
	room_put(out, code->matching_id);
	if (code->smdp_oid.len > 0 || code->confirmation_code_required)
		room_put_u8(out, '$');
	room_put(out, code->smdp_oid);
	if (code->confirmation_code_required)
		room_put(out, BYTES_STR("$1"));
}
