/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"

#include "server/limits.h"
#include "server/link.h"
#include "server/task.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { READ_SIZE = 64 << 10, LINK_PATIENCE_MS = 5000 };

enum err asker_begin(struct asker *asker, struct links *links, int *link, const unsigned *turn,
                     bool waits_as_task)
{
	memset(asker, 0, sizeof *asker);
	asker->links = links;
	asker->link = link;
	asker->link_turn = turn;
	asker->waits_as_task = waits_as_task;
	asker->turn = *turn;
	asker->message = malloc(MESSAGE_MAX);
	if (asker->message == NULL)
		return ERR_FULL;
	for (uint32_t i = 0; i < ASKED_MAX; i++)
		asker->asked[i] = (struct asker_asked){ .id = i, .next_free = i + 1 };
	return ERR_NONE;
}

void asker_end(struct asker *asker)
{
	asker_forget(asker);
	buffer_free(&asker->in);
	buffer_free(&asker->out);
	free(asker->kept);
	free(asker->message);
}

struct room asker_message(const struct asker *asker)
{
	return (struct room){ asker->message, MESSAGE_MAX, 0, false };
}

int asker_fd(const struct asker *asker)
{
	return *asker->link;
}

static void answered(struct asker *asker, uint32_t id, enum err err, struct bytes reply)
{
	struct asker_asked *asked = &asker->asked[id % ASKED_MAX];
	asker_later *then = asked->then;

	if (asked->id != id || then == NULL)
		return;
	asked->then = NULL;
	asked->id += ASKED_MAX;
	asked->next_free = asker->first_free;
	asker->first_free = id % ASKED_MAX;
	asker->under_way--;
	then(asked->ctx, err, reply);
}

/* What was under way may or may not have been done. */
static void give_up(struct asker *asker)
{
	for (uint32_t i = 0; i < ASKED_MAX && asker->under_way > 0; i++)
		if (asker->asked[i].then != NULL)
			answered(asker, asker->asked[i].id, ERR_BUSY, (struct bytes){ NULL, 0 });
}

static void link_ended(struct asker *asker)
{
	buffer_free(&asker->in);
	buffer_free(&asker->out);
	give_up(asker);
}

static void turn_check(struct asker *asker)
{
	if (asker->turn == *asker->link_turn)
		return;
	asker->turn = *asker->link_turn;
	if (asker->watched)
		silence_heard(&asker->silence, asker->service);
	link_ended(asker);
}

static bool read_some(struct asker *asker)
{
	uint8_t *at = buffer_space(&asker->in, READ_SIZE);
	ssize_t n;

	if (at == NULL || *asker->link < 0)
		return false;
	n = recv(*asker->link, at, READ_SIZE, MSG_DONTWAIT);
	if (n > 0)
		asker->in.len += (size_t)n;
	if (n > 0 && asker->watched)
		silence_heard(&asker->silence, asker->service);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		links_lost(asker->link);
		link_ended(asker);
	}
	return n > 0;
}

static void flush(struct asker *asker)
{
	while (asker->out.len > 0 && *asker->link >= 0) {
		ssize_t n = send(*asker->link, asker->out.at, asker->out.len,
		                 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			return; /* EAGAIN: pump again; otherwise reading finds the end */
		buffer_drop(&asker->out, (size_t)n);
	}
}

/* Callbacks may ask again, and through that read again: each answer is taken off before it is told. */
static bool take_one(struct asker *asker)
{
	struct bytes in = buffer_bytes(&asker->in), octets, body;
	struct buffer reply = { NULL, 0, 0 };
	struct link_head head;
	bool kept;

	if (link_head_read(in, &head) != ERR_NONE || !bytes_take(&in, LINK_HEAD, &octets) ||
	    !bytes_take(&in, head.len, &body))
		return false;
	kept = buffer_add(&reply, body);
	buffer_drop(&asker->in, LINK_HEAD + head.len);
	answered(asker, head.id, kept ? (enum err)head.code : ERR_FULL, buffer_bytes(&reply));
	buffer_free(&reply);
	return true;
}

void asker_pump(struct asker *asker)
{
	turn_check(asker);
	flush(asker);
	while (read_some(asker))
		while (take_one(asker))
			;
	if (asker->watched && asker->under_way > 0 &&
	    silence_over(&asker->silence, asker->service))
		give_up(asker); /* the link stays: by its late answers the service is known to be back */
}

int asker_wait_ms(const struct asker *asker)
{
	if (!asker->watched || asker->under_way == 0 || asker->silence.silent)
		return -1;
	return silence_left_ms(&asker->silence, asker->service);
}

enum err asker_ask(struct asker *asker, uint16_t request, struct bytes body, asker_later *then,
                   void *ctx)
{
	uint8_t octets[LINK_HEAD];
	struct link_head head = { .len = (uint32_t)body.len, .code = request };
	struct asker_asked *asked;

	if (*asker->link < 0 && !links_wait(asker->links, asker->link, LINK_PATIENCE_MS))
		return ERR_BUSY;
	/* Those that wait on the old link are told from the main stack, where tasks can be woken. */
	if (task_current() != NULL && asker->under_way > 0 && asker->turn != *asker->link_turn)
		return ERR_BUSY;
	turn_check(asker);
	if (asker->silence.silent)
		return ERR_BUSY;
	if (asker->first_free >= ASKED_MAX || body.len > MESSAGE_MAX)
		return ERR_BUSY;
	asked = &asker->asked[asker->first_free];
	head.id = asked->id;
	link_head_put(octets, &head);
	if (!buffer_add(&asker->out, BYTES(octets)) || !buffer_add(&asker->out, body))
		return ERR_FULL;
	asker->first_free = asked->next_free;
	asked->then = then;
	asked->ctx = ctx;
	if (asker->under_way++ == 0 && asker->watched)
		silence_asked(&asker->silence);
	flush(asker);
	return ERR_NONE;
}

/* --- waiting ---------------------------------------------------------------------------------- */

struct waiting {
	struct asker *asker;
	struct task *task;
	bool over;
	enum err err;
	struct bytes reply; /* while the callback runs */
	struct buffer copy;
};

static void arrived(void *ctx, enum err err, struct bytes reply)
{
	struct waiting *waiting = ctx;

	waiting->err = err;
	waiting->over = true;
	if (err == ERR_NONE && !buffer_add(&waiting->copy, reply))
		waiting->err = ERR_FULL;
	if (waiting->task != NULL)
		task_wake(waiting->task);
}

static void wait_in_poll(struct asker *asker, struct waiting *waiting)
{
	while (!waiting->over) {
		struct pollfd fds[] = {
			{.fd = asker->links->control, .events = POLLIN},
			{ .fd = *asker->link,         .events = POLLIN}
		};
		if (asker->out.len > 0)
			fds[1].events |= POLLOUT;
		(void)!poll(fds, COUNT(fds), asker_wait_ms(asker)); /* the loop looks again */
		if (fds[0].revents != 0)
			links_take(asker->links);
		asker_pump(asker);
		if (asker->links->closed && *asker->link < 0)
			link_ended(asker);
	}
}

static enum err keep_outside(struct asker *asker, struct buffer *copy, struct bytes *reply)
{
	struct buffer *more = realloc(asker->kept, (asker->kept_count + 1) * sizeof *more);

	if (more == NULL)
		return ERR_FULL;
	asker->kept = more;
	asker->kept[asker->kept_count++] = *copy;
	*reply = buffer_bytes(copy);
	*copy = (struct buffer){ NULL, 0, 0 };
	return ERR_NONE;
}

void asker_forget(struct asker *asker)
{
	while (asker->kept_count > 0)
		buffer_free(&asker->kept[--asker->kept_count]);
}

enum err asker_call(struct asker *asker, uint16_t request, struct bytes body, struct bytes *reply)
{
	struct waiting waiting = { .asker = asker, .over = false };
	enum err err;

	if (asker->waits_as_task)
		waiting.task = task_current();
	TRY(asker_ask(asker, request, body, arrived, &waiting));
	if (waiting.task != NULL)
		while (!waiting.over)
			task_wait();
	else
		wait_in_poll(asker, &waiting);
	err = waiting.err;
	if (err == ERR_NONE && reply != NULL && waiting.copy.len > 0 && waiting.task != NULL) {
		*reply = task_keep(buffer_bytes(&waiting.copy));
		err = reply->at == NULL ? ERR_FULL : ERR_NONE;
	} else if (err == ERR_NONE && reply != NULL) {
		err = keep_outside(asker, &waiting.copy, reply);
	}
	buffer_free(&waiting.copy);
	return err;
}
