/* SPDX-License-Identifier: Apache-2.0 */
#include "port/posix/confine.h"

#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Computing, memory, time, and descriptors that are open already. */
static const int calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(fdatasync),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(ppoll),
	SCMP_SYS(poll),
	SCMP_SYS(close),
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(restart_syscall),
};

bool confine_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

bool confine_enter(void)
{
	scmp_filter_ctx filter;
	bool good;

	if (!confine_dumps() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	filter = seccomp_init(SCMP_ACT_ERRNO(1)); /* EPERM */
	good = filter != NULL;
	for (size_t i = 0; good && i < sizeof calls / sizeof calls[0]; i++)
		good = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
	good = good && seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 0) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(ptrace), 0) == 0 &&
	       seccomp_load(filter) == 0;
	seccomp_release(filter);
	return good;
}
