/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/fcp.h"

static enum err value_optional(struct cursor *in, ber_tag tag, size_t min, size_t max,
                               struct fcp_value *out)
{
	size_t len = 0;

	*out = (struct fcp_value){ 0 };
	if (!cursor_is(in, tag))
		return ERR_NONE;
	TRY(cursor_bytes(in, tag, out->at, min, max, &len));
	out->has = true;
	out->len = (uint8_t)len;
	return ERR_NONE;
}

static uint32_t value_number(const struct fcp_value *value)
{
	uint32_t number = 0;

	for (size_t i = 0; i < value->len; i++)
		number = number << 8 | value->at[i];
	return number;
}

static enum err octet_or(struct cursor *in, ber_tag tag, uint8_t otherwise, bool *has,
                         uint8_t *octet)
{
	struct fcp_value value;

	TRY(value_optional(in, tag, 1, 1, &value));
	*octet = value.has ? value.at[0] : otherwise;
	*has = value.has;
	return ERR_NONE;
}

/* ProprietaryInfo: at most one of the two patterns. */
static enum err proprietary_read(const struct cursor *outer, const struct element *element,
                                 struct fcp *out)
{
	struct cursor in = cursor_in(outer, element);
	struct fcp_value maximum;
	bool fills, details;

	TRY(octet_or(&in, 0xC0, 0x00, &out->has_special, &out->special));
	TRY(cursor_optional(&in, 0xC1, &out->pattern, &fills));
	if (!fills)
		TRY(cursor_optional(&in, 0xC2, &out->pattern, &out->repeats));
	if ((fills || out->repeats) &&
	    (out->pattern.len == 0 || out->pattern.len > FCP_PATTERN_MAX))
		return cursor_fault(&in, out->pattern.at, out->pattern.tag, ERR_LENGTH);
	TRY(value_optional(&in, 0x86, 1, 4, &maximum));
	out->has_maximum = maximum.has;
	out->maximum = value_number(&maximum);
	TRY(octet_or(&in, 0x84, 0x01, &details, &out->details));
	return cursor_end(&in);
}

static enum err dfname_read(struct cursor *in, struct fcp *out)
{
	size_t len = 0;

	if (cursor_is(in, 0x84))
		TRY(cursor_bytes(in, 0x84, out->aid, 5, sizeof out->aid, &len));
	out->aid_len = (uint8_t)len;
	return ERR_NONE;
}

/* TS 102 222 6.3.2.2.6: the short identifier in the five high bits; no octet at all means none. */
static enum err sfi_read(struct cursor *in, struct fcp *out)
{
	struct fcp_value sfi;

	TRY(value_optional(in, 0x88, 0, 1, &sfi));
	out->has_sfi = sfi.has;
	if (sfi.len == 0)
		return ERR_NONE;
	if ((sfi.at[0] & 0x07) != 0)
		return cursor_fault(in, in->at, 0x88, ERR_VALUE);
	out->sfi = sfi.at[0] >> 3;
	return ERR_NONE;
}

enum err file_fcp_read(const struct cursor *outer, const struct element *element, struct fcp *out)
{
	struct cursor in = cursor_in(outer, element);
	struct fcp fcp = { .lcsi = FCP_DEFAULT_LCSI, .details = 0x01 };
	struct fcp_value fid, size;
	struct element info;
	bool has;

	TRY(value_optional(&in, 0x82, 2, 4, &fcp.descriptor));
	TRY(value_optional(&in, 0x83, 2, 2, &fid));
	fcp.has_fid = fid.has;
	fcp.fid = (uint16_t)value_number(&fid);
	TRY(dfname_read(&in, &fcp));
	TRY(octet_or(&in, 0x8A, FCP_DEFAULT_LCSI, &has, &fcp.lcsi));
	TRY(value_optional(&in, 0x8B, 1, 3, &fcp.arr));
	if (fcp.arr.len == 2)
		return cursor_fault(&in, in.at, 0x8B, ERR_LENGTH);
	TRY(value_optional(&in, 0x80, 1, 4, &size));
	fcp.has_size = size.has;
	fcp.size = value_number(&size);
	TRY(cursor_optional(&in, 0xC6, &fcp.pin_status, &has));
	if (has && (fcp.pin_status.len == 0 || fcp.pin_status.len > FCP_PIN_STATUS_MAX))
		return cursor_fault(&in, fcp.pin_status.at, 0xC6, ERR_LENGTH);
	TRY(sfi_read(&in, &fcp));
	TRY(cursor_optional(&in, 0xA5, &info, &fcp.has_info));
	if (fcp.has_info)
		TRY(proprietary_read(&in, &info, &fcp));
	TRY(value_optional(&in, 0xC7, 0, FCP_PATH_MAX, &fcp.link));
	if (fcp.link.len % 2 != 0)
		return cursor_fault(&in, in.at, 0xC7, ERR_LENGTH);
	TRY(cursor_end(&in));
	*out = fcp;
	return ERR_NONE;
}

static void value_put(struct room *out, ber_tag tag, const struct fcp_value *value)
{
	if (value->has)
		ber_put(out, tag, (struct bytes){ value->at, value->len });
}

/* Numbers in as few octets as possible, but at least one. */
static void number_put(struct room *out, ber_tag tag, uint32_t number)
{
	size_t len = number > 0xFFFFFF ? 4 : number > 0xFFFF ? 3 : number > 0xFF ? 2 : 1;

	ber_put_header(out, tag, len);
	while (len-- > 0)
		room_put_u8(out, (uint8_t)(number >> 8 * len));
}

static void octet_put(struct room *out, ber_tag tag, uint8_t octet)
{
	ber_put(out, tag, (struct bytes){ &octet, 1 });
}

static void proprietary_put(struct room *out, const struct fcp *fcp, struct bytes pattern)
{
	bool special = fcp->special != 0, details = fcp->details != 0x01;

	if (!fcp->has_info && !special && !details && !fcp->has_maximum && pattern.len == 0)
		return;
	size_t info = ber_open(out, 0xA5);
	if (special)
		octet_put(out, 0xC0, fcp->special);
	if (pattern.len > 0)
		ber_put(out, fcp->repeats ? 0xC2 : 0xC1, pattern);
	if (fcp->has_maximum)
		number_put(out, 0x86, fcp->maximum);
	if (details)
		octet_put(out, 0x84, fcp->details);
	ber_close(out, info);
}

void file_fcp_put(struct room *out, ber_tag tag, const struct fcp *fcp, struct bytes pin_status,
                  struct bytes pattern)
{
	size_t mark = ber_open(out, tag);
	uint8_t sfi = (uint8_t)(fcp->sfi << 3);

	value_put(out, 0x82, &fcp->descriptor);
	if (fcp->has_fid) {
		ber_put_header(out, 0x83, 2);
		room_put_u16(out, fcp->fid);
	}
	if (fcp->aid_len > 0)
		ber_put(out, 0x84, (struct bytes){ fcp->aid, fcp->aid_len });
	if (fcp->lcsi != FCP_DEFAULT_LCSI)
		octet_put(out, 0x8A, fcp->lcsi);
	value_put(out, 0x8B, &fcp->arr);
	if (fcp->has_size)
		number_put(out, 0x80, fcp->size);
	if (pin_status.len > 0)
		ber_put(out, 0xC6, pin_status);
	if (fcp->has_sfi)
		ber_put(out, 0x88, (struct bytes){ &sfi, fcp->sfi != 0 });
	proprietary_put(out, fcp, pattern);
	value_put(out, 0xC7, &fcp->link);
	ber_close(out, mark);
}

/* A File in a template: SEQUENCE OF CHOICE, automatic tags. */
enum err file_step(struct cursor *file, struct step *step)
{
	struct cursor rest = *file;
	struct step next = { 0 };
	uint32_t offset;

	TRY(cursor_next(&rest, &next.element));
	switch (next.element.tag) {
	case 0x80:
		next.kind = STEP_DO_NOT_CREATE;
		if (next.element.len != 0)
			return cursor_fault(file, next.element.at, 0x80, ERR_LENGTH);
		break;
	case 0xA1:
		next.kind = STEP_FCP;
		break;
	case 0x82:
		next.kind = STEP_OFFSET;
		rest = *file;
		TRY(cursor_uint(&rest, 0x82, 0xFFFF, &offset));
		next.offset = offset;
		break;
	case 0x83:
		next.kind = STEP_CONTENT;
		break;
	default:
		return cursor_fault(file, next.element.at, 0x83, ERR_TAG);
	}
	*file = rest;
	*step = next;
	return ERR_NONE;
}

/* FileManagement: members with tags of their own, so fillFileOffset is a plain INTEGER. */
enum err management_step(struct cursor *commands, struct step *step)
{
	struct cursor rest = *commands;
	struct step next = { 0 };

	TRY(cursor_next(&rest, &next.element));
	switch (next.element.tag) {
	case 0x80:
		next.kind = STEP_PATH;
		rest = *commands;
		TRY(value_optional(&rest, 0x80, 0, FCP_PATH_MAX, &next.path));
		if (next.path.len % 2 != 0)
			return cursor_fault(commands, next.element.at, 0x80, ERR_LENGTH);
		break;
	case 0x62:
		next.kind = STEP_FCP;
		break;
	case 0x02:
		next.kind = STEP_OFFSET;
		rest = *commands;
		TRY(cursor_uint(&rest, 0x02, 0xFFFF, &next.offset));
		break;
	case 0x81:
		next.kind = STEP_CONTENT;
		break;
	default:
		return cursor_fault(commands, next.element.at, 0x62, ERR_TAG);
	}
	*commands = rest;
	*step = next;
	return ERR_NONE;
}

enum err file_type_of(const struct fcp_value *descriptor, enum file_type *type,
                      uint16_t *record_len)
{
	uint8_t what;

	if (!descriptor->has || descriptor->len < 2)
		return ERR_LENGTH;
	what = descriptor->at[0] & 0x3F; /* bit 7 says shareable */
	*record_len = 0;
	if (what == 0x38 || what == 0x39) {
		*type = what == 0x38 ? FILE_DF : FILE_BER_TLV;
		return ERR_NONE;
	}
	switch (what & 0x07) {
	case 0x01:
		*type = FILE_TRANSPARENT;
		return ERR_NONE;
	case 0x02:
	case 0x06:
		if (descriptor->len != 4)
			return ERR_LENGTH;
		*type = (what & 0x07) == 0x02 ? FILE_LINEAR : FILE_CYCLIC;
		*record_len = (uint16_t)(descriptor->at[2] << 8 | descriptor->at[3]);
		return *record_len != 0 && *record_len <= 255 ? ERR_NONE : ERR_VALUE;
	default:
		return ERR_VALUE;
	}
}
