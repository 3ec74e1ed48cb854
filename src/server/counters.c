/* SPDX-License-Identifier: Apache-2.0 */
#include "server/counters.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void counters_share(struct counters_pages *pages, size_t count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t stride = (sizeof(struct counters) + page - 1) / page * page;
	void *at = mmap(NULL, count * stride, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);

	*pages = (struct counters_pages){ at == MAP_FAILED ? NULL : at, count, stride };
}

struct counters *counters_of(const struct counters_pages *pages, size_t process)
{
	return (struct counters *)(void *)(pages->at + process * pages->stride);
}

void counters_begin(struct counters *counters, unsigned kind)
{
	memset(counters, 0, sizeof *counters);
	atomic_store_explicit(&counters->kind, kind, memory_order_relaxed);
}

void counters_keep(struct counters_pages *pages, size_t own)
{
	size_t before = own * pages->stride, after = before + pages->stride;

	if (before > 0)
		munmap(pages->at, before);
	if (after < pages->count * pages->stride)
		munmap(pages->at + after, pages->count * pages->stride - after);
}

bool counters_read_only(const struct counters_pages *pages, size_t own)
{
	return mprotect(pages->at, pages->count * pages->stride, PROT_READ) == 0 &&
	       mprotect(pages->at + own * pages->stride, pages->stride, PROT_READ | PROT_WRITE) ==
	               0;
}

void counters_put(struct counters *counters, const void *counts, size_t size)
{
	uint64_t numbers[COUNTS_MAX];

	memcpy(numbers, counts, size);
	for (size_t i = 0; i < size / sizeof *numbers; i++)
		atomic_store_explicit(&counters->number[i], numbers[i], memory_order_relaxed);
}

void counters_add(const struct counters_pages *pages, unsigned kind, void *counts, size_t size)
{
	uint64_t numbers[COUNTS_MAX];

	memcpy(numbers, counts, size);
	for (size_t process = 0; process < pages->count; process++) {
		const struct counters *page = counters_of(pages, process);
		if (atomic_load_explicit(&page->kind, memory_order_relaxed) != kind)
			continue;
		for (size_t i = 0; i < size / sizeof *numbers; i++)
			numbers[i] += atomic_load_explicit(&page->number[i], memory_order_relaxed);
	}
	memcpy(counts, numbers, size);
}

void counters_silence(struct counters *counters, const struct silence_counts *counts)
{
	uint64_t numbers[SILENCE_COUNTS];

	memcpy(numbers, counts, sizeof numbers);
	for (size_t i = 0; i < SILENCE_COUNTS; i++)
		atomic_store_explicit(&counters->silence[i], numbers[i], memory_order_relaxed);
}

void counters_silence_add(const struct counters_pages *pages, struct silence_counts *counts)
{
	uint64_t numbers[SILENCE_COUNTS];

	memcpy(numbers, counts, sizeof numbers);
	for (size_t process = 0; process < pages->count; process++)
		for (size_t i = 0; i < SILENCE_COUNTS; i++)
			numbers[i] += atomic_load_explicit(
				&counters_of(pages, process)->silence[i], memory_order_relaxed);
	memcpy(counts, numbers, sizeof numbers);
}

static bool is_word(const char *word)
{
	return word[0] != '\0' &&
	       word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

void counters_cause(const struct counters_pages *pages, unsigned kind, size_t cause,
                    char out[static CAUSE_SIZE])
{
	for (size_t process = 0; process < pages->count; process++) {
		const struct counters *page = counters_of(pages, process);
		if (atomic_load_explicit(&page->kind, memory_order_relaxed) != kind)
			continue;
		memcpy(out, page->causes[cause], CAUSE_SIZE);
		out[CAUSE_SIZE - 1] = '\0';
		if (is_word(out))
			return;
	}
	out[0] = '\0';
}
