/* SPDX-License-Identifier: Apache-2.0 */
#include "server/link.h"

#include "server/limits.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void link_head_put(uint8_t out[static LINK_HEAD], const struct link_head *head)
{
	struct room room = { out, LINK_HEAD, 0, false };

	room_put_u32(&room, head->len);
	room_put_u32(&room, head->id);
	room_put_u16(&room, head->code);
	room_put_u16(&room, head->zero);
}

enum err link_head_read(struct bytes in, struct link_head *head)
{
	struct bytes part;
	uint64_t len, id, code, zero;

	if (!bytes_take(&in, 4, &part) || !bytes_uint(part, &len) || !bytes_take(&in, 4, &part) ||
	    !bytes_uint(part, &id) || !bytes_take(&in, 2, &part) || !bytes_uint(part, &code) ||
	    !bytes_take(&in, 2, &part) || !bytes_uint(part, &zero))
		return ERR_TRUNCATED;
	if (len > MESSAGE_MAX)
		return ERR_LIMIT;
	*head = (struct link_head){ (uint32_t)len, (uint32_t)id, (uint16_t)code, (uint16_t)zero };
	return ERR_NONE;
}

static enum err wait_for(int fd, short events)
{
	struct pollfd one = { .fd = fd, .events = events };

	return poll(&one, 1, -1) < 0 && errno != EINTR ? ERR_IO : ERR_NONE;
}

enum err link_send(int fd, const struct link_head *head, struct bytes body)
{
	uint8_t octets[LINK_HEAD];
	size_t sent = 0;

	link_head_put(octets, head);
	while (sent < LINK_HEAD + body.len) {
		size_t skip = sent < LINK_HEAD ? 0 : sent - LINK_HEAD;
		struct iovec parts[2] = {
			{octets + (sent < LINK_HEAD ? sent : LINK_HEAD),
                         sent < LINK_HEAD ? LINK_HEAD - sent : 0},
			{ (void *)(uintptr_t)(body.len == 0 ? octets : body.at + skip),
                         body.len - skip                        },
		};
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
		ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN)
			TRY(wait_for(fd, POLLOUT));
		else if (errno != EINTR)
			return ERR_IO;
	}
	return ERR_NONE;
}

static enum err receive_all(int fd, uint8_t *at, size_t n)
{
	while (n > 0) {
		ssize_t got = recv(fd, at, n, 0);

		if (got > 0) {
			at += got;
			n -= (size_t)got;
		} else if (got < 0 && errno == EAGAIN) {
			TRY(wait_for(fd, POLLIN));
		} else if (got == 0 || errno != EINTR) {
			return ERR_IO;
		}
	}
	return ERR_NONE;
}

enum err link_receive(int fd, struct link_head *head, struct room *body)
{
	uint8_t octets[LINK_HEAD];
	struct link_head read;

	TRY(receive_all(fd, octets, sizeof octets));
	TRY(link_head_read(BYTES(octets), &read));
	if (read.len > body->cap)
		return ERR_ROOM;
	TRY(receive_all(fd, body->at, read.len));
	body->len = read.len;
	body->full = false;
	*head = read;
	return ERR_NONE;
}

enum err link_offer_send(int control, const struct link_offer *offer)
{
	uint8_t says[2] = { (uint8_t)offer->to, offer->role };
	struct iovec part = { says, sizeof says };
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(int))];
	} store = { .octets = { 0 } };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = store.octets,
		                  .msg_controllen = sizeof store.octets };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &offer->fd, sizeof(int));
	return sendmsg(control, &message, MSG_NOSIGNAL) == sizeof says ? ERR_NONE : ERR_IO;
}

enum err link_offer_receive(int control, struct link_offer *offer)
{
	uint8_t says[2];
	struct iovec part = { says, sizeof says };
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(int))];
	} store = { .octets = { 0 } };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = store.octets,
		                  .msg_controllen = sizeof store.octets };
	ssize_t n = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head;
	int fd;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_BUSY;
	if (n != sizeof says)
		return ERR_IO;
	head = CMSG_FIRSTHDR(&message);
	if (head == NULL || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(int)))
		return ERR_IO;
	memcpy(&fd, CMSG_DATA(head), sizeof fd);
	if (says[0] >= LINK_TOS) {
		close(fd);
		return ERR_VALUE;
	}
	*offer = (struct link_offer){ (enum link_to)says[0], says[1], fd };
	return ERR_NONE;
}
