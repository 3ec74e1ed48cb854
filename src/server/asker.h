/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's end of a link on which many requests may be under way (store, appraiser). A request is queued
 * and told of when its answer has come; who has no event loop, or runs as a task, waits. When the
 * other end dies, what was under way ends in ERR_BUSY and may or may not have been done.
 */
#ifndef SERVER_ASKER_H
#define SERVER_ASKER_H

#include "server/buffer.h"
#include "server/links.h"
#include "server/silence.h"

enum { ASKED_MAX = 8192 };

/* An answer that comes later. ERR_BUSY: the other end died under it. `reply` lives only for the call. */
typedef void asker_later(void *ctx, enum err err, struct bytes reply);

/* A request under way. Its number is its place, with a count above that tells old answers apart. */
struct asker_asked {
	asker_later *then;
	void *ctx;
	uint32_t id, next_free;
};

struct asker {
	struct links *links;
	int *link;                 /* the one of `links` */
	const unsigned *link_turn; /* counts how often it was made anew */
	bool waits_as_task;
	bool watched; /* for silence, of that service; what was asked ends in ERR_BUSY then */
	enum silent_service service;
	struct silence silence;
	unsigned turn; /* of the link that the requests went out on */
	struct asker_asked asked[ASKED_MAX];
	uint32_t first_free, under_way;
	struct buffer in, out;
	struct buffer *kept; /* replies of synchronous calls outside of tasks */
	size_t kept_count;
	uint8_t *message; /* where requests are put together */
};

/* asker_begin: `link` and `turn` are members of `links`. `waits_as_task`: calls are made from tasks
 * (server/task.h) and let others run; otherwise they sleep in poll. ERR_FULL without memory. */
NODISCARD enum err asker_begin(struct asker *asker, struct links *links, int *link,
                               const unsigned *turn, bool waits_as_task);

/* asker_end releases it; nothing may be under way. */
void asker_end(struct asker *asker);

/* asker_message is the room in which a request is put together. */
struct room asker_message(const struct asker *asker);

/* asker_fd is what to poll for reading (-1: no link at present, look at the control socket); asker_pump
 * takes what has come and calls back. Call it after links_take as well. */
int asker_fd(const struct asker *asker);
void asker_pump(struct asker *asker);

/* asker_wait_ms is after how long asker_pump is to be called even if nothing has come; -1: never. */
int asker_wait_ms(const struct asker *asker);

/* asker_forget releases what the synchronous calls outside of tasks have returned views of. */
void asker_forget(struct asker *asker);

/* asker_ask sends a request; `then` is called once, unless this failed. */
NODISCARD enum err asker_ask(struct asker *asker, uint16_t request, struct bytes body,
                             asker_later *then, void *ctx);

/* asker_call waits for the answer; its views live until the task ends, or until asker_forget. */
NODISCARD enum err asker_call(struct asker *asker, uint16_t request, struct bytes body,
                              struct bytes *reply);

#endif
