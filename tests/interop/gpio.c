/* SPDX-License-Identifier: Apache-2.0 */
/* The first process of a machine that gpio.py starts: it watches line 3 of the first GPIO chip (R1b.5), TAP on the console. */
#include "port/tamper.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#define LINE "gpio:/dev/gpiochip0:3"

static void watched(void)
{
	struct tamper tamper, other;

	ok(tamper_open(&tamper, LINE ":low") == ERR_NONE && tamper_now(&tamper), "R1b.5: a line that is low, where low is active");
	tamper_close(&tamper);
	ok_err(tamper_open(&tamper, "gpio:/dev/gpiochip0:99"), ERR_VALUE, "a line that the chip has not");
	ok_err(tamper_open(&tamper, "gpio:/dev/gpiochip7:3"), ERR_NOT_FOUND, "a chip that is not there");
	ok_err(tamper_open(&tamper, LINE), ERR_NONE, "a line is watched");
	ok_err(tamper_open(&other, LINE), ERR_IO, "... by nobody else");
	ok(!tamper_now(&tamper), "it is silent");
	printf("# watching\n");
	tamper_wait(&tamper);
	ok(tamper_now(&tamper), "R1b.5: a pulse wakes who waits");
	sleep(1);
	ok(tamper_now(&tamper), "R1b.5: ... and stays said when the line is as before");
	tamper_close(&tamper);
}

int main(void)
{
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	int console = open("/dev/console", O_RDWR);
	if (console < 0 || dup2(console, 1) < 0 || dup2(console, 2) < 0)
		return 1;
	setvbuf(stdout, NULL, _IONBF, 0);
	watched();
	(void)!done();
	return reboot(RB_POWER_OFF);
}
