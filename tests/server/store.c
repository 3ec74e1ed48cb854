/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as a process: its requests, versions, lookups, and kill -9 in the middle of work. A parent plays
 * supervisor and client; the child is the real service on a file.
 */
#include "server/store.h"
#include "server/link.h"
#include "server/links.h"
#include "server/serve.h"
#include "server/store_ops.h"

#include "tests/tap.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	return store_permits((enum store_role)role, code);
}

static enum err answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	return store_answer(ctx, code, request, reply);
}

static enum err begin(void *ctx)
{
	return db_begin(ctx);
}

static enum err end(void *ctx)
{
	return db_end(ctx);
}

static int child(int control)
{
	static struct db db;

	if (db_open(&db, path) != ERR_NONE)
		return 1;
	return serve_run(&(struct serve){ .ctx = &db,
	                                  .permits = permits,
	                                  .answer = answer,
	                                  .begin = begin,
	                                  .end = end },
	                 control) == ERR_NONE
	               ? 0
	               : 1;
}

struct run {
	pid_t pid;
	int to_child;  /* its control socket */
	int to_client; /* the client's */
	struct links links;
};

static void link_roles(struct run *run, enum store_role role)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
	    link_offer_send(run->to_child, &(struct link_offer){ LINK_FROM_CLIENT, (uint8_t)role,
	                                                         pair[0] }) != ERR_NONE ||
	    link_offer_send(run->to_client, &(struct link_offer){ LINK_TO_STORE, 0, pair[1] }) !=
	            ERR_NONE)
		exit(1);
	close(pair[0]);
	close(pair[1]);
	links_take(&run->links);
}

static void start(struct run *run, enum store_role role, bool again)
{
	int control[2], client[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control) != 0)
		exit(1);
	run->pid = fork();
	if (run->pid == 0) {
		close(control[0]);
		_exit(child(control[1]));
	}
	close(control[1]);
	run->to_child = control[0];
	if (!again) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, client) != 0)
			exit(1);
		run->to_client = client[0];
		run->links = (struct links){ .control = client[1], .keeper = -1, .store = -1 };
	}
	link_roles(run, role);
}

static void stop(struct run *run, int sig)
{
	int status;

	if (sig != 0)
		kill(run->pid, sig);
	close(run->to_child);
	waitpid(run->pid, &status, 0);
}

static struct order order_made(uint8_t n, const char *matching_id)
{
	struct order order = { .state = PROFILE_AVAILABLE,
		               .operator_name = BYTES_STR("op"),
		               .profile_type = BYTES_STR("type"),
		               .metadata = BYTES_STR("meta") };

	memset(order.iccid, n, sizeof order.iccid);
	if (matching_id != NULL) {
		order.state = PROFILE_RELEASED;
		order.matching_id = bytes_text(matching_id);
	}
	return order;
}

static enum err order_set(struct store_client *store, const struct order *order)
{
	return store_commit(store, &(struct smdp_change){ .order = order });
}

static void orders(struct store_client *store)
{
	struct order one = order_made(1, NULL), two = order_made(2, NULL), found, stale;
	static const uint8_t eid[EID_SIZE] = { 0x89, 9 };

	ok_err(store_profile_add(store, &one, BYTES_STR("sealed"), NULL), ERR_NONE,
	       "a profile is added");
	ok_err(store_profile_add(store, &one, BYTES_STR("sealed"), NULL), ERR_EXISTS,
	       "but once only");
	ok_err(store_profile_add(store, &two, BYTES_STR("sealed"), NULL), ERR_NONE, "another one");
	ok_err(store_order_find(store, SMDP_BY_TYPE, BYTES_STR("op\0type"), &found), ERR_NONE,
	       "found by its type");
	ok_err(store_order_find(store, SMDP_BY_TYPE, BYTES_STR("other\0type"), &found), ERR_DENIED,
	       "not by another operator");
	ok_err(store_order_find(store, SMDP_BY_TYPE, BYTES_STR("op\0none"), &found), ERR_NOT_FOUND,
	       "a type that nobody has");
	ok_err(store_order_find(store, SMDP_BY_ICCID, BYTES(one.iccid), &found), ERR_NONE,
	       "by ICCID");
	stale = found;
	found.state = PROFILE_RELEASED;
	found.matching_id = BYTES_STR("M-1");
	ok_err(order_set(store, &found), ERR_NONE, "it is released under a matching id");
	ok_err(order_set(store, &stale), ERR_BUSY, "a change from an old version is refused");
	ok_err(store_order_find(store, SMDP_BY_MATCHING_ID, BYTES_STR("M-1"), &found), ERR_NONE,
	       "found by its matching id");
	ok(found.state == PROFILE_RELEASED && found.version == stale.version + 1, "as it was set");
	stale = found;
	stale.operator_name = BYTES_STR("milder");
	ok_err(order_set(store, &stale), ERR_DENIED,
	       "I4: it stays its operator's, by whose policy it is released");
	ok_err(store_order_find(store, SMDP_BY_ICCID, BYTES(two.iccid), &two), ERR_NONE,
	       "the other one");
	two.state = PROFILE_RELEASED;
	two.matching_id = BYTES_STR("M-1");
	ok_err(order_set(store, &two), ERR_EXISTS, "I1: a matching id belongs to one profile");
	two.matching_id = BYTES_STR("");
	two.eid = BYTES(eid);
	ok_err(order_set(store, &two), ERR_NONE, "it is bound to a card instead");
	ok_err(store_order_find(store, SMDP_BY_EID, BYTES(eid), &two), ERR_NONE,
	       "and found by EID");
	two.state = PROFILE_INSTALLED;
	ok_err(order_set(store, &two), ERR_NONE, "installed,");
	ok_err(store_order_find(store, SMDP_BY_EID, BYTES(eid), &found), ERR_NOT_FOUND,
	       "it waits for nobody any more");
	ok_err(store_profile_delete(store, two.iccid), ERR_ORDER,
	       "what is installed cannot be deleted");
}

static void sessions(struct store_client *store)
{
	struct session session = { .transaction_id = BYTES_STR("0123456789abcdef"),
		                   .expires_ms = 1000,
		                   .body = BYTES_STR("body") },
		       found, old;

	ok_err(store_commit(store, &(struct smdp_change){ .session = &session }), ERR_NONE,
	       "a session begins");
	ok_err(store_commit(store, &(struct smdp_change){ .session = &session }), ERR_EXISTS,
	       "its id cannot be used twice");
	ok_err(store_session_load(store, session.transaction_id, 999, &found), ERR_NONE,
	       "it is there");
	ok_bytes(found.body, session.body, "with its body");
	ok_err(store_session_load(store, session.transaction_id, 1000, &old), ERR_NOT_FOUND,
	       "until it expires");
	old = found;
	found.body = BYTES_STR("next");
	ok_err(store_commit(store, &(struct smdp_change){ .session = &found }), ERR_NONE,
	       "it goes on");
	ok_err(store_commit(store, &(struct smdp_change){ .session = &old }), ERR_BUSY,
	       "I7: a request that was decided on the old state is too late");
	found.version++;
	found.body = (struct bytes){ NULL, 0 };
	ok_err(store_commit(store, &(struct smdp_change){ .session = &found }), ERR_NONE,
	       "it ends");
	ok_err(store_session_load(store, session.transaction_id, 1, &old), ERR_NOT_FOUND,
	       "it is gone");
}

/* What fails in the middle leaves nothing of its beginning. */
static void all_or_nothing(struct store_client *store)
{
	struct session session = { .transaction_id = BYTES_STR("fedcba9876543210"),
		                   .expires_ms = 1000,
		                   .body = BYTES_STR("body") },
		       found;
	struct order stale = order_made(1, "M-9");
	struct audit audit = { .event = BYTES_STR("never") };

	stale.version = 1;
	ok_err(store_commit(store, &(struct smdp_change){ .session = &session,
	                                                  .order = &stale,
	                                                  .audit = &audit }),
	       ERR_BUSY, "a step whose order has moved on fails");
	ok_err(store_session_load(store, session.transaction_id, 1, &found), ERR_NOT_FOUND,
	       "its session was not begun");
}

static void numbers(struct store_client *store)
{
	uint64_t first = 0, next = 0;

	ok_err(store_sqn_reserve(store, BYTES_STR("00101"), 0, 10, &first), ERR_NONE,
	       "ten numbers");
	ok_err(store_sqn_reserve(store, BYTES_STR("00101"), 1, 5, &next), ERR_NONE,
	       "five for another");
	ok(next == first + 10, "I5: nobody else gets the ten");
	ok_err(store_sqn_raise(store, BYTES_STR("00101"), 1000), ERR_NONE, "raised to 1000");
	ok_err(store_sqn_raise(store, BYTES_STR("00101"), 10), ERR_NONE, "never lowered");
	ok_err(store_sqn_reserve(store, BYTES_STR("00101"), 0, 1, &next), ERR_NONE, "one more");
	ok(next == 1001, "is above");
	ok_err(store_sqn_reserve(store, BYTES_STR("00101"), 32, 1, &next), ERR_VALUE,
	       "IND has five bits");
	ok_err(store_sqn_reserve(store, BYTES_STR("00102"), 0, 1, &next), ERR_NOT_FOUND,
	       "nobody's IMSI");
	ok_err(store_sqn_raise(store, BYTES_STR("00101"), (UINT64_C(1) << 43) - 2), ERR_NONE,
	       "near the end");
	ok_err(store_sqn_reserve(store, BYTES_STR("00101"), 0, 2, &next), ERR_FULL,
	       "numbers run out and never wrap");
}

static pid_t kill_later(pid_t whom, unsigned after_us)
{
	pid_t killer = fork();

	if (killer == 0) {
		usleep(after_us);
		kill(whom, SIGKILL);
		_exit(0);
	}
	return killer;
}

/* kill -9 while requests are under way: every number that was answered before stays answered (I5). */
static void killed(struct run *run, struct store_client *store)
{
	uint64_t highest = 0, first;
	int total = 0;

	for (int round = 0; round < 10; round++) {
		/* The killer comes after the first number: a busy machine may let it run at once. */
		pid_t killer = -1;
		while (store_sqn_reserve(store, BYTES_STR("00103"), 0, 1, &first) == ERR_NONE) {
			if (first <= highest)
				ok(false, "I5: number %llu was handed out twice",
				   (unsigned long long)first);
			highest = first;
			total++;
			store_forget(store);
			if (killer < 0)
				killer = kill_later(run->pid, 3000u + 2000u * (unsigned)round);
		}
		if (killer > 0)
			waitpid(killer, NULL, 0);
		stop(run, 0);
		start(run, STORE_FOR_AUC, true);
	}
	ok(total >= 10, "%d numbers in ten rounds, each ended by kill -9", total);
	ok_err(store_sqn_reserve(store, BYTES_STR("00103"), 0, 1, &first), ERR_NONE, "it goes on");
	ok(first > highest, "I5: no number came back");
}

static void refused(struct run *run, struct store_client *store)
{
	struct order order = order_made(9, NULL);

	ok_err(store_commit(store, &(struct smdp_change){ .order = &order }), ERR_BUSY,
	       "R7: the AuC may not change orders: its link is closed");
	link_roles(run, STORE_FOR_AUC);
}

int main(void)
{
	static struct run run;
	char top[] = "/tmp/assay-store-XXXXXX", command[80];
	struct subscription first = { .imsi = BYTES_STR("00101"), .sealed = BYTES_STR("s") };
	struct subscription third = { .imsi = BYTES_STR("00103"), .sealed = BYTES_STR("s") };
	struct order a = order_made(0x21, NULL), b = order_made(0x22, NULL);
	struct store_client *store;

	if (mkdtemp(top) == NULL)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	snprintf(path, sizeof path, "%s/store.db", top);
	start(&run, STORE_FOR_ADMIN, false);
	store = store_open(&run.links, false);
	orders(store);
	ok_err(store_profile_add(store, &a, BYTES_STR("p"), &first), ERR_NONE,
	       "with a subscription");
	ok_err(store_profile_add(store, &b, BYTES_STR("p"), &third), ERR_NONE, "with another");
	link_roles(&run, STORE_FOR_WORKER);
	sessions(store);
	all_or_nothing(store);
	link_roles(&run, STORE_FOR_AUC);
	numbers(store);
	refused(&run, store);
	killed(&run, store);
	stop(&run, 0);
	store_close(store);
	snprintf(command, sizeof command, "rm -rf %s", top);
	return system(command) == 0 ? done() : 1;
}
