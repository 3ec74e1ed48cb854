/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/decision.h"

static const char *const purposes[PURPOSES] = { "provisioning", "management", "access" };
static const char *const decisions[DECISIONS] = { "admit", "restrict", "refuse" };

const char *purpose_text(enum purpose purpose)
{
	return (unsigned)purpose < PURPOSES ? purposes[purpose] : "unknown";
}

const char *decision_text(enum decision decision)
{
	return (unsigned)decision < DECISIONS ? decisions[decision] : "unknown";
}
