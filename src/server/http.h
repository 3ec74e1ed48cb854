/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP frame of a process: libmicrohttpd in strict mode over listening sockets that the supervisor
 * made, one thread, no waiting. It collects a request whole, refuses what is ambiguous, cuts by absolute
 * deadlines whoever is slow, runs the service in a task and sends what it says.
 */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include "server/buffer.h"
#include "server/config.h"
#include "server/keeper.h"

struct MHD_Connection;

/* One request, as the service sees it, and its answer. Views live until the service returns. */
struct http_request {
	struct MHD_Connection *connection;
	const char *method, *path;
	struct bytes body;
	const char *peer_name; /* common name of the client's certificate, "" without */

	unsigned status;            /* to be set; 500 otherwise */
	const char *content_type;   /* of the answer; NULL: none */
	const char *admin_protocol; /* X-Admin-Protocol of the answer; NULL: none */
	struct buffer answer;
};

/* http_header is the value of the request's header, or NULL; http_query that of ?name=. */
const char *http_header(const struct http_request *request, const char *name);
const char *http_query(const struct http_request *request, const char *name);

/* http_answer_put appends to the answer; false: no memory, and the status becomes 500. */
NODISCARD bool http_answer_put(struct http_request *request, struct bytes text);

struct http_service {
	const char *name;
	void (*serve)(void *ctx, struct http_request *request); /* runs as a task */
	void *ctx;
	size_t body_max;
	const struct config *config; /* deadlines, limits */
	struct keeper *keeper;       /* for the TLS key; NULL: no TLS */
	enum keeper_tls tls_key;
	const struct tls_files *tls; /* certificate and trust */
};

struct http;

/* http_start serves on one listening socket; says what fails. NULL then. */
struct http *http_start(const struct http_service *service, int listener);

/* http_fd is what to poll for reading; http_run goes on with what can go on; http_waits is false when it
 * should be called again at once: connections that have been resumed make no descriptor readable. */
int http_fd(const struct http *http);
bool http_waits(const struct http *http);
void http_run(struct http *http);

/* http_cut cuts connections that are over a deadline; to be called every HTTP_CUT_MS or so. */
enum { HTTP_CUT_MS = 100 };
void http_cut(struct http *http);

/* http_quiesce takes no new connections; http_busy tells whether requests are under way. */
void http_quiesce(struct http *http);
bool http_busy(const struct http *http);
void http_stop(struct http *http);

#endif
