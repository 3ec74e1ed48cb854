/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/curl.h"

#include "base/limits.h"
#include "codec/base64.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ISSUERS_MAX = 1 << 20, URL_MAX = SERVER_ADDRESS_MAX + 128, CONNECT_TIMEOUT_S = 20 };

/* SGP.22 2.6.6.1: certificates of servers are on P-256 or on brainpoolP256r1, and TLS 1.2 takes the latter
 * only from a client that names the curve. */
static const char tls_groups[] = "X25519:P-256:P-384:brainpoolP256r1";

static const char pem_begin[] = "-----BEGIN CERTIFICATE-----\n";
static const char pem_end[] = "-----END CERTIFICATE-----\n";

static enum err file_read(struct curl_http *curl, const char *path, struct room *out)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		snprintf(curl->why, sizeof curl->why, "%s cannot be opened", path);
		return ERR_IO;
	}
	out->len = fread(out->at, 1, out->cap, file);
	bool whole = feof(file) != 0 && ferror(file) == 0;
	(void)!fclose(file);
	if (!whole)
		snprintf(curl->why, sizeof curl->why, "%s cannot be read or is too large", path);
	return whole ? ERR_NONE : ERR_IO;
}

/* pem_from_der wraps lines after 64 characters, as RFC 7468 2 wants. */
static enum err pem_from_der(struct bytes der, struct room *pem)
{
	size_t cap = (der.len + 2) / 3 * 4;
	uint8_t *text = malloc(cap + 1);

	if (text == NULL)
		return ERR_FULL;
	struct room digits = { text, cap, 0, false };
	base64_put(&digits, der);
	room_put(pem, (struct bytes){ (const uint8_t *)pem_begin, sizeof pem_begin - 1 });
	struct bytes rest = room_used(&digits), line;
	while (rest.len > 0 && bytes_take(&rest, rest.len < 64 ? rest.len : 64, &line)) {
		room_put(pem, line);
		room_put_u8(pem, '\n');
	}
	room_put(pem, (struct bytes){ (const uint8_t *)pem_end, sizeof pem_end - 1 });
	free(text);
	return pem->full ? ERR_LIMIT : ERR_NONE;
}

static enum err issuers_read(struct curl_http *curl, const char *path)
{
	uint8_t *raw = malloc(ISSUERS_MAX);
	uint8_t *pem = malloc(2 * (size_t)ISSUERS_MAX);
	struct room in = { raw, ISSUERS_MAX, 0, false };
	struct room out = { pem, 2 * (size_t)ISSUERS_MAX, 0, false };
	enum err err = raw != NULL && pem != NULL ? file_read(curl, path, &in) : ERR_FULL;

	if (err == ERR_NONE && in.len > 0 && raw[0] == 0x30)
		err = pem_from_der(room_used(&in), &out);
	else if (err == ERR_NONE && memmem(raw, in.len, pem_begin, sizeof pem_begin - 2) != NULL)
		room_put(&out, room_used(&in));
	else if (err == ERR_NONE)
		err = ERR_VALUE;
	if (err == ERR_VALUE)
		snprintf(curl->why, sizeof curl->why, "%s holds no certificate", path);
	free(raw);
	curl->pem = pem;
	curl->pem_len = out.len;
	return err;
}

static bool header_add(struct curl_http *curl, const char *text)
{
	struct curl_slist *list = curl_slist_append(curl->headers, text);

	if (list == NULL)
		return false;
	curl->headers = list;
	return true;
}

static bool headers_set(struct curl_http *curl)
{
	/* SGP.22 6.5.1.1 and 6.5.1.2 */
	return header_add(curl, "Content-Type: application/json;charset=UTF-8") &&
	       header_add(curl, "X-Admin-Protocol: gsma/rsp/v2.5.0") &&
	       header_add(curl, "Expect:") &&
	       curl_easy_setopt(curl->easy, CURLOPT_HTTPHEADER, curl->headers) == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_USERAGENT, "gsma-rsp-lpad") == CURLE_OK;
}

static bool connect_to_set(struct curl_http *curl, const char *connect_to)
{
	char text[SERVER_ADDRESS_MAX + 8];

	if (connect_to == NULL)
		return true;
	snprintf(text, sizeof text, "::%.*s", SERVER_ADDRESS_MAX, connect_to);
	curl->connect_list = curl_slist_append(NULL, text);
	return curl->connect_list != NULL &&
	       curl_easy_setopt(curl->easy, CURLOPT_CONNECT_TO, curl->connect_list) == CURLE_OK;
}

static bool issuers_set(struct curl_http *curl)
{
	struct curl_blob blob = { curl->pem, curl->pem_len, CURL_BLOB_NOCOPY };

	if (curl->pem == NULL)
		return true;
	return curl_easy_setopt(curl->easy, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
}

static size_t receive(char *data, size_t size, size_t count, void *ctx)
{
	struct room *answer = ctx;

	room_put(answer, (struct bytes){ (const uint8_t *)data, size * count });
	return answer->full ? 0 : size * count;
}

static bool rules_set(struct curl_http *curl, unsigned timeout_s)
{
	long timeout = timeout_s != 0 ? (long)timeout_s : 60;

	return curl_easy_setopt(curl->easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
	               CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_SSL_EC_CURVES, tls_groups) == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S) ==
	               CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_TIMEOUT, timeout) == CURLE_OK &&
	       curl_easy_setopt(curl->easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK;
}

enum err curl_http_open(struct curl_http *curl, const struct curl_options *options)
{
	*curl = (struct curl_http){ 0 };
	if (options->issuers != NULL)
		TRY(issuers_read(curl, options->issuers));
	curl->easy = curl_easy_init();
	if (curl->easy != NULL && rules_set(curl, options->timeout_s) && headers_set(curl) &&
	    issuers_set(curl) && connect_to_set(curl, options->connect_to))
		return ERR_NONE;
	snprintf(curl->why, sizeof curl->why, "libcurl cannot be set up");
	return ERR_IO;
}

void curl_http_close(struct curl_http *curl)
{
	curl_easy_cleanup(curl->easy);
	curl_slist_free_all(curl->headers);
	curl_slist_free_all(curl->connect_list);
	free(curl->pem);
	*curl = (struct curl_http){ 0 };
}

static enum err cause_of(CURLcode code, const struct room *answer)
{
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ERR_CERTIFICATE;
	case CURLE_WRITE_ERROR:
		return answer->full ? ERR_LIMIT : ERR_IO;
	default:
		return ERR_IO;
	}
}

static enum err post(void *ctx, struct bytes host, const char *path, struct bytes body,
                     struct room *answer, unsigned *status)
{
	struct curl_http *curl = ctx;
	char url[URL_MAX], detail[CURL_ERROR_SIZE] = "";
	long code = 0;

	if (host.len > SERVER_ADDRESS_MAX)
		return ERR_LIMIT;
	snprintf(url, sizeof url, "https://%.*s%s", (int)host.len, (const char *)host.at, path);
	if (curl_easy_setopt(curl->easy, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(curl->easy, CURLOPT_ERRORBUFFER, detail) != CURLE_OK ||
	    curl_easy_setopt(curl->easy, CURLOPT_POSTFIELDS, body.at) != CURLE_OK ||
	    curl_easy_setopt(curl->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) !=
	            CURLE_OK ||
	    curl_easy_setopt(curl->easy, CURLOPT_WRITEDATA, answer) != CURLE_OK)
		return ERR_IO;
	CURLcode result = curl_easy_perform(curl->easy);
	curl_easy_setopt(curl->easy, CURLOPT_ERRORBUFFER, NULL);
	if (result != CURLE_OK) {
		snprintf(curl->why, sizeof curl->why, "%s",
		         detail[0] != 0 ? detail : curl_easy_strerror(result));
		return cause_of(result, answer);
	}
	if (curl_easy_getinfo(curl->easy, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK)
		return ERR_IO;
	*status = (unsigned)code;
	return ERR_NONE;
}

static const char *why(void *ctx)
{
	const struct curl_http *curl = ctx;

	return curl->why;
}

struct http curl_http_port(struct curl_http *curl)
{
	return (struct http){ curl, post, why };
}
