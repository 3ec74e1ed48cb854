/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to peers that read slowly, late or never, over real sockets. */
#include "server/auc_outbox.h"

#include "tests/tap.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MANY = 500 };

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* abstract: no file to leave behind */
	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "assay-outbox-%d-%s",
	         (int)getpid(), name);
	return address;
}

static int bound(const char *name)
{
	struct sockaddr_un address = address_of(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		printf("Bail out! no socket\n");
		exit(EXIT_FAILURE);
	}
	return fd;
}

static struct auc_peer peer_of(const char *name)
{
	struct sockaddr_un address = address_of(name);
	struct auc_peer peer = { .size = sizeof address + 1 };

	memcpy(peer.at + 1, &address, sizeof address);
	return peer;
}

static unsigned read_all(int fd)
{
	char octets[64];
	unsigned count = 0;

	while (recv(fd, octets, sizeof octets, 0) > 0)
		count++;
	return count;
}

int main(void)
{
	static struct outbox outbox;
	int ours[1] = { bound("ours") }, slow = bound("slow"), quick = bound("quick");
	struct auc_peer to_slow = peer_of("slow"), to_quick = peer_of("quick");
	struct auc_peer to_nobody = peer_of("nobody");
	unsigned got;

	outbox.sockets = ours;
	for (int i = 0; i < MANY; i++)
		outbox_send(&outbox, 0, &to_slow, BYTES_STR("answer"));
	ok(outbox.count > 0, "a peer that does not read takes some and then no more");
	outbox_send(&outbox, 0, &to_quick, BYTES_STR("answer"));
	outbox_send(&outbox, 0, &to_nobody, BYTES_STR("answer"));
	outbox_flush(&outbox, 1);
	ok(read_all(quick) == 1, "another peer gets its answer meanwhile");
	got = read_all(slow);
	for (int i = 0; i < MANY && outbox.count > 0; i++) {
		outbox_flush(&outbox, 2);
		got += read_all(slow);
	}
	ok(got == MANY && outbox.count == 0, "the slow one gets all of them, %u", got);
	ok(outbox.dropped == 0, "... and a peer that has gone holds nobody up");

	for (int i = 0; i < MANY; i++)
		outbox_send(&outbox, 10, &to_slow, BYTES_STR("late"));
	uint64_t waiting = outbox.count;
	outbox_flush(&outbox, 10 + OUTBOX_PATIENCE_MS);
	ok(outbox.count == 0 && outbox.dropped == waiting, "what came too late is dropped");
	bool wiped = true;
	for (size_t i = 0; i < OUTBOX_ROWS; i++)
		wiped = wiped && outbox.rows[i].octets[0] == 0;
	ok(wiped, "R7: no answer stays in memory");
	(void)!read_all(slow);
	for (int i = 0; i < OUTBOX_ROWS + MANY; i++)
		outbox_send(&outbox, 0, &to_slow, BYTES_STR("answer"));
	ok(outbox.count == OUTBOX_ROWS, "no more than there is room for is kept");
	return done();
}
