/* SPDX-License-Identifier: Apache-2.0 */
/* The activation code of a download that has begun and not ended, kept in a file for --resume. */
#ifndef CLI_AGENT_PENDING_H
#define CLI_AGENT_PENDING_H

#include "base/bytes.h"
#include "base/err.h"

/* pending_keep writes the code, readable by its owner only; pending_drop removes it. Without a place for
 * state (no HOME) both do nothing. */
NODISCARD enum err pending_keep(const char *code);
void pending_drop(void);

/* pending_read appends the code; ERR_NOT_FOUND when no download is pending. */
NODISCARD enum err pending_read(struct room *code);

#endif
