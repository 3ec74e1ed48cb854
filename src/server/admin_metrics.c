/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics, in the Prometheus text format. */
#include "server/admin.h"
#include "server/child.h"
#include "server/counters.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct page {
	char text[24 << 10];
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

static void put_decisions(struct page *page, const struct appraiser_counts *counts)
{
	put(page, "# HELP assay_decisions_total Decisions about machines, on record.\n"
		  "# TYPE assay_decisions_total counter\n");
	for (enum purpose purpose = 0; purpose < PURPOSES; purpose++)
		for (enum decision decision = 0; decision < DECISIONS; decision++)
			put(page, "assay_decisions_total{purpose=\"%s\",decision=\"%s\"} %llu\n",
			    purpose_text(purpose), decision_text(decision),
			    (unsigned long long)counts->decisions[purpose][decision]);
}

/* Causes that have refused nobody are not listed: there are many, and they have names of their own. */
static void put_refusals(struct page *page, const struct counters_pages *pages,
                         const struct appraiser_counts *counts)
{
	char word[CAUSE_SIZE];

	put(page, "# HELP assay_refusals_total Decisions to refuse, by the cause that weighed most.\n"
		  "# TYPE assay_refusals_total counter\n");
	for (size_t i = 0; i < CAUSES_MAX; i++) {
		counters_cause(pages, CHILD_APPRAISER, i, word);
		if (counts->refused[i] > 0 && word[0] != '\0')
			put(page, "assay_refusals_total{cause=\"%s\"} %llu\n", word,
			    (unsigned long long)counts->refused[i]);
	}
}

static void put_appraisals(struct page *page, const struct appraiser_counts *counts)
{
	static const char *const formats[EVIDENCE_FORMATS] = { "none", "tpm", "psa", "statement" };

	put(page, "# HELP assay_appraisals_total Appraisals, by the kind of evidence.\n"
		  "# TYPE assay_appraisals_total counter\n");
	for (size_t i = 0; i < EVIDENCE_FORMATS; i++)
		put(page, "assay_appraisals_total{evidence=\"%s\"} %llu\n", formats[i],
		    (unsigned long long)counts->appraisals[i]);
	put(page, "# HELP assay_appraised_logs_total Event logs, by whether they had been replayed before.\n"
		  "# TYPE assay_appraised_logs_total counter\n"
		  "assay_appraised_logs_total{known=\"yes\"} %llu\n"
		  "assay_appraised_logs_total{known=\"no\"} %llu\n",
	    (unsigned long long)counts->logs_known, (unsigned long long)counts->logs_unknown);
}

static void put_appraiser(struct page *page, const struct counters_pages *pages)
{
	struct appraiser_counts counts = { .busy_us = 0 };

	counters_add(pages, CHILD_APPRAISER, &counts, sizeof counts);
	put_decisions(page, &counts);
	put_refusals(page, pages, &counts);
	put_appraisals(page, &counts);
	put(page, "# HELP assay_appraiser_busy_seconds_total Time that the appraiser spent on questions, waiting for "
		  "store and keeper included.\n# TYPE assay_appraiser_busy_seconds_total counter\n"
		  "assay_appraiser_busy_seconds_total %llu.%06llu\n",
	    (unsigned long long)(counts.busy_us / 1000000),
	    (unsigned long long)(counts.busy_us % 1000000));
	put(page, "# HELP assay_appraiser_rulings_under_way Rulings about access that are asked for and not yet "
		  "answered.\n# TYPE assay_appraiser_rulings_under_way gauge\n"
		  "assay_appraiser_rulings_under_way %llu\n",
	    (unsigned long long)counts.under_way);
}

static void put_silence(struct page *page, const struct counters_pages *pages)
{
	static const char *const names[SILENT_SERVICES] = { "keeper", "appraiser" };
	struct silence_counts counts = { .began = { 0 } };

	counters_silence_add(pages, &counts);
	put(page, "# HELP assay_service_silent_total Times that a client of a service of ours got no answer in "
		  "time.\n# TYPE assay_service_silent_total counter\n");
	for (size_t i = 0; i < SILENT_SERVICES; i++)
		put(page, "assay_service_silent_total{service=\"%s\"} %llu\n", names[i],
		    (unsigned long long)counts.began[i]);
	put(page, "# HELP assay_service_silent_clients Clients that take it for dead at present.\n"
		  "# TYPE assay_service_silent_clients gauge\n");
	for (size_t i = 0; i < SILENT_SERVICES; i++)
		put(page, "assay_service_silent_clients{service=\"%s\"} %llu\n", names[i],
		    (unsigned long long)(counts.began[i] - counts.ended[i]));
}

enum err admin_metrics(struct admin *admin, struct http_request *request, const char *rest,
                       json_t *body, struct admin_answer *answer)
{
	uint64_t counts[PROFILE_STATES];
	struct auc_counts auc = { .requests = 0 };
	struct page page = { .len = 0 };

	(void)request;
	(void)rest;
	(void)body;
	TRY(store_counts(admin->loop.store, counts));
	put_profiles(&page, counts);
	counters_add(admin->counters, CHILD_AUC, &auc, sizeof auc);
	counters_add(admin->counters, CHILD_QUARANTINE, &auc, sizeof auc);
	put_auc(&page, &auc);
	put_appraiser(&page, admin->counters);
	put_silence(&page, admin->counters);
	answer->body = json_stringn(page.text, page.len);
	return ERR_NONE;
}
