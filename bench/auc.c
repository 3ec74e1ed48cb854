/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vector requests a second of a running authentication centre, over its socket as hostapd would ask:
 *
 *     bench_auc SOCKET FIRST_IMSI COUNT [SECONDS]
 *
 * First every one of COUNT consecutive IMSIs once, then round after round over them, with 1, 8, 64 and 256
 * requests under way. Every answer
 * is a vector whose sequence number is durable before it leaves; a failure is counted apart. osmo-hlr 1.5
 * answers 6,400 a second on a disk, one fdatasync each.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000 };

struct run {
	int fd;
	uint64_t first, count, next;
	unsigned digits, under_way;
	uint64_t vectors, failures, lost;
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_auc: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static int connect_to(const char *path)
{
	struct sockaddr_un own = { .sun_family = AF_UNIX }, peer = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(own.sun_path, sizeof own.sun_path, "/tmp/bench_auc_%d", (int)getpid());
	snprintf(peer.sun_path, sizeof peer.sun_path, "%s", path);
	unlink(own.sun_path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&own, sizeof own) != 0 ||
	    connect(fd, (const struct sockaddr *)&peer, sizeof peer) != 0)
		die(path);
	return fd;
}

static void ask(struct run *run)
{
	char text[64];
	int size = snprintf(text, sizeof text, "AKA-REQ-AUTH %0*llu", (int)run->digits,
	                    (unsigned long long)(run->first + run->next));

	if (send(run->fd, text, (size_t)size, 0) != size)
		die("send");
	run->next = (run->next + 1) % run->count;
	run->under_way++;
}

static void take(struct run *run)
{
	struct pollfd one = { .fd = run->fd, .events = POLLIN };
	char text[512];
	ssize_t size;

	if (poll(&one, 1, PATIENCE_MS) == 0) {
		run->lost += run->under_way;
		run->under_way = 0;
		return;
	}
	size = recv(run->fd, text, sizeof text - 1, 0);
	if (size < 0)
		die("recv");
	text[size] = '\0';
	run->under_way--;
	if (strstr(text, "FAILURE") == NULL)
		run->vectors++;
	else
		run->failures++;
}

/* Every IMSI once: each answer costs a reservation of its own in the store. */
static void measure_cold(struct run run, unsigned window)
{
	double began = seconds();

	for (uint64_t asked = 0; asked < run.count || run.under_way > 0;) {
		while (asked < run.count && run.under_way < window) {
			ask(&run);
			asked++;
		}
		take(&run);
	}
	printf("%4u under way: %9.0f vectors/s   each IMSI for the first time, %llu failures\n",
	       window, (double)run.vectors / (seconds() - began), (unsigned long long)run.failures);
}

static void measure(struct run run, unsigned window, double how_long)
{
	double began = seconds(), now = began;

	while (now - began < how_long) {
		while (run.under_way < window)
			ask(&run);
		take(&run);
		now = seconds();
	}
	while (run.under_way > 0)
		take(&run);
	printf("%4u under way: %9.0f vectors/s   %llu failures, %llu unanswered\n", window,
	       (double)run.vectors / (seconds() - began), (unsigned long long)run.failures,
	       (unsigned long long)run.lost);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const unsigned windows[] = { 1, 8, 64, 256 };
	struct run run = { .fd = -1 };

	if (argc < 4) {
		fprintf(stderr, "usage: bench_auc SOCKET FIRST_IMSI COUNT [SECONDS]\n");
		return EXIT_FAILURE;
	}
	run.fd = connect_to(argv[1]);
	run.first = strtoull(argv[2], NULL, 10);
	run.digits = (unsigned)strlen(argv[2]);
	run.count = strtoull(argv[3], NULL, 10);
	if (run.count > 0)
		measure_cold(run, 256);
	for (size_t i = 0; run.count > 0 && i < sizeof windows / sizeof windows[0]; i++)
		measure(run, windows[i], argc > 4 ? strtod(argv[4], NULL) : 2);
	return EXIT_SUCCESS;
}
