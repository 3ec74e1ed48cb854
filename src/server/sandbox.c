/* SPDX-License-Identifier: Apache-2.0 */
#include "server/sandbox.h"

#include "server/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

bool sandbox_user(const struct config *config)
{
	/* The keeper locks its memory after it has become somebody who may not ask for this. */
	const struct rlimit lock_all = { RLIM_INFINITY, RLIM_INFINITY };
	const struct passwd *who;

	if (geteuid() != 0 || config->user[0] == '\0')
		return true;
	(void)!setrlimit(RLIMIT_MEMLOCK, &lock_all); /* sandbox_enter says when it mattered */
	who = getpwnam(config->user);
	if (who == NULL) {
		log_error("user %s is not known here", config->user);
		return false;
	}
	if (setgroups(0, NULL) != 0 || setgid(who->pw_gid) != 0 ||
	    setuid(who->pw_uid) != 0) {
		log_error("cannot become user %s: %s", config->user, strerror(errno));
		return false;
	}
	return true;
}

/* --- system calls ---------------------------------------------------------------------------- */

/* What every process needs that computes, takes memory, and talks over descriptors it has. */
static const int for_all[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close),
	SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(shutdown),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(nanosleep), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(fcntl),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(lseek), SCMP_SYS(sched_yield),
	SCMP_SYS(getrusage), SCMP_SYS(sysinfo),
};

static const int for_files[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
	SCMP_SYS(fdatasync), SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(getcwd),
	SCMP_SYS(fallocate), SCMP_SYS(utimensat), SCMP_SYS(readlink), SCMP_SYS(getdents64),
	SCMP_SYS(umask), SCMP_SYS(fadvise64), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(statx),
};

static const int for_http[] = {
	SCMP_SYS(accept4), SCMP_SYS(accept), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
	SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(ioctl), SCMP_SYS(sendfile),
	SCMP_SYS(eventfd2), SCMP_SYS(pipe2),
};

/* The keeper remembers a head in a file that it has open. */
static const int for_keeper[] = { SCMP_SYS(pwrite64), SCMP_SYS(fdatasync) };

/* The caller resolves names and connects to operators; libcurl does so with a thread. */
static const int for_calls[] = {
	SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(socketpair), SCMP_SYS(clone),
	SCMP_SYS(clone3), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(uname),
	SCMP_SYS(sendmmsg), SCMP_SYS(prctl),
};

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	return true;
}

/* No process of ours starts programs or looks into others: who tries has been taken over. */
static bool forbid(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev), SCMP_SYS(kexec_load), SCMP_SYS(init_module),
		SCMP_SYS(bpf), SCMP_SYS(mount), SCMP_SYS(userfaultfd), SCMP_SYS(perf_event_open),
	};

	for (size_t i = 0; i < COUNT(calls); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, calls[i], 0) != 0)
			return false;
	return true;
}

static bool seccomp_enter(enum sandbox which)
{
	bool http = which == SANDBOX_HTTP || which == SANDBOX_ADMIN || which == SANDBOX_CALLER;
	bool files = which == SANDBOX_STORE || which == SANDBOX_ADMIN || which == SANDBOX_CALLER;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good = filter != NULL && /* 2: looked up as a tree; one call is one of sixty */
		    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
		    allow(filter, for_all, COUNT(for_all)) && forbid(filter) &&
		    (which != SANDBOX_KEEPER || allow(filter, for_keeper, COUNT(for_keeper))) &&
		    (!files || allow(filter, for_files, COUNT(for_files))) &&
		    (!http || allow(filter, for_http, COUNT(for_http))) &&
		    (which != SANDBOX_CALLER || allow(filter, for_calls, COUNT(for_calls))) &&
		    seccomp_load(filter) == 0;

	seccomp_release(filter);
	return good;
}

/* --- files ----------------------------------------------------------------------------------- */

/* Rights of Landlock's first version, which every kernel that has it knows. */
static const uint64_t rights_all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
static const uint64_t rights_read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t rights_write = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				     LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				     LANDLOCK_ACCESS_FS_REMOVE_FILE;

static bool landlock_path(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = rights };
	bool good;
	int fd;

	if (*path == '\0')
		return true;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT;
	beneath.parent_fd = fd;
	good = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
	close(fd);
	return good;
}

/* The caller resolves names (/etc, with libraries for it) and reads its TLS files for each operator. */
static bool landlock_caller(int rules, const struct config *config)
{
	bool good = landlock_path(rules, "/etc", rights_read) &&
		    landlock_path(rules, "/usr", rights_read) &&
		    landlock_path(rules, "/lib", rights_read);

	for (size_t i = 0; good && i < config->operator_count; i++) {
		const struct config_operator *operator_name = &config->operators[i];
		good = landlock_path(rules, operator_name->notify_trust,
		                     LANDLOCK_ACCESS_FS_READ_FILE) &&
		       landlock_path(rules, operator_name->notify_certificate,
		                     LANDLOCK_ACCESS_FS_READ_FILE) &&
		       landlock_path(rules, operator_name->notify_key,
		                     LANDLOCK_ACCESS_FS_READ_FILE);
	}
	return good;
}

static bool landlock_paths(int rules, const struct config *config, enum sandbox which)
{
	if (which == SANDBOX_STORE)
		return landlock_path(rules, config->data, rights_write);
	if (which == SANDBOX_ADMIN)
		return landlock_path(rules, config->catalogue, rights_read);
	return which != SANDBOX_CALLER || landlock_caller(rules, config);
}

static bool landlock_enter(const struct config *config, enum sandbox which)
{
	const struct landlock_ruleset_attr attr = { .handled_access_fs = rights_all };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	bool good;

	if (rules < 0 && (errno == ENOSYS || errno == EOPNOTSUPP)) {
		log_debug("this kernel has no Landlock; seccomp alone guards files");
		return true;
	}
	good = rules >= 0 && landlock_paths(rules, config, which) &&
	       syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	if (rules >= 0)
		close(rules);
	return good;
}

bool sandbox_enter(const struct config *config, enum sandbox which)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		log_error("core dumps and privileges could not be given up: %s", strerror(errno));
		return false;
	}
	if (which == SANDBOX_KEEPER && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		log_error("memory could not be locked (%s): keys may reach swap space", strerror(errno));
	if (!config->sandbox)
		return true;
	if (!landlock_enter(config, which)) {
		log_error("Landlock: %s", strerror(errno));
		return false;
	}
	if (!seccomp_enter(which)) {
		log_error("seccomp filter could not be loaded");
		return false;
	}
	return true;
}
