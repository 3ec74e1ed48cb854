/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http.h"

#include "server/http_tls.h"
#include "server/keyfile.h"
#include "server/log.h"
#include "server/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <microhttpd.h>

enum { PEER_NAME_SIZE = 256, MEMORY_PER_CONNECTION = 64 << 10, INACTIVE_SECONDS = 120 };

/* One connection: when it will be cut, whatever it does until then. 0: not now. */
struct connection {
	struct connection *next, **link;
	int fd;
	int64_t deadline_ms;
	char peer_name[PEER_NAME_SIZE];
	bool peer_known;
};

enum phase { PHASE_BODY, PHASE_RUNNING, PHASE_WAITING, PHASE_DONE };

struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	enum phase phase;
	struct buffer body;
	struct http_request request;
	char *path;
};

struct http {
	struct http_service service;
	struct MHD_Daemon *daemon;
	struct connection *connections;
	size_t exchanges;
	struct buffer trust;
	bool quiet;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct connection *connection_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

static void deadline_set(struct MHD_Connection *connection, uint32_t after_ms)
{
	struct connection *of = connection_of(connection);

	if (of != NULL)
		of->deadline_ms = after_ms == 0 ? 0 : now_ms() + after_ms;
}

static void notify_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
                              enum MHD_ConnectionNotificationCode code)
{
	struct http *http = ctx;
	const union MHD_ConnectionInfo *info;
	struct connection *of = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (of == NULL)
			return;
		*of->link = of->next;
		if (of->next != NULL)
			of->next->link = of->link;
		free(of);
		return;
	}
	of = calloc(1, sizeof *of);
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (of == NULL || info == NULL) {
		free(of);
		return;
	}
	of->fd = info->connect_fd;
	of->deadline_ms = now_ms() + http->service.config->deadlines.handshake_ms;
	of->next = http->connections;
	of->link = &http->connections;
	if (of->next != NULL)
		of->next->link = &of->next;
	http->connections = of;
	*socket_context = of;
}

static void notify_completed(void *ctx, struct MHD_Connection *connection, void **request_context,
                             enum MHD_RequestTerminationCode code)
{
	struct http *http = ctx;
	struct exchange *exchange = *request_context;

	(void)code;
	deadline_set(connection, http->service.config->deadlines.header_ms);
	if (exchange == NULL)
		return;
	buffer_free(&exchange->body);
	buffer_free(&exchange->request.answer);
	free(exchange->path);
	free(exchange);
	*request_context = NULL;
	http->exchanges--;
}

/* --- answers ---------------------------------------------------------------------------------- */

static enum MHD_Result answer_plain(struct MHD_Connection *connection, unsigned status, bool close)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	if (close)
		(void)!MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static bool header_add(struct MHD_Response *response, const char *name, const char *value)
{
	return value == NULL || MHD_add_response_header(response, name, value) == MHD_YES;
}

static enum MHD_Result answer_send(struct exchange *exchange)
{
	struct http_request *request = &exchange->request;
	struct MHD_Response *response = MHD_create_response_from_buffer(
		request->answer.len,
		request->answer.len == 0 ? (void *)(uintptr_t) "" : request->answer.at,
		MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result = MHD_NO;

	if (response == NULL)
		return MHD_NO;
	if (header_add(response, MHD_HTTP_HEADER_CONTENT_TYPE, request->content_type) &&
	    header_add(response, "X-Admin-Protocol", request->admin_protocol))
		result = MHD_queue_response(exchange->connection, request->status, response);
	MHD_destroy_response(response);
	deadline_set(exchange->connection, exchange->http->service.config->deadlines.answer_ms);
	return result;
}

bool http_answer_put(struct http_request *request, struct bytes text)
{
	if (buffer_add(&request->answer, text))
		return true;
	request->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	return false;
}

const char *http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* --- requests --------------------------------------------------------------------------------- */

static void run(void *arg)
{
	struct exchange *exchange = arg;
	const struct http_service *service = &exchange->http->service;

	service->serve(service->ctx, &exchange->request);
}

static void ended(void *arg)
{
	struct exchange *exchange = arg;
	bool waited = exchange->phase == PHASE_WAITING;

	exchange->phase = PHASE_DONE;
	if (waited)
		MHD_resume_connection(exchange->connection);
}

static enum MHD_Result serve(struct exchange *exchange)
{
	exchange->request.body = buffer_bytes(&exchange->body);
	exchange->phase = PHASE_RUNNING;
	deadline_set(exchange->connection, 0);
	if (!task_start(run, ended, exchange))
		return answer_plain(exchange->connection, MHD_HTTP_SERVICE_UNAVAILABLE, false);
	if (exchange->phase == PHASE_DONE)
		return answer_send(exchange);
	exchange->phase = PHASE_WAITING;
	MHD_suspend_connection(exchange->connection);
	return MHD_YES;
}

struct heads {
	unsigned lengths, encodings;
	const char *length;
};

static enum MHD_Result count_heads(void *ctx, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
	struct heads *heads = ctx;

	(void)kind;
	if (strcasecmp(key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		heads->lengths++;
		heads->length = value;
	}
	if (strcasecmp(key, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
		heads->encodings++;
	return MHD_YES;
}

/* Two statements about where a request ends are two requests to someone (RFC 9112 6.3): refused. */
static unsigned heads_refuse(const struct http *http, struct MHD_Connection *connection)
{
	struct heads heads = { 0, 0, NULL };

	(void)!MHD_get_connection_values(connection, MHD_HEADER_KIND, count_heads, &heads);
	if (heads.lengths > 1 || heads.encodings > 1 || (heads.lengths > 0 && heads.encodings > 0))
		return MHD_HTTP_BAD_REQUEST;
	if (heads.length != NULL &&
	    (strlen(heads.length) > 9 || strtoul(heads.length, NULL, 10) > http->service.body_max))
		return MHD_HTTP_CONTENT_TOO_LARGE;
	return 0;
}

/* A service with a trust list serves nobody whose certificate has not been verified. */
static bool peer_check(struct http *http, struct MHD_Connection *connection)
{
	struct connection *of = connection_of(connection);
	const union MHD_ConnectionInfo *info;

	if (http->service.tls == NULL || http->service.tls->trust[0] == '\0')
		return true;
	if (of == NULL)
		return false;
	if (of->peer_known)
		return true;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	of->peer_known = info != NULL &&
	                 http_tls_peer(info->tls_session, of->peer_name, sizeof of->peer_name);
	return of->peer_known;
}

static enum MHD_Result begin(struct http *http, struct MHD_Connection *connection, const char *url,
                             const char *method, void **request_context)
{
	const struct connection *of = connection_of(connection);
	unsigned refused = heads_refuse(http, connection);
	struct exchange *exchange;

	if (refused != 0)
		return answer_plain(connection, refused, true);
	if (!peer_check(http, connection))
		return answer_plain(connection, MHD_HTTP_FORBIDDEN, true);
	exchange = calloc(1, sizeof *exchange);
	if (exchange == NULL)
		return MHD_NO;
	exchange->http = http;
	exchange->connection = connection;
	exchange->path = strdup(url);
	exchange->request = (struct http_request){
		.connection = connection,
		.method = method,
		.path = exchange->path,
		.peer_name = of == NULL ? "" : of->peer_name,
		.status = MHD_HTTP_INTERNAL_SERVER_ERROR,
	};
	http->exchanges++;
	*request_context = exchange;
	if (exchange->path == NULL)
		return MHD_NO;
	deadline_set(connection, http->service.config->deadlines.body_ms);
	return MHD_YES;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request_context)
{
	struct http *http = ctx;
	struct exchange *exchange = *request_context;
	struct bytes more = { (const uint8_t *)upload, *upload_size };

	(void)version;
	if (exchange == NULL)
		return begin(http, connection, url, method, request_context);
	if (*upload_size > 0) {
		if (exchange->phase != PHASE_BODY ||
		    exchange->body.len + *upload_size > http->service.body_max ||
		    !buffer_add(&exchange->body, more))
			return MHD_NO;
		*upload_size = 0;
		return MHD_YES;
	}
	if (exchange->phase == PHASE_BODY)
		return serve(exchange);
	return exchange->phase == PHASE_DONE ? answer_send(exchange) : MHD_YES;
}

/* --- the daemon ------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 0))) static void mhd_log(void *ctx, const char *format,
                                                          va_list args)
{
	char text[300];

	(void)ctx;
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http: %s", text);
}

static bool trust_load(struct http *http)
{
	static const uint8_t nul = 0;

	if (http->service.tls == NULL || http->service.tls->trust[0] == '\0')
		return true;
	if (keyfile_text(http->service.tls->trust, &http->trust) == ERR_NONE &&
	    buffer_add(&http->trust, (struct bytes){ &nul, 1 }))
		return true;
	log_error("%s cannot be read", http->service.tls->trust);
	return false;
}

static struct MHD_Daemon *daemon_start(struct http *http, int listener)
{
	const struct config *config = http->service.config;
	bool tls = http->service.keeper != NULL;
	struct MHD_OptionItem options[8] = {
		{MHD_OPTION_STRICT_FOR_CLIENT,        1,                                             NULL},
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_PER_CONNECTION,                         NULL},
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)config->connections_per_address_max,
                 NULL										    },
		{ MHD_OPTION_CONNECTION_LIMIT,        (intptr_t)config->connections_max,             NULL},
	};
	size_t count = 4;

	if (tls) {
		options[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
			                                    (void *)(uintptr_t)http_tls_callback(
								    http->service.tls_key) };
		options[count++] = (struct MHD_OptionItem){
			MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
		};
		if (http->trust.len > 0)
			options[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0,
				                                    http->trust.at };
	}
	options[count] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
	                                (tls ? MHD_USE_TLS : 0),
	                        0, NULL, NULL, handle, http, MHD_OPTION_EXTERNAL_LOGGER, mhd_log,
	                        NULL, MHD_OPTION_LISTEN_SOCKET, listener,
	                        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)INACTIVE_SECONDS,
	                        MHD_OPTION_NOTIFY_CONNECTION, notify_connection, http,
	                        MHD_OPTION_NOTIFY_COMPLETED, notify_completed, http,
	                        MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

struct http *http_start(const struct http_service *service, int listener)
{
	struct http *http = calloc(1, sizeof *http);

	if (http == NULL)
		return NULL;
	http->service = *service;
	if ((service->keeper == NULL || http_tls_begin(service) == ERR_NONE) && trust_load(http))
		http->daemon = daemon_start(http, listener);
	if (http->daemon != NULL)
		return http;
	log_error("%s could not be started", service->name);
	buffer_free(&http->trust);
	free(http);
	return NULL;
}

int http_fd(const struct http *http)
{
	return MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

bool http_waits(const struct http *http)
{
	MHD_UNSIGNED_LONG_LONG after_ms;

	return MHD_get_timeout(http->daemon, &after_ms) != MHD_YES || after_ms > 0;
}

void http_run(struct http *http)
{
	(void)!MHD_run(http->daemon);
}

void http_cut(struct http *http)
{
	int64_t now = now_ms();

	for (struct connection *of = http->connections; of != NULL; of = of->next) {
		if (of->deadline_ms == 0 || of->deadline_ms > now)
			continue;
		of->deadline_ms = 0;
		shutdown(of->fd, SHUT_RDWR);
		log_debug("%s: a slow connection was cut", http->service.name);
	}
}

void http_quiesce(struct http *http)
{
	if (!http->quiet)
		(void)!MHD_quiesce_daemon(
			http->daemon); /* the socket is the supervisor's, and stays open */
	http->quiet = true;
}

bool http_busy(const struct http *http)
{
	return http->exchanges > 0;
}

void http_stop(struct http *http)
{
	http_quiesce(http);
	MHD_stop_daemon(http->daemon);
	buffer_free(&http->trust);
	free(http);
}
