/* SPDX-License-Identifier: Apache-2.0 */
/* What says that somebody has opened the machine (R1b.5). The GPIO line is only asked for where there is none;
 * tests/interop/gpio.py has one. */
#include "port/tamper.h"

#include "tests/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/assay-tamper-XXXXXX";
static char how[128];

static const char *place(const char *kind, const char *name)
{
	snprintf(how, sizeof how, "%s:%s/%s", kind, folder, name);
	return how;
}

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK, 0600);

	if (fd >= 0 && write(fd, "x", 1) == 1)
		close(fd);
}

/* Another process makes the event while this one sleeps. */
static bool wakes(struct tamper *tamper, const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(50000);
		touch(path);
		_exit(0);
	}
	tamper_wait(tamper);
	return waitpid(pid, NULL, 0) == pid && tamper_now(tamper);
}

static void file(void)
{
	struct tamper tamper;
	char path[100], other[100];

	snprintf(path, sizeof path, "%s/opened", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	ok_err(tamper_open(&tamper, place("file", "opened")), ERR_NONE, "a file is watched for");
	ok(!tamper_now(&tamper), "it is not there");
	touch(other);
	ok(!tamper_now(&tamper), "another one is nothing");
	ok(wakes(&tamper, path), "R1b.5: it appears, and is noticed");
	tamper_close(&tamper);
	ok(tamper_open(&tamper, place("file", "opened")) == ERR_NONE && tamper_now(&tamper),
	   "R1b.5: that it was there before is noticed, too");
	tamper_close(&tamper);
	unlink(path);
	unlink(other);
	char inner[100];
	snprintf(inner, sizeof inner, "%s/inner", folder);
	mkdir(inner, 0700);
	ok(tamper_open(&tamper, place("file", "inner/opened")) == ERR_NONE &&
	           !tamper_now(&tamper) && rmdir(inner) == 0 && tamper_now(&tamper),
	   "R1b.5: taking the folder away is no way round");
	tamper_close(&tamper);
}

static void fifo(void)
{
	struct tamper tamper;
	char path[100];

	snprintf(path, sizeof path, "%s/fifo", folder);
	mkfifo(path, 0600);
	ok_err(tamper_open(&tamper, place("fifo", "fifo")), ERR_NONE, "a FIFO is watched");
	ok(!tamper_now(&tamper), "it is silent");
	ok(wakes(&tamper, path), "R1b.5: an octet is written");
	tamper_close(&tamper);
	unlink(path);
}

static void refused(void)
{
	static const struct {
		const char *how;
		enum err want;
	} rows[] = {
		{"",			      ERR_VALUE    },
		{ "file:",                        ERR_VALUE    },
		{ "file:/nowhere/at/all",         ERR_NOT_FOUND},
		{ "fifo:/nowhere/at/all",         ERR_NOT_FOUND},
		{ "fifo:/dev/null",               ERR_VALUE    },
		{ "gpio:/dev/gpiochip0",          ERR_VALUE    },
		{ "gpio:/dev/gpiochip0:",         ERR_VALUE    },
		{ "gpio:/dev/gpiochip0:3:high",   ERR_VALUE    },
		{ "gpio:/dev/no-such-chip:3",     ERR_NOT_FOUND},
		{ "gpio:/dev/no-such-chip:3:low", ERR_NOT_FOUND},
		{ "gpio:/dev/null:3",             ERR_IO       },
		{ "bell:/dev/null",               ERR_VALUE    },
	};
	struct tamper tamper;

	for (size_t i = 0; i < COUNT(rows); i++)
		ok_err(tamper_open(&tamper, rows[i].how), rows[i].want, rows[i].how);
}

int main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	file();
	fifo();
	refused();
	rmdir(folder);
	return done();
}
