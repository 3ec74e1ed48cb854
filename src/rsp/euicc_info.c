/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/euicc_info.h"

enum { TAG_EUICC_INFO1 = 0xBF20, TAG_EUICC_INFO2 = 0xBF22 };

enum err ci_pkids_next(struct bytes *list, struct bytes *id)
{
	return ber_read(list, 0x04, id);
}

bool ci_pkids_have(struct bytes list, struct bytes id)
{
	struct bytes next;

	while (ci_pkids_next(&list, &next) == ERR_NONE) {
		if (bytes_same(next, id))
			return true;
	}
	return false;
}

/* SEQUENCE OF SubjectKeyIdentifier. */
static enum err read_pkids(struct bytes *in, ber_tag tag, struct bytes *list)
{
	struct bytes rest = *in, value, left, id;

	TRY(ber_read(&rest, tag, &value));
	left = value;
	while (left.len > 0)
		TRY(ci_pkids_next(&left, &id));
	*in = rest;
	*list = value;
	return ERR_NONE;
}

static enum err read_version(struct bytes *in, ber_tag tag, struct bytes *version)
{
	return rsp_sized_read(in, tag, RSP_VERSION_SIZE, RSP_VERSION_SIZE, version);
}

enum err euicc_info1_read(struct bytes in, struct euicc_info1 *out)
{
	struct euicc_info1 info;
	struct bytes seq;

	TRY(ber_read(&in, TAG_EUICC_INFO1, &seq));
	TRY(ber_end(in));
	TRY(read_version(&seq, 0x82, &info.svn));
	TRY(read_pkids(&seq, 0xA9, &info.ci_pkids_for_verification));
	TRY(read_pkids(&seq, 0xAA, &info.ci_pkids_for_signing));
	TRY(rsp_extensions(seq, &info.extensions));
	*out = info;
	return ERR_NONE;
}

void euicc_info1_put(struct room *out, const struct euicc_info1 *info)
{
	size_t mark = ber_open(out, TAG_EUICC_INFO1);

	ber_put(out, 0x82, info->svn);
	ber_put(out, 0xA9, info->ci_pkids_for_verification);
	ber_put(out, 0xAA, info->ci_pkids_for_signing);
	room_put(out, info->extensions);
	ber_close(out, mark);
}

static enum err read_optional_version(struct bytes *in, ber_tag tag, struct bytes *version)
{
	return rsp_sized_optional(in, tag, RSP_VERSION_SIZE, RSP_VERSION_SIZE, version);
}

/* The elements behind the key lists, all but ppVersion and sasAcreditationNumber optional. */
static enum err read_info2_tail(struct bytes *seq, struct euicc_info2 *info)
{
	uint64_t category = 0;

	info->has_category = ber_is(*seq, 0x8B);
	if (info->has_category)
		TRY(ber_read_uint(seq, 0x8B, UINT8_MAX, &category));
	info->category = (uint8_t)category;
	info->has_forbidden_pprs = ber_is(*seq, 0x99);
	info->forbidden_pprs = 0;
	if (info->has_forbidden_pprs)
		TRY(rsp_bits_read(seq, 0x99, &info->forbidden_pprs));
	TRY(read_version(seq, 0x04, &info->pp_version));
	TRY(rsp_utf8_read(seq, 0x0C, 64, &info->sas_accreditation_number));
	TRY(ber_read_optional(seq, 0xAC, &info->certification_data));
	return rsp_extensions(*seq, &info->extensions);
}

enum err euicc_info2_read(struct bytes in, struct euicc_info2 *out)
{
	struct euicc_info2 info;
	struct bytes seq;

	TRY(ber_read(&in, TAG_EUICC_INFO2, &seq));
	TRY(ber_end(in));
	TRY(read_version(&seq, 0x81, &info.profile_version));
	TRY(read_version(&seq, 0x82, &info.svn));
	TRY(read_version(&seq, 0x83, &info.firmware_version));
	TRY(ber_read(&seq, 0x84, &info.ext_card_resource));
	TRY(rsp_bits_read(&seq, 0x85, &info.uicc_capability));
	TRY(read_optional_version(&seq, 0x86, &info.javacard_version));
	TRY(read_optional_version(&seq, 0x87, &info.globalplatform_version));
	TRY(rsp_bits_read(&seq, 0x88, &info.rsp_capability));
	TRY(read_pkids(&seq, 0xA9, &info.ci_pkids_for_verification));
	TRY(read_pkids(&seq, 0xAA, &info.ci_pkids_for_signing));
	TRY(read_info2_tail(&seq, &info));
	*out = info;
	return ERR_NONE;
}

void euicc_info2_put(struct room *out, const struct euicc_info2 *info)
{
	size_t mark = ber_open(out, TAG_EUICC_INFO2);

	ber_put(out, 0x81, info->profile_version);
	ber_put(out, 0x82, info->svn);
	ber_put(out, 0x83, info->firmware_version);
	ber_put(out, 0x84, info->ext_card_resource);
	rsp_bits_put(out, 0x85, info->uicc_capability);
	rsp_put_optional(out, 0x86, info->javacard_version);
	rsp_put_optional(out, 0x87, info->globalplatform_version);
	rsp_bits_put(out, 0x88, info->rsp_capability);
	ber_put(out, 0xA9, info->ci_pkids_for_verification);
	ber_put(out, 0xAA, info->ci_pkids_for_signing);
	if (info->has_category)
		ber_put_uint(out, 0x8B, info->category);
	if (info->has_forbidden_pprs)
		rsp_bits_put(out, 0x99, info->forbidden_pprs);
	ber_put(out, 0x04, info->pp_version);
	ber_put(out, 0x0C, info->sas_accreditation_number);
	rsp_put_optional(out, 0xAC, info->certification_data);
	room_put(out, info->extensions);
	ber_close(out, mark);
}

/* TS 102 226 8.2.1.7.2: numbers of any size, big-endian. Cards pad them with zeros as they like. */
static enum err resource(struct bytes value, ber_tag tag, uint32_t *number)
{
	struct bytes octets;
	uint64_t n = 0;
	enum err err = ber_find(value, tag, &octets);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_NONE && !bytes_uint(octets, &n))
		return ERR_LENGTH;
	if (n > UINT32_MAX)
		return ERR_VALUE;
	*number = (uint32_t)n;
	return ERR_NONE;
}

enum err ext_card_resource_read(struct bytes value, uint32_t *applications, uint32_t *free_flash,
                                uint32_t *free_ram)
{
	uint32_t n[3];

	for (size_t i = 0; i < COUNT(n); i++)
		TRY(resource(value, (ber_tag)(0x81 + i), &n[i]));
	*applications = n[0];
	*free_flash = n[1];
	*free_ram = n[2];
	return ERR_NONE;
}

static void resource_put(struct room *out, uint8_t tag, uint32_t number)
{
	room_put_u8(out, tag);
	room_put_u8(out, 4);
	room_put_u32(out, number);
}

void ext_card_resource_put(struct room *out, uint32_t applications, uint32_t free_flash,
                           uint32_t free_ram)
{
	resource_put(out, 0x81, applications);
	resource_put(out, 0x82, free_flash);
	resource_put(out, 0x83, free_ram);
}
