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
	bool gone;
	struct buffer in, group, out; /* received; answered but not yet durable; to be sent */
};

struct state {
	const struct serve *serve;
	struct peer peers[PEERS_MAX];
	size_t count;
	struct room reply;
};

static void peer_add(struct state *state, const struct link_offer *offer)
{
	if (offer->to != LINK_FROM_CLIENT || state->count == PEERS_MAX) {
		close(offer->fd);
		return;
	}
	state->peers[state->count++] = (struct peer){ .fd = offer->fd, .role = offer->role };
}

static void peer_accept(struct state *state, int control, bool *open)
{
	struct link_offer offer;
	enum err err = link_offer_receive(control, &offer);

	if (err == ERR_NONE)
		peer_add(state, &offer);
	else if (err != ERR_BUSY)
		*open = false;
}

/* Links may also have come while a request waited for another service. */
static void peers_of_links(struct state *state, struct links *links, bool *open)
{
	links_take(links);
	while (links->client_count > 0)
		peer_add(state, &links->clients[--links->client_count]);
	*open = !links->closed;
}

static void peers_sweep(struct state *state)
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

/* request_take answers one whole request of the peer, if there is one. */
static bool request_take(struct state *state, struct peer *peer, size_t *used)
{
	struct bytes in = buffer_bytes(&peer->in), head_octets, body;
	const struct serve *serve = state->serve;
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
	state->reply.len = 0;
	state->reply.full = false;
	err = serve->answer(serve->ctx, head.code, body, &state->reply);
	if (err == ERR_NONE && state->reply.full)
		err = ERR_ROOM;
	if (!group_add(peer, head.id, err, room_used(&state->reply)))
		peer->gone = true;
	wipe(state->reply.at, state->reply.len);
	*used += LINK_HEAD + head.len;
	return !peer->gone;
}

static bool request_waits(const struct peer *peer)
{
	struct link_head head;

	return link_head_read(buffer_bytes(&peer->in), &head) != ERR_TRUNCATED &&
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

static void group_release(struct state *state, enum err err)
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

static void group_run(struct state *state)
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
		while (taken < GROUP_MAX && request_take(state, peer, &used))
			taken++;
		buffer_drop(&peer->in, used);
	}
	if (serve->end != NULL && err == ERR_NONE)
		err = serve->end(serve->ctx);
	group_release(state, err);
}

static bool wait_and_read(struct state *state, int control, bool *open)
{
	struct pollfd fds[PEERS_MAX + 1] = {
		{.fd = control, .events = POLLIN}
	};
	size_t count = state->count;
	bool more = false;
	int n;

	for (size_t i = 0; i < count; i++) {
		fds[i + 1] = (struct pollfd){ .fd = state->peers[i].fd, .events = POLLIN };
		if (state->peers[i].out.len > 0)
			fds[i + 1].events |= POLLOUT;
		more = more || request_waits(&state->peers[i]);
	}
	n = poll(fds, count + 1, more ? 0 : 1000);
	if (n < 0 && errno != EINTR)
		return false;
	for (size_t i = 0; n > 0 && i < count; i++) {
		if (fds[i + 1].revents & POLLOUT)
			peer_write(&state->peers[i]);
		if (fds[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			peer_read(&state->peers[i]);
	}
	if (state->serve->links != NULL)
		peers_of_links(state, state->serve->links, open);
	else if (n > 0 && fds[0].revents != 0)
		peer_accept(state, control, open);
	if (n == 0 && state->serve->idle != NULL)
		state->serve->idle(state->serve->ctx);
	return true;
}

enum err serve_run(const struct serve *serve, int control)
{
	struct state *state = calloc(1, sizeof *state);
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
		peers_sweep(state);
	}
	for (size_t i = 0; i < state->count; i++)
		state->peers[i].gone = true;
	peers_sweep(state);
	free(reply);
	free(state);
	return err;
}
