/* SPDX-License-Identifier: Apache-2.0 */
#include "server/admin.h"

#include "server/log.h"

#include <stdlib.h>
#include <string.h>

/* The routes. A path that ends in '/' takes what follows as its argument; `tail` is what must end it. */
static const struct {
	const char *method, *path, *tail;
	admin_fn *run;
	bool body;
} routes[] = {
	{ "GET", "/v1/health", "", admin_health, false },
	{ "GET", "/metrics", "", admin_metrics, false },
	{ "GET", "/v1/profiles", "", admin_profiles, false },
	{ "POST", "/v1/profiles", "", admin_profile_import, true },
	{ "POST", "/v1/profiles/generate", "", admin_profile_generate, true },
	{ "GET", "/v1/profiles/", "", admin_profile, false },
	{ "DELETE", "/v1/profiles/", "", admin_profile_delete, false },
	{ "GET", "/v1/orders", "", admin_orders, false },
	{ "POST", "/v1/orders", "", admin_order_new, true },
	{ "GET", "/v1/orders/", "", admin_profile, false },
	{ "POST", "/v1/orders/", "/release", admin_order_release, false },
	{ "POST", "/v1/orders/", "/cancel", admin_order_cancel, true },
	{ "GET", "/v1/subscriptions", "", admin_subscriptions, false },
	{ "GET", "/v1/subscriptions/", "", admin_subscription, false },
	{ "POST", "/v1/subscriptions/", "", admin_subscription_set, true },
	{ "GET", "/v1/devices", "", admin_devices, false },
	{ "GET", "/v1/devices/", "", admin_device, false },
	{ "GET", "/v1/verifier", "", admin_items, false },
	{ "GET", "/v1/verifier/results/", "", admin_result, false },
	{ "POST", "/v1/verifier", "", admin_item_set, true },
	{ "POST", "/v1/verifier/remove", "", admin_item_remove, true },
	{ "POST", "/v1/verifier/revoke", "", admin_firmware_revoke, true },
	{ "POST", "/v1/verifier/try", "", admin_policy_try, true },
	{ "GET", "/v1/chips", "", admin_chips, false },
	{ "POST", "/v1/chips", "", admin_chip_add, true },
	{ "POST", "/v1/chips/", "/approve", admin_chip_approve, true },
	{ "POST", "/v1/chips/", "/revoke", admin_chip_revoke, true },
	{ "POST", "/v1/manifests", "", admin_manifest, true },
	{ "GET", "/v1/events", "", admin_events, false },
	{ "GET", "/v1/audit", "", admin_audit, false },
	{ "GET", "/v1/audit/heads", "", admin_audit_heads, false },
	{ "POST", "/v1/audit/head", "", admin_audit_head, false },
	{ "GET", "/v1/audit/proof", "", admin_audit_proof, false },
	{ "POST", "/v1/reload", "", admin_reload, false },
};

enum { REST_MAX = 64 };

/* route_matches leaves in `rest` what the path has between the route's path and tail. */
static bool route_matches(size_t i, const struct http_request *request, char rest[static REST_MAX])
{
	size_t head = strlen(routes[i].path), tail = strlen(routes[i].tail);
	size_t len = strlen(request->path);
	bool takes = routes[i].path[head - 1] == '/';

	if (strcmp(routes[i].method, request->method) != 0 || len < head + tail ||
	    strncmp(request->path, routes[i].path, head) != 0 ||
	    strcmp(request->path + len - tail, routes[i].tail) != 0)
		return false;
	len -= head + tail;
	if (takes ? len == 0 || len >= REST_MAX : len != 0)
		return false;
	memcpy(rest, request->path + head, len);
	rest[len] = '\0';
	return strchr(rest, '/') == NULL;
}

static unsigned status_of(enum err err)
{
	switch ((int)err) { /* int: the causes not named are one case */
	case ERR_NOT_FOUND:
		return 404;
	case ERR_EXISTS:
	case ERR_ORDER:
		return 409;
	case ERR_ROOM:
	case ERR_LIMIT:
		return 413;
	case ERR_BUSY:
	case ERR_TIMEOUT:
		return 503;
	case ERR_IO:
	case ERR_CRYPTO:
	case ERR_CORRUPT:
	case ERR_FULL:
		return 500;
	case ERR_UNSUPPORTED:
		return 501;
	default:
		return 400;
	}
}

static void reply(struct http_request *request, unsigned status, json_t *body)
{
	char *text;

	request->status = status;
	if (body == NULL)
		return;
	request->content_type = json_is_string(body) ? "text/plain; version=0.0.4" : "application/json";
	if (json_is_string(body)) {
		(void)!http_answer_put(request, (struct bytes){ (const uint8_t *)json_string_value(body),
		                                                json_string_length(body) });
		return;
	}
	text = json_dumps(body, JSON_COMPACT);
	if (text == NULL || !http_answer_put(request, bytes_text(text)))
		request->status = 500;
	free(text);
}

static void reply_error(struct http_request *request, unsigned status, enum err err,
                        const char *detail)
{
	json_t *body = json_pack("{s:{s:s, s:s, s:s*}}", "error", "name", err_name(err), "text",
	                         err_text(err), "detail", detail);

	reply(request, status, body);
	json_decref(body);
}

static void run(struct admin *admin, size_t i, const char *rest, struct http_request *request)
{
	struct admin_answer answer = { 200, NULL, NULL };
	json_t *body = NULL;
	enum err err;

	if (routes[i].body) {
		body = json_loadb((const char *)request->body.at, request->body.len, JSON_REJECT_DUPLICATES,
		                  NULL);
		if (!json_is_object(body)) {
			json_decref(body);
			reply_error(request, 400, ERR_VALUE, "body");
			return;
		}
	}
	err = routes[i].run(admin, request, rest, body, &answer);
	if (err == ERR_NONE)
		reply(request, answer.status, answer.body);
	else
		reply_error(request, answer.status >= 400 ? answer.status : status_of(err), err,
		            answer.detail);
	json_decref(answer.body);
	json_decref(body);
}

void admin_serve(void *ctx, struct http_request *request)
{
	bool path_known = false;
	char rest[REST_MAX];

	for (size_t i = 0; i < COUNT(routes); i++)
		if (route_matches(i, request, rest)) {
			run(ctx, i, rest, request);
			return;
		}
	for (size_t i = 0; i < COUNT(routes); i++)
		path_known = path_known || strcmp(routes[i].path, request->path) == 0;
	reply_error(request, path_known ? 405 : 404, ERR_NOT_FOUND, "path");
}
