/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rulings about access, many under way at once: a fleet that comes back after an outage asks for thousands (R11). Each is
 * three steps: what is known of the subscriber's machine is loaded; what is ruled is recorded in the audit log; when
 * that is durable, and not before, there is a permit and an answer (I4, I5). The store commits the records of
 * all that are under way as a group, and one question to the keeper brings many permits.
 *
 * What the store answers is only kept (rulings_loaded, rulings_recorded), since it may come while an appraisal waits for
 * the store; rulings_turn works on it between two questions, so that no policy changes under an appraisal.
 */
#ifndef APPRAISER_RULINGS_H
#define APPRAISER_RULINGS_H

#include "appraiser/access.h"
#include "server/buffer.h"
#include "server/serve.h"

enum { RULINGS_MAX = 1024 }; /* under way; who asks for more waits */

struct ruling_ports {
	void *ctx;
	/* Told later, unless they fail: load by rulings_loaded, record by rulings_recorded. */
	enum err (*load)(void *ctx, uint32_t slot, struct bytes imsi);
	enum err (*record)(void *ctx, uint32_t slot, const struct chip_change *change);
	enum err (*permits)(void *ctx, const struct permit *permits, size_t count,
	                    uint8_t (*out)[PERMIT_SIZE]);
	void (*answer)(void *ctx, const struct serve_ticket *ticket, enum err err,
	               struct bytes reply);
};

enum ruling_step { RULING_FREE, RULING_LOADING, RULING_LOADED, RULING_RECORDING, RULING_RECORDED };

struct ruling_slot {
	enum ruling_step step;
	uint32_t next; /* behind it among the free ones, or among those that can go on */
	enum err err;  /* how its last step ended */
	struct serve_ticket ticket;
	uint8_t imsi_size, imsi[IMSI_DIGITS_MAX];
	struct buffer facts; /* what was loaded, until it is ruled */
	struct permit permit;
	enum finding_cause cause; /* as in struct ruling */
	char why[APPRAISE_WHY_MAX];
};

struct rulings {
	struct appraiser_state *state;
	struct ruling_ports ports;
	struct ruling_slot slots[RULINGS_MAX];
	uint32_t free, first, last; /* first to last: those that can go on */
	uint32_t under_way;
	uint32_t batch
		[KEEPER_PERMITS_MAX]; /* those whose permits will be the next question to the keeper */
	size_t batch_count;
};

void rulings_begin(struct rulings *rulings, struct appraiser_state *state,
                   const struct ruling_ports *ports);

/* rulings_ask begins one; its answer is what appraise_answer_read takes, ERR_NOT_FOUND for a stranger, or the
 * error of a step. False: as many as can be are under way. */
NODISCARD bool rulings_ask(struct rulings *rulings, struct bytes imsi,
                           const struct serve_ticket *ticket);

/* The store's answers. `reply` lives only for the call. */
void rulings_loaded(struct rulings *rulings, uint32_t slot, enum err err, struct bytes reply);
void rulings_recorded(struct rulings *rulings, uint32_t slot, enum err err);

/* rulings_turn goes on with all that can. Not to be called while an appraisal is under way. */
void rulings_turn(struct rulings *rulings);

#endif
