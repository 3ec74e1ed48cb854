/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a server through libcurl: HTTPS only, no redirects, the connection kept for the next post.
 * The server's certificate must lead to one of the given issuers and bear the name that was asked for
 * (SGP.22 2.6.6): nothing else is trusted, not the system's list either, unless no issuer is given.
 */
#ifndef AGENT_CURL_H
#define AGENT_CURL_H

#include "agent/http.h"

enum { CURL_WHY_MAX = 320 };

struct curl_options {
	const char *
		issuers; /* file of PEM certificates or one DER certificate; NULL for the system's list */
	const char *connect_to; /* "HOST:PORT" to connect to whatever the name is, or NULL */
	unsigned timeout_s;     /* for one post, 0 for 60 */
};

struct curl_http {
	void *easy, *headers, *connect_list;
	char why[CURL_WHY_MAX];
	uint8_t *pem; /* issuers as libcurl wants them */
	size_t pem_len;
};

/* curl_http_open prepares the connection without connecting. ERR_IO when `issuers` cannot be read,
 * ERR_VALUE when it holds no certificate; `why` says more. Close it either way. */
NODISCARD enum err curl_http_open(struct curl_http *curl, const struct curl_options *options);
void curl_http_close(struct curl_http *curl);

/* curl_http_port lends it as a port; it dies with the connection. */
struct http curl_http_port(struct curl_http *curl);

#endif
