/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_pending.h"

#include "cli/agent_state.h"

#include <string.h>

static const char name[] = "pending";

enum err pending_keep(const char *code)
{
	return agent_state_keep(name, (struct bytes){ (const uint8_t *)code, strlen(code) });
}

void pending_drop(void)
{
	agent_state_drop(name);
}

enum err pending_read(struct room *code)
{
	return agent_state_read(name, code);
}
