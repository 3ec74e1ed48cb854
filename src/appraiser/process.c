/* SPDX-License-Identifier: Apache-2.0 */
/* The appraiser process: it parses evidence, so it has no network, no files and no keys. */
#include "appraiser/appraiser_work.h"

#include "server/child.h"
#include "server/log.h"
#include "server/sandbox.h"
#include "server/serve.h"

enum { CACHED_LOGS = 256 };

#define WORKER (1u << APPRAISER_FOR_WORKER)
#define ADMIN  (1u << APPRAISER_FOR_ADMIN)
#define AUC    (1u << APPRAISER_FOR_AUC)

static const struct {
	appraiser_fn *run;
	uint32_t roles;
} requests[APPRAISER_REQUESTS] = {
	[APPRAISER_APPRAISE] = {appraiser_do_appraise, WORKER},
	[APPRAISER_ACCESS] = { appraiser_do_access,  AUC   },
};

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	return role < APPRAISER_ROLES && code < APPRAISER_REQUESTS &&
	       (requests[code].roles >> role & 1);
}

static enum err answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	struct appraiser_state *state = ctx;
	enum err err = requests[code].run(state, request, reply);

	store_forget(state->store);
	if (err != ERR_NONE)
		log_error("appraisal: %s", err_text(err));
	return err;
}

int appraiser_process(const struct child_start *start)
{
	static struct appraiser_state state;
	enum err err;

	if (!sandbox_user(start->config) || !links_begin(&state.links, start->control))
		return state.links.closed ? 0 : 1;
	state.store = store_open(&state.links, false);
	state.keeper = keeper_open(&state.links);
	if (state.store == NULL || state.keeper == NULL ||
	    verifier_init(&state.verifier, CACHED_LOGS) != ERR_NONE ||
	    !sandbox_enter(start->config, SANDBOX_APPRAISER))
		return CHILD_CANNOT_START;
	appraiser_builtin(&state.verifier.policy);
	child_ready(start);
	err = serve_run(&(struct serve){ .ctx = &state,
	                                 .permits = permits,
	                                 .answer = answer,
	                                 .links = &state.links },
	                start->control);
	verifier_clear(&state.verifier);
	return err == ERR_NONE ? 0 : 1;
}
