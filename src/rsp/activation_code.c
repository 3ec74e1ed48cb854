/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/activation_code.h"

static bool is_prefix(struct bytes text)
{
	static const char prefix[] = "lpa:";

	if (text.len < sizeof prefix - 1)
		return false;
	for (size_t i = 0; i < sizeof prefix - 1; i++) {
		uint8_t c = text.at[i];
		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + 'a' - 'A');
		if (c != (uint8_t)prefix[i])
			return false;
	}
	return true;
}

/* field takes what stands before the next '$', or all; more tells whether there was one. */
static struct bytes field(struct bytes *in, bool *more)
{
	struct bytes value = { NULL, 0 }, separator;
	size_t n = 0;

	while (n < in->len && in->at[n] != '$')
		n++;
	*more = n < in->len;
	if (bytes_take(in, n, &value) && *more)
		*more = bytes_take(in, 1, &separator);
	return value;
}

static bool is_address(struct bytes text)
{
	if (text.len == 0 || text.len > SERVER_ADDRESS_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		            (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == ':';
		if (!good)
			return false;
	}
	return true;
}

/* 4.1.1: upper-case letters, digits and '-'. Lower-case ones are in the field and tolerated. */
static bool is_token(struct bytes text)
{
	if (text.len > MATCHING_ID_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] <= ' ' || text.at[i] >= 0x7F)
			return false;
	}
	return true;
}

static bool is_oid(struct bytes text)
{
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] != '.' && (text.at[i] < '0' || text.at[i] > '9'))
			return false;
	}
	return true;
}

/* The two optional fields: SM-DP+ OID (may be empty when a flag follows) and '1'. */
static enum err read_options(struct bytes in, struct activation_code *code)
{
	bool more = false;
	struct bytes value = field(&in, &more);

	if (value.len > 0) {
		if (!is_oid(value))
			return ERR_VALUE;
		code->smdp_oid = value;
	}
	if (!more)
		return ERR_NONE;
	value = field(&in, &more);
	if (value.len == 0 && !more)
		return ERR_NONE;
	if (value.len != 1 || value.at[0] != '1')
		return ERR_VALUE;
	code->confirmation_code_required = true;
	return more ? ERR_TRAILING : ERR_NONE;
}

enum err activation_code_read(struct bytes text, struct activation_code *out)
{
	struct activation_code code = { .confirmation_code_required = false };
	struct bytes in = text, format, prefix;
	bool more;

	if (is_prefix(in) && !bytes_take(&in, 4, &prefix))
		return ERR_TRUNCATED;
	if (in.len > ACTIVATION_CODE_MAX)
		return ERR_LIMIT;
	format = field(&in, &more);
	if (!more)
		return ERR_TRUNCATED;
	if (format.len != 1 || format.at[0] != '1')
		return ERR_UNSUPPORTED;
	code.smdp_address = field(&in, &more);
	if (!more)
		return ERR_TRUNCATED;
	code.matching_id = field(&in, &more);
	if (!is_address(code.smdp_address) || !is_token(code.matching_id))
		return ERR_VALUE;
	if (more)
		TRY(read_options(in, &code));
	*out = code;
	return ERR_NONE;
}

void activation_code_put(struct room *out, const struct activation_code *code)
{
	room_put(out, BYTES_STR("LPA:1$"));
	room_put(out, code->smdp_address);
	room_put_u8(out, '$');
	room_put(out, code->matching_id);
	if (code->smdp_oid.at != NULL || code->confirmation_code_required) {
		room_put_u8(out, '$');
		room_put(out, code->smdp_oid);
	}
	if (code->confirmation_code_required)
		room_put(out, BYTES_STR("$1"));
}
