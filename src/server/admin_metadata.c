/* SPDX-License-Identifier: Apache-2.0 */
#include "server/admin_metadata.h"

#include "server/admin.h"

#include "codec/base64.h"
#include "codec/hex.h"

#include "rsp/metadata.h"

#include <string.h>

enum { NOTIFICATIONS_MAX = 1024, GID_MAX = 16 };

/* What the encoded pieces of a metadata live in until it is written. */
struct parts {
	uint8_t icon[ICON_MAX], notifications[NOTIFICATIONS_MAX], mcc_mnc[3], gid1[GID_MAX],
		gid2[GID_MAX];
	struct room icon_room, notification_room, mcc_mnc_room, gid1_room, gid2_room;
};

struct word {
	const char *text;
	uint32_t bit;
};

static const struct word rules[] = {
	{ "disable-not-allowed", PPR1_NO_DISABLE },
	{ "delete-not-allowed", PPR2_NO_DELETE },
	{ "delete-on-disable", PPR3_DELETE_ON_DISABLE },
};

static const struct word events[] = {
	{ "install", NOTIFY_INSTALL }, { "enable", NOTIFY_ENABLE },
	{ "disable", NOTIFY_DISABLE }, { "delete", NOTIFY_DELETE },
};

/* words_read takes an array of words as a mask. */
static enum err words_read(json_t *array, const struct word *words, size_t count, uint32_t *mask)
{
	uint32_t read = 0;

	if (!json_is_array(array))
		return ERR_VALUE;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		uint32_t bit = 0;
		for (size_t k = 0; k < count && text != NULL; k++)
			if (strcmp(text, words[k].text) == 0)
				bit = words[k].bit;
		if (bit == 0)
			return ERR_VALUE;
		read |= bit;
	}
	*mask = read;
	return ERR_NONE;
}

static enum err class_read(json_t *from, struct store_metadata *out)
{
	static const char *const classes[] = { "test", "provisioning", "operational" };
	struct bytes text = admin_text(from, "class");

	out->profile_class = CLASS_OPERATIONAL;
	if (text.at == NULL)
		return ERR_NONE;
	for (uint8_t i = 0; i < COUNT(classes); i++)
		if (strcmp((const char *)text.at, classes[i]) == 0) {
			out->profile_class = i;
			return ERR_NONE;
		}
	return ERR_VALUE;
}

static enum err icon_read(json_t *from, struct parts *parts, struct store_metadata *out)
{
	struct bytes icon = admin_text(from, "icon"), type = admin_text(from, "iconType");

	out->icon_type = ICON_NONE;
	if (icon.at == NULL)
		return ERR_NONE;
	if (type.at == NULL)
		return ERR_VALUE;
	out->icon_type = strcmp((const char *)type.at, "png") == 0 ? ICON_PNG :
			 strcmp((const char *)type.at, "jpg") == 0 ? ICON_JPG : ICON_NONE;
	if (out->icon_type == ICON_NONE)
		return ERR_VALUE;
	TRY(base64_read(icon, &parts->icon_room));
	out->icon = room_used(&parts->icon_room);
	return ERR_NONE;
}

static enum err notifications_read(json_t *from, struct parts *parts, struct store_metadata *out)
{
	json_t *array = json_object_get(from, "notifications");

	if (array == NULL || json_is_null(array))
		return ERR_NONE;
	if (!json_is_array(array))
		return ERR_VALUE;
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *one = json_array_get(array, i);
		struct notification_configuration configuration = { .address = admin_text(one, "address") };
		TRY(words_read(json_object_get(one, "events"), events, COUNT(events),
		               &configuration.events));
		if (configuration.address.len == 0)
			return ERR_VALUE;
		notification_configuration_put(&parts->notification_room, &configuration);
	}
	out->notifications = room_used(&parts->notification_room);
	return parts->notification_room.full ? ERR_LIMIT : ERR_NONE;
}

static enum err gid_read(json_t *owner, const char *name, struct room *room, struct bytes *out)
{
	struct bytes text = admin_text(owner, name);

	if (text.at == NULL)
		return ERR_NONE;
	TRY(hex_read(text, room));
	*out = room_used(room);
	return ERR_NONE;
}

static enum err owner_read(json_t *from, struct parts *parts, struct store_metadata *out)
{
	json_t *owner = json_object_get(from, "owner");
	struct bytes digits = admin_text(owner, "mccMnc"), mcc;

	if (owner == NULL || json_is_null(owner))
		return ERR_NONE;
	if (digits.len < 5 || digits.len > 6 || !bytes_take(&digits, 3, &mcc))
		return ERR_VALUE;
	TRY(mcc_mnc_put(&parts->mcc_mnc_room, mcc, digits));
	out->has_owner = true;
	out->owner.mcc_mnc = room_used(&parts->mcc_mnc_room);
	TRY(gid_read(owner, "gid1", &parts->gid1_room, &out->owner.gid1));
	return gid_read(owner, "gid2", &parts->gid2_room, &out->owner.gid2);
}

static enum err rules_read(json_t *from, struct store_metadata *out)
{
	json_t *array = json_object_get(from, "policyRules");

	if (array == NULL || json_is_null(array) || json_array_size(array) == 0)
		return ERR_NONE;
	TRY(words_read(array, rules, COUNT(rules), &out->pprs));
	out->has_pprs = true;
	return ERR_NONE;
}

static struct bytes otherwise(struct bytes a, struct bytes b, struct bytes c)
{
	return a.len > 0 ? a : b.len > 0 ? b : c;
}

enum err metadata_from_json(const struct keeper_sealed *sealed, json_t *from, struct room *out,
                            const char **detail)
{
	typedef enum err part_fn(json_t *from, struct parts *parts, struct store_metadata *out);
	static const struct {
		const char *name;
		part_fn *read;
	} members[] = {
		{ "icon", icon_read }, { "notifications", notifications_read }, { "owner", owner_read },
	};
	struct parts parts;
	struct store_metadata metadata = { .iccid = BYTES(sealed->iccid) };

	parts.icon_room = ROOM(parts.icon);
	parts.notification_room = ROOM(parts.notifications);
	parts.mcc_mnc_room = ROOM(parts.mcc_mnc);
	parts.gid1_room = ROOM(parts.gid1);
	parts.gid2_room = ROOM(parts.gid2);
	metadata.service_provider_name =
		otherwise(admin_text(from, "serviceProvider"), sealed->spn, BYTES_STR("Assay"));
	metadata.profile_name = otherwise(admin_text(from, "profileName"), sealed->type, sealed->imsi);
	for (size_t i = 0; i < COUNT(members); i++) {
		*detail = members[i].name;
		TRY(members[i].read(from, &parts, &metadata));
	}
	*detail = "class";
	TRY(class_read(from, &metadata));
	*detail = "policyRules";
	TRY(rules_read(from, &metadata));
	*detail = "metadata";
	if (metadata.service_provider_name.len > SERVICE_PROVIDER_NAME_MAX)
		metadata.service_provider_name.len = SERVICE_PROVIDER_NAME_MAX;
	if (metadata.profile_name.len > PROFILE_NAME_MAX)
		metadata.profile_name.len = PROFILE_NAME_MAX;
	store_metadata_put(out, &metadata);
	return out->full ? ERR_LIMIT : ERR_NONE;
}
