/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/rsp.h"

#include <string.h>

enum err rsp_bits_read(struct bytes *in, ber_tag tag, uint32_t *bits)
{
	struct bytes rest = *in, value, head, octets;
	uint32_t mask = 0;

	TRY(ber_read(&rest, tag, &value));
	octets = value;
	if (!bytes_take(&octets, 1, &head) || octets.len > 16)
		return ERR_LENGTH;
	uint8_t unused = head.at[0];
	/* X.690 8.6.2.2 and 11.2.1: 0 to 7, none in an empty string, and the unused bits are
	 * zero. */
	if (unused > 7 || (octets.len == 0 && unused != 0))
		return ERR_VALUE;
	if (octets.len > 0 && (octets.at[octets.len - 1] & ((1u << unused) - 1)) != 0)
		return ERR_VALUE;
	for (size_t n = 0; n < 8 * octets.len && n < 32; n++) {
		if (octets.at[n / 8] & 0x80u >> n % 8)
			mask |= 1u << n;
	}
	*in = rest;
	*bits = mask;
	return ERR_NONE;
}

void rsp_bits_put(struct room *out, ber_tag tag, uint32_t bits)
{
	uint8_t value[5] = { 0 };
	size_t count = 0; /* X.690 11.2.2: a named bit list ends with its last one bit */

	for (size_t n = 0; n < 32; n++) {
		if (bits & 1u << n) {
			value[1 + n / 8] |= (uint8_t)(0x80u >> n % 8);
			count = n + 1;
		}
	}
	size_t octets = (count + 7) / 8;
	value[0] = (uint8_t)(8 * octets - count);
	ber_put(out, tag, (struct bytes){ value, 1 + octets });
}

enum err rsp_sized_read(struct bytes *in, ber_tag tag, size_t min, size_t max, struct bytes *value)
{
	struct bytes rest = *in, v;

	TRY(ber_read(&rest, tag, &v));
	if (v.len < min || v.len > max)
		return ERR_LENGTH;
	*in = rest;
	*value = v;
	return ERR_NONE;
}

enum err rsp_sized_optional(struct bytes *in, ber_tag tag, size_t min, size_t max,
                            struct bytes *value)
{
	if (ber_is(*in, tag))
		return rsp_sized_read(in, tag, min, max, value);
	*value = (struct bytes){ NULL, 0 };
	return ERR_NONE;
}

enum err rsp_transaction_id_read(struct bytes *in, struct bytes *id)
{
	return rsp_sized_read(in, 0x80, 1, TRANSACTION_ID_MAX, id);
}

enum err rsp_signature_read(struct bytes *in, struct bytes *signature)
{
	return rsp_sized_read(in, TAG_SIGNATURE, RSP_SIGNATURE_SIZE, RSP_SIGNATURE_SIZE, signature);
}

/* RFC 3629 section 4: the ranges of the second octet keep out overlong forms and surrogates. */
static size_t utf8_step(struct bytes in)
{
	static const struct {
		uint8_t first, last, second_min, second_max, len;
	} rows[] = {
		{0x01,  0x7F, 0,    0,    1},
                { 0xC2, 0xDF, 0x80, 0xBF, 2},
		{ 0xE0, 0xE0, 0xA0, 0xBF, 3},
                { 0xE1, 0xEC, 0x80, 0xBF, 3},
		{ 0xED, 0xED, 0x80, 0x9F, 3},
                { 0xEE, 0xEF, 0x80, 0xBF, 3},
		{ 0xF0, 0xF0, 0x90, 0xBF, 4},
                { 0xF1, 0xF3, 0x80, 0xBF, 4},
		{ 0xF4, 0xF4, 0x80, 0x8F, 4},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (in.at[0] < rows[i].first || in.at[0] > rows[i].last)
			continue;
		if (rows[i].len > in.len)
			return 0;
		if (rows[i].len > 1 &&
		    (in.at[1] < rows[i].second_min || in.at[1] > rows[i].second_max))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++) {
			if ((in.at[k] & 0xC0) != 0x80)
				return 0;
		}
		return rows[i].len;
	}
	return 0;
}

static bool utf8_valid(struct bytes in)
{
	struct bytes step;

	while (in.len > 0) {
		size_t n = utf8_step(in);
		if (n == 0 || !bytes_take(&in, n, &step))
			return false;
	}
	return true;
}

enum err rsp_utf8_read(struct bytes *in, ber_tag tag, size_t max, struct bytes *value)
{
	struct bytes rest = *in, v;

	TRY(rsp_sized_read(&rest, tag, 0, max, &v));
	if (!utf8_valid(v))
		return ERR_VALUE;
	*in = rest;
	*value = v;
	return ERR_NONE;
}

enum err rsp_utf8_optional(struct bytes *in, ber_tag tag, size_t max, struct bytes *value)
{
	if (ber_is(*in, tag))
		return rsp_utf8_read(in, tag, max, value);
	*value = (struct bytes){ NULL, 0 };
	return ERR_NONE;
}

void rsp_put_optional(struct room *out, ber_tag tag, struct bytes value)
{
	if (value.at != NULL)
		ber_put(out, tag, value);
}

enum err rsp_extensions(struct bytes rest, struct bytes *extensions)
{
	struct bytes left = rest, value;
	ber_tag tag;

	while (left.len > 0)
		TRY(ber_next(&left, &tag, &value));
	*extensions = rest;
	return ERR_NONE;
}

enum err rsp_result_read(struct bytes in, ber_tag outer, uint8_t *result)
{
	struct bytes value, extensions;
	uint64_t n;

	TRY(ber_read(&in, outer, &value));
	TRY(ber_end(in));
	TRY(ber_read_uint(&value, 0x80, UINT8_MAX, &n));
	TRY(rsp_extensions(value, &extensions));
	*result = (uint8_t)n;
	return ERR_NONE;
}

void rsp_result_put(struct room *out, ber_tag outer, uint8_t result)
{
	size_t mark = ber_open(out, outer);

	ber_put_uint(out, 0x80, result);
	ber_close(out, mark);
}
