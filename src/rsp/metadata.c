/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/metadata.h"

enum { TAG_STORE_METADATA_REQUEST = 0xBF25, TAG_UPDATE_METADATA_REQUEST = 0xBF2A };

enum err operator_id_read(struct bytes value, struct operator_id *out)
{
	struct operator_id owner;

	TRY(rsp_sized_read(&value, 0x80, 3, 3, &owner.mcc_mnc));
	TRY(ber_read_optional(&value, 0x81, &owner.gid1));
	TRY(ber_read_optional(&value, 0x82, &owner.gid2));
	TRY(rsp_extensions(value, &owner.extensions));
	*out = owner;
	return ERR_NONE;
}

void operator_id_put(struct room *out, ber_tag tag, const struct operator_id *owner)
{
	size_t mark = ber_open(out, tag);

	ber_put(out, 0x80, owner->mcc_mnc);
	rsp_put_optional(out, 0x81, owner->gid1);
	rsp_put_optional(out, 0x82, owner->gid2);
	room_put(out, owner->extensions);
	ber_close(out, mark);
}

enum err mcc_mnc_put(struct room *out, struct bytes mcc, struct bytes mnc)
{
	uint8_t d[6] = { 0, 0, 0, 0, 0, 0x0F };

	if (mcc.len != 3 || mnc.len < 2 || mnc.len > 3)
		return ERR_LENGTH;
	for (size_t i = 0; i < mcc.len + mnc.len; i++) {
		uint8_t c = i < 3 ? mcc.at[i] : mnc.at[i - 3];
		if (c < '0' || c > '9')
			return ERR_VALUE;
		d[i] = (uint8_t)(c - '0');
	}
	room_put_u8(out, (uint8_t)(d[1] << 4 | d[0])); /* TS 24.008 10.5.1.3 */
	room_put_u8(out, (uint8_t)(d[5] << 4 | d[2]));
	room_put_u8(out, (uint8_t)(d[4] << 4 | d[3]));
	return ERR_NONE;
}

enum err notification_configuration_next(struct bytes *list, struct notification_configuration *out)
{
	struct notification_configuration value;
	struct bytes rest = *list, seq, extensions;

	TRY(ber_read(&rest, 0x30, &seq));
	TRY(rsp_bits_read(&seq, 0x80, &value.events));
	TRY(rsp_utf8_read(&seq, 0x81, SERVER_ADDRESS_MAX, &value.address));
	TRY(rsp_extensions(seq, &extensions));
	*list = rest;
	*out = value;
	return ERR_NONE;
}

void notification_configuration_put(struct room *out,
                                    const struct notification_configuration *configuration)
{
	size_t mark = ber_open(out, 0x30);

	rsp_bits_put(out, 0x80, configuration->events);
	ber_put(out, 0x81, configuration->address);
	ber_close(out, mark);
}

static enum err read_notifications(struct bytes *seq, struct bytes *list)
{
	struct notification_configuration one;
	struct bytes left;

	TRY(ber_read_optional(seq, 0xB6, list));
	left = *list;
	while (left.len > 0)
		TRY(notification_configuration_next(&left, &one));
	return ERR_NONE;
}

/* 5.5.3: an icon is present only together with its type. */
static enum err read_icon(struct bytes *seq, uint8_t *type, struct bytes *icon)
{
	uint64_t n = ICON_NONE;

	if (ber_is(*seq, 0x93))
		TRY(ber_read_uint(seq, 0x93, ICON_PNG, &n));
	TRY(rsp_sized_optional(seq, 0x94, 0, ICON_MAX, icon));
	if (icon->at != NULL && n == ICON_NONE)
		return ERR_VALUE;
	*type = (uint8_t)n;
	return ERR_NONE;
}

static enum err read_pprs(struct bytes *seq, bool *has, uint32_t *pprs)
{
	*pprs = 0;
	*has = ber_is(*seq, 0x99);
	return *has ? rsp_bits_read(seq, 0x99, pprs) : ERR_NONE;
}

static enum err read_owner(struct bytes *seq, bool *has, struct operator_id *owner)
{
	struct bytes value;

	*owner = (struct operator_id){
		.mcc_mnc = {NULL, 0}
	};
	*has = ber_is(*seq, 0xB7);
	if (!*has)
		return ERR_NONE;
	TRY(ber_read(seq, 0xB7, &value));
	return operator_id_read(value, owner);
}

enum err store_metadata_read(struct bytes in, struct store_metadata *out)
{
	struct store_metadata value;
	struct bytes seq;
	uint64_t class = CLASS_OPERATIONAL;

	TRY(ber_read(&in, TAG_STORE_METADATA_REQUEST, &seq));
	TRY(ber_end(in));
	TRY(rsp_sized_read(&seq, TAG_ICCID, ICCID_SIZE, ICCID_SIZE, &value.iccid));
	TRY(rsp_utf8_read(&seq, 0x91, SERVICE_PROVIDER_NAME_MAX, &value.service_provider_name));
	TRY(rsp_utf8_read(&seq, 0x92, PROFILE_NAME_MAX, &value.profile_name));
	TRY(read_icon(&seq, &value.icon_type, &value.icon));
	if (ber_is(seq, 0x95))
		TRY(ber_read_uint(&seq, 0x95, CLASS_OPERATIONAL, &class));
	value.profile_class = (uint8_t) class;
	TRY(read_notifications(&seq, &value.notifications));
	TRY(read_owner(&seq, &value.has_owner, &value.owner));
	TRY(read_pprs(&seq, &value.has_pprs, &value.pprs));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void store_metadata_put(struct room *out, const struct store_metadata *metadata)
{
	size_t mark = ber_open(out, TAG_STORE_METADATA_REQUEST);

	ber_put(out, TAG_ICCID, metadata->iccid);
	ber_put(out, 0x91, metadata->service_provider_name);
	ber_put(out, 0x92, metadata->profile_name);
	if (metadata->icon_type != ICON_NONE)
		ber_put_uint(out, 0x93, metadata->icon_type);
	rsp_put_optional(out, 0x94, metadata->icon);
	if (metadata->profile_class != CLASS_OPERATIONAL)
		ber_put_uint(out, 0x95, metadata->profile_class);
	rsp_put_optional(out, 0xB6, metadata->notifications);
	if (metadata->has_owner)
		operator_id_put(out, 0xB7, &metadata->owner);
	if (metadata->has_pprs)
		rsp_bits_put(out, 0x99, metadata->pprs);
	room_put(out, metadata->extensions);
	ber_close(out, mark);
}

enum err update_metadata_read(struct bytes in, struct update_metadata *out)
{
	struct update_metadata value;
	struct bytes seq;

	TRY(ber_read(&in, TAG_UPDATE_METADATA_REQUEST, &seq));
	TRY(ber_end(in));
	TRY(rsp_utf8_optional(&seq, 0x91, SERVICE_PROVIDER_NAME_MAX, &value.service_provider_name));
	TRY(rsp_utf8_optional(&seq, 0x92, PROFILE_NAME_MAX, &value.profile_name));
	TRY(read_icon(&seq, &value.icon_type, &value.icon));
	TRY(read_pprs(&seq, &value.has_pprs, &value.pprs));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void update_metadata_put(struct room *out, const struct update_metadata *update)
{
	size_t mark = ber_open(out, TAG_UPDATE_METADATA_REQUEST);

	rsp_put_optional(out, 0x91, update->service_provider_name);
	rsp_put_optional(out, 0x92, update->profile_name);
	if (update->icon_type != ICON_NONE)
		ber_put_uint(out, 0x93, update->icon_type);
	rsp_put_optional(out, 0x94, update->icon);
	if (update->has_pprs)
		rsp_bits_put(out, 0x99, update->pprs);
	room_put(out, update->extensions);
	ber_close(out, mark);
}
