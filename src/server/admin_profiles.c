/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API's profiles: lists, import, generation, deletion. */
#include "server/admin.h"
#include "server/admin_metadata.h"
#include "server/seal.h"

#include "codec/base64.h"
#include "codec/hex.h"

#include "rsp/rsp.h"

#include <stdlib.h>
#include <string.h>

static struct bytes text(const char *chars)
{
	return chars == NULL ? (struct bytes){ NULL, 0 } : bytes_text(chars);
}

enum err admin_iccid(const char *digits, uint8_t iccid[static ICCID_SIZE])
{
	return rsp_iccid_read(text(digits), iccid);
}

enum err admin_eid(const char *digits, uint8_t eid[static EID_SIZE])
{
	return rsp_eid_read(text(digits), eid);
}

uint32_t admin_limit(const struct http_request *request)
{
	const char *given = http_query(request, "limit");
	unsigned long limit = given == NULL ? 100 : strtoul(given, NULL, 10);

	return limit < 1 ? 1 : limit > 1000 ? 1000 : (uint32_t)limit;
}

/* states_asked gives ?state= as a mask of those in `among`; ERR_VALUE when there is no such state. */
static enum err states_asked(const struct http_request *request, uint32_t among, uint32_t *out)
{
	const char *given = http_query(request, "state");

	*out = among;
	if (given == NULL || *given == '\0')
		return ERR_NONE;
	for (uint32_t i = 0; i < PROFILE_STATES; i++) {
		if (strcasecmp(given, admin_state_name((enum profile_state)i)) == 0) {
			*out = among & 1u << i;
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}

static enum err list(struct admin *admin, struct http_request *request, const char *name,
                     uint32_t among, struct admin_answer *answer)
{
	const char *after = http_query(request, "after");
	struct store_list_orders which = { .operator_name = text(http_query(request, "operator")),
		                           .type = text(http_query(request, "type")),
		                           .limit = admin_limit(request) };
	json_t *rows = json_array(), *next = json_null();
	uint8_t from[ICCID_SIZE];
	struct order order;
	struct bytes reply;
	uint32_t count = 0;

	answer->body = json_pack("{s:o}", name, rows);
	answer->detail = "state";
	TRY(states_asked(request, among, &which.states));
	answer->detail = "after";
	if (after != NULL && *after != '\0') {
		TRY(admin_iccid(after, from));
		which.after = BYTES(from);
	}
	answer->detail = NULL;
	TRY(store_orders(admin->loop.store, &which, &reply));
	while (store_orders_next(&reply, &order) == ERR_NONE) {
		json_array_append_new(rows, admin_json_order(admin, &order));
		count++;
	}
	if (count == which.limit)
		next = admin_json_iccid(BYTES(order.iccid));
	json_object_set_new(answer->body, "next", next);
	return ERR_NONE;
}

enum err admin_profiles(struct admin *admin, struct http_request *request, const char *rest,
                        json_t *body, struct admin_answer *answer)
{
	(void)rest;
	(void)body;
	return list(admin, request, "profiles", ~0u, answer);
}

enum err admin_orders(struct admin *admin, struct http_request *request, const char *rest,
                      json_t *body, struct admin_answer *answer)
{
	(void)rest;
	(void)body;
	return list(admin, request, "orders", ~(1u << PROFILE_AVAILABLE), answer);
}

enum err admin_profile(struct admin *admin, struct http_request *request, const char *rest,
                       json_t *body, struct admin_answer *answer)
{
	uint8_t iccid[ICCID_SIZE];
	struct order order;

	(void)request;
	(void)body;
	answer->detail = "iccid";
	TRY(admin_iccid(rest, iccid));
	answer->detail = "no profile has this ICCID";
	TRY(store_order_find(admin->loop.store, SMDP_BY_ICCID, BYTES(iccid), &order));
	answer->body = admin_json_order(admin, &order);
	return ERR_NONE;
}

enum err admin_profile_delete(struct admin *admin, struct http_request *request, const char *rest,
                              json_t *body, struct admin_answer *answer)
{
	uint8_t iccid[ICCID_SIZE];

	(void)request;
	(void)body;
	answer->detail = "iccid";
	TRY(admin_iccid(rest, iccid));
	enum err err = store_profile_delete(admin->loop.store, iccid);
	answer->detail = err == ERR_NOT_FOUND ? "no profile has this ICCID"
	                 : err == ERR_ORDER   ? "it has been ordered, and may be on a card"
	                                      : "iccid";
	TRY(err);
	answer->status = 204;
	return ERR_NONE;
}

static bool operator_known(const struct admin *admin, struct bytes name)
{
	for (size_t i = 0; i < admin->config->operator_count; i++)
		if (bytes_same(name, text(admin->config->operators[i].name)))
			return true;
	return false;
}

enum err admin_operator(const struct admin *admin, json_t *request, struct bytes *out)
{
	struct bytes name = admin_text(request, "operator");

	if (name.len == 0)
		name = admin->config->operator_count == 0 ? BYTES_STR("operator")
		                                          : text(admin->config->operators[0].name);
	else if (!operator_known(admin, name))
		return ERR_NOT_FOUND;
	*out = name;
	return ERR_NONE;
}

/* "protectionKeys": "random", or 48 octets in hex: initial MAC chaining value, PPK-ENC, PPK-CMAC. */
static enum err protect(struct admin *admin, const uint8_t iccid[static ICCID_SIZE],
                        json_t *request, struct room *sealed)
{
	uint8_t octets[KEEPER_PPK_SIZE];
	struct room keys = ROOM(octets);
	struct bytes given = admin_text(request, "protectionKeys");
	enum err err = ERR_NONE;

	if (given.at == NULL)
		return ERR_NONE;
	if (!bytes_same(given, BYTES_STR("random")))
		err = given.len == 2 * KEEPER_PPK_SIZE ? hex_read(given, &keys) : ERR_LENGTH;
	if (err == ERR_NONE)
		err = keeper_protect(admin->loop.keeper, iccid, room_used(&keys), sealed);
	wipe(octets, sizeof octets);
	return err;
}

/* What the keeper has answered is put into the store's message before anything waits. */
enum err admin_add(struct admin *admin, const struct keeper_sealed *sealed, json_t *request,
                   struct admin_answer *answer)
{
	uint8_t metadata_octets[METADATA_MAX];
	struct room metadata = ROOM(metadata_octets);
	uint8_t ppk_octets[KEEPER_PPK_SIZE + SEAL_EXTRA];
	struct room ppk = ROOM(ppk_octets);
	struct order order = { .state = PROFILE_AVAILABLE, .imsi = sealed->imsi };
	struct subscription subscription = { .imsi = sealed->imsi, .sealed = sealed->subscriber };
	bool subscribes = sealed->subscriber.len > 0 && sealed->imsi.len > 0;

	answer->detail = "operator";
	TRY(admin_operator(admin, request, &order.operator_name));
	TRY(metadata_from_json(sealed, json_object_get(request, "metadata"), &metadata,
	                       &answer->detail));
	order.profile_type = admin_text(request, "type");
	if (order.profile_type.at == NULL)
		order.profile_type = sealed->type;
	order.metadata = room_used(&metadata);
	order.downloads_left = admin->config->download_attempts;
	order.confirmations_left = admin->config->confirmation_attempts;
	memcpy(order.iccid, sealed->iccid, ICCID_SIZE);
	memcpy(subscription.iccid, sealed->iccid, ICCID_SIZE);
	answer->detail = "protectionKeys";
	TRY(protect(admin, sealed->iccid, request, &ppk));
	order.sealed_ppk = room_used(&ppk);
	answer->detail = "iccid";
	return store_profile_add(admin->loop.store, &order, sealed->package,
	                         subscribes ? &subscription : NULL);
}

static enum err added(struct admin *admin, const struct keeper_sealed *sealed, json_t *request,
                      struct admin_answer *answer)
{
	uint8_t iccid[ICCID_SIZE];
	struct order order;

	memcpy(iccid, sealed->iccid, sizeof iccid); /* the view may not outlive a wait */
	TRY(admin_add(admin, sealed, request, answer));
	TRY(store_order_find(admin->loop.store, SMDP_BY_ICCID, BYTES(iccid), &order));
	answer->status = 201;
	answer->body = admin_json_order(admin, &order);
	return ERR_NONE;
}

enum err admin_profile_import(struct admin *admin, struct http_request *request, const char *rest,
                              json_t *body, struct admin_answer *answer)
{
	struct bytes encoded = admin_text(body, "package");
	struct room package = { NULL, 0, 0, false };
	struct keeper_sealed sealed;
	enum err err;

	(void)request;
	(void)rest;
	answer->detail = "package";
	if (encoded.len == 0)
		return ERR_VALUE;
	package.cap = encoded.len;
	package.at = malloc(package.cap);
	if (package.at == NULL)
		return ERR_FULL;
	err = base64_read(encoded, &package);
	if (err == ERR_NONE)
		err = keeper_import(admin->loop.keeper, room_used(&package), &sealed);
	wipe(package.at, package.len);
	free(package.at);
	TRY(err);
	return added(admin, &sealed, body, answer);
}

enum err admin_profile_generate(struct admin *admin, struct http_request *request, const char *rest,
                                json_t *body, struct admin_answer *answer)
{
	struct bytes description = admin_text(body, "description");
	struct keeper_sealed sealed;

	(void)request;
	(void)rest;
	answer->detail = "description";
	if (description.len == 0)
		return ERR_VALUE;
	TRY(keeper_generate(admin->loop.keeper, description, &sealed));
	return added(admin, &sealed, body, answer);
}
