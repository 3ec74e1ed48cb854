/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: the one process that owns the database. This header is what its clients see: named requests,
 * never SQL. A request is queued with store_ask and answered when its effect is durable (I5); the store
 * commits what has queued up as one group, so many may be under way.
 *
 * A process with an event loop asks, goes on, and lets store_poll call back; one without waits with
 * store_wait. The calls below that take a `struct store_client` and look synchronous wait in the way
 * that the client was opened with: asleep in poll, or by letting other requests of the worker run.
 */
#ifndef SERVER_STORE_H
#define SERVER_STORE_H

#include "base/err.h"
#include "server/records.h"
#include "server/smdp_ports.h"

struct store_client;

/* store_open makes the client of a process that has its links; `waits_as_task`: the synchronous calls are
 * made from tasks (server/task.h) and let others run; otherwise they sleep in poll. NULL: no memory. */
struct links;
struct store_client *store_open(struct links *links, bool waits_as_task);

/* store_close releases the client; nothing may be under way. */
void store_close(struct store_client *store);

/* store_fd is what to poll for reading (-1: no link at present, look at the control socket); store_pump
 * takes what has come and calls back. Call it after links_take as well. */
int store_fd(const struct store_client *store);
void store_pump(struct store_client *store);

/* store_forget releases what the synchronous calls outside of tasks have returned views of. */
void store_forget(struct store_client *store);

/* An answer that comes later, see asker_later. */
typedef void store_later(void *ctx, enum err err, struct bytes reply);

/* --- SM-DP+ --------------------------------------------------------------------------------- */

NODISCARD enum err store_session_load(struct store_client *store, struct bytes transaction_id,
                                      uint64_t now_ms, struct session *out);
NODISCARD enum err store_order_find(struct store_client *store, enum smdp_find by, struct bytes key,
                                    struct order *out);
NODISCARD enum err store_package_load(struct store_client *store,
                                      const uint8_t iccid[static ICCID_SIZE], struct bytes *sealed);
NODISCARD enum err store_commit(struct store_client *store, const struct smdp_change *change);

/* --- inventory ------------------------------------------------------------------------------ */

/* store_profile_add puts a new profile with its sealed package and, unless empty, its subscription into
 * the inventory; ERR_EXISTS when ICCID or IMSI is there already. */
NODISCARD enum err store_profile_add(struct store_client *store, const struct order *order,
                                     struct bytes sealed_package,
                                     const struct subscription *subscription);

/* store_profile_delete removes a profile that nobody holds (Available, Error, Unavailable); else ERR_ORDER. */
NODISCARD enum err store_profile_delete(struct store_client *store,
                                        const uint8_t iccid[static ICCID_SIZE]);

/* Lists begin after a key (empty: at the start) and give at most `limit` rows, fewer when they are large;
 * the reply is taken apart row by row with the _next functions, ERR_NOT_FOUND at its end. */
struct store_list_orders {
	struct bytes after;          /* ICCID */
	uint32_t states;             /* bit per profile_state */
	struct bytes operator_name, type; /* empty: any */
	uint32_t limit;
};
NODISCARD enum err store_orders(struct store_client *store, const struct store_list_orders *which,
                                struct bytes *reply);
NODISCARD enum err store_orders_next(struct bytes *reply, struct order *out);

struct store_subscription_row {
	struct bytes imsi, iccid;
	bool barred;
	uint64_t seq;
	uint64_t barred_ms; /* since when it is as `barred` says; 0: ever, or not known */
};
NODISCARD enum err store_subscriptions(struct store_client *store, struct bytes after,
                                       uint32_t limit, struct bytes *reply);
NODISCARD enum err store_subscriptions_next(struct bytes *reply,
                                            struct store_subscription_row *out);
NODISCARD enum err store_subscription_bar(struct store_client *store, struct bytes imsi,
                                          bool barred);

struct store_device_row {
	struct bytes eid;
	uint64_t first_ms, last_ms;
};
NODISCARD enum err store_devices(struct store_client *store, struct bytes after, uint32_t limit,
                                 struct bytes *reply);
NODISCARD enum err store_devices_next(struct bytes *reply, struct store_device_row *out);

/* store_counts gives how many profiles are in each state. */
NODISCARD enum err store_counts(struct store_client *store, uint64_t counts[static PROFILE_STATES]);

/* --- callbacks to operators ------------------------------------------------------------------ */

struct store_callback_row {
	uint64_t number, attempts;
	struct callback callback;
};
NODISCARD enum err store_callbacks(struct store_client *store, uint32_t limit, struct bytes *reply);
NODISCARD enum err store_callbacks_next(struct bytes *reply, struct store_callback_row *out);

/* store_callback_done removes one (due_ms 0), or puts it off. */
NODISCARD enum err store_callback_done(struct store_client *store, uint64_t number,
                                       uint64_t due_ms);

/* --- AuC ------------------------------------------------------------------------------------ */

/* `basis` is a digest of all that a ruling about the subscriber's access looks at (store_access_load): another
 * as soon as any of it changes. */
NODISCARD enum err store_subscription_load(struct store_client *store, struct bytes imsi,
                                           struct subscription *out, uint64_t *basis);

/* store_sqn_reserve takes `count` (1 to SQN_RANGE_MAX) values of SEQ for one IMSI and one IND, durably:
 * afterwards nobody else gets them, whatever dies. `first` to `first + count - 1` are the caller's. IND
 * is the caller's own index below 32: two AuCs on one store use different ones, and one that shares an
 * IND still never shares a SEQ, because the counter is one per IMSI. */
NODISCARD enum err store_sqn_reserve(struct store_client *store, struct bytes imsi, uint8_t ind,
                                     uint32_t count, uint64_t *first);

/* store_sqn_raise lifts the counter after a resynchronisation: the next SEQ reserved is above `seq`. It
 * never lowers it. */
NODISCARD enum err store_sqn_raise(struct store_client *store, struct bytes imsi, uint64_t seq);

/* The same, answered later. The answers are taken apart with the _read functions. */
NODISCARD enum err store_ask_subscription(struct store_client *store, struct bytes imsi,
                                          store_later *then, void *ctx);
NODISCARD enum err store_subscription_read(struct bytes reply, struct subscription *out,
                                           uint64_t *basis);
NODISCARD enum err store_ask_sqn_reserve(struct store_client *store, struct bytes imsi, uint8_t ind,
                                         uint32_t count, store_later *then, void *ctx);
NODISCARD enum err store_sqn_read(struct bytes reply, uint64_t *first);
NODISCARD enum err store_ask_sqn_raise(struct store_client *store, struct bytes imsi, uint64_t seq,
                                       store_later *then, void *ctx);

#endif
