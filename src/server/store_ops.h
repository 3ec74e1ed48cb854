/* SPDX-License-Identifier: Apache-2.0 */
/* The named requests of the store and who may make them; seen by the store and by its client only. */
#ifndef SERVER_STORE_OPS_H
#define SERVER_STORE_OPS_H

#include "base/bytes.h"
#include "base/err.h"
#include "server/store_db.h"

enum { CHIP_ROW_MAX = 16 << 10 };
struct chip;

struct asker;
struct store_client;

enum store_role {
	STORE_FOR_WORKER,
	STORE_FOR_ADMIN,
	STORE_FOR_AUC,
	STORE_FOR_CALLER,
	STORE_FOR_APPRAISER,
	STORE_ROLES
};

enum store_request {
	STORE_SESSION_LOAD,
	STORE_ORDER_FIND,
	STORE_PACKAGE_LOAD,
	STORE_COMMIT,
	STORE_PROFILE_ADD,
	STORE_PROFILE_DELETE,
	STORE_ORDER_LIST,
	STORE_SUBSCRIPTION_LOAD,
	STORE_SUBSCRIPTION_LIST,
	STORE_SUBSCRIPTION_BAR,
	STORE_DEVICE_LIST,
	STORE_AUDIT_LIST,
	STORE_EVENT_LIST,
	STORE_AUDIT_PROOF,
	STORE_AUDIT_STATE,
	STORE_AUDIT_HEAD_ADD,
	STORE_AUDIT_HEAD_LIST,
	STORE_SQN_RESERVE,
	STORE_SQN_RAISE,
	STORE_CALLBACK_NEXT,
	STORE_CALLBACK_DONE,
	STORE_COUNTS,
	STORE_CHIP_LOAD,
	STORE_CARD_LOAD,
	STORE_CHIP_COMMIT,
	STORE_CHIP_LIST,
	STORE_APPRAISED_LOAD,
	STORE_APPRAISED_LIST,
	STORE_LOG_LOAD,
	STORE_ACCESS_LOAD,
	STORE_ITEM_SET,
	STORE_ITEM_LIST,
	STORE_CHIPS_OF_CARD,
	STORE_CHIP_DECIDE,
	STORE_CHIP_ADD,
	STORE_CHALLENGE_ADD,
	STORE_CHALLENGE_TAKE,
	STORE_MANIFEST_ADD,
	STORE_MANIFEST_FIND,
	STORE_REQUESTS
};

/* store_permits tells whether a link of that role may make that request. */
bool store_permits(enum store_role role, uint16_t request);

/* store_answer does one request inside the open group. On error the database is as before. */
NODISCARD enum err store_answer(struct db *db, uint16_t request, struct bytes in, struct room *out);

/* The requests, each in the file of its subject. */
typedef enum err store_fn(struct db *db, struct bytes in, struct room *out);
store_fn store_do_session_load, store_do_order_find, store_do_package_load, store_do_commit;
store_fn store_do_profile_add, store_do_profile_delete, store_do_order_list;
store_fn store_do_subscription_load, store_do_subscription_list, store_do_subscription_bar;
store_fn store_do_device_list, store_do_counts;
store_fn store_do_audit_list, store_do_audit_proof, store_do_audit_state;
store_fn store_do_audit_head_add, store_do_audit_head_list;
store_fn store_do_sqn_reserve, store_do_sqn_raise;
store_fn store_do_callback_next, store_do_callback_done;
store_fn store_do_card_load, store_do_chip_load, store_do_chip_commit, store_do_chip_list, store_do_appraised_load;
store_fn store_do_appraised_list, store_do_log_load, store_do_access_load;
store_fn store_do_item_set, store_do_item_list;
store_fn store_do_chips_of_card, store_do_chip_decide, store_do_chip_add, store_do_challenge_add;
store_fn store_do_challenge_take, store_do_manifest_add, store_do_manifest_find;

/* store_chip_set writes a chip's row. Who waits for approval only claims a card, and does not hold it. */
NODISCARD enum err store_chip_set(struct db *db, const struct chip *chip, bool holds);

/* store_chip_get reads a chip's row, by its id or by the card that it holds, into the caller's memory, where `out`'s views
 * point. */
NODISCARD enum err store_chip_get(struct db *db, enum db_statement by, struct bytes key,
                                  struct room *store, struct chip *out);

/* store_appraised_set keeps a card's last appraisal, packed. */
NODISCARD enum err store_appraised_set(struct db *db, struct bytes eid, struct bytes packed);

/* store_machine_changes does what a chip's new card or state means beyond its own row, before that is written: raises what it
 * shows of machines (R9), ends its claims to other cards when it is approved. Nothing when card and state are as before. */
NODISCARD enum err store_machine_changes(struct db *db, const struct chip *chip);

/* store_asker is the client's end of the link, for the other files of the client. */
struct asker *store_asker(struct store_client *store);

/* store_access_basis is a digest of what store_do_access_load gives, and that of nothing when it finds nothing. */
NODISCARD enum err store_access_basis(struct db *db, struct bytes imsi, uint64_t *out);

/* When it was last said by hand: that a subscription is barred, or no longer, that a chip is revoked, that a policy is in
 * force, or no longer; and when an operator was told that a chip claims a card. store_moment_set remembers the time now, store_moment gives it in milliseconds, 0: not known. */
enum moment { MOMENT_BARRED = 'b', MOMENT_REVOKED = 'r', MOMENT_POLICY = 'p', MOMENT_TOLD = 't' };
NODISCARD enum err store_moment_set(struct db *db, enum moment kind, struct bytes name);
NODISCARD enum err store_moment_forget(struct db *db, enum moment kind, struct bytes name);
NODISCARD enum err store_moment(struct db *db, enum moment kind, struct bytes name, uint64_t *out);

struct equipment_event;
store_fn store_do_event_list;

/* store_event puts an event into its table and the audit log and queues the call-back; store_events_take does so for
 * what a commit brings. */
NODISCARD enum err store_event(struct db *db, const struct equipment_event *event);
NODISCARD enum err store_events_take(struct db *db, struct bytes *in);

/* store_callback queues a call-back; nothing when it is for nobody. */
NODISCARD enum err store_callback(struct db *db, const struct callback *callback);

/* store_audit appends a line to the log; nothing when the event is empty. */
NODISCARD enum err store_audit(struct db *db, const struct audit *audit);

#endif
