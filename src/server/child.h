/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor gives each process that it makes, and what it wants to hear from it. */
#ifndef SERVER_CHILD_H
#define SERVER_CHILD_H

#include "server/config.h"

struct counters;
struct counters_pages;

enum child_kind {
	CHILD_KEEPER,
	CHILD_STORE,
	CHILD_APPRAISER, /* services, started first, stopped last */
	CHILD_ADMIN,
	CHILD_AUC,        /* at the network's door ... */
	CHILD_QUARANTINE, /* ... and at the quarantine's */
	CHILD_CALLER,
	CHILD_FRONT,
	CHILD_WORKER, /* their clients */
	CHILD_KINDS
};

enum {
	CHILD_CANNOT_START = 78
}; /* exit status: trying again would not help (sysexits EX_CONFIG) */

/* Listening sockets of each service; made by the supervisor, so that nothing that has connected is lost
 * when the process behind dies. */
struct child_listeners {
	int es9[LISTEN_MAX], es2[LISTEN_MAX], admin[LISTEN_MAX], auc[LISTEN_MAX],
		quarantine[LISTEN_MAX], radius[LISTEN_MAX];
	size_t es9_count, es2_count, admin_count, auc_count, quarantine_count, radius_count;
};

struct child_start {
	const struct config *config;
	enum child_kind kind;
	unsigned index; /* among its kind */
	int control;    /* to the supervisor: links come in, readiness goes out */
	const struct child_listeners *listeners;
	struct counters *counters; /* its own page */
	const struct counters_pages *pages; /* all; of the others' the admin alone has any */
};

/* child_ready tells the supervisor that the process serves. */
void child_ready(const struct child_start *start);

/* The processes; what they return is the exit status. */
int keeper_process(const struct child_start *start);
int store_process(const struct child_start *start);
int appraiser_process(const struct child_start *start); /* of room appraiser */
int admin_process(const struct child_start *start);
int auc_process(const struct child_start *start);
int caller_process(const struct child_start *start);
int front_process(const struct child_start *start);
int worker_process(const struct child_start *start);

#endif
