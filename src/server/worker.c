/* SPDX-License-Identifier: Apache-2.0 */
/* A worker: ES9+ for LPAs and ES2+ for operators, HTTP around the engines. It parses what the world
 * sends and holds no key. */
#include "server/child.h"
#include "server/enrol_http.h"
#include "server/es2.h"
#include "server/http_loop.h"
#include "server/log.h"
#include "server/ports.h"
#include "server/sandbox.h"
#include "server/smdp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_ES9_MAX = 2 << 20, REPLY_ES2_MAX = 16 << 10, REPLY_ENROL_MAX = 4 << 10 };

struct worker {
	struct http_loop loop;
	struct ports ports;
	const struct config *config;
};

/* SGP.22 6.2: the version of the protocol that the answer is in. */
static const char admin_protocol[] = "gsma/rsp/v2.5.0";

/* SGP.22 6.2: X-Admin-Protocol: gsma/rsp/v<x.y.z>. Any version is served: the engine says in its own words
 * what it does not understand. */
static bool protocol_known(const char *value)
{
	static const char prefix[] = "gsma/rsp/v";

	return value != NULL && strncmp(value, prefix, sizeof prefix - 1) == 0 &&
	       isdigit((unsigned char)value[sizeof prefix - 1]);
}

/* SGP.22 6.5.1: application/json; a charset may follow, and can only be UTF-8 (RFC 8259 8.1). */
static bool type_is_json(const char *value)
{
	static const char json[] = "application/json";
	const char *rest;

	if (value == NULL || strncasecmp(value, json, sizeof json - 1) != 0)
		return false;
	rest = value + sizeof json - 1;
	rest += strspn(rest, " \t");
	if (*rest == '\0')
		return true;
	if (*rest++ != ';')
		return false;
	rest += strspn(rest, " \t");
	return strcasecmp(rest, "charset=utf-8") == 0 || strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

static bool acceptable(struct http_request *request)
{
	request->admin_protocol = admin_protocol;
	if (strcmp(request->method, "POST") != 0)
		request->status = 405;
	else if (!protocol_known(http_header(request, "X-Admin-Protocol")))
		request->status = 400;
	else if (!type_is_json(http_header(request, "Content-Type")))
		request->status = 415;
	else
		return true;
	return false;
}

static void answered(struct http_request *request, unsigned status, const struct room *reply)
{
	request->status = status;
	if (reply->len == 0)
		return;
	request->content_type = "application/json";
	(void)!http_answer_put(request, room_used(reply)); /* sets 500 itself */
}

static enum err enrol_begin(void *ctx, const struct enrol_begin *begin, struct enrol_challenge *out)
{
	return appraiser_enrol_begin(ctx, begin, out);
}

static enum err enrol_prove(void *ctx, const struct enrol_prove *prove, struct enrol_outcome *out)
{
	return appraiser_enrol_prove(ctx, prove, out);
}

static void serve_enrol(const struct worker *worker, struct http_request *request)
{
	const struct enrol_service service = { worker->loop.appraiser, enrol_begin, enrol_prove };
	uint8_t octets[REPLY_ENROL_MAX];
	struct room reply = ROOM(octets);

	if (strcmp(request->method, "POST") != 0)
		request->status = 405;
	else if (!type_is_json(http_header(request, "Content-Type")))
		request->status = 415;
	else
		answered(request,
		         enrol_answer(&service, bytes_text(request->path), request->body, &reply),
		         &reply);
}

static void serve_es9(void *ctx, struct http_request *request)
{
	struct worker *worker = ctx;
	struct room reply = { NULL, REPLY_ES9_MAX, 0, false };

	if (strncmp(request->path, ENROL_PATH, sizeof ENROL_PATH - 1) == 0) {
		serve_enrol(worker, request);
		return;
	}
	if (!acceptable(request))
		return;
	reply.at = malloc(REPLY_ES9_MAX);
	if (reply.at == NULL)
		return;
	ports_refresh(&worker->ports);
	answered(request,
	         es9_answer(&worker->ports.smdp, bytes_text(request->path), request->body, &reply),
	         &reply);
	free(reply.at);
}

static const struct config_operator *operator_of(const struct config *config, const char *subject)
{
	for (size_t i = 0; i < config->operator_count; i++)
		if (strcmp(config->operators[i].subject, subject) == 0)
			return &config->operators[i];
	return NULL;
}

static void serve_es2(void *ctx, struct http_request *request)
{
	const struct worker *worker = ctx;
	const struct config_operator *operator_name =
		operator_of(worker->config, request->peer_name);
	uint8_t octets[REPLY_ES2_MAX];
	struct room reply = ROOM(octets);
	struct es2_caller caller = { .admin = false };

	if (operator_name == NULL) {
		request->status = 403;
		return;
	}
	if (!acceptable(request))
		return;
	caller.operator_name = bytes_text(operator_name->name);
	answered(request,
	         es2_answer(&worker->ports.smdp, &caller, bytes_text(request->path), request->body,
	                    &reply),
	         &reply);
}

static bool services_start(struct worker *worker, const struct child_start *start)
{
	const struct http_service es9 = {
		.name = "ES9+",
		.serve = serve_es9,
		.ctx = worker,
		.body_max = BODY_MAX,
		.config = start->config,
		.keeper = worker->loop.keeper,
		.tls_key = KEEPER_TLS_ES9,
		.tls = &start->config->es9_tls,
	};
	const struct http_service es2 = {
		.name = "ES2+",
		.serve = serve_es2,
		.ctx = worker,
		.body_max = BODY_MAX,
		.config = start->config,
		.keeper = worker->loop.keeper,
		.tls_key = KEEPER_TLS_ES2,
		.tls = &start->config->es2_tls,
	};

	return http_loop_add(&worker->loop, &es9, start->listeners->es9,
	                     start->listeners->es9_count) &&
	       http_loop_add(&worker->loop, &es2, start->listeners->es2,
	                     start->listeners->es2_count);
}

int worker_process(const struct child_start *start)
{
	static struct worker worker;

	worker.config = start->config;
	if (!sandbox_user(start->config) || !http_loop_begin(&worker.loop, start->control))
		return worker.loop.links.closed ? 0 : 1;
	if (ports_begin(&worker.ports, start->config, worker.loop.store, worker.loop.keeper, worker.loop.appraiser) !=
	            ERR_NONE ||
	    !services_start(&worker, start) || !sandbox_enter(start->config, SANDBOX_HTTP))
		return CHILD_CANNOT_START;
	child_ready(start);
	http_loop_run(&worker.loop);
	return 0;
}
