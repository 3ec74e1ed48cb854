/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WHAT_MAX = 128, EVENT_MAX = 256 };

/* Appends to the open log; on failure it is cut back. */
static enum err append(int fd, off_t size, struct bytes octets)
{
	if (pwrite(fd, octets.at, octets.len, size) == (ssize_t)octets.len && fsync(fd) == 0)
		return ERR_NONE;
	(void)!ftruncate(fd, size); /* the cause is told either way */
	return ERR_IO;
}

static enum err log_and_extend(struct trust *trust, int fd, bool continues, unsigned pcr,
                               const uint8_t digest[static SHA256_SIZE], struct bytes what)
{
	uint8_t octets[EVENT_MAX];
	struct room event = ROOM(octets);
	struct stat stat;

	if (flock(fd, LOCK_EX) != 0 || fstat(fd, &stat) != 0)
		return ERR_IO;
	if (stat.st_size == 0 && !continues)
		measure_put_header(&event);
	measure_put(&event, pcr, digest, what);
	if (event.full)
		return ERR_LIMIT;
	TRY(append(fd, stat.st_size, room_used(&event)));
	enum err err = trust_extend(trust, pcr, digest);
	if (err != ERR_NONE)
		(void)!ftruncate(fd, stat.st_size); /* the chip's cause is what is told */
	return err;
}

enum err measure_event(struct trust *trust, const char *log, bool continues, unsigned pcr,
                       const uint8_t digest[static SHA256_SIZE], struct bytes what)
{
	int fd;

	if (what.len > WHAT_MAX)
		return ERR_LIMIT;
	fd = open(log, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return ERR_IO;
	enum err err = log_and_extend(trust, fd, continues, pcr, digest, what);
	close(fd);
	return err;
}
