/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When somebody has opened the machine (R1b.5, R1b.6): the card's process is ended, what the chip has sealed and
 * the image are wiped, the chip's counter is moved on, so that copies of both are refused, and the event is measured,
 * so that the chip tells it under its signature at the next contact. The image keeps a mark, so that each
 * start of the machine measures it anew.
 */
#include "cli/assay-card.h"

#include "agent/measure.h"
#include "port/posix/flash_file.h"
#include "port/tamper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PCR_DEFAULT = 14, COPIES_OUT = 2 };

/* One from the first look to the last: what is said in between is not lost. */
static struct tamper watch = { .fd = -1, .line = -1 };

static const char said[] = "the machine was tampered with: the card is erased";

/* wipe_file makes zeros of a small file, durably, and leaves it empty. */
static enum err wipe_file(const char *path)
{
	static const uint8_t zeros[1024];
	struct stat stat;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = true;

	if (fd < 0)
		return errno == ENOENT ? ERR_NONE : ERR_IO;
	good = fstat(fd, &stat) == 0;
	for (off_t at = 0; good && at < stat.st_size; at += (off_t)sizeof zeros)
		good = pwrite(fd, zeros, sizeof zeros, at) == (ssize_t)sizeof zeros;
	good = good && fsync(fd) == 0 && ftruncate(fd, 0) == 0 && fsync(fd) == 0;
	close(fd);
	return good ? ERR_NONE : ERR_IO;
}

/* tell has the chip know of it. Without a chip, or a log, nobody is told; the card is erased all the same. */
static void tell(struct cli *cli, bool anew)
{
	static const struct bytes what = { (const uint8_t *)"tamper", 6 };
	const char *log = cli_value(cli, "log");
	uint8_t digest[SHA256_SIZE];
	struct trust *trust = NULL;
	uint64_t pcr, counted;

	if (cli_value(cli, "chip") == NULL)
		return;
	if (!cli_number(cli, "pcr", 0, TRUST_PCRS - 1, PCR_DEFAULT, &pcr))
		pcr = PCR_DEFAULT;
	enum err err = card_chip_trust(cli, &trust);
	/* An image may be one step ahead of the counter, not two. */
	for (int i = 0; err == ERR_NONE && anew && i < COPIES_OUT; i++)
		err = trust_counter(trust, true, &counted);
	if (err == ERR_NONE && log != NULL)
		err = crypto_sha256(digest, &what, 1);
	if (err == ERR_NONE && log != NULL)
		err = measure_event(trust, log, cli_flag(cli, "continues"), (unsigned)pcr, digest,
		                    what);
	trust_close(trust);
	if (err != ERR_NONE)
		cli_warn(cli, "the chip was not told of the tampering: %s", err_text(err));
}

/* What is secret goes first; the chip, which is slow, comes last. */
static int erase(struct cli *cli, const struct flash *flash)
{
	const char *seal = cli_value(cli, "seal");
	enum err seal_err = seal != NULL ? wipe_file(seal) : ERR_NONE;
	enum err err = vault_destroy(flash);

	tell(cli, true);
	if (err == ERR_NONE)
		err = seal_err;
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, "erasing the card");
	return cli_fail(cli, CLI_REFUSED, "%s", said);
}

int card_tamper_check(struct cli *cli, struct flash_file *file)
{
	const struct flash flash = flash_file_port(file);
	const char *how = cli_value(cli, "tamper");
	bool destroyed = false, now = cli_flag(cli, "tampered");

	enum err err = vault_destroyed(&flash, &destroyed);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, cli_value(cli, "state"));
	if (how != NULL) {
		err = tamper_open(&watch, how);
		if (err != ERR_NONE)
			return cli_fail_err(cli, err, how);
		now = now || tamper_now(&watch);
	}
	if (!destroyed)
		return now ? erase(cli, &flash) : CLI_DONE;
	err = vault_destroy(&flash); /* what a power cut may have left */
	tell(cli, false);
	return err == ERR_NONE ? cli_fail(cli, CLI_REFUSED, "%s", said)
	                       : cli_fail_err(cli, err, "erasing the card");
}

/* end_card is over when the process is: from then on nothing of it is written. */
static void end_card(pid_t card)
{
	struct pollfd fd = { .fd = (int)syscall(SYS_pidfd_open, card, 0), .events = POLLIN };

	kill(card, SIGKILL);
	while (fd.fd >= 0 && poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
}

pid_t card_tamper_guard(struct cli *cli, struct flash_file *file, pid_t card, int link)
{
	const struct flash flash = flash_file_port(file);
	pid_t parent = getpid(), pid = watch.fd >= 0 ? fork() : 0;

	if (watch.fd < 0 || pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "card-guard");
	close(link); /* or the card would not notice that the other end is gone */
	if (getppid() != parent)
		_exit(CLI_FAILED);
	tamper_wait(&watch);
	prctl(PR_SET_PDEATHSIG, 0);
	end_card(card);
	int code = erase(cli, &flash);
	kill(parent, SIGTERM);
	_exit(code);
}

int card_tamper_end(pid_t guard, bool card_killed)
{
	int status = 0;

	if (guard <= 0)
		return CLI_DONE;
	if (!card_killed)
		kill(guard, SIGKILL);
	while (waitpid(guard, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_DONE;
}
