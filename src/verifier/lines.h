/* SPDX-License-Identifier: Apache-2.0 */
/* The native text forms of policies and reference values: lines of words, # begins a comment, a
 * word with spaces stands in quotation marks. */
#ifndef VERIFIER_LINES_H
#define VERIFIER_LINES_H

#include "base/bytes.h"
#include "base/err.h"

struct lines {
	struct bytes rest;
	struct bytes line;
	uint32_t number; /* of the line in `line`, from 1 */
};

/* lines_next goes to the next line that has a word; false at the end. */
NODISCARD bool lines_next(struct lines *lines);

/* lines_word takes the next word of the line; false when there is none. A quoted word is given
 * without its marks. */
NODISCARD bool lines_word(struct lines *lines, struct bytes *out);

/* lines_end succeeds when the line has no more words. */
NODISCARD enum err lines_end(const struct lines *lines);

bool word_is(struct bytes word, const char *text);
NODISCARD enum err word_number(struct bytes word, uint64_t max, uint64_t *out);

/* word_copy makes a terminated string; control characters become '?'. ERR_LIMIT when it does not
 * fit. */
NODISCARD enum err word_copy(struct bytes word, char *out, size_t size);

#endif
