/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child may still do once it has started: no other user than it needs to be, no files but its own
 * (Landlock, where the kernel has it), no system calls but those of its job (seccomp), no core dumps, no
 * debugger. Entered once, never left.
 */
#ifndef SERVER_SANDBOX_H
#define SERVER_SANDBOX_H

#include "server/config.h"

enum sandbox {
	SANDBOX_KEEPER,
	SANDBOX_STORE,
	SANDBOX_APPRAISER,
	SANDBOX_HTTP,
	SANDBOX_ADMIN,
	SANDBOX_AUC,
	SANDBOX_CALLER,
	SANDBOX_FRONT,
	SANDBOXES
};

/* sandbox_user becomes the configured user if we are root and one is configured. */
NODISCARD bool sandbox_user(const struct config *config);

/* sandbox_enter gives up everything else. With `sandbox = no` only core dumps and debuggers. */
NODISCARD bool sandbox_enter(const struct config *config, enum sandbox which);

#endif
