/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin.h"

#include "base/bytes.h"
#include "codec/base64.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 16 << 20, TIMEOUT_S = 120 };

static const char default_socket[] = "/run/assay/admin.sock";

struct answer {
	char *at;
	size_t len;
};

static size_t receive(char *data, size_t size, size_t count, void *ctx)
{
	struct answer *answer = ctx;
	size_t n = size * count;

	if (n > ANSWER_MAX - answer->len)
		return 0;
	char *more = realloc(answer->at, answer->len + n + 1);
	if (more == NULL)
		return 0;
	memcpy(more + answer->len, data, n);
	answer->at = more;
	answer->len += n;
	return n;
}

static const char *socket_of(const struct cli *cli)
{
	const char *given = cli_value(cli, "server");
	const char *set = getenv("ASSAY_SOCKET");

	if (given != NULL)
		return given;
	return set != NULL && *set != 0 ? set : default_socket;
}

static bool request_set(CURL *easy, const char *socket, const char *method, const char *path,
                        struct answer *answer)
{
	char url[ADMIN_PATH_MAX + 16];

	snprintf(url, sizeof url, "http://admin%s", path);
	return curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)TIMEOUT_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK;
}

static bool body_set(CURL *easy, const char *body, struct curl_slist **headers)
{
	if (body == NULL)
		return true;
	*headers = curl_slist_append(NULL, "Content-Type: application/json");
	return *headers != NULL &&
	       curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *headers) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body)) ==
	               CURLE_OK;
}

bool admin_listens(const struct cli *cli)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int len = snprintf(at.sun_path, sizeof at.sun_path, "%s", socket_of(cli));
	bool listens = fd >= 0 && len > 0 && (size_t)len < sizeof at.sun_path &&
	               connect(fd, (struct sockaddr *)&at, sizeof at) == 0;

	if (fd >= 0)
		close(fd);
	return listens;
}

/* refusal says what an error answer says: {"error": {"name", "text", "detail"}}. */
static int refusal(const struct cli *cli, long status, const json_t *body)
{
	const json_t *error = json_object_get(body, "error");
	const char *text = json_string_value(json_object_get(error, "text"));
	const char *detail = json_string_value(json_object_get(error, "detail"));
	enum cli_exit exit = status == 503   ? CLI_UNREACHABLE
	                     : status >= 500 ? CLI_FAILED
	                                     : CLI_REFUSED;

	if (text == NULL)
		return cli_fail(cli, exit, "the server answers HTTP status %ld", status);
	if (detail == NULL || *detail == 0)
		return cli_fail(cli, exit, "%s", text);
	/* A place comes before what is wrong there ("line 7", "iccid"), words about it come behind. */
	if (strchr(detail, ' ') != NULL && strncmp(detail, "line ", strlen("line ")) != 0)
		return cli_fail(cli, exit, "%s: %s", text, detail);
	return cli_fail(cli, exit, "%s: %s", detail, text);
}

static int perform(const struct cli *cli, CURL *easy, const struct answer *answer, json_t **out)
{
	long status = 0;
	CURLcode code = curl_easy_perform(easy);

	if (code != CURLE_OK)
		return cli_fail(cli, CLI_UNREACHABLE, "assayd at %s: %s", socket_of(cli),
		                curl_easy_strerror(code));
	if (curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return cli_fail(cli, CLI_FAILED, "assayd: no status");
	json_t *body = answer->len > 0
	                       ? json_loadb(answer->at, answer->len, JSON_REJECT_DUPLICATES, NULL)
	                       : json_object();
	if (status < 200 || status > 299) {
		int exit = refusal(cli, status, body);
		json_decref(body);
		return exit;
	}
	if (body == NULL)
		return cli_fail(cli, CLI_FAILED, "assayd: the answer is no JSON");
	*out = body;
	return CLI_DONE;
}

int admin_call(const struct cli *cli, const char *method, const char *path, const json_t *body,
               json_t **answer)
{
	struct answer received = { 0 };
	struct curl_slist *headers = NULL;
	CURL *easy = curl_easy_init();
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	int exit = CLI_FAILED;

	if (easy == NULL || (body != NULL && text == NULL) ||
	    !request_set(easy, socket_of(cli), method, path, &received) ||
	    !body_set(easy, text, &headers))
		(void)cli_fail_err(cli, ERR_IO, "libcurl");
	else
		exit = perform(cli, easy, &received, answer);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	free(received.at);
	free(text);
	return exit;
}

/* cursor_text is "next" of a page as the next request's "after"; false on the last page. */
static bool cursor_text(const json_t *page, char out[static 64])
{
	const json_t *next = json_object_get(page, "next");

	if (json_is_integer(next))
		snprintf(out, 64, "%lld", (long long)json_integer_value(next));
	else if (json_is_string(next) && json_string_length(next) < 64)
		snprintf(out, 64, "%s", json_string_value(next));
	else
		return false;
	return true;
}

int admin_list(const struct cli *cli, const char *path, const char *after, const char *name,
               json_t **array)
{
	char cursor[64], full[ADMIN_PATH_MAX];
	json_t *all = json_array(), *page = NULL;
	bool more = true;
	int exit = CLI_DONE;

	snprintf(cursor, sizeof cursor, "%s", after);
	while (more && exit == CLI_DONE) {
		snprintf(full, sizeof full, "%s%climit=1000%s%s", path,
		         strchr(path, '?') != NULL ? '&' : '?', *cursor != 0 ? "&after=" : "",
		         cursor);
		exit = admin_call(cli, "GET", full, NULL, &page);
		if (exit != CLI_DONE)
			break;
		json_array_extend(all, json_object_get(page, name));
		more = cursor_text(page, cursor);
		json_decref(page);
	}
	if (exit != CLI_DONE)
		json_decref(all);
	else
		*array = all;
	return exit;
}

bool admin_path(char out[static ADMIN_PATH_MAX], const char *prefix, const char *name,
                const char *suffix)
{
	char *escaped = curl_easy_escape(NULL, name, 0);
	int len = -1;

	if (escaped != NULL && *escaped != 0)
		len = snprintf(out, ADMIN_PATH_MAX, "%s%s%s", prefix, escaped, suffix);
	curl_free(escaped);
	return len > 0 && len < ADMIN_PATH_MAX;
}

bool admin_is_digits(const char *text, size_t least, size_t most)
{
	size_t len = strspn(text, "0123456789");

	return text[len] == '\0' && len >= least && len <= most;
}

bool admin_is_eid(const char *text)
{
	return admin_is_digits(text, EID_DIGITS, EID_DIGITS);
}

uint8_t *admin_file(const struct cli *cli, const char *path, size_t *len)
{
	bool in = strcmp(path, "-") == 0;
	FILE *file = in ? stdin : fopen(path, "rb");
	int cause = errno; /* of the opening */
	uint8_t *at = malloc(ADMIN_FILE_MAX);

	if (file != NULL && at != NULL)
		*len = fread(at, 1, ADMIN_FILE_MAX, file);
	bool whole = file != NULL && at != NULL && feof(file) != 0 && ferror(file) == 0;
	if (file != NULL && !in)
		(void)!fclose(file);
	if (whole)
		return at;
	if (file == NULL)
		(void)cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(cause));
	else
		(void)cli_fail(cli, CLI_FAILED, "%s can not be read, or is larger than %d octets",
		               path, ADMIN_FILE_MAX);
	free(at);
	return NULL;
}

json_t *admin_base64(const uint8_t *at, size_t len)
{
	size_t cap = (len + 2) / 3 * 4 + 1;
	uint8_t *text = malloc(cap);
	struct room out = { text, cap, 0, false };

	if (text == NULL)
		return NULL;
	base64_put(&out, (struct bytes){ at, len });
	json_t *json = json_stringn((const char *)text, out.len);
	free(text);
	return json;
}

json_t *admin_der(const uint8_t *at, size_t len)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";
	bool binary = len > 0 && at[0] >= 0x80; /* CBOR, which may have PEM inside */
	char *text = !binary && len < ADMIN_FILE_MAX ? calloc(1, len + 1) : NULL;
	json_t *body = NULL;

	if (text == NULL)
		return admin_base64(at, len);
	memcpy(text, at, len);
	char *from = strstr(text, begin), *to = strstr(text, end);
	if (from == NULL || to == NULL || (from = strchr(from, '\n')) == NULL || from > to) {
		body = admin_base64(at, len);
	} else {
		size_t kept = 0;
		for (char *c = from; c < to; c++) {
			if (*c != '\n' && *c != '\r' && *c != ' ')
				text[kept++] = *c;
		}
		body = json_stringn(text, kept);
	}
	free(text);
	return body;
}

void admin_set_option(const struct cli *cli, json_t *object, const char *option, const char *member)
{
	const char *value = cli_value(cli, option);

	if (value != NULL)
		json_object_set_new(object, member, json_string(value));
}
