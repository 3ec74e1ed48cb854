/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS of the HTTP frame, by GnuTLS inside libmicrohttpd. The private key stays in the keeper (R7): for
 * every handshake the digest goes there and the signature comes back.
 */
#ifndef SERVER_HTTP_TLS_H
#define SERVER_HTTP_TLS_H

#include "server/http.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

/* http_tls_begin reads the certificate of a service and makes its key a question to the keeper. One
 * service of each kind in a process. */
NODISCARD enum err http_tls_begin(const struct http_service *service);

/* http_tls_callback is what libmicrohttpd asks for the certificate of that service. (The later interface,
 * retrieve_function3, is not counted as a certificate by libmicrohttpd 0.9.75, which then does not start.) */
gnutls_certificate_retrieve_function2 *http_tls_callback(enum keeper_tls service);

/* http_tls_peer writes the common name of the client's certificate, after having verified it against the
 * service's trust; false when it sent none or it does not verify. */
NODISCARD bool http_tls_peer(gnutls_session_t session, char *name, size_t size);

#endif
