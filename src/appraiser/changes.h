/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a card's machine between the last appraisal and this one (R9). */
#ifndef APPRAISER_CHANGES_H
#define APPRAISER_CHANGES_H

#include "appraiser/appraiser_work.h"
#include "server/chip.h"
#include "verifier/appraise.h"

struct changes {
	struct equipment_seen seen; /* what is known now */
	struct equipment_event events[EVENT_KINDS];
	size_t count;
	uint8_t texts[EQUIPMENT_TEXTS_MAX];
};

/* changes_find compares. `chip` and `last` may be NULL; `why` is said of a changed decision. Views of all that is handed
 * in are kept. */
void changes_find(const struct presented *presented, const struct appraisal_result *result,
                  const char *why, const struct chip *chip, const struct appraised *last,
                  struct changes *out);

#endif
