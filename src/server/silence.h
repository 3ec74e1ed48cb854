/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service of our own that is there and answers nothing: stopped, or caught in something that does not end. Nobody starts
 * it anew, since it has not died; so its clients wait for one deadline and then take it for dead, until it is heard
 * again or has a successor. Said once in the log, and counted.
 */
#ifndef SERVER_SILENCE_H
#define SERVER_SILENCE_H

#include "base/bytes.h"

#include <stdbool.h>

struct counters;

enum silent_service { SILENT_KEEPER, SILENT_APPRAISER, SILENT_SERVICES };

/* Of all that this process is a client of; in its page of counters. */
struct silence_counts {
	uint64_t began[SILENT_SERVICES], ended[SILENT_SERVICES];
};

/* silence_begin: how long this process waits for the keeper, and twice that for the appraiser, which may wait for the keeper
 * itself; and where it counts, NULL: nowhere. Before it: 5 seconds. */
void silence_begin(uint32_t patience_ms, struct counters *counters);

/* What a client remembers of a service. All zero: nothing is under way, it is not silent. */
struct silence {
	bool silent;
	int64_t since_ms; /* last heard, or asked when nothing was under way */
};

/* silence_asked: something is under way from now on, and nothing was before. */
void silence_asked(struct silence *silence);

/* silence_heard: octets have come, or the link has been made anew. */
void silence_heard(struct silence *silence, enum silent_service service);

/* silence_left_ms is how long may still be waited, 0 when it is over; of a service that is silent, 0. */
int silence_left_ms(const struct silence *silence, enum silent_service service);

/* silence_over takes the service for silent, when it is; true when it has become so just now. To be called while something
 * is under way. */
bool silence_over(struct silence *silence, enum silent_service service);

#endif
