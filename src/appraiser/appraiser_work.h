/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the appraiser process: what it holds, and its requests, each in the file of its subject. */
#ifndef APPRAISER_APPRAISER_WORK_H
#define APPRAISER_APPRAISER_WORK_H

#include "server/appraiser.h"
#include "server/keeper.h"
#include "server/links.h"
#include "server/store.h"
#include "verifier/appraise.h"

struct appraiser_state {
	struct links links;
	struct store_client *store;
	struct keeper *keeper;
	struct verifier verifier;
};

typedef enum err appraiser_fn(struct appraiser_state *state, struct bytes in, struct room *out);
appraiser_fn appraiser_do_appraise, appraiser_do_access;

/* appraiser_builtin sets the policy that is in force where nobody has given one: it asks for nothing. */
void appraiser_builtin(struct policy *policy);

/* appraiser_permit has a permit made for `permit`, unless it says REFUSE, and fills the answer. */
NODISCARD enum err appraiser_permit(struct appraiser_state *state, const struct permit *permit,
                                    struct appraise_answer *answer);

#endif
