/* SPDX-License-Identifier: Apache-2.0 */
/* The host's backends: a flash image in a file, and the link to a virtual reader over a socket. */
#include "port/posix/flash_file.h"
#include "port/posix/vpcd.h"

#include "tests/tap.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void image(const char *path)
{
	uint8_t octets[64];
	struct flash_file file, other;
	struct stat stat_before;

	ok_err(flash_file_open(&file, path), ERR_NOT_FOUND, "an image that is not there");
	ok_err(flash_file_create(&file, path, 10000), ERR_NONE, "an image is made");
	ok(stat(path, &stat_before) == 0 && stat_before.st_size == 10000 &&
	           (stat_before.st_mode & 0777) == 0600,
	   "of the size wanted, for its owner only");
	ok_err(flash_file_create(&other, path, 10000), ERR_EXISTS, "and is not made over");
	ok_err(flash_file_open(&other, path), ERR_BUSY, "I1: nor driven by two programs at once");
	struct flash flash = flash_file_port(&file);
	ok(flash.read(flash.ctx, 9990, octets, 10) == ERR_NONE && octets[0] == 0xFF &&
	           octets[9] == 0xFF,
	   "its octets are erased");
	ok_err(flash.read(flash.ctx, 9991, octets, 10), ERR_VALUE, "reading past the end");
	ok_err(flash.write(flash.ctx, 9998, BYTES_STR("abc")), ERR_VALUE, "writing past the end");
	ok_err(flash.write(flash.ctx, UINT32_MAX, BYTES_STR("a")), ERR_VALUE, "writing far away");
	ok(flash.write(flash.ctx, 9997, BYTES_STR("abc")) == ERR_NONE &&
	           flash.sync(flash.ctx) == ERR_NONE,
	   "writing up to the end");
	flash_file_close(&file);
	ok_err(flash_file_open(&file, path), ERR_NONE, "it can be opened again");
	flash = flash_file_port(&file);
	ok(flash.size == 10000 && flash.read(flash.ctx, 9997, octets, 3) == ERR_NONE &&
	           memcmp(octets, "abc", 3) == 0,
	   "and has what was written");
	flash_file_close(&file);
	unlink(path);
	ok_err(flash_file_create(&file, "/nowhere/at/all", 10000), ERR_IO,
	       "a place that is not there");
}

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* A reader: accepts one card and plays a script, in the pieces in which vpcd writes. */
struct reader {
	int listener;
	char port[8];
	uint8_t heard[300];
	size_t heard_len;
};

static void say(int fd, const char *octets, size_t len)
{
	struct timespec while_ = { 0, 2000000 };

	(void)!write(fd, octets, len);
	nanosleep(&while_, NULL);
}

static void *play(void *argument)
{
	struct reader *reader = argument;
	int fd = accept(reader->listener, NULL, NULL);

	say(fd, "\x00", 1); /* a length in two pieces, then a control */
	say(fd, "\x01", 1);
	say(fd, "\x04", 1);
	say(fd,
	    "\x00\x05"
	    "\x00\xA4",
	    4); /* a command in two pieces */
	say(fd, "\x00\x04\x02", 3);
	ssize_t n = read(fd, reader->heard, sizeof reader->heard);
	reader->heard_len = n > 0 ? (size_t)n : 0;
	say(fd, "\x10\x00", 2); /* more than the card has room for */
	close(fd);
	return NULL;
}

static void reader_open(struct reader *reader)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	reader->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(reader->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(reader->listener, 1) != 0 ||
	    getsockname(reader->listener, (struct sockaddr *)&address, &len) != 0) {
		printf("Bail out! no loopback\n");
		exit(EXIT_FAILURE);
	}
	snprintf(reader->port, sizeof reader->port, "%u", ntohs(address.sin_port));
}

static void link_to_reader(void)
{
	struct reader reader = { 0 };
	uint8_t octets[64], big[2000] = { 0 };
	struct room in = ROOM(octets);
	struct vpcd vpcd;
	pthread_t thread;

	reader_open(&reader);
	pthread_create(&thread, NULL, play, &reader);
	ok_err(vpcd_connect(&vpcd, "127.0.0.1", reader.port, &stop), ERR_NONE, "a reader is found");
	ok(vpcd_receive(&vpcd, &in) == ERR_NONE && in.len == 1 && octets[0] == VPCD_ATR,
	   "a control arrives, whatever the pieces");
	in.len = 0;
	ok(vpcd_receive(&vpcd, &in) == ERR_NONE &&
	           bytes_same(room_used(&in), BYTES_STR("\x00\xA4\x00\x04\x02")),
	   "a command arrives, whatever the pieces");
	ok_err(vpcd_send(&vpcd, BYTES(big)), ERR_LIMIT, "no card answers 2,000 octets");
	ok_err(vpcd_send(&vpcd, BYTES_STR("\x90\x00")), ERR_NONE, "an answer is sent");
	in.len = 0;
	ok_err(vpcd_receive(&vpcd, &in), ERR_ROOM, "a message longer than the room");
	ok(in.len == 0, "leaves the room as it was");
	pthread_join(thread, NULL);
	ok(reader.heard_len == 4 && memcmp(reader.heard, "\x00\x02\x90\x00", 4) == 0,
	   "length and answer arrive in one piece");
	ok_err(vpcd_receive(&vpcd, &in), ERR_IO, "a reader that went away");
	vpcd_close(&vpcd);
	close(reader.listener);
	ok_err(vpcd_connect(&vpcd, "127.0.0.1", reader.port, &stop), ERR_IO, "nobody there");
}

static void *terminate(void *argument)
{
	struct timespec while_ = { 0, 50000000 };

	(void)argument;
	nanosleep(&while_, NULL);
	kill(getpid(), SIGTERM);
	return NULL;
}

static void stopping(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct reader reader = { 0 };
	uint8_t octets[64];
	struct room in = ROOM(octets);
	struct vpcd vpcd;
	pthread_t thread;
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &both, NULL);
	sigaction(SIGTERM, &action, NULL);
	reader_open(&reader);
	if (vpcd_connect(&vpcd, "127.0.0.1", reader.port, &stop) != ERR_NONE)
		return;
	pthread_create(&thread, NULL, terminate, NULL);
	ok_err(vpcd_receive(&vpcd, &in), ERR_TIMEOUT, "a signal ends the wait for a command");
	pthread_join(thread, NULL);
	vpcd_close(&vpcd);
	close(reader.listener);
}

int main(void)
{
	char folder[] = "/tmp/assay-posix-XXXXXX", path[64];

	if (mkdtemp(folder) == NULL)
		return EXIT_FAILURE;
	snprintf(path, sizeof path, "%s/image", folder);
	image(path);
	rmdir(folder);
	link_to_reader();
	stopping();
	return done();
}
