/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper process: keys are read while it may still open files; then it may do nothing but answer. */
#include "server/child.h"
#include "server/keeper_state.h"
#include "server/log.h"
#include "server/sandbox.h"
#include "server/serve.h"

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	return keeper_permits((enum keeper_role)role, (enum keeper_request)code);
}

static enum err answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	return keeper_answer(ctx, code, request, reply);
}

int keeper_process(const struct child_start *start)
{
	static struct keeper_state state;
	enum err err;

	if (keeper_load(&state, start->config) != ERR_NONE || !sandbox_user(start->config) ||
	    !sandbox_enter(start->config, SANDBOX_KEEPER))
		return CHILD_CANNOT_START;
	child_ready(start);
	err = serve_run(&(struct serve){ .ctx = &state, .permits = permits, .answer = answer },
	                start->control);
	keeper_clear(&state);
	return err == ERR_NONE ? 0 : 1;
}
