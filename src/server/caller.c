/* SPDX-License-Identifier: Apache-2.0 */
/* The caller: tells operators, at their own ES2+ address, what the store has queued for them; again and again,
 * less and less often, until it was taken. The only process of ours that connects to others. */
#include "server/child.h"
#include "server/keeper.h"
#include "server/links.h"
#include "server/log.h"
#include "server/sandbox.h"
#include "server/store_events.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	IDLE_MS = 500,
	AT_ONCE = 32, /* callbacks taken from the queue together */
	CALL_SECONDS = 15,
	RETRY_FIRST_MS = 1000,  /* doubling with every attempt ... */
	RETRY_MAX_MS = 3600000, /* ... up to an hour */
	ATTEMPTS_MAX = 60,      /* two days and a half: then it is given up, and said so */
};

struct caller {
	const struct config *config;
	struct links links;
	struct store_client *store;
	struct keeper *keeper;
	CURL *curl;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const struct config_operator *operator_of(const struct config *config, struct bytes name)
{
	for (size_t i = 0; i < config->operator_count; i++) {
		const char *known = config->operators[i].name;
		if (strlen(known) == name.len && memcmp(known, name.at, name.len) == 0)
			return &config->operators[i];
	}
	return NULL;
}

static size_t swallow(char *at, size_t size, size_t count, void *ctx)
{
	(void)at;
	(void)ctx;
	return size * count;
}

static void prepare(CURL *curl, const struct config_operator *to, const struct callback *callback)
{
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)callback->body.len);
	curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, (const char *)callback->body.at);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CALL_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	if (to->notify_trust[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, to->notify_trust);
	if (to->notify_certificate[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_SSLCERT, to->notify_certificate);
	if (to->notify_key[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_SSLKEY, to->notify_key);
}

static bool is_event(const struct callback *callback)
{
	return bytes_same(callback->function, BYTES_STR(EVENT_FUNCTION));
}

static const char *url_of(const struct config_operator *to, const struct callback *callback)
{
	return is_event(callback) ? to->events_url : to->notify_url;
}

/* An event bears a signature: who takes it knows that it is ours, and can show it to others. */
static struct curl_slist *event_heads(struct caller *caller, const struct callback *callback)
{
	char line[512] = "Assay-Signature: ";
	struct room jws = { (uint8_t *)line + strlen(line), sizeof line - strlen(line) - 1, 0, false };
	enum err err = keeper_notice_sign(caller->keeper, callback->body, &jws);

	if (err != ERR_NONE) {
		log_error("an event is not signed and waits: %s", err_text(err));
		return NULL;
	}
	return curl_slist_append(NULL, line);
}

/* SGP.22 6.5.2: POST to <address>/gsma/rsp2/es2plus/<function>; a notification is answered by 204, and
 * what is answered at all has been taken. */
static bool call(struct caller *caller, const struct config_operator *to,
                 const struct callback *callback)
{
	char url[TEXT_PATH_SIZE + 128];
	struct curl_slist *heads = NULL;
	CURLcode code;
	long status = 0;

	if (is_event(callback)) {
		snprintf(url, sizeof url, "%s", to->events_url);
		heads = event_heads(caller, callback);
		if (heads == NULL)
			return false;
	} else {
		snprintf(url, sizeof url, "%s/gsma/rsp2/es2plus/%.*s", to->notify_url,
		         (int)callback->function.len, (const char *)callback->function.at);
		heads = curl_slist_append(heads, "X-Admin-Protocol: gsma/rsp/v2.5.0");
	}
	heads = curl_slist_append(heads, "Content-Type: application/json");
	curl_easy_reset(caller->curl);
	prepare(caller->curl, to, callback);
	curl_easy_setopt(caller->curl, CURLOPT_URL, url);
	curl_easy_setopt(caller->curl, CURLOPT_HTTPHEADER, heads);
	code = curl_easy_perform(caller->curl);
	curl_easy_getinfo(caller->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(heads);
	if (code == CURLE_OK && status >= 200 && status < 300)
		return true;
	log_info("operator %s: %.*s not taken: %s, HTTP %ld", to->name, (int)callback->function.len,
	         (const char *)callback->function.at, curl_easy_strerror(code), status);
	return false;
}

static uint64_t retry_at(uint64_t attempts)
{
	uint64_t wait = RETRY_FIRST_MS;

	for (uint64_t i = 0; i < attempts && wait < RETRY_MAX_MS; i++)
		wait *= 2;
	return now_ms() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
}

static void deliver(struct caller *caller, const struct store_callback_row *row)
{
	const struct config_operator *to = operator_of(caller->config, row->callback.operator_name);
	uint64_t due_ms = 0;

	if (to == NULL || url_of(to, &row->callback)[0] == '\0')
		due_ms = 0; /* nobody is there to be told any more */
	else if (!call(caller, to, &row->callback) && row->attempts + 1 < ATTEMPTS_MAX)
		due_ms = retry_at(row->attempts);
	if (store_callback_done(caller->store, row->number, due_ms) != ERR_NONE)
		log_error("a callback's fate could not be noted; it may be told twice");
}

static void round_make(struct caller *caller)
{
	struct store_callback_row row;
	struct bytes reply;

	if (store_callbacks(caller->store, AT_ONCE, &reply) != ERR_NONE)
		return;
	while (!caller->links.closed && store_callbacks_next(&reply, &row) == ERR_NONE) {
		deliver(caller, &row);
		links_take(&caller->links);
	}
	store_forget(caller->store);
}

int caller_process(const struct child_start *start)
{
	static struct caller caller;

	caller.config = start->config;
	caller.links = (struct links){ .control = start->control, .keeper = -1, .store = -1 };
	if (!sandbox_user(start->config) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (caller.curl = curl_easy_init()) == NULL ||
	    !sandbox_enter(start->config, SANDBOX_CALLER))
		return CHILD_CANNOT_START;
	caller.store = store_open(&caller.links, false);
	caller.keeper = keeper_open(&caller.links);
	if (caller.store == NULL || caller.keeper == NULL)
		return 1;
	child_ready(start);
	while (!caller.links.closed) {
		struct pollfd one = { .fd = start->control, .events = POLLIN };
		links_take(&caller.links);
		if (caller.links.store >= 0)
			round_make(&caller);
		(void)!poll(&one, 1, IDLE_MS); /* a look now and then */
	}
	return 0;
}
