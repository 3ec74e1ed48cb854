/* SPDX-License-Identifier: Apache-2.0 */
#include "server/serve.h"

#include "base/secret.h"
#include "server/buffer.h"
#include "server/limits.h"
#include "server/link.h"
#include "server/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PEERS_MAX = 4 * WORKER_MAX,
	READ_SIZE = 64 << 10,
	GROUP_MAX =
		512, /* requests of one link in one group: bounds what a crash can cost in time */
};

struct peer {
	int fd;
	uint8_t role;
	uint32_t number; /* of all links that there were */
	bool gone;
	bool held;                    /* what it asks next is taken when an answer has been given */
	struct buffer in, group, out; /* received; answered but not yet durable; to be sent */
};

struct serving {
	size_t answered; /* of the link whose turn it is, in this group */
	const struct serve *serve;
	struct peer peers[PEERS_MAX];
	size_t count;
	uint32_t numbered;
	struct room reply;
};

static void peer_add(struct serving *state, const struct link_offer *offer)
{
	if (offer->to != LINK_FROM_CLIENT || state->count == PEERS_MAX) {
		close(offer->fd);
		return;
	}
	state->peers[state->count++] =
		(struct peer){ .fd = offer->fd, .role = offer->role, .number = ++state->numbered };
}

static void peer_accept(struct serving *state, int control, bool *open)
{
	struct link_offer offer;
	enum err err = link_offer_receive(control, &offer);

	if (err == ERR_NONE)
		peer_add(state, &offer);
	else if (err != ERR_BUSY)
		*open = false;
}

/* Links may also have come while a request waited for another service. */
static void peers_of_links(struct serving *state, struct links *links, bool *open)
{
	links_take(links);
	while (links->client_count > 0)
		peer_add(state, &links->clients[--links->client_count]);
	*open = !links->closed;
}

static void peers_sweep(struct serving *state)
{
	for (size_t i = 0; i < state->count;) {
		struct peer *peer = &state->peers[i];
		if (!peer->gone) {
			i++;
			continue;
		}
		close(peer->fd);
		buffer_free(&peer->in);
		buffer_free(&peer->group);
		buffer_free(&peer->out);
		*peer = state->peers[--state->count];
	}
}

static void peer_read(struct peer *peer)
{
	while (peer->in.len < MESSAGE_MAX + LINK_HEAD) {
		uint8_t *at = buffer_space(&peer->in, READ_SIZE);
		ssize_t n = at == NULL ? 0 : recv(peer->fd, at, READ_SIZE, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			peer->gone = true;
			return;
		}
		peer->in.len += (size_t)n;
		if (n < READ_SIZE)
			return;
	}
}

static void peer_write(struct peer *peer)
{
	while (peer->out.len > 0) {
		ssize_t n =
			send(peer->fd, peer->out.at, peer->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			peer->gone = true;
			return;
		}
		buffer_drop(&peer->out, (size_t)n);
	}
}

static bool group_add(struct peer *peer, uint32_t id, enum err err, struct bytes body)
{
	struct link_head head = { .len = err == ERR_NONE ? (uint32_t)body.len : 0,
		                  .id = id,
		                  .code = (uint16_t)err };
	uint8_t octets[LINK_HEAD];

	link_head_put(octets, &head);
	body.len = head.len;
	return buffer_add(&peer->group, BYTES(octets)) && buffer_add(&peer->group, body);
}

void serve_later(struct serving *state, const struct serve_ticket *ticket, enum err err,
                 struct bytes reply)
{
	for (size_t i = 0; i < state->count; i++) {
		struct peer *peer = &state->peers[i];
		peer->held = false;
		if (peer->number == ticket->link && !group_add(peer, ticket->request, err, reply))
			peer->gone = true;
	}
}

/* request_later tells whether the request is to be answered later, or looked at later. */
static enum serve_when request_later(const struct serving *state, const struct peer *peer,
                                     const struct link_head *head, struct bytes body)
{
	const struct serve *serve = state->serve;
	const struct serve_ticket ticket = { peer->number, head->id };

	return serve->later == NULL ? SERVE_NOW
	                            : serve->later(serve->ctx, head->code, body, &ticket);
}

static bool request_answer(struct serving *state, struct peer *peer, const struct link_head *head,
                           struct bytes body)
{
	const struct serve *serve = state->serve;
	enum err err;
	bool kept;

	state->reply.len = 0;
	state->reply.full = false;
	err = serve->answer(serve->ctx, head->code, body, &state->reply);
	if (err == ERR_NONE && state->reply.full)
		err = ERR_ROOM;
	kept = group_add(peer, head->id, err, room_used(&state->reply));
	wipe(state->reply.at, state->reply.len);
	return kept;
}

/* request_take answers one whole request of the peer, if there is one. */
static bool request_take(struct serving *state, struct peer *peer, size_t *used)
{
	struct bytes in = buffer_bytes(&peer->in), head_octets, body;
	const struct serve *serve = state->serve;
	enum serve_when when;
	struct link_head head;
	enum err err;

	if (!bytes_take(&in, *used, &body))
		return false;
	err = link_head_read(in, &head);
	if (err == ERR_TRUNCATED)
		return false;
	if (err != ERR_NONE || !serve->permits(serve->ctx, peer->role, head.code)) {
		log_error("a link of role %u asked for what it may not; closed", peer->role);
		peer->gone = true;
		return false;
	}
	if (!bytes_take(&in, LINK_HEAD, &head_octets) || !bytes_take(&in, head.len, &body))
		return false;
	when = request_later(state, peer, &head, body);
	peer->held = when == SERVE_FULL;
	if (peer->held)
		return false;
	if (when == SERVE_NOW && !request_answer(state, peer, &head, body))
		peer->gone = true;
	state->answered += when == SERVE_NOW;
	*used += LINK_HEAD + head.len;
	return !peer->gone;
}

static bool request_waits(const struct peer *peer)
{
	struct link_head head;

	return !peer->held && link_head_read(buffer_bytes(&peer->in), &head) != ERR_TRUNCATED &&
	       (peer->in.len >= LINK_HEAD + (size_t)head.len || head.len > MESSAGE_MAX);
}

/* group_fail turns the answers of the group into failures, each for its own request. */
static void group_fail(struct peer *peer, enum err err)
{
	struct bytes rest = buffer_bytes(&peer->group), body, octets;
	struct buffer failed = { NULL, 0, 0 };
	struct link_head head;

	while (bytes_take(&rest, LINK_HEAD, &octets) && link_head_read(octets, &head) == ERR_NONE &&
	       bytes_take(&rest, head.len, &body)) {
		uint8_t put[LINK_HEAD];
		head.len = 0;
		if (head.code == ERR_NONE)
			head.code = (uint16_t)err;
		link_head_put(put, &head);
		if (!buffer_add(&failed, BYTES(put)))
			peer->gone = true;
	}
	buffer_free(&peer->group);
	peer->group = failed;
}

static void group_release(struct serving *state, enum err err)
{
	for (size_t i = 0; i < state->count; i++) {
		struct peer *peer = &state->peers[i];
		if (peer->group.len == 0)
			continue;
		if (err != ERR_NONE)
			group_fail(peer, err);
		if (!buffer_add(&peer->out, buffer_bytes(&peer->group)))
			peer->gone = true;
		buffer_drop(&peer->group, peer->group.len);
		peer_write(peer);
	}
}

static void group_run(struct serving *state)
{
	const struct serve *serve = state->serve;
	bool any = false;
	enum err err = ERR_NONE;

	for (size_t i = 0; i < state->count && !any; i++)
		any = request_waits(&state->peers[i]);
	if (!any)
		return;
	if (serve->begin != NULL)
		err = serve->begin(serve->ctx);
	for (size_t i = 0; i < state->count; i++) {
		struct peer *peer = &state->peers[i];
		size_t used = 0, taken = 0;
		state->answered = 0;
		while (taken < GROUP_MAX && (serve->at_once == 0 || state->answered < serve->at_once) &&
		       request_take(state, peer, &used))
			taken++;
		buffer_drop(&peer->in, used);
	}
	if (serve->end != NULL && err == ERR_NONE)
		err = serve->end(serve->ctx);
	group_release(state, err);
}

/* Answers that were to come later. */
static void answers_run(struct serving *state)
{
	if (state->serve->turn == NULL)
		return;
	state->serve->turn(state->serve->ctx, state);
	group_release(state, ERR_NONE);
}

static bool wait_and_read(struct serving *state, int control, bool *open)
{
	struct pollfd fds[PEERS_MAX + 2] = {
		{.fd = control, .events = POLLIN}
	};
	const struct serve *serve = state->serve;
	size_t count = state->count;
	bool more = false;
	int n;

	for (size_t i = 0; i < count; i++) {
		fds[i + 1] = (struct pollfd){ .fd = state->peers[i].fd, .events = POLLIN };
		if (state->peers[i].out.len > 0)
			fds[i + 1].events |= POLLOUT;
		more = more || request_waits(&state->peers[i]);
	}
	fds[count + 1] = (struct pollfd){ .fd = serve->fd != NULL ? serve->fd(serve->ctx) : -1,
		                          .events = POLLIN };
	n = poll(fds, count + 2, more ? 0 : 1000);
	if (n < 0 && errno != EINTR)
		return false;
	for (size_t i = 0; n > 0 && i < count; i++) {
		if (fds[i + 1].revents & POLLOUT)
			peer_write(&state->peers[i]);
		if (fds[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			peer_read(&state->peers[i]);
	}
	if (serve->links != NULL)
		peers_of_links(state, serve->links, open);
	else if (n > 0 && fds[0].revents != 0)
		peer_accept(state, control, open);
	if (n == 0 && serve->idle != NULL)
		serve->idle(serve->ctx);
	return true;
}

enum err serve_run(const struct serve *serve, int control)
{
	struct serving *state = calloc(1, sizeof *state);
	uint8_t *reply = malloc(MESSAGE_MAX);
	bool open = true;
	enum err err = ERR_NONE;

	if (state == NULL || reply == NULL) {
		free(state);
		free(reply);
		return ERR_FULL;
	}
	state->serve = serve;
	state->reply = (struct room){ reply, MESSAGE_MAX, 0, false };
	while (open && err == ERR_NONE) {
		if (!wait_and_read(state, control, &open))
			err = ERR_IO;
		group_run(state);
		answers_run(state);
		peers_sweep(state);
	}
	for (size_t i = 0; i < state->count; i++)
		state->peers[i].gone = true;
	peers_sweep(state);
	free(reply);
	free(state);
	return err;
}
