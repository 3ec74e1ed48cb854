/* SPDX-License-Identifier: Apache-2.0 */
#include "server/supervisor.h"

#include "server/appraiser.h"
#include "server/child.h"
#include "server/counters.h"
#include "server/keeper.h"
#include "server/link.h"
#include "server/listen.h"
#include "server/log.h"
#include "server/silence.h"
#include "server/store_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	CHILDREN_MAX = WORKER_MAX + CHILD_WORKER,
	QUICK_MS = 1000,     /* who dies sooner than this after its start is started later and later */
	DELAY_MAX_MS = 5000,
	STOP_MS = 8000,      /* after this, children are killed */
};

struct child {
	enum child_kind kind;
	unsigned index;
	pid_t pid;           /* 0: not running */
	int control;
	bool ready;
	int64_t started_ms, start_at_ms;
	int delay_ms;
};

struct supervisor {
	struct config *config;
	struct child_listeners listeners;
	struct counters_pages counters; /* one for each of the children */
	struct child children[CHILDREN_MAX];
	size_t count;
	sigset_t signals, before;
	int signal_fd;
	bool stopping, said_ready, failed;
};

enum { SERVICES = CHILD_APPRAISER + 1, NO_LINK = 0xFF };

static const struct {
	const char *name;
	int (*run)(const struct child_start *start);
	uint8_t role[SERVICES]; /* at each service; NO_LINK: it never speaks to it */
} kinds[CHILD_KINDS] = {
	[CHILD_KEEPER] = { "keeper", keeper_process, { NO_LINK, NO_LINK, NO_LINK } },
	[CHILD_STORE] = { "store", store_process, { NO_LINK, NO_LINK, NO_LINK } },
	[CHILD_APPRAISER] = { "appraiser", appraiser_process,
			      { KEEPER_FOR_APPRAISER, STORE_FOR_APPRAISER, NO_LINK } },
	[CHILD_ADMIN] = { "admin", admin_process,
			  { KEEPER_FOR_ADMIN, STORE_FOR_ADMIN, APPRAISER_FOR_ADMIN } },
	[CHILD_AUC] = { "auc", auc_process, { KEEPER_FOR_AUC, STORE_FOR_AUC, APPRAISER_FOR_AUC } },
	[CHILD_QUARANTINE] = { "quarantine", auc_process,
			       { KEEPER_FOR_QUARANTINE, STORE_FOR_AUC, APPRAISER_FOR_AUC } },
	[CHILD_CALLER] = { "caller", caller_process, { KEEPER_FOR_CALLER, STORE_FOR_CALLER, NO_LINK } },
	[CHILD_FRONT] = { "front", front_process, { NO_LINK, NO_LINK, NO_LINK } },
	[CHILD_WORKER] = { "worker", worker_process,
			   { KEEPER_FOR_WORKER, STORE_FOR_WORKER, APPRAISER_FOR_WORKER } },
};

static const enum link_to link_to[SERVICES] = {
	[CHILD_KEEPER] = LINK_TO_KEEPER,
	[CHILD_STORE] = LINK_TO_STORE,
	[CHILD_APPRAISER] = LINK_TO_APPRAISER,
};

static bool is_service(enum child_kind kind)
{
	return (int)kind < (int)SERVICES;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void child_ready(const struct child_start *start)
{
	(void)!send(start->control, "r", 1, MSG_NOSIGNAL); /* a supervisor that is gone needs no word */
}

/* --- links ------------------------------------------------------------------------------------ */

static void link_make(const struct child *server, const struct child *client)
{
	uint8_t role = kinds[client->kind].role[server->kind];
	int pair[2];

	if (role == NO_LINK)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		log_error("socketpair: %s", strerror(errno));
		return;
	}
	/* When one of them is dying, the link is made again with its successor. */
	(void)!link_offer_send(server->control, &(struct link_offer){ LINK_FROM_CLIENT, role, pair[0] });
	(void)!link_offer_send(client->control,
	                       &(struct link_offer){ link_to[server->kind], 0, pair[1] });
	close(pair[0]);
	close(pair[1]);
}

/* links_for ties a child that has just been started to all that it talks to. */
static void links_for(struct supervisor *s, const struct child *started)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct child *other = &s->children[i];
		if (other->pid == 0 || other == started)
			continue;
		if (is_service(other->kind))
			link_make(other, started);
		if (is_service(started->kind))
			link_make(started, other);
	}
}

/* --- children --------------------------------------------------------------------------------- */

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* A child keeps the listening sockets of its own services only: the keeper has none. */
static void listeners_leave(const struct child_listeners *all, enum child_kind kind)
{
	if (kind != CHILD_WORKER) {
		close_all(all->es9, all->es9_count);
		close_all(all->es2, all->es2_count);
	}
	if (kind != CHILD_ADMIN)
		close_all(all->admin, all->admin_count);
	if (kind != CHILD_AUC)
		close_all(all->auc, all->auc_count);
	if (kind != CHILD_QUARANTINE)
		close_all(all->quarantine, all->quarantine_count);
	if (kind != CHILD_FRONT)
		close_all(all->radius, all->radius_count);
}

static void counters_leave(struct counters_pages *pages, enum child_kind kind, size_t own)
{
	if (kind != CHILD_ADMIN)
		counters_keep(pages, own);
	else if (!counters_read_only(pages, own))
		exit(1);
}

/* In the child: nothing of the supervisor's is kept but its listeners and its own control end. */
static int child_main(struct supervisor *s, const struct child *child, int control)
{
	size_t own = (size_t)(child - s->children);
	const struct child_start start = { s->config, child->kind, child->index, control,
		                           &s->listeners, counters_of(&s->counters, own),
		                           &s->counters };
	char name[32];

	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].pid != 0)
			close(s->children[i].control);
	close(s->signal_fd);
	listeners_leave(&s->listeners, child->kind);
	counters_leave(&s->counters, child->kind, own);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal's Ctrl-C goes to all; the supervisor stops us in order */
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	if (child->kind == CHILD_WORKER)
		snprintf(name, sizeof name, "worker %u", child->index);
	else
		snprintf(name, sizeof name, "%s", kinds[child->kind].name);
	log_as(name);
	silence_begin(s->config->service_ms, start.counters);
	prctl(PR_SET_NAME, kinds[child->kind].name);
	return kinds[child->kind].run(&start);
}

static bool child_begin(struct supervisor *s, struct child *child)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	counters_begin(counters_of(&s->counters, (size_t)(child - s->children)), child->kind);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		exit(child_main(s, child, pair[1]));
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return false;
	}
	child->pid = pid;
	child->control = pair[0];
	child->ready = false;
	child->started_ms = now_ms();
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	links_for(s, child);
	return true;
}

static void children_begin(struct supervisor *s)
{
	for (size_t i = 0; i < s->count && !s->stopping; i++) {
		struct child *child = &s->children[i];
		if (child->pid != 0 || child->start_at_ms > now_ms())
			continue;
		if (!child_begin(s, child)) {
			log_error("%s cannot be started: %s", kinds[child->kind].name, strerror(errno));
			child->start_at_ms = now_ms() + DELAY_MAX_MS;
		}
	}
}

static void child_ended(struct supervisor *s, struct child *child, int status)
{
	bool quick = now_ms() - child->started_ms < QUICK_MS;

	close(child->control);
	child->pid = 0;
	if (s->stopping)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_CANNOT_START && !s->said_ready) {
		log_error("%s cannot start; stopping", kinds[child->kind].name);
		s->failed = true;
		return;
	}
	child->delay_ms = !quick ? 0 : child->delay_ms == 0 ? 50 : child->delay_ms * 2;
	if (child->delay_ms > DELAY_MAX_MS)
		child->delay_ms = DELAY_MAX_MS;
	child->start_at_ms = now_ms() + child->delay_ms;
	if (WIFSIGNALED(status))
		log_error("%s %u died of signal %d; starting it again", kinds[child->kind].name,
		          child->index, WTERMSIG(status));
	else
		log_error("%s %u ended with status %d; starting it again", kinds[child->kind].name,
		          child->index, WEXITSTATUS(status));
}

static void children_reap(struct supervisor *s)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		for (size_t i = 0; i < s->count; i++)
			if (s->children[i].pid == pid)
				child_ended(s, &s->children[i], status);
}

static void ready_take(struct supervisor *s, struct child *child)
{
	char word;
	bool all = true;

	if (recv(child->control, &word, 1, MSG_DONTWAIT) != 1)
		return;
	child->ready = true;
	for (size_t i = 0; i < s->count; i++)
		all = all && s->children[i].ready;
	if (all && !s->said_ready) {
		s->said_ready = true;
		log_info("ready: %s", s->config->address);
	}
}

/* --- stop, reload ------------------------------------------------------------------------------ */

static bool any_left(const struct supervisor *s, bool services)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].pid != 0 && is_service(s->children[i].kind) == services)
			return true;
	return false;
}

/* A child stops when its control socket ends: after what it has begun. */
static void part_stop(struct supervisor *s, bool services)
{
	int64_t until = now_ms() + STOP_MS;
	bool killed = false;

	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].pid != 0 && is_service(s->children[i].kind) == services)
			shutdown(s->children[i].control, SHUT_RDWR);
	while (any_left(s, services)) {
		struct pollfd one = { .fd = s->signal_fd, .events = POLLIN };
		struct signalfd_siginfo info;
		if (poll(&one, 1, 100) > 0)
			(void)!read(s->signal_fd, &info, sizeof info); /* SIGCHLD, or impatience */
		children_reap(s);
		for (size_t i = 0; i < s->count && now_ms() > until && !killed; i++)
			if (s->children[i].pid != 0)
				kill(s->children[i].pid, SIGKILL);
		killed = killed || now_ms() > until;
	}
}

static void children_stop(struct supervisor *s)
{
	s->stopping = true;
	part_stop(s, false);
	part_stop(s, true);
}

static void child_add(struct supervisor *s, enum child_kind kind, unsigned index)
{
	s->children[s->count++] = (struct child){ .kind = kind, .index = index };
}

static void children_plan(struct supervisor *s)
{
	uint32_t workers = s->config->workers;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (workers == 0)
		workers = cpus < 1 ? 1 : cpus > WORKER_MAX ? WORKER_MAX : (uint32_t)cpus;
	s->count = 0;
	child_add(s, CHILD_KEEPER, 0);
	child_add(s, CHILD_STORE, 0);
	child_add(s, CHILD_APPRAISER, 0);
	child_add(s, CHILD_ADMIN, 0);
	if (s->config->auc.count > 0)
		child_add(s, CHILD_AUC, 0);
	if (s->config->quarantine.count > 0)
		child_add(s, CHILD_QUARANTINE, 0);
	child_add(s, CHILD_CALLER, 0);
	if (s->config->radius.count > 0)
		child_add(s, CHILD_FRONT, 0);
	for (unsigned i = 0; i < workers; i++)
		child_add(s, CHILD_WORKER, i);
	s->stopping = false;
	s->said_ready = false;
}

static bool listens_same(const struct config *a, const struct config *b)
{
	return memcmp(&a->es9, &b->es9, sizeof a->es9) == 0 &&
	       memcmp(&a->es2, &b->es2, sizeof a->es2) == 0 &&
	       memcmp(&a->admin, &b->admin, sizeof a->admin) == 0 &&
	       memcmp(&a->auc, &b->auc, sizeof a->auc) == 0 &&
	       memcmp(&a->quarantine, &b->quarantine, sizeof a->quarantine) == 0 &&
	       memcmp(&a->radius, &b->radius, sizeof a->radius) == 0;
}

/* A configuration that cannot be read, or sockets that cannot be had, leave everything as it was. */
static void reload(struct supervisor *s)
{
	struct config *fresh = calloc(1, sizeof *fresh);

	log_info("reading %s again", s->config->path);
	if (fresh == NULL || config_load(fresh, s->config->path) != ERR_NONE ||
	    config_check_apart(fresh) != ERR_NONE) {
		log_error("the old configuration stays in force");
		free(fresh);
		return;
	}
	children_stop(s);
	if (!listens_same(fresh, s->config)) {
		listeners_close(&s->listeners);
		if (!listeners_open(&s->listeners, fresh)) {
			log_error("the old addresses stay in force");
			fresh->es9 = s->config->es9;
			fresh->es2 = s->config->es2;
			fresh->admin = s->config->admin;
			fresh->auc = s->config->auc;
			fresh->quarantine = s->config->quarantine;
			fresh->radius = s->config->radius;
			s->failed = !listeners_open(&s->listeners, fresh);
		}
	}
	*s->config = *fresh;
	free(fresh);
	children_plan(s);
}

static void signal_take(struct supervisor *s, bool *stop)
{
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGHUP)
		reload(s);
	else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
		*stop = true;
}

static int wait_ms(const struct supervisor *s)
{
	int least = 60000;

	for (size_t i = 0; i < s->count; i++) {
		int64_t left = s->children[i].start_at_ms - now_ms();
		if (s->children[i].pid == 0)
			least = left < 0 ? 0 : left < least ? (int)left : least;
	}
	return least;
}

static void watch(struct supervisor *s)
{
	bool stop = false;

	while (!stop && !s->failed) {
		struct pollfd fds[CHILDREN_MAX + 1] = { { .fd = s->signal_fd, .events = POLLIN } };
		children_begin(s);
		for (size_t i = 0; i < s->count; i++) {
			const struct child *child = &s->children[i];
			bool listens = child->pid != 0 && !child->ready;
			fds[i + 1] = (struct pollfd){ .fd = listens ? child->control : -1,
				                      .events = POLLIN };
		}
		if (poll(fds, s->count + 1, wait_ms(s)) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < s->count; i++)
			if (fds[i + 1].revents & POLLIN)
				ready_take(s, &s->children[i]);
		if (fds[0].revents != 0)
			signal_take(s, &stop);
		children_reap(s);
	}
}

int supervisor_run(struct config *config)
{
	static struct supervisor s;

	s.config = config;
	sigemptyset(&s.signals);
	sigaddset(&s.signals, SIGCHLD);
	sigaddset(&s.signals, SIGTERM);
	sigaddset(&s.signals, SIGINT);
	sigaddset(&s.signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &s.signals, &s.before);
	s.signal_fd = signalfd(-1, &s.signals, SFD_CLOEXEC);
	counters_share(&s.counters, CHILDREN_MAX);
	if (s.signal_fd < 0 || s.counters.at == NULL || !listeners_open(&s.listeners, config))
		return 1;
	children_plan(&s);
	watch(&s);
	log_info("stopping");
	children_stop(&s);
	listeners_close(&s.listeners);
	log_info("stopped");
	return s.failed ? 1 : 0;
}
