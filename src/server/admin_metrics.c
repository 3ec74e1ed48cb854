/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics, in the Prometheus text format. */
#include "server/admin.h"
#include "server/counters.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct page {
	char text[8192];
	size_t len;
};

/* What has no room any more is left out. */
__attribute__((format(printf, 2, 3))) static void put(struct page *page, const char *format, ...)
{
	size_t left = sizeof page->text - page->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(page->text + page->len, left, format, args);
	va_end(args);
	if (len > 0 && (size_t)len < left)
		page->len += (size_t)len;
}

static void put_profiles(struct page *page, const uint64_t counts[static PROFILE_STATES])
{
	put(page, "# HELP assay_profiles Profiles by state.\n# TYPE assay_profiles gauge\n");
	for (size_t i = 0; i < PROFILE_STATES; i++)
		put(page, "assay_profiles{state=\"%s\"} %llu\n",
		    admin_state_name((enum profile_state)i), (unsigned long long)counts[i]);
}

#define COUNTER(name, member, says)                             \
	{                                                       \
		name, offsetof(struct auc_counts, member), says \
	}

static const struct {
	const char *name;
	size_t at;
	const char *says;
} auc_rows[] = {
	COUNTER("requests", requests, "Requests from hostapd"),
	COUNTER("vectors", vectors, "Quintets given out"),
	COUNTER("triplets", triplets, "GSM triplets given out"),
	COUNTER("quarantined", restricted, "Answers with vectors for the quarantine"),
	COUNTER("resynchronisations", resyncs, "AUTS taken"),
	COUNTER("failures", failures, "Requests answered with FAILURE, for whatever cause"),
	COUNTER("refused", kept_out,
	        "Requests refused because the machine is, or no ruling was to be had"),
	COUNTER("wrong_door", wrong_door,
	        "Restricted subscribers at the network's door, admitted ones at the quarantine's"),
	COUNTER("without_ruling", without_ruling, "Times that the appraiser gave no ruling"),
	COUNTER("forged", forged, "AUTS that the USIM did not make"),
	COUNTER("malformed", malformed, "Datagrams that are no request"),
	COUNTER("busy", busy, "Requests refused for want of room"),
};

static void put_auc(struct page *page, const struct auc_counts *counts)
{
	for (size_t i = 0; i < COUNT(auc_rows); i++) {
		uint64_t number;
		memcpy(&number, (const uint8_t *)counts + auc_rows[i].at, sizeof number);
		put(page, "# HELP assay_auc_%s_total %s.\n# TYPE assay_auc_%s_total counter\n",
		    auc_rows[i].name, auc_rows[i].says, auc_rows[i].name);
		put(page, "assay_auc_%s_total %llu\n", auc_rows[i].name,
		    (unsigned long long)number);
	}
}

enum err admin_metrics(struct admin *admin, struct http_request *request, const char *rest,
                       json_t *body, struct admin_answer *answer)
{
	uint64_t counts[PROFILE_STATES];
	struct auc_counts auc;
	struct page page = { .len = 0 };

	(void)request;
	(void)rest;
	(void)body;
	TRY(store_counts(admin->loop.store, counts));
	put_profiles(&page, counts);
	counters_get(admin->counters, &auc);
	put_auc(&page, &auc);
	answer->body = json_stringn(page.text, page.len);
	return ERR_NONE;
}
