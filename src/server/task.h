/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that sleep without keeping the worker from others: each runs on a stack of its own and gives
 * the processor back while it waits for the store. One thread, no preemption: between two waits a
 * task is alone.
 *
 * A task owns what it allocates with task_keep until it ends.
 */
#ifndef SERVER_TASK_H
#define SERVER_TASK_H

#include "base/bytes.h"

struct task;

enum {
	TASK_STACK = 512 << 10, /* touched pages only cost memory */
	TASKS_MAX = 1024,       /* under way in one worker; more wait in their connections */
};

/* task_start runs `run(arg)` until it ends or waits; NULL when no more can be started. After it has ended
 * `ended(arg)` is called on the main stack. */
NODISCARD bool task_start(void (*run)(void *arg), void (*ended)(void *arg), void *arg);

/* task_current is the task that runs, or NULL on the main stack. */
struct task *task_current(void);

/* task_wait gives the processor back until task_wake. */
void task_wait(void);

/* task_wake lets the task go on, at once; from the main stack only. */
void task_wake(struct task *task);

/* task_keep copies octets into memory that lives as long as the running task. .at is NULL when there is no
 * memory. */
struct bytes task_keep(struct bytes octets);

/* task_count is how many are under way. */
size_t task_count(void);

#endif
