/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's chip for tests, of either backend: swtpm, a TPM that we did not write, or the software TPM in a file. What
 * holds for the one has to hold for the other, so tests run the same rows with both.
 */
#ifndef TESTS_CHIP_H
#define TESTS_CHIP_H

#include "softtpm/file.h"
#include "tests/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum chip_kind { CHIP_SWTPM, CHIP_SOFT, CHIP_KINDS };

struct test_chip {
	enum chip_kind kind;
	char folder[40], name[80];
	pid_t pid; /* of swtpm */
	struct trust *trust;
};

/* chip_there tells whether such a chip can be had, and which rows come now. */
static bool chip_there(enum chip_kind kind)
{
	if (kind == CHIP_SWTPM && system("command -v swtpm >/dev/null") != 0) {
		skip("swtpm is not installed");
		return false;
	}
	setenv("TSS2_LOG", "all+none", 1);
	printf("# with %s\n", kind == CHIP_SWTPM ? "swtpm" : "the software TPM");
	return true;
}

static pid_t swtpm(const char *folder)
{
	char state[64], server[96], control[96];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	snprintf(state, sizeof state, "dir=%s", folder);
	snprintf(server, sizeof server, "type=unixio,path=%s/tpm", folder);
	snprintf(control, sizeof control, "type=unixio,path=%s/tpm.ctrl", folder);
	if (freopen("/dev/null", "w", stderr) == NULL)
		_exit(126);
	execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server,
	       "--ctrl", control, "--flags", "not-need-init", (char *)NULL);
	_exit(127);
}

/* Power comes: swtpm's socket is there a moment before it listens. */
static bool chip_on(struct test_chip *chip)
{
	char path[64];

	chip->trust = NULL;
	snprintf(path, sizeof path, "%s/tpm", chip->folder);
	if (chip->kind == CHIP_SOFT)
		return trust_open(&chip->trust, chip->name) == ERR_NONE;
	chip->pid = swtpm(chip->folder);
	for (int i = 0; i < 400; i++) {
		if (access(path, F_OK) == 0 && trust_open(&chip->trust, chip->name) == ERR_NONE)
			return true;
		usleep(25000);
	}
	return false;
}

static void chip_off(struct test_chip *chip)
{
	char path[64];

	trust_close(chip->trust);
	chip->trust = NULL;
	if (chip->kind == CHIP_SOFT || chip->pid <= 0)
		return;
	kill(chip->pid, SIGTERM);
	waitpid(chip->pid, NULL, 0);
	chip->pid = 0;
	snprintf(path, sizeof path, "%s/tpm", chip->folder);
	(void)unlink(path); /* the next one makes its own */
}

/* chip_start makes a chip as it leaves its factory, without a certificate, and opens it. */
UNUSED static bool chip_start(struct test_chip *chip, enum chip_kind kind)
{
	struct softtpm tpm;

	*chip = (struct test_chip){ .kind = kind };
	strcpy(chip->folder, "/tmp/assay-chip-XXXXXX");
	if (mkdtemp(chip->folder) == NULL)
		return false;
	snprintf(chip->name, sizeof chip->name,
	         kind == CHIP_SOFT ? "soft:%s/tpm" : "swtpm:path=%s/tpm", chip->folder);
	if (kind == CHIP_SOFT && (softtpm_init(&tpm) != ERR_NONE ||
	                          softtpm_file_new(chip->name + strlen("soft:"), &tpm,
	                                           (struct bytes){ NULL, 0 }) != ERR_NONE))
		return false;
	return chip_on(chip);
}

/* chip_reset does what a reset of the machine does to its chip. */
UNUSED static bool chip_reset(struct test_chip *chip)
{
	chip_off(chip);
	if (chip->kind == CHIP_SOFT &&
	    softtpm_file_restart(chip->name + strlen("soft:")) != ERR_NONE)
		return false;
	return chip_on(chip);
}

UNUSED static void chip_stop(struct test_chip *chip)
{
	char command[64];

	chip_off(chip);
	snprintf(command, sizeof command, "rm -rf %s", chip->folder);
	if (chip->folder[0] != '\0' && system(command) != 0)
		printf("# %s stays behind\n", chip->folder);
}

#endif
