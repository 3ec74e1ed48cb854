/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent remembers from one run to the next, as small files in one folder: /var/lib/assay-agent for
 * root, else where the XDG base directory specification says. */
#ifndef CLI_AGENT_STATE_H
#define CLI_AGENT_STATE_H

#include "base/bytes.h"
#include "base/err.h"

/* agent_state_keep replaces a file, readable by its owner only; agent_state_drop removes it. Without a place
 * for state (no HOME) both do nothing. `name` is without slashes. */
NODISCARD enum err agent_state_keep(const char *name, struct bytes content);
void agent_state_drop(const char *name);

/* agent_state_read appends what the file has; ERR_NOT_FOUND when there is none. */
NODISCARD enum err agent_state_read(const char *name, struct room *out);

#endif
