/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processes have counted since their start, where the admin process reads it for GET /metrics: a page of memory for
 * each of them, which it alone writes and the admin process reads. Nothing is decided by it.
 */
#ifndef SERVER_COUNTERS_H
#define SERVER_COUNTERS_H

#include "evidence/bundle.h"
#include "evidence/decision.h"
#include "server/auc.h"
#include "server/silence.h"

#include <stdatomic.h>

/* Of the appraiser. Causes have numbers, whose words it tells once. */
enum { CAUSES_MAX = 64, CAUSE_SIZE = 24 };
struct appraiser_counts {
	uint64_t decisions[PURPOSES][DECISIONS];
	uint64_t refused[CAUSES_MAX];          /* by the cause that weighed most */
	uint64_t appraisals[EVIDENCE_FORMATS]; /* by what was appraised */
	uint64_t logs_known, logs_unknown; /* event logs that had been replayed before, or not */
	uint64_t busy_us;   /* time spent on questions, waiting for others included */
	uint64_t under_way; /* rulings, now */
};

enum { COUNTS_MAX = 128, SILENCE_COUNTS = sizeof(struct silence_counts) / sizeof(uint64_t) };

struct counters {
	_Atomic uint64_t kind; /* enum child_kind of who writes it */
	_Atomic uint64_t number[COUNTS_MAX];
	_Atomic uint64_t silence[SILENCE_COUNTS];
	char causes[CAUSES_MAX][CAUSE_SIZE];
};
_Static_assert(sizeof(struct auc_counts) % sizeof(uint64_t) == 0 &&
                       sizeof(struct auc_counts) <= COUNTS_MAX * sizeof(uint64_t),
               "counts and nothing else");
_Static_assert(sizeof(struct appraiser_counts) % sizeof(uint64_t) == 0 &&
                       sizeof(struct appraiser_counts) <= COUNTS_MAX * sizeof(uint64_t),
               "counts and nothing else");

/* All pages, as the supervisor makes them before any process is forked. .at NULL: no memory. */
struct counters_pages {
	uint8_t *at;
	size_t count, stride;
};
void counters_share(struct counters_pages *pages, size_t count);

/* counters_of is the page of the nth process. */
struct counters *counters_of(const struct counters_pages *pages, size_t process);

/* counters_begin clears a page for a process of that kind. */
void counters_begin(struct counters *counters, unsigned kind);

/* What a process keeps of them: counters_keep its own page alone, counters_read_only all, the others' for reading
 * only. */
void counters_keep(struct counters_pages *pages, size_t own);
NODISCARD bool counters_read_only(const struct counters_pages *pages, size_t own);

/* counters_put writes numbers (a struct of uint64_t); each is whole, those of one moment need not belong together.
 * counters_add adds what the processes of that kind have written to `counts`. */
void counters_put(struct counters *counters, const void *counts, size_t size);
void counters_add(const struct counters_pages *pages, unsigned kind, void *counts, size_t size);

/* The same of what every process counts: services that are silent. */
void counters_silence(struct counters *counters, const struct silence_counts *counts);
void counters_silence_add(const struct counters_pages *pages, struct silence_counts *counts);

/* counters_cause gives the word of a cause as the processes of that kind have written it, "" for none; what is no word of
 * small letters and hyphens is none. */
void counters_cause(const struct counters_pages *pages, unsigned kind, size_t cause,
                    char out[static CAUSE_SIZE]);

#endif
