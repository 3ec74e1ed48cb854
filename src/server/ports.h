/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the SM-DP+ engines as assayd fills them: store, keeper, and what the configuration says. */
#ifndef SERVER_PORTS_H
#define SERVER_PORTS_H

#include "server/buffer.h"
#include "server/config.h"
#include "server/keeper.h"
#include "server/smdp_ports.h"
#include "server/store.h"

struct ports {
	struct smdp_ports smdp;
	struct store_client *store;
	struct keeper *keeper;
	struct appraiser *appraiser;
	const struct config *config;
	struct smdp_ci ci[CI_MAX];
	struct buffer certificates[CI_MAX][3];
};

/* ports_begin reads the certificates of all CIs; says what is wrong. */
NODISCARD enum err ports_begin(struct ports *ports, const struct config *config,
                               struct store_client *store, struct keeper *keeper,
                               struct appraiser *appraiser);

#endif
