/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/profile_info.h"

enum { TAG_PROFILE_INFO_LIST = 0xBF2D, TAG_TAG_LIST = 0x5C };

static enum err read_criterion(struct bytes choice, struct profile_info_request *out)
{
	ber_tag tag;
	struct bytes value;

	TRY(ber_next(&choice, &tag, &value));
	TRY(ber_end(choice));
	switch (tag) {
	case TAG_ISDP_AID:
		if (value.len < 1 || value.len > AID_MAX)
			return ERR_LENGTH;
		break;
	case TAG_ICCID:
		if (value.len != ICCID_SIZE)
			return ERR_LENGTH;
		break;
	case 0x95:
		if (value.len != 1)
			return ERR_LENGTH;
		if (value.at[0] > CLASS_OPERATIONAL)
			return ERR_VALUE;
		break;
	default:
		return ERR_TAG;
	}
	out->search = (uint8_t)tag;
	out->wanted = value;
	return ERR_NONE;
}

enum err profile_info_request_read(struct bytes in, struct profile_info_request *out)
{
	struct profile_info_request value = { .search = 0 };
	struct bytes seq, choice;

	TRY(ber_read(&in, TAG_PROFILE_INFO_LIST, &seq));
	TRY(ber_end(in));
	TRY(ber_read_optional(&seq, 0xA0, &choice));
	if (choice.at != NULL)
		TRY(read_criterion(choice, &value));
	TRY(ber_read_optional(&seq, TAG_TAG_LIST, &value.tag_list));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void profile_info_request_put(struct room *out, const struct profile_info_request *request)
{
	size_t mark = ber_open(out, TAG_PROFILE_INFO_LIST);

	if (request->search != 0) {
		size_t inner = ber_open(out, 0xA0);
		ber_put(out, request->search, request->wanted);
		ber_close(out, inner);
	}
	rsp_put_optional(out, TAG_TAG_LIST, request->tag_list);
	room_put(out, request->extensions);
	ber_close(out, mark);
}

/* Row n stands for INFO_ bit n. */
static const ber_tag info_tags[] = {
	TAG_ICCID, TAG_ISDP_AID, TAG_PROFILE_STATE, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0xB6, 0xB7,
	0xB8,      0x99,
};

/* A tag list is tags without lengths (ISO/IEC 7816-4 8.5.1). */
static enum err next_tag(struct bytes *list, ber_tag *tag)
{
	struct bytes octet;
	ber_tag read;

	if (!bytes_take(list, 1, &octet))
		return ERR_TRUNCATED;
	read = octet.at[0];
	if ((read & 0x1F) == 0x1F) {
		do {
			if (read > 0xFFFF)
				return ERR_TAG;
			if (!bytes_take(list, 1, &octet))
				return ERR_TRUNCATED;
			read = read << 8 | octet.at[0];
		} while (octet.at[0] & 0x80);
	}
	*tag = read;
	return ERR_NONE;
}

enum err profile_info_tags(struct bytes tag_list, uint32_t *fields)
{
	uint32_t wanted = 0;
	ber_tag tag;

	if (tag_list.at == NULL) {
		*fields = INFO_DEFAULT;
		return ERR_NONE;
	}
	while (tag_list.len > 0) {
		TRY(next_tag(&tag_list, &tag));
		for (size_t i = 0; i < COUNT(info_tags); i++) {
			if (info_tags[i] == tag)
				wanted |= 1u << i;
		}
	}
	*fields = wanted;
	return ERR_NONE;
}

static enum err read_number(struct bytes *seq, ber_tag tag, uint8_t max, uint8_t absent, bool *has,
                            uint8_t *number)
{
	uint64_t n = absent;

	*has = ber_is(*seq, tag);
	if (*has)
		TRY(ber_read_uint(seq, tag, max, &n));
	*number = (uint8_t)n;
	return ERR_NONE;
}

static enum err read_names(struct bytes *seq, struct profile_info *info)
{
	bool has_icon;

	TRY(rsp_utf8_optional(seq, 0x90, PROFILE_NICKNAME_MAX, &info->nickname));
	TRY(rsp_utf8_optional(seq, 0x91, SERVICE_PROVIDER_NAME_MAX, &info->service_provider_name));
	TRY(rsp_utf8_optional(seq, 0x92, PROFILE_NAME_MAX, &info->profile_name));
	TRY(read_number(seq, 0x93, ICON_PNG, ICON_NONE, &has_icon, &info->icon_type));
	return rsp_sized_optional(seq, 0x94, 0, ICON_MAX, &info->icon);
}

static enum err read_policy(struct bytes *seq, struct profile_info *info)
{
	struct bytes owner;

	TRY(ber_read_optional(seq, 0xB6, &info->notifications));
	TRY(ber_read_optional(seq, 0xB7, &owner));
	info->has_owner = owner.at != NULL;
	if (info->has_owner)
		TRY(operator_id_read(owner, &info->owner));
	TRY(ber_read_optional(seq, 0xB8, &info->dp_proprietary_data));
	info->has_pprs = ber_is(*seq, 0x99);
	if (info->has_pprs)
		TRY(rsp_bits_read(seq, 0x99, &info->pprs));
	return ERR_NONE;
}

enum err profile_info_read(struct bytes in, struct profile_info *out)
{
	struct profile_info info = { .has_state = false };
	struct bytes seq;

	TRY(ber_read(&in, TAG_PROFILE_INFO, &seq));
	TRY(ber_end(in));
	TRY(rsp_sized_optional(&seq, TAG_ICCID, ICCID_SIZE, ICCID_SIZE, &info.iccid));
	TRY(rsp_sized_optional(&seq, TAG_ISDP_AID, 1, AID_MAX, &info.isdp_aid));
	TRY(read_number(&seq, TAG_PROFILE_STATE, PROFILE_ENABLED, PROFILE_DISABLED, &info.has_state,
	                &info.state));
	TRY(read_names(&seq, &info));
	TRY(read_number(&seq, 0x95, CLASS_OPERATIONAL, CLASS_OPERATIONAL, &info.has_class,
	                &info.profile_class));
	TRY(read_policy(&seq, &info));
	TRY(rsp_extensions(seq, &info.extensions));
	*out = info;
	return ERR_NONE;
}

static void put_field(struct room *out, uint32_t fields, uint32_t field, ber_tag tag,
                      struct bytes value)
{
	if (fields & field)
		rsp_put_optional(out, tag, value);
}

static void put_names(struct room *out, const struct profile_info *info, uint32_t fields)
{
	put_field(out, fields, INFO_NICKNAME, 0x90, info->nickname);
	put_field(out, fields, INFO_SERVICE_PROVIDER, 0x91, info->service_provider_name);
	put_field(out, fields, INFO_NAME, 0x92, info->profile_name);
	if ((fields & INFO_ICON_TYPE) && info->icon_type != ICON_NONE)
		ber_put_uint(out, 0x93, info->icon_type);
	put_field(out, fields, INFO_ICON, 0x94, info->icon);
}

void profile_info_put(struct room *out, const struct profile_info *info, uint32_t fields)
{
	size_t mark = ber_open(out, TAG_PROFILE_INFO);

	put_field(out, fields, INFO_ICCID, TAG_ICCID, info->iccid);
	put_field(out, fields, INFO_ISDP_AID, TAG_ISDP_AID, info->isdp_aid);
	if ((fields & INFO_STATE) && info->has_state)
		ber_put_uint(out, TAG_PROFILE_STATE, info->state);
	put_names(out, info, fields);
	if ((fields & INFO_CLASS) && info->has_class)
		ber_put_uint(out, 0x95, info->profile_class);
	put_field(out, fields, INFO_NOTIFICATIONS, 0xB6, info->notifications);
	if ((fields & INFO_OWNER) && info->has_owner)
		operator_id_put(out, 0xB7, &info->owner);
	put_field(out, fields, INFO_DP_PROPRIETARY, 0xB8, info->dp_proprietary_data);
	if ((fields & INFO_PPRS) && info->has_pprs)
		rsp_bits_put(out, 0x99, info->pprs);
	room_put(out, info->extensions);
	ber_close(out, mark);
}

enum err profile_info_response_read(struct bytes in, struct bytes *list, uint8_t *error)
{
	struct profile_info info;
	struct bytes choice, value, left, element;
	uint64_t number;

	TRY(ber_read(&in, TAG_PROFILE_INFO_LIST, &choice));
	TRY(ber_end(in));
	if (ber_is(choice, 0x81)) {
		TRY(ber_read_uint(&choice, 0x81, UINT8_MAX, &number));
		TRY(ber_end(choice));
		*error = (uint8_t)number;
		return ERR_VALUE;
	}
	TRY(ber_read(&choice, 0xA0, &value));
	TRY(ber_end(choice));
	left = value;
	while (left.len > 0) {
		TRY(ber_read_whole(&left, TAG_PROFILE_INFO, &element));
		TRY(profile_info_read(element, &info));
	}
	*list = value;
	return ERR_NONE;
}
