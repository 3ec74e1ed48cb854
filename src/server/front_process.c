/* SPDX-License-Identifier: Apache-2.0 */
/* The RADIUS relay's process: access points' packets in, to one of hostapd's instances, and back. It has no link to
 * any other process. */
#include "server/child.h"
#include "server/front.h"
#include "server/link.h"
#include "server/listen.h"
#include "server/log.h"
#include "server/sandbox.h"

#include "port/crypto.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { AT_ONCE = 64, UPSTREAMS = FRONT_FLOWS * FRONT_DOORS, FDS_MAX = 1 + LISTEN_MAX + UPSTREAMS };

_Static_assert(FRONT_DOORS == 2, "config.front has as many");

struct front_process {
	struct front front;
	const struct child_listeners *listeners;
	int control;
	int upstream[FRONT_FLOWS][FRONT_DOORS];
	uint8_t packet[FRONT_PACKET_MAX + 1];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A packet that cannot be sent on is lost, as packets are; the access point repeats it. */
static bool take_request(struct front_process *process, uint8_t socket)
{
	struct front_address from = { .socket = socket };
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	enum front_door door;
	struct bytes packet;
	size_t flow;
	ssize_t got =
		recvfrom(process->listeners->radius[socket], process->packet,
	                 sizeof process->packet, MSG_DONTWAIT, (struct sockaddr *)&address, &size);

	if (got < 0)
		return false;
	if (size > sizeof from.at)
		return true;
	memcpy(from.at, &address, size);
	from.size = (uint8_t)size;
	packet = (struct bytes){ process->packet, (size_t)got };
	if (front_request(&process->front, now_ms(), &from, packet, &flow, &door) == ERR_NONE)
		(void)!send(process->upstream[flow][door], packet.at, packet.len,
		            MSG_DONTWAIT | MSG_NOSIGNAL);
	return true;
}

static bool take_reply(struct front_process *process, size_t flow, enum front_door door)
{
	const struct front_address *to;
	struct sockaddr_storage address;
	struct bytes packet;
	ssize_t got = recv(process->upstream[flow][door], process->packet, sizeof process->packet,
	                   MSG_DONTWAIT);

	if (got < 0)
		return errno == ECONNREFUSED; /* of a packet sent before: hostapd was not there */
	packet = (struct bytes){ process->packet, (size_t)got };
	to = front_reply(&process->front, now_ms(), flow, door, packet);
	if (to == NULL)
		return true;
	memcpy(&address, to->at, to->size);
	(void)!sendto(process->listeners->radius[to->socket], packet.at, packet.len,
	              MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address, to->size);
	return true;
}

/* True while the supervisor is there. */
static bool turn(struct front_process *process)
{
	struct pollfd fds[FDS_MAX] = {
		{.fd = process->control, .events = POLLIN}
	};
	const size_t sockets = process->listeners->radius_count;
	struct pollfd *upstream = &fds[1 + sockets];

	for (size_t i = 0; i < sockets; i++)
		fds[1 + i] = (struct pollfd){ process->listeners->radius[i], POLLIN, 0 };
	for (size_t i = 0; i < UPSTREAMS; i++)
		upstream[i] = (struct pollfd){ process->upstream[i / FRONT_DOORS][i % FRONT_DOORS],
			                       POLLIN, 0 };
	(void)!poll(fds, (nfds_t)(1 + sockets + UPSTREAMS), -1); /* interrupted: looked at again */
	for (size_t i = 0; i < sockets; i++)
		for (int n = 0; n < AT_ONCE && fds[1 + i].revents != 0; n++)
			if (!take_request(process, (uint8_t)i))
				break;
	for (size_t i = 0; i < UPSTREAMS; i++)
		for (int n = 0; n < AT_ONCE && upstream[i].revents != 0; n++)
			if (!take_reply(process, i / FRONT_DOORS,
			                (enum front_door)(i % FRONT_DOORS)))
				break;
	return fds[0].revents == 0; /* nothing comes there but its end */
}

static bool begin(struct front_process *process, const struct child_start *start)
{
	const char *const at[FRONT_DOORS] = { start->config->radius_network,
		                              start->config->radius_quarantine };
	uint64_t seed = 0;

	process->listeners = start->listeners;
	process->control = start->control;
	for (size_t i = 0; i < UPSTREAMS; i++) {
		int fd = connect_datagram(at[i % FRONT_DOORS]);
		if (fd < 0) {
			log_error("cannot send to %s: %s", at[i % FRONT_DOORS], strerror(errno));
			return false;
		}
		process->upstream[i / FRONT_DOORS][i % FRONT_DOORS] = fd;
	}
	if (crypto_random((uint8_t *)&seed, sizeof seed) != ERR_NONE)
		return false;
	front_init(&process->front, seed);
	return true;
}

int front_process(const struct child_start *start)
{
	struct front_process *process = calloc(1, sizeof *process);

	if (process == NULL || !sandbox_user(start->config) || !begin(process, start) ||
	    !sandbox_enter(start->config, SANDBOX_FRONT))
		return CHILD_CANNOT_START;
	child_ready(start);
	while (turn(process))
		;
	log_info(
		"%llu packets to hostapd, %llu dropped, %llu stations turned to the other instance",
		(unsigned long long)process->front.passed,
		(unsigned long long)process->front.dropped,
		(unsigned long long)process->front.turned);
	return 0;
}
