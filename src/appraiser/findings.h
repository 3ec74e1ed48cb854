/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as they lie in the store: causes by their words, so that a later version with other causes reads
 * what an earlier one wrote. */
#ifndef APPRAISER_FINDINGS_H
#define APPRAISER_FINDINGS_H

#include "verifier/appraise.h"

enum { FINDINGS_PACKED_MAX = 16 << 10 };

void findings_pack(struct room *out, const struct findings *findings);

/* findings_unpack reads a whole record. A word that is not known is ERR_VALUE; on error `out` holds no
 * finding and says `more`, which refuses. */
NODISCARD enum err findings_unpack(struct bytes in, struct findings *out);

#endif
