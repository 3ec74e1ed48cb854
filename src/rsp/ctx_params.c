/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/ctx_params.h"

enum {
	TAG_COMMON_AUTHENTICATION = 0xA0, /* the only alternative of CtxParams1 */
	TAG_DEVICE_INFO = 0xA1,
	TAG_DEVICE_CAPABILITIES = 0xA1,
};

static enum err read_capabilities(struct bytes value, struct device_info *info)
{
	for (size_t i = 0; i < CAP_COUNT; i++)
		TRY(rsp_sized_optional(&value, (ber_tag)(0x80 + i), RSP_VERSION_SIZE,
		                       RSP_VERSION_SIZE, &info->capability[i]));
	return rsp_extensions(value, &info->capability_extensions);
}

enum err device_info_read(struct bytes value, struct device_info *out)
{
	struct device_info info;
	struct bytes capabilities;

	/* Octet4 since v2.2.1, Octet8 before: equipment of both kinds is in the field. */
	TRY(rsp_sized_read(&value, 0x80, 4, 8, &info.tac));
	TRY(ber_read(&value, TAG_DEVICE_CAPABILITIES, &capabilities));
	TRY(read_capabilities(capabilities, &info));
	TRY(rsp_sized_optional(&value, 0x82, 8, 8, &info.imei));
	TRY(rsp_extensions(value, &info.extensions));
	*out = info;
	return ERR_NONE;
}

/* SGP.22 4.2: two digits an octet, the first in the low half, but in the last one the check digit is in the high half
 * and F in the low one. Some LPAs have it the other way there, as TS 29.002 has. */
enum err device_info_imei(const struct device_info *info, struct room *digits)
{
	struct room before = *digits;

	if (info->imei.at == NULL)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < info->imei.len; i++) {
		bool last = i + 1 == info->imei.len;
		uint8_t first = info->imei.at[i] & 0xF, second = info->imei.at[i] >> 4;

		if (last && first == 0xF) {
			first = second;
			second = 0xF;
		}
		bool odd = last && second == 0xF;
		if (first > 9 || (second > 9 && !odd)) {
			*digits = before;
			return ERR_VALUE;
		}
		room_put_u8(digits, (uint8_t)('0' + first));
		if (!odd)
			room_put_u8(digits, (uint8_t)('0' + second));
	}
	return digits->full ? ERR_ROOM : ERR_NONE;
}

void device_info_put(struct room *out, ber_tag tag, const struct device_info *info)
{
	size_t mark = ber_open(out, tag);

	ber_put(out, 0x80, info->tac);
	size_t inner = ber_open(out, TAG_DEVICE_CAPABILITIES);
	for (size_t i = 0; i < CAP_COUNT; i++)
		rsp_put_optional(out, (ber_tag)(0x80 + i), info->capability[i]);
	room_put(out, info->capability_extensions);
	ber_close(out, inner);
	rsp_put_optional(out, 0x82, info->imei);
	room_put(out, info->extensions);
	ber_close(out, mark);
}

enum err ctx_params1_read(struct bytes in, struct ctx_params1 *out)
{
	struct ctx_params1 params;
	struct bytes seq, device;

	TRY(ber_read(&in, TAG_COMMON_AUTHENTICATION, &seq));
	TRY(ber_end(in));
	TRY(rsp_utf8_optional(&seq, 0x80, MATCHING_ID_MAX, &params.matching_id));
	TRY(ber_read(&seq, TAG_DEVICE_INFO, &device));
	TRY(device_info_read(device, &params.device_info));
	TRY(rsp_extensions(seq, &params.extensions));
	*out = params;
	return ERR_NONE;
}

void ctx_params1_put(struct room *out, const struct ctx_params1 *params)
{
	size_t mark = ber_open(out, TAG_COMMON_AUTHENTICATION);

	rsp_put_optional(out, 0x80, params->matching_id);
	device_info_put(out, TAG_DEVICE_INFO, &params->device_info);
	room_put(out, params->extensions);
	ber_close(out, mark);
}

void ctx_params1_evidence_put(struct room *extensions, struct bytes digest)
{
	ber_put(extensions, CTX_EVIDENCE_DIGEST, digest);
}

enum err ctx_params1_evidence_digest(const struct ctx_params1 *params, struct bytes *digest)
{
	struct bytes in = params->extensions, value, found = { NULL, 0 };
	ber_tag tag;

	while (in.len > 0) {
		TRY(ber_next(&in, &tag, &value));
		if (tag != CTX_EVIDENCE_DIGEST)
			continue;
		if (value.len != 32)
			return ERR_LENGTH;
		if (found.at != NULL)
			return ERR_VALUE; /* which of two did the card mean? */
		found = value;
	}
	if (found.at == NULL)
		return ERR_NOT_FOUND;
	*digest = found;
	return ERR_NONE;
}
