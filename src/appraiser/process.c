/* SPDX-License-Identifier: Apache-2.0 */
/* The appraiser process: it parses evidence, so it has no network, no files and no keys. */
#include "appraiser/appraiser_work.h"

#include "appraiser/rulings.h"
#include "server/child.h"
#include "server/cis.h"
#include "server/log.h"
#include "server/sandbox.h"
#include "server/serve.h"
#include "server/store.h"
#include "server/store_chips.h"

#include <stdio.h>
#include <time.h>

enum {
	CACHED_LOGS = 256,
	/* Strangers get as far as here through workers: the AuC's subscribers do not wait for many of them (R11). */
	APPRAISALS_AT_ONCE = 4,
};

#define WORKER (1u << APPRAISER_FOR_WORKER)
#define ADMIN  (1u << APPRAISER_FOR_ADMIN)
#define AUC    (1u << APPRAISER_FOR_AUC)

static const struct {
	appraiser_fn *run;
	uint32_t roles;
} requests[APPRAISER_REQUESTS] = {
	[APPRAISER_APPRAISE] = {appraiser_do_appraise, WORKER     },
	[APPRAISER_ACCESS] = { NULL,                 AUC        }, /* answered later */
	[APPRAISER_WANTED] = { appraiser_do_wanted,  WORKER     },
	[APPRAISER_CHECK] = { appraiser_do_check,   ADMIN      },
	[APPRAISER_TRY] = { appraiser_do_try,     ADMIN      },
	[APPRAISER_EXPLAIN] = { appraiser_do_explain, ADMIN      },
	[APPRAISER_ENROL_BEGIN] = { appraiser_do_enrol_begin, WORKER },
	[APPRAISER_ENROL_PROVE] = { appraiser_do_enrol_prove, WORKER },
	[APPRAISER_MANIFEST] = { appraiser_do_manifest, ADMIN },
	[APPRAISER_ENROL_PSA] = { appraiser_do_enrol_psa, ADMIN },
};

struct process {
	struct links links;
	struct store_client *store;
	struct keeper *keeper;
	struct cis cis;
	struct appraiser_state state;
	struct rulings rulings;
	struct ruling_token {
		struct process *process;
		uint32_t slot;
	} tokens[RULINGS_MAX];
	struct serving *serving; /* during a turn */
	struct counters *counters;
};

/* --- ports ------------------------------------------------------------------------------------ */

static uint64_t now_s(void *ctx)
{
	(void)ctx;
	return (uint64_t)time(NULL);
}

static enum err chip_load(void *ctx, struct bytes eid, uint64_t *generation, struct chip *out)
{
	return store_chip_load(((struct process *)ctx)->store, CHIP_BY_EID, eid, generation, out);
}

static enum err commit(void *ctx, const struct chip_change *change)
{
	return store_chip_commit(((struct process *)ctx)->store, change);
}

static enum err log_load(void *ctx, struct bytes digest, struct bytes *log)
{
	return store_log_load(((struct process *)ctx)->store, digest, log);
}

static enum err card_load(void *ctx, struct bytes eid, struct bytes iccid, struct card_facts *out)
{
	return store_card_load(((struct process *)ctx)->store, eid, iccid, out);
}

static enum err access_load(void *ctx, struct bytes imsi, struct access_facts *out)
{
	return store_access_load(((struct process *)ctx)->store, imsi, out);
}

static enum err items(void *ctx, const struct item *after, struct bytes *reply)
{
	enum { AT_ONCE = 64 };

	return store_items(((struct process *)ctx)->store, after, AT_ONCE, reply);
}

static enum err appraisals(void *ctx, struct bytes after_eid, struct bytes *reply)
{
	enum { AT_ONCE = 64 };

	return store_appraisals(((struct process *)ctx)->store, after_eid, AT_ONCE, reply);
}

static enum err permit(void *ctx, const struct permit *what, struct bytes session,
                       uint8_t out[static PERMIT_SIZE])
{
	return keeper_permit(((struct process *)ctx)->keeper, what, session, out);
}

static enum err sign_result(void *ctx, struct bytes claims, struct room *out)
{
	return keeper_sign_result(((struct process *)ctx)->keeper, claims, out);
}

static enum err chip_by_id(void *ctx, struct bytes id, struct chip *out)
{
	uint64_t generation;

	return store_chip_load(((struct process *)ctx)->store, CHIP_BY_ID, id, &generation, out);
}

static enum err challenge_add(void *ctx, struct bytes id, uint64_t expires_s, struct bytes body)
{
	return store_challenge_add(((struct process *)ctx)->store, id, expires_s, body);
}

static enum err challenge_take(void *ctx, struct bytes id, uint64_t when_s, struct bytes *body)
{
	return store_challenge_take(((struct process *)ctx)->store, id, when_s, body);
}

static enum err listed(void *ctx, struct bytes eid, struct listed *out)
{
	return store_manifest_find(((struct process *)ctx)->store, eid, out);
}

static enum err manifest_add(void *ctx, struct bytes supplier, struct bytes batch,
                             struct bytes digest, uint64_t count, struct bytes entries)
{
	return store_manifest_add(((struct process *)ctx)->store, supplier, batch, digest, count,
	                          entries);
}

static enum err chip_add(void *ctx, const struct chip *chip, struct chip *out)
{
	return store_chip_add(((struct process *)ctx)->store, chip, out);
}

/* --- rulings: what the store answers later ------------------------------------------------------- */

static void loaded(void *ctx, enum err err, struct bytes reply)
{
	const struct ruling_token *token = ctx;

	rulings_loaded(&token->process->rulings, token->slot, err, reply);
}

static void recorded(void *ctx, enum err err, struct bytes reply)
{
	const struct ruling_token *token = ctx;

	(void)reply;
	rulings_recorded(&token->process->rulings, token->slot, err);
}

static struct ruling_token *token_of(struct process *process, uint32_t slot)
{
	process->tokens[slot] = (struct ruling_token){ process, slot };
	return &process->tokens[slot];
}

static enum err ruling_load(void *ctx, uint32_t slot, struct bytes imsi)
{
	struct process *process = ctx;

	return store_ask_access(process->store, imsi, loaded, token_of(process, slot));
}

static enum err ruling_record(void *ctx, uint32_t slot, const struct chip_change *change)
{
	struct process *process = ctx;

	return store_ask_chip_commit(process->store, change, recorded, token_of(process, slot));
}

static enum err ruling_permits(void *ctx, const struct permit *permits, size_t count,
                               uint8_t (*out)[PERMIT_SIZE])
{
	return keeper_permits_access(((struct process *)ctx)->keeper, permits, count, out);
}

static void ruling_answer(void *ctx, const struct serve_ticket *ticket, enum err err,
                          struct bytes reply)
{
	if (err == ERR_BUSY) /* a thousand at once, when the store or the keeper has died */
		log_debug("ruling: %s", err_text(err));
	else if (err != ERR_NONE && err != ERR_NOT_FOUND)
		log_error("ruling: %s", err_text(err));
	serve_later(((struct process *)ctx)->serving, ticket, err, reply);
}

/* --- requests --------------------------------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What began at `since_us` is done, and counted. */
static void done(struct process *process, uint64_t since_us)
{
	struct appraiser_counts *counts = &process->state.counts;

	store_forget(process->store);
	counts->busy_us += now_us() - since_us;
	counts->under_way = process->rulings.under_way;
	counters_put(process->counters, counts, sizeof *counts);
}

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	return role < APPRAISER_ROLES && code < APPRAISER_REQUESTS &&
	       (requests[code].roles >> role & 1);
}

static enum serve_when later(void *ctx, uint16_t code, struct bytes request,
                             const struct serve_ticket *ticket)
{
	struct process *process = ctx;

	if (code != APPRAISER_ACCESS)
		return SERVE_NOW;
	return rulings_ask(&process->rulings, request, ticket) ? SERVE_LATER : SERVE_FULL;
}

static void turn(void *ctx, struct serving *serving)
{
	struct process *process = ctx;
	uint64_t since_us = now_us();

	process->serving = serving;
	store_pump(process->store);
	rulings_turn(&process->rulings);
	done(process, since_us);
}

static int fd(void *ctx)
{
	return store_fd(((struct process *)ctx)->store);
}

static enum err answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	struct process *process = ctx;
	uint64_t since_us = now_us();
	enum err err = requests[code].run(&process->state, request, reply);

	done(process, since_us);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		log_error("appraisal: %s", err_text(err));
	return err;
}

_Static_assert((int)FINDINGS <= (int)CAUSES_MAX, "each cause is counted");

static void causes_tell(struct counters *counters)
{
	for (enum finding_cause cause = 0; cause < FINDINGS; cause++)
		snprintf(counters->causes[cause], sizeof counters->causes[cause], "%s",
		         finding_word(cause));
}

static bool begin(struct process *process, const struct child_start *start)
{
	process->counters = start->counters;
	causes_tell(process->counters);
	process->store = store_open(&process->links, false);
	process->keeper = keeper_open(&process->links);
	process->state.ports = (struct appraiser_ports){ .ctx = process,
		                                         .now_s = now_s,
		                                         .chip_load = chip_load,
		                                         .commit = commit,
		                                         .log_load = log_load,
		                                         .card_load = card_load,
		                                         .access_load = access_load,
		                                         .items = items,
		                                         .appraisals = appraisals,
		                                         .permit = permit,
		                                         .sign_result = sign_result };
	process->state.enrol = (struct enrol_state){ .ports = { chip_by_id, challenge_add,
		                                                challenge_take, listed, manifest_add, chip_add },
		                                     .test_chips = start->config->test_chips };
	if (cis_load(&process->cis, start->config) != ERR_NONE)
		return false;
	process->state.trust = cis_trust(&process->cis, 0);
	rulings_begin(&process->rulings, &process->state,
	              &(struct ruling_ports){ process, ruling_load, ruling_record, ruling_permits,
	                                      ruling_answer });
	if (process->store == NULL || process->keeper == NULL ||
	    verifier_init(&process->state.verifier, CACHED_LOGS) != ERR_NONE)
		return false;
	process->state.verifier.accept_test_chips = start->config->test_chips;
	return sandbox_enter(start->config, SANDBOX_APPRAISER);
}

int appraiser_process(const struct child_start *start)
{
	static struct process process;
	enum err err;

	if (!sandbox_user(start->config) || !links_begin(&process.links, start->control))
		return process.links.closed ? 0 : 1;
	if (!begin(&process, start))
		return CHILD_CANNOT_START;
	child_ready(start);
	err = serve_run(&(struct serve){ .ctx = &process,
	                                 .at_once = APPRAISALS_AT_ONCE,
	                                 .permits = permits,
	                                 .answer = answer,
	                                 .later = later,
	                                 .turn = turn,
	                                 .fd = fd,
	                                 .links = &process.links },
	                start->control);
	verifier_clear(&process.state.verifier);
	return err == ERR_NONE ? 0 : 1;
}
