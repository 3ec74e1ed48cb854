/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target includes: its one entry point, and the word for a broken law. */
#ifndef FUZZ_LAW_H
#define FUZZ_LAW_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LAW stops the run when the condition does not hold, naming the place. */
#define LAW(condition)                                                                     \
	do {                                                                               \
		if (!(condition)) {                                                        \
			fprintf(stderr, "%s:%d: law broken: %s\n", __FILE__, __LINE__,     \
			        #condition);                                               \
			abort();                                                           \
		}                                                                          \
	} while (0)

#endif
