/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A progress bar on standard error for work that takes a while; silent when that is no terminal. It
 * redraws ten times a second at most, so it may be called for every item.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what;
	uint64_t total, drawn_ms;
	bool shown;
};

/* progress_begin starts a bar labelled `what` (kept by reference) for `total` items, 0 when unknown. It
 * appears with the first progress_at. */
void progress_begin(struct progress *progress, const char *what, uint64_t total);

/* progress_at says that `done` of the total are done. */
void progress_at(struct progress *progress, uint64_t done);

/* progress_end removes the bar, so that what is printed next starts on a clean line. */
void progress_end(struct progress *progress);

#endif
