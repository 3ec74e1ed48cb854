/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The integrated card (R1b.1): the card's process has its image and one socket, and may neither open files nor
 * reach a network nor start programs. This process, which holds no key any more, carries messages between
 * that socket and the reader.
 */
#include "cli/assay-card.h"

#include "port/posix/confine.h"
#include "port/posix/flash_file.h"
#include "port/posix/vpcd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1024 };

static void close_others(int keep_a, int keep_b)
{
	for (int fd = 3; fd < 256; fd++) {
		if (fd != keep_a && fd != keep_b)
			close(fd);
	}
}

/* Never returns: what the process is made for ends with its socket. */
static _Noreturn void be_card(const struct card_ports *ports, int socket, int image)
{
	static const volatile sig_atomic_t never = 0;
	static struct card card;
	struct vpcd link = { socket, &never };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "card");
	close_others(socket, image);
	(void)!mlockall(MCL_CURRENT | MCL_FUTURE); /* a limit may forbid it; core dumps are off */
	if (card_init(&card, ports) != ERR_NONE || !confine_enter())
		_exit(CLI_FAILED);
	(void)!card_answer(&link, &card, ports); /* it ends when the other end does */
	wipe(&card, sizeof card);
	_exit(CLI_DONE);
}

/* One message from one to the other. */
static enum err carry(struct vpcd *from, struct vpcd *to)
{
	uint8_t octets[MESSAGE_MAX];
	struct room message = ROOM(octets);
	enum err err = vpcd_receive(from, &message);

	if (err == ERR_NONE)
		err = vpcd_send(to, room_used(&message));
	wipe(octets, sizeof octets);
	return err;
}

static enum err serve(void *ctx, struct vpcd *reader)
{
	static const uint8_t off = VPCD_OFF;
	struct vpcd *card = ctx;
	enum err err = ERR_NONE;

	card->stop = reader->stop;
	while (err == ERR_NONE && !*reader->stop) {
		struct pollfd fds[] = {
			{.fd = reader->fd, .events = POLLIN},
                        { .fd = card->fd,  .events = POLLIN}
		};
		sigset_t open;
		sigemptyset(&open);
		if (ppoll(fds, COUNT(fds), NULL, &open) < 0)
			continue; /* a signal; the loop looks */
		if (fds[1].revents != 0 && carry(card, reader) != ERR_NONE)
			return ERR_CORRUPT; /* the card is gone: trying again would not help */
		if (fds[0].revents != 0)
			err = carry(reader, card);
	}
	/* Whatever the reader had in mind, its card has no power now. */
	if (vpcd_send(card, (struct bytes){ &off, 1 }) != ERR_NONE)
		return ERR_CORRUPT;
	return err == ERR_NONE ? ERR_TIMEOUT : err;
}

int card_inside(struct cli *cli, struct flash_file *file, const struct card_ports *ports,
                struct secret *seal)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return cli_fail_err(cli, ERR_IO, "socketpair");
	pid_t pid = fork();
	if (pid == 0)
		be_card(ports, pair[1], file->fd);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return cli_fail_err(cli, ERR_IO, "fork");
	}
	secret_clear(seal); /* it is the card's alone now */
	pid_t guard = card_tamper_guard(cli, file, pid, pair[0]);
	struct vpcd card = { pair[0], NULL };
	int code =
		guard < 0 ? cli_fail_err(cli, ERR_IO, "fork") : card_reader_loop(cli, serve, &card);
	int status = 0;
	close(pair[0]);
	bool ended = waitpid(pid, &status, 0) == pid;
	bool killed = ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	int tampered = card_tamper_end(guard, killed);
	if (tampered != CLI_DONE)
		return tampered;
	if (ended && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		return cli_fail(cli, CLI_FAILED, "the card's process has ended");
	return code;
}
