/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What benchmarks share: a clock of the CPU time that this process used, and a loop that runs a thing
 * for a while. Figures are ratios between things measured in one run; absolute ones name the machine.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>
#include <time.h>

static inline double bench_cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* bench_seconds_each calls run(ctx) for about `seconds` of CPU time and gives the seconds of one call. */
static inline double bench_seconds_each(void (*run)(void *ctx), void *ctx, double seconds)
{
	double start = bench_cpu_seconds(), used = 0;
	uint64_t calls = 0;

	for (uint64_t batch = 1; used < seconds; batch *= 2) {
		for (uint64_t i = 0; i < batch; i++)
			run(ctx);
		calls += batch;
		used = bench_cpu_seconds() - start;
	}
	return used / (double)calls;
}

#endif
