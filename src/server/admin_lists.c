/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API's other subjects: health, subscriptions, devices. */
#include "server/admin.h"

#include "codec/hex.h"
#include "server/appraiser.h"

#include <stdlib.h>
#include <string.h>

static struct bytes text(const char *chars)
{
	return chars == NULL ? (struct bytes){ NULL, 0 } : bytes_text(chars);
}

enum err admin_health(struct admin *admin, struct http_request *request, const char *rest,
                      json_t *body, struct admin_answer *answer)
{
	uint64_t counts[PROFILE_STATES];

	(void)request;
	(void)rest;
	(void)body;
	TRY(store_counts(admin->loop.store,
	                 counts)); /* the store answers: that is what health is */
	answer->body = json_pack("{s:s, s:s, s:s}", "status", "ok", "version", PROJECT_VERSION,
	                         "address", admin->config->address);
	return ERR_NONE;
}

static json_t *time_or_null(uint64_t ms)
{
	return ms > 0 ? admin_json_time(ms) : json_null();
}

static json_t *subscription_json(const struct store_subscription_row *row)
{
	return json_pack("{s:o, s:o, s:b, s:o, s:I}", "imsi", admin_json_text(row->imsi), "iccid",
	                 admin_json_iccid(row->iccid), "barred", row->barred, "barredSince",
	                 time_or_null(row->barred ? row->barred_ms : 0), "seq",
	                 (json_int_t)row->seq);
}

static json_t *digest_json(struct bytes digest)
{
	char hex[2 * SHA256_SIZE];
	struct room room = ROOM(hex);

	if (digest.len != SHA256_SIZE)
		return json_null();
	hex_put(&room, digest);
	return json_stringn(hex, room.len);
}

static void access_set(json_t *to, enum decision decision, json_t *why, uint64_t since_ms,
                       uint64_t until_ms)
{
	json_object_set_new(to, "access", json_string(decision_text(decision)));
	json_object_set_new(to, "accessWhy", why);
	json_object_set_new(to, "accessSince", time_or_null(since_ms));
	json_object_set_new(to, "accessUntil", time_or_null(until_ms));
}

/* What the AuC would say now: nobody rules about who is barred by hand; else what is ruled of the machine. An appraiser
 * that does not answer leaves its part out: what is in the store is shown all the same. */
static void access_add(struct admin *admin, struct bytes imsi, bool barred, uint64_t barred_ms,
                       json_t *to)
{
	struct appraiser_explained told = { .decision = ADMIT };
	enum err err = appraiser_explain(admin->loop.appraiser, imsi, &told);

	if (err == ERR_NONE) {
		access_set(to, told.decision,
		           told.why.len > 0 ? admin_json_text(told.why) : json_null(),
		           1000 * told.since_s, 1000 * told.until_s);
		json_object_set_new(to, "accessPolicy", admin_json_text(told.policy));
		json_object_set_new(to, "appraised", time_or_null(1000 * told.appraised_s));
		json_object_set_new(to, "result", digest_json(told.result_digest));
	}
	if (barred) {
		access_set(to, REFUSE, json_string("barred by hand"), barred_ms, 0);
		json_object_set_new(to, "accessPolicy", json_null());
	}
	json_object_set_new(to, "barredBy",
	                    barred                                       ? json_string("hand")
	                    : err == ERR_NONE && told.decision == REFUSE ? json_string("state")
	                                                                 : json_null());
}

enum err admin_subscriptions(struct admin *admin, struct http_request *request, const char *rest,
                             json_t *body, struct admin_answer *answer)
{
	uint32_t limit = admin_limit(request), count = 0;
	json_t *rows = json_array(), *next = json_null();
	struct store_subscription_row row;
	struct bytes reply;

	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o}", "subscriptions", rows);
	TRY(store_subscriptions(admin->loop.store, text(http_query(request, "after")), limit,
	                        &reply));
	while (store_subscriptions_next(&reply, &row) == ERR_NONE) {
		json_array_append_new(rows, subscription_json(&row));
		count++;
	}
	if (count == limit)
		next = admin_json_text(row.imsi);
	json_object_set_new(answer->body, "next", next);
	return ERR_NONE;
}

/* One subscription is the list of one that begins just before it. */
static enum err subscription(struct admin *admin, struct bytes imsi, json_t **out)
{
	struct store_subscription_row row;
	char key[IMSI_DIGITS_MAX + 1];
	struct bytes before, reply;

	if (imsi.len == 0 || imsi.len > IMSI_DIGITS_MAX)
		return ERR_VALUE;
	/* In the order of texts, the one before "...5" that no IMSI is: "...4:" (':' follows '9'). */
	memcpy(key, imsi.at, imsi.len);
	key[imsi.len - 1]--;
	key[imsi.len] = ':';
	before = (struct bytes){ (const uint8_t *)key, imsi.len + 1 };
	TRY(store_subscriptions(admin->loop.store, before, 1, &reply));
	TRY(store_subscriptions_next(&reply, &row));
	if (!bytes_same(row.imsi, imsi))
		return ERR_NOT_FOUND;
	*out = subscription_json(&row);
	access_add(admin, imsi, row.barred, row.barred_ms, *out);
	return ERR_NONE;
}

enum err admin_subscription(struct admin *admin, struct http_request *request, const char *rest,
                            json_t *body, struct admin_answer *answer)
{
	(void)request;
	(void)body;
	answer->detail = "no subscription has this IMSI";
	return subscription(admin, text(rest), &answer->body);
}

enum err admin_subscription_set(struct admin *admin, struct http_request *request, const char *rest,
                                json_t *body, struct admin_answer *answer)
{
	json_t *barred = json_object_get(body, "barred");

	answer->detail = "barred";
	if (!json_is_boolean(barred))
		return ERR_VALUE;
	answer->detail = "no subscription has this IMSI";
	TRY(store_subscription_bar(admin->loop.store, text(rest), json_is_true(barred)));
	return admin_subscription(admin, request, rest, body, answer);
}

static json_t *device_json(const struct store_device_row *row)
{
	return json_pack("{s:o, s:o, s:o}", "eid", admin_json_digits(row->eid), "firstSeen",
	                 admin_json_time(row->first_ms), "lastSeen", admin_json_time(row->last_ms));
}

/* What people want to see of a machine in one line: its chip's state, and how it was last found. */
static json_t *device_line(struct admin *admin, const struct store_device_row *row)
{
	json_t *line = device_json(row), *chips = admin_json_chips(admin, row->eid);
	json_t *appraised = admin_json_appraised(admin, row->eid), *best = NULL, *chip;
	size_t i;

	json_array_foreach(chips, i, chip)
	{
		const char *state = json_string_value(json_object_get(chip, "state"));
		if (best == NULL || (state != NULL && strcmp(state, "approved") == 0))
			best = chip;
	}
	json_object_set(line, "chip", best == NULL ? json_null() : json_object_get(best, "state"));
	json_object_set(line, "model", best == NULL ? json_null() : json_object_get(best, "model"));
	json_object_set(line, "decision",
	                json_is_null(appraised) ? appraised : json_object_get(appraised, "decision"));
	json_decref(chips);
	json_decref(appraised);
	return line;
}

enum err admin_devices(struct admin *admin, struct http_request *request, const char *rest,
                       json_t *body, struct admin_answer *answer)
{
	const char *given = http_query(request, "after");
	uint32_t limit = admin_limit(request), count = 0;
	json_t *rows = json_array(), *next = json_null();
	struct bytes after = { NULL, 0 }, reply;
	struct store_device_row row;
	uint8_t eid[EID_SIZE];

	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o}", "devices", rows);
	answer->detail = "after";
	if (given != NULL && *given != '\0') {
		TRY(admin_eid(given, eid));
		after = BYTES(eid);
	}
	TRY(store_devices(admin->loop.store, after, limit, &reply));
	while (store_devices_next(&reply, &row) == ERR_NONE) {
		json_array_append_new(rows, device_line(admin, &row));
		count++;
	}
	if (count == limit)
		next = admin_json_digits(row.eid);
	json_object_set_new(answer->body, "next", next);
	return ERR_NONE;
}

/* profiles_on lists what a card has, or is to have, and the IMSIs of those whose access its machine decides about. */
static enum err profiles_on(struct admin *admin, struct bytes eid, json_t *rows, json_t *imsis)
{
	struct store_list_orders which = { .states = ~(1u << PROFILE_AVAILABLE), .limit = 1000 };
	uint8_t last[ICCID_SIZE];
	struct order order;
	struct bytes reply;
	uint32_t count;

	do {
		count = 0;
		TRY(store_orders(admin->loop.store, &which, &reply));
		while (store_orders_next(&reply, &order) == ERR_NONE) {
			memcpy(last, order.iccid, sizeof last);
			count++;
			struct bytes holder =
				order.bound_eid.len == EID_SIZE ? order.bound_eid : order.eid;
			if (bytes_same(order.eid, eid) || bytes_same(order.bound_eid, eid))
				json_array_append_new(rows, admin_json_order(admin, &order));
			if (bytes_same(holder, eid) && order.imsi.len > 0)
				json_array_append_new(imsis, admin_json_text(order.imsi));
		}
		which.after = BYTES(last);
	} while (count > 0);
	return ERR_NONE;
}

static enum err subscriptions_on(struct admin *admin, const json_t *imsis, json_t *rows)
{
	size_t i;
	json_t *imsi, *row;

	json_array_foreach(imsis, i, imsi)
	{
		enum err err = subscription(admin, text(json_string_value(imsi)), &row);
		if (err != ERR_NONE && err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_NONE)
			json_array_append_new(rows, row);
	}
	return ERR_NONE;
}

/* What is on a card, and what the AuC says of it. */
static enum err holdings(struct admin *admin, struct bytes eid, json_t *to)
{
	json_t *profiles = json_array(), *subscriptions = json_array(), *imsis = json_array();

	json_object_set_new(to, "profiles", profiles);
	json_object_set_new(to, "subscriptions", subscriptions);
	enum err err = profiles_on(admin, eid, profiles, imsis);
	if (err == ERR_NONE)
		err = subscriptions_on(admin, imsis, subscriptions);
	json_decref(imsis);
	return err;
}

enum { CHANGES_MAX = 1000 };

enum err admin_device(struct admin *admin, struct http_request *request, const char *rest,
                      json_t *body, struct admin_answer *answer)
{
	uint8_t eid[EID_SIZE], before[EID_SIZE];
	json_t *changes = json_array();
	struct store_device_row row;
	uint64_t last = 0;
	struct bytes reply;

	(void)request;
	(void)body;
	answer->detail = "eid";
	json_decref(answer->body);
	answer->body = json_pack("{s:o}", "changes", changes);
	TRY(admin_eid(rest, eid));
	memcpy(before, eid, sizeof before);
	for (size_t i = EID_SIZE; i-- > 0 && before[i]-- == 0;)
		; /* one less, as a number */
	json_object_set_new(answer->body, "eid", admin_json_digits(BYTES(eid)));
	json_object_set_new(answer->body, "firstSeen", json_null());
	json_object_set_new(answer->body, "lastSeen", json_null());
	TRY(store_devices(admin->loop.store, BYTES(before), 1, &reply));
	enum err err = store_devices_next(&reply, &row);
	bool seen = err == ERR_NONE && bytes_same(row.eid, BYTES(eid));
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (seen)
		json_object_update_new(answer->body, device_json(&row));
	json_t *chips = admin_json_chips(admin, BYTES(eid));
	json_object_set_new(answer->body, "chips", chips);
	json_object_set_new(answer->body, "appraisal", admin_json_appraised(admin, BYTES(eid)));
	answer->detail = "no card of this EID has been met, and no chip has claimed it";
	/* A machine that enrolled before its card was ever met is known, too. */
	if (!seen && json_array_size(chips) == 0)
		return ERR_NOT_FOUND;
	TRY(admin_events_of(admin, 0, BYTES(eid), CHANGES_MAX, changes, &last));
	return holdings(admin, BYTES(eid), answer->body);
}

enum err admin_reload(struct admin *admin, struct http_request *request, const char *rest,
                      json_t *body, struct admin_answer *answer)
{
	(void)request;
	(void)rest;
	(void)body;
	admin_catalogue(admin);
	answer->status = 202;
	return ERR_NONE;
}
