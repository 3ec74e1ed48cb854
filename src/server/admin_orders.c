/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API's orders: the same functions as ES2+, by the administrator. */
#include "server/admin.h"
#include "server/es2.h"
#include "server/log.h"

#include "rsp/rsp.h"

#include <stdio.h>
#include <time.h>

static const struct es2_caller administrator = { .operator_name = { NULL, 0 }, .admin = true };

/* A refusal of the engine: its subject and reason codes are the detail. */
static enum err refused(enum smdp_status status, struct admin_answer *answer)
{
	answer->detail = smdp_message(status);
	if (status == SMDP_ICCID_UNKNOWN || status == SMDP_TYPE_UNKNOWN)
		return ERR_NOT_FOUND;
	if (status == SMDP_EXECUTION_ERROR)
		return ERR_BUSY;
	if (status == SMDP_FORMAT_INVALID || status == SMDP_ELEMENT_INVALID ||
	    status == SMDP_ELEMENT_MISSING || status == SMDP_MATCHING_ID_INVALID)
		return ERR_VALUE;
	return ERR_ORDER;
}

static enum err number(json_t *body, const char *name, uint32_t *out)
{
	json_t *member = json_object_get(body, name);

	if (member == NULL || json_is_null(member))
		return ERR_NONE;
	if (!json_is_integer(member) || json_integer_value(member) < 1 ||
	    json_integer_value(member) > 1000)
		return ERR_VALUE;
	*out = (uint32_t)json_integer_value(member);
	return ERR_NONE;
}

/* A moment as the API prints it, or the midnight before a day. */
static enum err moment(json_t *body, const char *name, uint64_t *ms)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d" };
	json_t *member = json_object_get(body, name);

	if (member == NULL || json_is_null(member))
		return ERR_NONE;
	for (size_t i = 0; i < COUNT(forms) && json_is_string(member); i++) {
		struct tm utc = { .tm_sec = 0 };
		const char *end = strptime(json_string_value(member), forms[i], &utc);
		time_t seconds = end == NULL || *end != '\0' ? -1 : timegm(&utc);
		if (seconds > 0) {
			*ms = (uint64_t)seconds * 1000;
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}

/* An absent matching id is made up; an empty one leaves the order to the default SM-DP+ use case. */
static enum err terms(json_t *body, struct confirm_order *out, struct admin_answer *answer)
{
	json_t *release = json_object_get(body, "release");

	*out = (struct confirm_order){
		.eid = admin_text(body, "eid"),
		.matching_id = admin_text(body, "matchingId"),
		.confirmation_code = admin_text(body, "confirmationCode"),
		.release = release == NULL || json_is_true(release),
	};
	answer->detail = "downloads";
	TRY(number(body, "downloads", &out->download_attempts));
	answer->detail = "confirmations";
	TRY(number(body, "confirmations", &out->confirmation_attempts));
	answer->detail = "expires";
	return moment(body, "expires", &out->expires_ms);
}

/* What cannot be confirmed must not stay reserved. */
static enum err confirm(struct admin *admin, const struct es2_caller *caller,
                        const struct confirm_order *in, struct admin_answer *answer)
{
	const struct cancel_order cancel = { .iccid = in->iccid,
		                             .final_status = BYTES_STR("Available") };
	struct confirm_order_ok done;
	enum smdp_status status = es2_confirm_order(&admin->ports.smdp, caller, in, &done);

	if (status == SMDP_OK)
		return ERR_NONE;
	if (es2_cancel_order(&admin->ports.smdp, caller, &cancel) != SMDP_OK)
		log_error("an order that could not be confirmed could not be cancelled");
	return refused(status, answer);
}

enum err admin_order(struct admin *admin, json_t *request, uint8_t iccid[static ICCID_SIZE],
                     struct admin_answer *answer)
{
	const struct download_order download = { .eid = admin_text(request, "eid"),
		                                 .iccid = admin_text(request, "iccid"),
		                                 .profile_type = admin_text(request, "type") };
	char digits[2 * ICCID_SIZE];
	struct room room = ROOM(digits);
	struct es2_caller caller = administrator;
	struct confirm_order asked;
	enum smdp_status status;

	TRY(terms(request, &asked, answer));
	answer->detail = "operator";
	TRY(admin_operator(admin, request, &caller.operator_name));
	status = es2_download_order(&admin->ports.smdp, &caller, &download, iccid);
	if (status != SMDP_OK)
		return refused(status, answer);
	TRY(rsp_iccid_text(iccid, &room));
	asked.iccid = room_used(&room);
	return confirm(admin, &caller, &asked, answer);
}

static enum err show(struct admin *admin, struct bytes iccid, struct admin_answer *answer)
{
	struct order order;

	TRY(store_order_find(admin->loop.store, SMDP_BY_ICCID, iccid, &order));
	answer->body = admin_json_order(admin, &order);
	return ERR_NONE;
}

enum err admin_order_new(struct admin *admin, struct http_request *request, const char *rest,
                         json_t *body, struct admin_answer *answer)
{
	uint8_t iccid[ICCID_SIZE];

	(void)request;
	(void)rest;
	TRY(admin_order(admin, body, iccid, answer));
	answer->status = 201;
	return show(admin, BYTES(iccid), answer);
}

static struct bytes digits_of(const char *rest)
{
	size_t len = 0;

	while (rest[len] != '\0')
		len++;
	return (struct bytes){ (const uint8_t *)rest, len };
}

static enum err acted(struct admin *admin, const char *rest, enum smdp_status status,
                      struct admin_answer *answer)
{
	uint8_t iccid[ICCID_SIZE];

	if (status != SMDP_OK)
		return refused(status, answer);
	TRY(admin_iccid(rest, iccid));
	return show(admin, BYTES(iccid), answer);
}

enum err admin_order_release(struct admin *admin, struct http_request *request, const char *rest,
                             json_t *body, struct admin_answer *answer)
{
	(void)request;
	(void)body;
	return acted(admin, rest,
	             es2_release_profile(&admin->ports.smdp, &administrator, digits_of(rest)),
	             answer);
}

enum err admin_order_cancel(struct admin *admin, struct http_request *request, const char *rest,
                            json_t *body, struct admin_answer *answer)
{
	const struct cancel_order cancel = { .iccid = digits_of(rest),
		                             .final_status = admin_text(body, "final") };

	(void)request;
	return acted(admin, rest, es2_cancel_order(&admin->ports.smdp, &administrator, &cancel),
	             answer);
}
