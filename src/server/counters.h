/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the AuC has counted since its start, where the admin process reads it for GET /metrics: a page of memory that
 * both have mapped, the latter for reading only. Nothing is decided by it.
 */
#ifndef SERVER_COUNTERS_H
#define SERVER_COUNTERS_H

#include "server/auc.h"

#include <stdatomic.h>

enum { AUC_COUNTS = sizeof(struct auc_counts) / sizeof(uint64_t) };
_Static_assert(sizeof(struct auc_counts) == AUC_COUNTS * sizeof(uint64_t),
               "counts and nothing else");

struct counters {
	_Atomic uint64_t auc[AUC_COUNTS];
};

/* counters_share makes the page, before any process is forked. NULL: no memory. */
struct counters *counters_share(void);

/* What a process has left of it: counters_drop takes the page away, counters_read_only the right to write. */
void counters_drop(struct counters *counters);
NODISCARD bool counters_read_only(struct counters *counters);

void counters_put(struct counters *counters, const struct auc_counts *counts);
void counters_get(const struct counters *counters, struct auc_counts *counts);

#endif
