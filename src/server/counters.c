/* SPDX-License-Identifier: Apache-2.0 */
#include "server/counters.h"

#include <string.h>
#include <sys/mman.h>

struct counters *counters_share(void)
{
	void *page = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE,
	                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void counters_drop(struct counters *counters)
{
	munmap(counters, sizeof *counters);
}

bool counters_read_only(struct counters *counters)
{
	return mprotect(counters, sizeof *counters, PROT_READ) == 0;
}

/* Each number is whole; those of one moment need not belong together. */
void counters_put(struct counters *counters, const struct auc_counts *counts)
{
	uint64_t numbers[AUC_COUNTS];

	memcpy(numbers, counts, sizeof numbers);
	for (size_t i = 0; i < AUC_COUNTS; i++)
		atomic_store_explicit(&counters->auc[i], numbers[i], memory_order_relaxed);
}

void counters_get(const struct counters *counters, struct auc_counts *counts)
{
	uint64_t numbers[AUC_COUNTS];

	for (size_t i = 0; i < AUC_COUNTS; i++)
		numbers[i] = atomic_load_explicit(&counters->auc[i], memory_order_relaxed);
	memcpy(counts, numbers, sizeof numbers);
}
