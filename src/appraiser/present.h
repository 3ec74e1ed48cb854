/* SPDX-License-Identifier: Apache-2.0 */
/* What a card presents in a session, in its own words. */
#ifndef APPRAISER_PRESENT_H
#define APPRAISER_PRESENT_H

#include "appraiser/appraiser_work.h"
#include "server/smdp_equipment.h"
#include "server/store_chips.h"

struct presented_store {
	struct server_signed1 session;
	struct smdp_claims claims;
	struct smdp_equipment equipment;
	struct card_facts known;
};

/* presented_verify checks what a worker has passed on of the card: causes of smdp_claims_read and smdp_claims_verify,
 * SMDP_FORMAT_INVALID also for a session or a digest that is malformed. That the session is one of ours the
 * keeper says, who gives the permit. */
NODISCARD enum smdp_status presented_verify(const struct appraiser_state *state,
                                            const struct appraise_request *request,
                                            struct presented_store *store);

/* presented_read then fills `out`, whose views are of both arguments and of what the ports gave. ERR_NOT_FOUND for
 * a profile that is none, ERR_DENIED unless the card asks for it and may have it now; causes of the port. */
NODISCARD enum err presented_read(const struct appraiser_state *state,
                                  const struct appraise_request *request,
                                  struct presented_store *store, struct presented *out);

#endif
