/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a service whose answers may come later: who asks for what can be answered now does not wait for who
 * cannot, nothing is lost when there is no room, and nothing is answered twice. */
#include "server/serve.h"
#include "server/link.h"
#include "tests/tap.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOW, LATER, COUNTED, TELL, REQUESTS, ROOM_FOR = 3, AT_ONCE = 4, PATIENCE_MS = 20000 };

/* Puts off what is asked LATER, up to ROOM_FOR; an octet through the pipe lets it answer the oldest. */
struct service {
	struct serve_ticket tickets[ROOM_FOR];
	uint8_t said[ROOM_FOR];
	size_t count;
	int pipe;
	uint8_t counted; /* COUNTED requests; the first waits for an octet */
};

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	(void)role;
	return code < REQUESTS;
}

static enum err answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	struct service *service = ctx;
	uint8_t octet;

	if (code == COUNTED && service->counted++ == 0 && read(service->pipe, &octet, 1) != 1)
		return ERR_IO;
	if (code == NOW)
		room_put(reply, request);
	else
		room_put_u8(reply, service->counted);
	return ERR_NONE;
}

static enum serve_when later(void *ctx, uint16_t code, struct bytes request,
                             const struct serve_ticket *ticket)
{
	struct service *service = ctx;

	if (code != LATER)
		return SERVE_NOW;
	if (service->count == ROOM_FOR)
		return SERVE_FULL;
	service->said[service->count] = request.at[0];
	service->tickets[service->count++] = *ticket;
	return SERVE_LATER;
}

static void turn(void *ctx, struct serving *serving)
{
	struct service *service = ctx;
	struct pollfd one = { .fd = service->pipe, .events = POLLIN };
	uint8_t octet;

	while (service->count > 0 && poll(&one, 1, 0) > 0 && read(service->pipe, &octet, 1) == 1) {
		serve_later(serving, &service->tickets[0],
		            service->said[0] == 'x' ? ERR_DENIED : ERR_NONE,
		            (struct bytes){ service->said, 1 });
		service->count--;
		memmove(service->tickets, service->tickets + 1,
		        sizeof service->tickets[0] * service->count);
		memmove(service->said, service->said + 1, service->count);
	}
}

static int fd(void *ctx)
{
	const struct service *service = ctx;

	return service->count > 0 ? service->pipe : -1;
}

static struct {
	pid_t pid;
	int control, pipe;
} served;

static void service_start(void)
{
	int control[2], ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control) != 0 || pipe(ends) != 0)
		exit(1);
	served.pid = fork();
	if (served.pid == 0) {
		struct service service = { .pipe = ends[0] };
		close(control[0]);
		close(ends[1]);
		_exit(serve_run(&(struct serve){ .ctx = &service,
		                                 .permits = permits,
		                                 .at_once = AT_ONCE,
		                                 .answer = answer,
		                                 .later = later,
		                                 .turn = turn,
		                                 .fd = fd },
		                control[1]) == ERR_NONE
		              ? 0
		              : 1);
	}
	close(control[1]);
	close(ends[0]);
	served.control = control[0];
	served.pipe = ends[1];
}

static int link_new(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
	    link_offer_send(served.control, &(struct link_offer){ LINK_FROM_CLIENT, 0, pair[0] }) !=
	            ERR_NONE)
		exit(1);
	close(pair[0]);
	return pair[1];
}

static enum err ask(int link, uint32_t id, uint16_t code, char says)
{
	const struct link_head head = { .len = 1, .id = id, .code = code };

	return link_send(link, &head, (struct bytes){ (const uint8_t *)&says, 1 });
}

/* told tells whether the next answer is that one. */
static bool told(int link, uint32_t id, enum err err, char says)
{
	struct pollfd one = { .fd = link, .events = POLLIN };
	uint8_t octets[8];
	struct room body = ROOM(octets);
	struct link_head head;

	return poll(&one, 1, PATIENCE_MS) == 1 && link_receive(link, &head, &body) == ERR_NONE &&
	       head.id == id && head.code == err &&
	       (err != ERR_NONE || (body.len == 1 && body.at[0] == (uint8_t)says));
}

static bool silent(int link)
{
	struct pollfd one = { .fd = link, .events = POLLIN };

	return poll(&one, 1, 200) == 0;
}

static bool let(const char *octets)
{
	return write(served.pipe, octets, strlen(octets)) == (ssize_t)strlen(octets);
}

/* All of it lies there when the first is answered: whose turn is it then? */
static void in_turn(int many, int one)
{
	enum { MANY = 40 };
	uint8_t octets[8];
	struct room body = ROOM(octets);
	struct link_head head;
	bool good = true;

	for (uint32_t i = 0; i < MANY; i++)
		good = good && ask(many, 100 + i, COUNTED, ' ') == ERR_NONE;
	ok(good && ask(one, 50, TELL, ' ') == ERR_NONE && let("1"),
	   "one link asks for much, another for little");
	good = link_receive(one, &head, &body) == ERR_NONE && body.len == 1;
	ok(good && octets[0] <= 2 * AT_ONCE,
	   "R11: who asks for little waits for %d of the other's %d", octets[0], MANY);
	for (uint32_t i = 0; i < MANY; i++)
		good = good && told(many, 100 + i, ERR_NONE, (char)(i + 1));
	ok(good, "who gets all the same");
}

int main(void)
{
	int slow, quick, other, status;
	bool good = true;

	service_start();
	slow = link_new();
	quick = link_new();
	for (uint32_t i = 0; i < 8; i++)
		good = good && ask(slow, i, LATER, i == 4 ? 'x' : (char)('a' + i)) == ERR_NONE;
	ok(good && silent(slow), "eight are put off, or wait until there is room");
	ok(ask(quick, 1, NOW, 'q') == ERR_NONE && told(quick, 1, ERR_NONE, 'q'),
	   "R11: whom others may not keep waiting is answered");
	ok(let("1") && told(slow, 0, ERR_NONE, 'a') && silent(slow), "one answer, and no more");
	good = let("1234567");
	for (uint32_t i = 1; i < 8; i++)
		good = good && told(slow, i, i == 4 ? ERR_DENIED : ERR_NONE, (char)('a' + i));
	ok(good && silent(slow), "the others in order, with what each is told");
	other = link_new();
	ok(ask(other, 9, LATER, 'z') == ERR_NONE && ask(quick, 2, NOW, 'q') == ERR_NONE &&
	           told(quick, 2, ERR_NONE, 'q'),
	   "one more is put off");
	close(other);
	ok(ask(quick, 3, NOW, 'q') == ERR_NONE && told(quick, 3, ERR_NONE, 'q'),
	   "its link goes away");
	ok(let("1") && ask(slow, 20, LATER, 's') == ERR_NONE && let("1") &&
	           told(slow, 20, ERR_NONE, 's') && silent(quick),
	   "nobody gets another's answer");
	in_turn(slow, quick);
	close(served.control);
	ok(waitpid(served.pid, &status, 0) == served.pid && WIFEXITED(status) &&
	           WEXITSTATUS(status) == 0,
	   "the service ends when it is told to");
	return done();
}
