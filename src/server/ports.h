/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the SM-DP+ engines as assayd fills them: store, keeper, and what the configuration says. */
#ifndef SERVER_PORTS_H
#define SERVER_PORTS_H

#include "server/cis.h"
#include "server/keeper.h"
#include "server/smdp_ports.h"
#include "server/store.h"

struct ports {
	struct smdp_ports smdp;
	struct store_client *store;
	struct keeper *keeper;
	struct appraiser *appraiser;
	const struct config *config;
	struct cis cis;
	uint8_t wanted[2][APPRAISE_WANTED_MAX]; /* in turn: requests under way may look at the other */
	unsigned wanted_turn;
	uint64_t wanted_ms; /* when it was asked for last */
};

/* ports_begin reads the certificates of all CIs; says what is wrong. */
NODISCARD enum err ports_begin(struct ports *ports, const struct config *config,
                               struct store_client *store, struct keeper *keeper,
                               struct appraiser *appraiser);

/* ports_refresh asks what evidence policies want, when that was last asked some time ago. In a task. */
void ports_refresh(struct ports *ports);

#endif
