/* SPDX-License-Identifier: Apache-2.0 */
#include "server/listen.h"

#include "server/log.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

/* A socket file that nobody answers on any more is left over from a crash, and replaced. */
static bool path_is_free(const struct sockaddr_un *address, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)address,
	                               sizeof *address) != 0;

	if (fd >= 0)
		close(fd);
	if (dead && errno == ECONNREFUSED)
		unlink(address->sun_path);
	return dead;
}

static int open_path(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t before;
	int fd, bound;

	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!path_is_free(&address, type)) {
		errno = EADDRINUSE;
		return -1;
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	before = umask(0177); /* who can open it is an administrator */
	bound = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof address);
	umask(before);
	if (bound != 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) != 0)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* split takes "ADDRESS:PORT" or "[ADDRESS]:PORT" apart, in place. */
static bool split(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');

	if (colon == NULL)
		return false;
	*colon = '\0';
	*port = colon + 1;
	*host = text;
	if (*text == '[' && colon > text && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	}
	return true;
}

/* getaddrinfo takes any number and cuts it down to 16 bits. */
static bool is_port(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && number > 0 && number <= UINT16_MAX;
}

static int open_one(const struct addrinfo *info, int type)
{
	int fd = socket(info->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1, off = 0;

	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, 26 /* IPV6_V6ONLY */, &off, sizeof off);
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 &&
	    (type != SOCK_STREAM || listen(fd, BACKLOG) == 0))
		return fd;
	close(fd);
	return -1;
}

/* address_find takes ADDRESS:PORT; NULL and errno when it is none. */
static struct addrinfo *address_find(const char *at, int type, int flags)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
		                        .ai_socktype = type,
		                        .ai_flags = flags | AI_NUMERICHOST | AI_NUMERICSERV };
	char text[TEXT_PATH_SIZE], *host, *port;
	struct addrinfo *found = NULL;

	snprintf(text, sizeof text, "%s", at);
	if (!split(text, &host, &port) || !is_port(port) || getaddrinfo(host, port, &hints, &found) != 0) {
		errno = EINVAL;
		return NULL;
	}
	return found;
}

static const char *path_fault(const char *path)
{
	char folder[TEXT_PATH_SIZE];
	struct stat info;

	if (strlen(path) >= sizeof ((struct sockaddr_un *)NULL)->sun_path)
		return "path is too long for a socket";
	snprintf(folder, sizeof folder, "%s", path);
	*strrchr(folder, '/') = '\0';
	if (folder[0] != '\0' && (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)))
		return "there is no such directory to make a socket in";
	return NULL;
}

const char *listen_fault(const char *at)
{
	struct addrinfo *found;

	if (strchr(at, '/') != NULL)
		return path_fault(at);
	found = address_find(at, SOCK_STREAM, AI_PASSIVE);
	if (found == NULL)
		return "ADDRESS:PORT, [IPV6]:PORT or the path of a socket is wanted";
	freeaddrinfo(found);
	return NULL;
}

static int open_address(const char *at, int type)
{
	struct addrinfo *found = address_find(at, type, AI_PASSIVE);
	int fd;

	if (found == NULL)
		return -1;
	fd = open_one(found, type);
	freeaddrinfo(found);
	return fd;
}

int connect_datagram(const char *at)
{
	struct addrinfo *found = address_find(at, SOCK_DGRAM, 0);
	int fd, connected = -1;

	if (found == NULL)
		return -1;
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		connected = connect(fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (fd >= 0 && connected != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool open_all(const struct listen *listen, int type, int *fds, size_t *count)
{
	for (size_t i = 0; i < listen->count; i++) {
		const char *at = listen->at[i];
		int fd = strchr(at, '/') != NULL ? open_path(at, type) : open_address(at, type);
		if (fd < 0) {
			log_error("cannot listen on %s: %s", at, strerror(errno));
			return false;
		}
		fds[(*count)++] = fd;
	}
	return true;
}

bool listeners_open(struct child_listeners *out, const struct config *config)
{
	struct child_listeners opened = { .es9_count = 0 };

	if (open_all(&config->es9, SOCK_STREAM, opened.es9, &opened.es9_count) &&
	    open_all(&config->es2, SOCK_STREAM, opened.es2, &opened.es2_count) &&
	    open_all(&config->admin, SOCK_STREAM, opened.admin, &opened.admin_count) &&
	    open_all(&config->auc, SOCK_DGRAM, opened.auc, &opened.auc_count) &&
	    open_all(&config->quarantine, SOCK_DGRAM, opened.quarantine,
	             &opened.quarantine_count) &&
	    open_all(&config->radius, SOCK_DGRAM, opened.radius, &opened.radius_count)) {
		*out = opened;
		return true;
	}
	listeners_close(&opened);
	return false;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sockaddr_un address = { .sun_family = AF_UNSPEC };
		socklen_t size = sizeof address;
		if (getsockname(fds[i], (struct sockaddr *)&address, &size) == 0 &&
		    address.sun_family == AF_UNIX)
			unlink(address.sun_path);
		close(fds[i]);
	}
}

void listeners_close(struct child_listeners *listeners)
{
	close_all(listeners->es9, listeners->es9_count);
	close_all(listeners->es2, listeners->es2_count);
	close_all(listeners->admin, listeners->admin_count);
	close_all(listeners->auc, listeners->auc_count);
	close_all(listeners->quarantine, listeners->quarantine_count);
	close_all(listeners->radius, listeners->radius_count);
	*listeners = (struct child_listeners){ .es9_count = 0 };
}
