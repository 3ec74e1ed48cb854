/* SPDX-License-Identifier: Apache-2.0 */
#include "server/task.h"

#include "base/secret.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

struct kept {
	struct kept *next;
	size_t len;
	uint8_t at[];
};

struct task {
	ucontext_t self;
	void *stack;
	void (*run)(void *arg);
	void (*ended)(void *arg);
	void *arg;
	struct kept *kept;
	bool over;
	struct task *next; /* among those at rest */
};

static ucontext_t main_stack;
static struct task *running, *at_rest;
static size_t under_way;

enum { GUARD = 4096 };

/* The first function on a task's stack; it does not return. */
static void enter(void)
{
	running->run(running->arg);
	running->over = true;
	swapcontext(&running->self, &main_stack);
}

/* The stack's lowest page takes no access: running over it stops the process instead of the neighbour. */
static struct task *task_make(void)
{
	struct task *task = at_rest;

	if (task != NULL) {
		at_rest = task->next;
		return task;
	}
	task = calloc(1, sizeof *task);
	if (task == NULL)
		return NULL;
	task->stack = mmap(NULL, TASK_STACK, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (task->stack == MAP_FAILED || mprotect(task->stack, GUARD, PROT_NONE) != 0) {
		free(task);
		return NULL;
	}
	return task;
}

static void task_end(struct task *task)
{
	void (*ended)(void *) = task->ended;
	void *arg = task->arg;

	for (struct kept *kept = task->kept, *next; kept != NULL; kept = next) {
		next = kept->next;
		free(kept);
	}
	task->kept = NULL;
	task->next = at_rest;
	at_rest = task;
	under_way--;
	ended(arg);
}

static void go(struct task *task)
{
	assert(running == NULL);
	running = task;
	swapcontext(&main_stack, &running->self);
	task = running; /* nobody else ran meanwhile */
	running = NULL;
	if (task->over)
		task_end(task);
}

/* On its own: getcontext returns as setjmp does, and spoils what callers keep in registers. */
__attribute__((noinline)) static void context_make(struct task *task)
{
	getcontext(&task->self);
	task->self.uc_stack.ss_sp = task->stack;
	task->self.uc_stack.ss_size = TASK_STACK;
	task->self.uc_link = NULL;
	makecontext(&task->self, enter, 0);
}

bool task_start(void (*run)(void *arg), void (*ended)(void *arg), void *arg)
{
	struct task *task = under_way < TASKS_MAX ? task_make() : NULL;

	if (task == NULL)
		return false;
	under_way++;
	task->run = run;
	task->ended = ended;
	task->arg = arg;
	task->over = false;
	context_make(task);
	go(task);
	return true;
}

struct task *task_current(void)
{
	return running;
}

void task_wait(void)
{
	struct task *task = running;

	assert(task != NULL);
	swapcontext(&task->self, &main_stack);
}

void task_wake(struct task *task)
{
	go(task);
}

struct bytes task_keep(struct bytes octets)
{
	struct kept *kept = malloc(sizeof *kept + octets.len + 1);

	assert(running != NULL);
	if (kept == NULL)
		return (struct bytes){ NULL, 0 };
	kept->next = running->kept;
	kept->len = octets.len;
	if (octets.len > 0)
		memcpy(kept->at, octets.at, octets.len);
	running->kept = kept;
	return (struct bytes){ kept->at, octets.len };
}

size_t task_count(void)
{
	return under_way;
}
