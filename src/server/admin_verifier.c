/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API about what the verifier goes by: policies, reference values, roots. What is put in force has
 * been read by the appraiser first, so that a slip of the pen is told to who made it. */
#include "server/admin.h"

#include "codec/base64.h"
#include "codec/hex.h"
#include "server/store_chips.h"

#include <stdio.h>
#include <stdlib.h>

enum { DETAIL_MAX = 192 };

static const char *const kinds[ITEM_KINDS] = {
	[ITEM_POLICY] = "policy",   [ITEM_REFERENCE] = "reference", [ITEM_CORIM] = "corim",
	[ITEM_ROOT] = "root",       [ITEM_TEST_ROOT] = "test-root", [ITEM_SUPPLIER] = "supplier",
	[ITEM_REVOKED] = "revoked",
};

/* The octets of a member in Base64; the caller frees them. */
static enum err member_octets(json_t *body, const char *name, struct room *out)
{
	struct bytes text = admin_text(body, name);

	if (text.at == NULL || text.len == 0)
		return ERR_NOT_FOUND;
	*out = (struct room){ malloc(text.len), text.len, 0, false };
	if (out->at == NULL)
		return ERR_FULL;
	enum err err = base64_read(text, out);
	if (err != ERR_NONE)
		free(out->at);
	return err;
}

static enum err member_kind(json_t *body, enum item_kind *out)
{
	struct bytes text = admin_text(body, "kind");

	for (int i = 0; i < ITEM_KINDS; i++) {
		if (bytes_same(text, bytes_text(kinds[i]))) {
			*out = (enum item_kind)i;
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}

/* What is wrong, or where: "line 7". Kept for the answer. */
static void tell_fault(const struct appraiser_checked *checked, struct admin_answer *answer)
{
	static char detail[DETAIL_MAX];

	if (checked->says.len > 0)
		snprintf(detail, sizeof detail, "%.*s", (int)checked->says.len,
		         (const char *)checked->says.at);
	else
		snprintf(detail, sizeof detail, "line %u", checked->line);
	answer->detail = checked->says.len == 0 && checked->line == 0 ? "body" : detail;
}

static json_t *item_json(const struct item *item)
{
	uint8_t digest[SHA256_SIZE], hex_octets[2 * SHA256_SIZE];
	struct room hex = ROOM(hex_octets);
	char name[256];

	if (crypto_sha256(digest, &item->body, 1) != ERR_NONE)
		return json_null();
	hex_put(&hex, BYTES(digest));
	snprintf(name, sizeof name, "%.*s", (int)(item->name.len < 255 ? item->name.len : 255),
	         item->name.len > 0 ? (const char *)item->name.at : "");
	for (size_t i = 0; item->kind == ITEM_REVOKED && i < item->name.len && i < 255; i++)
		name[i] = item->name.at[i] == '\0' ? ' ' : (char)item->name.at[i];
	return json_pack("{s:s, s:s, s:I, s:o}", "kind", kinds[item->kind], "name", name, "size",
	                 (json_int_t)item->body.len, "sha256", admin_json_text(room_used(&hex)));
}

enum err admin_items(struct admin *admin, struct http_request *request, const char *rest,
                     json_t *body, struct admin_answer *answer)
{
	enum { AT_ONCE = 100 };
	json_t *rows = json_array();
	struct item item, last;
	const struct item *after = NULL;
	struct bytes reply;
	bool more;

	(void)request;
	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o, s:n}", "items", rows, "next");
	do {
		TRY(store_items(admin->loop.store, after, AT_ONCE, &reply));
		more = false;
		while (store_items_next(&reply, &item) == ERR_NONE) {
			json_array_append_new(rows, item_json(&item));
			last = item;
			after = &last;
			more = true;
		}
	} while (more);
	return ERR_NONE;
}

static enum err item_put(struct admin *admin, struct item *item, struct admin_answer *answer)
{
	struct appraiser_checked checked;

	answer->detail = "appraiser";
	TRY(appraiser_check(admin->loop.appraiser, item, &checked));
	tell_fault(&checked, answer);
	if (checked.why == ERR_SIGNATURE)
		answer->status = 403;
	TRY(checked.why);
	if (item->name.len == 0 && (item->kind == ITEM_REFERENCE || item->kind == ITEM_CORIM))
		item->name = checked.name;
	answer->detail = "name";
	if (item->name.len == 0 && item->kind != ITEM_POLICY)
		return ERR_NOT_FOUND;
	answer->detail = NULL;
	TRY(store_item_set(admin->loop.store, item));
	answer->status = 201;
	answer->body = item_json(item);
	return ERR_NONE;
}

/* A policy is for an operator that is configured, or for all. */
static enum err operator_known(const struct admin *admin, struct bytes name)
{
	for (size_t i = 0; i < admin->config->operator_count; i++) {
		const char *known = admin->config->operators[i].name;
		if (bytes_same(name, bytes_text(known)))
			return ERR_NONE;
	}
	return name.len == 0 ? ERR_NONE : ERR_NOT_FOUND;
}

enum err admin_item_set(struct admin *admin, struct http_request *request, const char *rest,
                        json_t *body, struct admin_answer *answer)
{
	struct item item = { .name = admin_text(body, "name") };
	struct room octets;

	(void)request;
	(void)rest;
	answer->detail = "kinds are policy, reference, corim, root, test-root, supplier";
	TRY(member_kind(body, &item.kind));
	if (item.kind == ITEM_REVOKED)
		return ERR_VALUE;
	answer->detail = "operator";
	if (item.kind == ITEM_POLICY)
		TRY(operator_known(admin, item.name));
	answer->detail = "body";
	TRY(member_octets(body, "body", &octets));
	item.body = room_used(&octets);
	enum err err = item.body.len == 0 ? ERR_LENGTH : item_put(admin, &item, answer);
	free(octets.at);
	return err;
}

enum err admin_item_remove(struct admin *admin, struct http_request *request, const char *rest,
                           json_t *body, struct admin_answer *answer)
{
	struct item item = { .name = admin_text(body, "name") };

	(void)request;
	(void)rest;
	answer->detail = "kinds are policy, reference, corim, root, test-root, supplier";
	TRY(member_kind(body, &item.kind));
	answer->detail = "nothing of that kind and name is in force";
	TRY(store_item_set(admin->loop.store, &item));
	answer->body = json_object();
	return ERR_NONE;
}

enum err admin_firmware_revoke(struct admin *admin, struct http_request *request, const char *rest,
                               json_t *body, struct admin_answer *answer)
{
	struct bytes model = admin_text(body, "model"), firmware = admin_text(body, "firmware");
	bool undo = json_is_false(json_object_get(body, "revoked"));
	uint8_t name_octets[160];
	struct room name = ROOM(name_octets);

	(void)request;
	(void)rest;
	answer->detail = "model, firmware";
	if (model.len == 0 || firmware.len == 0)
		return ERR_NOT_FOUND;
	room_put(&name, model);
	room_put_u8(&name, 0);
	room_put(&name, firmware);
	if (name.full)
		return ERR_LIMIT;
	const struct item item = { ITEM_REVOKED, room_used(&name),
		                   undo ? BYTES_STR("") : BYTES_STR("revoked") };
	if (undo) {
		answer->detail = "it is not revoked";
		TRY(store_item_set(admin->loop.store, &item));
		answer->body = item_json(&item);
		return ERR_NONE;
	}
	struct item revoked = item;
	return item_put(admin, &revoked, answer);
}

static json_t *tried_json(const struct appraiser_tried *tried)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:o}", "eid", admin_json_digits(tried->eid),
	                 "purpose", purpose_text(tried->purpose), "now", decision_text(tried->now),
	                 "then", decision_text(tried->then), "why", admin_json_text(tried->why));
}

enum err admin_policy_try(struct admin *admin, struct http_request *request, const char *rest,
                          json_t *body, struct admin_answer *answer)
{
	struct bytes operator_name = admin_text(body, "operator"), rows;
	struct appraiser_checked checked;
	struct appraiser_tried tried;
	json_int_t counts[DECISIONS] = { 0 };
	json_t *list = json_array();
	struct room octets;

	(void)request;
	(void)rest;
	answer->body = json_pack("{s:o}", "cards", list);
	answer->detail = "operator";
	TRY(operator_known(admin, operator_name));
	answer->detail = "body";
	TRY(member_octets(body, "body", &octets));
	enum err err = appraiser_try(admin->loop.appraiser, operator_name, room_used(&octets),
	                             &checked, &rows);
	free(octets.at);
	TRY(err);
	tell_fault(&checked, answer);
	TRY(checked.why);
	while (appraiser_try_next(&rows, &tried) == ERR_NONE) {
		counts[tried.then]++;
		json_array_append_new(list, tried_json(&tried));
	}
	for (int i = 0; i < DECISIONS; i++)
		json_object_set_new(answer->body, decision_text((enum decision)i),
		                    json_integer(counts[i]));
	return ERR_NONE;
}
