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

/* --- SM-DP+ --------------------------------------------------------------------------------- */

NODISCARD enum err store_session_load(struct store_client *store, struct bytes transaction_id,
                                      uint64_t now_ms, struct session *out);
NODISCARD enum err store_order_find(struct store_client *store, enum smdp_find by,
                                    struct bytes key, struct order *out);
NODISCARD enum err store_package_load(struct store_client *store,
                                      const uint8_t iccid[static ICCID_SIZE],
                                      struct bytes *sealed);
NODISCARD enum err store_commit(struct store_client *store, const struct smdp_change *change);

/* --- inventory ------------------------------------------------------------------------------ */

/* store_profile_add puts a new profile with its sealed package and, unless empty, its subscription into
 * the inventory; ERR_EXISTS when ICCID or IMSI is there already. */
NODISCARD enum err store_profile_add(struct store_client *store, const struct order *order,
                                     struct bytes sealed_package,
                                     const struct subscription *subscription);

/* --- AuC ------------------------------------------------------------------------------------ */

NODISCARD enum err store_subscription_load(struct store_client *store, struct bytes imsi,
                                           struct subscription *out);

/* store_sqn_reserve takes `count` (1 to SQN_RANGE_MAX) values of SEQ for one IMSI and one IND, durably:
 * afterwards nobody else gets them, whatever dies. `first` to `first + count - 1` are the caller's. IND
 * is the caller's own index below 32: two AuCs on one store use different ones, and one that shares an
 * IND still never shares a SEQ, because the counter is one per IMSI. */
NODISCARD enum err store_sqn_reserve(struct store_client *store, struct bytes imsi, uint8_t ind,
                                     uint32_t count, uint64_t *first);

/* store_sqn_raise lifts the counter after a resynchronisation: the next SEQ reserved is above `seq`. It
 * never lowers it. */
NODISCARD enum err store_sqn_raise(struct store_client *store, struct bytes imsi, uint64_t seq);

#endif
