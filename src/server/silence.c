/* SPDX-License-Identifier: Apache-2.0 */
#include "server/silence.h"

#include "server/counters.h"
#include "server/log.h"

#include <limits.h>
#include <time.h>

static const char *const names[SILENT_SERVICES] = {
	[SILENT_KEEPER] = "keeper", [SILENT_APPRAISER] = "appraiser"
};

static struct {
	int64_t patience_ms;
	struct counters *counters;
	struct silence_counts counts;
} here = { .patience_ms = 5000 };

void silence_begin(uint32_t patience_ms, struct counters *counters)
{
	here.patience_ms = patience_ms;
	here.counters = counters;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count(uint64_t *number)
{
	++*number;
	if (here.counters != NULL)
		counters_silence(here.counters, &here.counts);
}

void silence_asked(struct silence *silence)
{
	silence->since_ms = now_ms();
}

void silence_heard(struct silence *silence, enum silent_service service)
{
	silence->since_ms = now_ms();
	if (!silence->silent)
		return;
	silence->silent = false;
	count(&here.counts.ended[service]);
	log_info("the %s answers again", names[service]);
}

static int64_t patience_ms(enum silent_service service)
{
	return service == SILENT_APPRAISER ? 2 * here.patience_ms : here.patience_ms;
}

int silence_left_ms(const struct silence *silence, enum silent_service service)
{
	int64_t left = silence->since_ms + patience_ms(service) - now_ms();

	return silence->silent || left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

bool silence_over(struct silence *silence, enum silent_service service)
{
	if (silence->silent || silence_left_ms(silence, service) > 0)
		return false;
	silence->silent = true;
	count(&here.counts.began[service]);
	log_error("the %s has answered nothing for %lld ms: it counts as dead until it does",
	          names[service], (long long)patience_ms(service));
	return true;
}
