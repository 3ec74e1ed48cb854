/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_pending.h"

#include "cli/agent_state.h"

static const char name[] = "pending";

enum err pending_keep(const char *code)
{
	return agent_state_keep(name, bytes_text(code));
}

void pending_drop(void)
{
	agent_state_drop(name);
}

enum err pending_read(struct room *code)
{
	return agent_state_read(name, code);
}
