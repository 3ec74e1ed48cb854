/* SPDX-License-Identifier: Apache-2.0 */
/* Records as the JSON of docs/admin-api.md. */
#include "server/admin.h"

#include "codec/base64.h"
#include "codec/hex.h"

#include "rsp/metadata.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const states[PROFILE_STATES] = {
	"Available",  "Allocated", "Linked", "Confirmed",   "Released",
	"Downloaded", "Installed", "Error",  "Unavailable",
};

const char *admin_state_name(enum profile_state state)
{
	return states[state];
}

json_t *admin_json_text(struct bytes text)
{
	return text.at == NULL ? json_null() : json_stringn((const char *)text.at, text.len);
}

json_t *admin_json_digits(struct bytes octets)
{
	char text[2 * EID_SIZE];
	struct room room = ROOM(text);

	if (octets.len != EID_SIZE)
		return json_null();
	hex_put_upper(&room, octets);
	return json_stringn(text, room.len);
}

json_t *admin_json_iccid(struct bytes iccid)
{
	char text[2 * ICCID_SIZE];
	struct room room = ROOM(text);

	if (iccid.len != ICCID_SIZE || rsp_iccid_text(iccid.at, &room) != ERR_NONE)
		return json_null();
	return json_stringn(text, room.len);
}

json_t *admin_json_time(uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return json_string(text);
}

struct bytes admin_text(json_t *object, const char *name)
{
	json_t *member = json_object_get(object, name);

	if (!json_is_string(member))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ (const uint8_t *)json_string_value(member),
		               json_string_length(member) };
}

static json_t *activation_code(const struct admin *admin, const struct order *order)
{
	bool code = order->confirmation.len > 0;

	if (order->matching_id.at == NULL || order->state < PROFILE_ALLOCATED)
		return json_null();
	/* SGP.22 4.1: a confirmation code is announced behind an empty OID. */
	return json_sprintf("LPA:1$%s$%.*s%s", admin->config->address, (int)order->matching_id.len,
	                    (const char *)order->matching_id.at, code ? "$$1" : "");
}

static void metadata_add(json_t *object, struct bytes encoded)
{
	static const char *const classes[] = { "test", "provisioning", "operational" };
	struct store_metadata metadata;

	if (store_metadata_read(encoded, &metadata) != ERR_NONE)
		return;
	json_object_set_new(object, "name", admin_json_text(metadata.profile_name));
	json_object_set_new(object, "serviceProvider",
	                    admin_json_text(metadata.service_provider_name));
	if (metadata.profile_class < COUNT(classes))
		json_object_set_new(object, "class", json_string(classes[metadata.profile_class]));
}

json_t *admin_json_order(const struct admin *admin, const struct order *order)
{
	json_t *object = json_pack(
		"{s:o, s:s, s:o, s:o, s:o}", "iccid", admin_json_iccid(BYTES(order->iccid)),
		"state", states[order->state], "operator", admin_json_text(order->operator_name),
		"type", admin_json_text(order->profile_type), "imsi", admin_json_text(order->imsi));
	struct bytes eid = order->eid.len > 0 ? order->eid : order->bound_eid;

	if (object == NULL)
		return json_null();
	metadata_add(object, order->metadata);
	json_object_set_new(object, "matchingId", admin_json_text(order->matching_id));
	json_object_set_new(object, "activationCode", activation_code(admin, order));
	json_object_set_new(object, "eid", admin_json_digits(eid));
	json_object_set_new(object, "confirmationRequired",
	                    json_boolean(order->confirmation.len > 0));
	json_object_set_new(object, "expires",
	                    order->expires_ms == 0 ? json_null()
	                                           : admin_json_time(order->expires_ms));
	json_object_set_new(object, "downloadsLeft", json_integer(order->downloads_left));
	json_object_set_new(object, "confirmationsLeft", json_integer(order->confirmations_left));
	return object;
}
