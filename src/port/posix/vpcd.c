/* SPDX-License-Identifier: Apache-2.0 */
#include "port/posix/vpcd.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The signals that end a wait are blocked outside of ppoll, so `stop` cannot change between the look
 * and the sleep. */
static enum err await(const struct vpcd *vpcd)
{
	struct pollfd look = { .fd = vpcd->fd, .events = POLLIN };
	sigset_t open;

	sigemptyset(&open);
	while (!*vpcd->stop) {
		int n = ppoll(&look, 1, NULL, &open);
		if (n > 0)
			return ERR_NONE;
		if (n < 0 && errno != EINTR)
			return ERR_IO;
	}
	return ERR_TIMEOUT;
}

/* vpcd writes length and payload apart; without an immediate acknowledgement of the first, Nagle's rule
 * holds the second back for 40 ms. The kernel forgets the setting, so it is made around every read. */
static void acknowledge_at_once(int fd)
{
	int on = 1;

	(void)!setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on,
	                  sizeof on); /* only speed depends on it */
}

static enum err read_all(const struct vpcd *vpcd, uint8_t *at, size_t len)
{
	while (len > 0) {
		acknowledge_at_once(vpcd->fd);
		TRY(await(vpcd));
		ssize_t n = recv(vpcd->fd, at, len, 0);
		acknowledge_at_once(vpcd->fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		at += n;
		len -= (size_t)n;
	}
	return ERR_NONE;
}

enum err vpcd_connect(struct vpcd *vpcd, const char *host, const char *port,
                      const volatile sig_atomic_t *stop)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found;
	int fd = -1, on = 1;

	if (getaddrinfo(host, port, &want, &found) != 0)
		return ERR_IO;
	for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	if (fd < 0)
		return ERR_IO;
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* speed only */
	*vpcd = (struct vpcd){ fd, stop };
	return ERR_NONE;
}

enum err vpcd_receive(struct vpcd *vpcd, struct room *in)
{
	uint8_t header[2], *at;

	TRY(read_all(vpcd, header, sizeof header));
	size_t len = (size_t)header[0] << 8 | header[1];
	if (len > room_left(in))
		return ERR_ROOM;
	at = room_claim(in, len);
	if (at == NULL)
		return ERR_ROOM;
	enum err err = read_all(vpcd, at, len);
	if (err != ERR_NONE)
		in->len -= len;
	return err;
}

enum err vpcd_send(struct vpcd *vpcd, struct bytes out)
{
	uint8_t message[2 + 1024];
	struct room room = ROOM(message);

	room_put_u16(&room, (uint16_t)out.len);
	room_put(&room, out);
	struct bytes left = room_used(&room);
	if (room.full)
		return ERR_LIMIT;
	while (left.len > 0) {
		ssize_t n = send(vpcd->fd, left.at, left.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		left = (struct bytes){ left.at + n, left.len - (size_t)n };
	}
	return ERR_NONE;
}

void vpcd_close(struct vpcd *vpcd)
{
	close(vpcd->fd);
	vpcd->fd = -1;
}

void vpcd_pause(const volatile sig_atomic_t *stop, unsigned milliseconds)
{
	struct timespec time = { milliseconds / 1000, (long)(milliseconds % 1000) * 1000000 };
	sigset_t open;

	sigemptyset(&open);
	if (!*stop)
		(void)!ppoll(NULL, 0, &time, &open); /* a signal ends the pause, as it should */
}
