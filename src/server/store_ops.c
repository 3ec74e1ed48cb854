/* SPDX-License-Identifier: Apache-2.0 */
#include "server/store_ops.h"

#define WORKER (1u << STORE_FOR_WORKER)
#define ADMIN  (1u << STORE_FOR_ADMIN)
#define AUC    (1u << STORE_FOR_AUC)
#define CALLER (1u << STORE_FOR_CALLER)
#define APPRAISER (1u << STORE_FOR_APPRAISER)

static const struct {
	store_fn *run;
	uint32_t roles;
	bool writes;
} requests[STORE_REQUESTS] = {
	[STORE_SESSION_LOAD]      = { store_do_session_load,      WORKER,         false },
	[STORE_ORDER_FIND]        = { store_do_order_find,        WORKER | ADMIN, false },
	[STORE_PACKAGE_LOAD]      = { store_do_package_load,      WORKER,         false },
	[STORE_COMMIT]            = { store_do_commit,            WORKER | ADMIN, true },
	[STORE_PROFILE_ADD]       = { store_do_profile_add,       ADMIN,          true },
	[STORE_PROFILE_DELETE]    = { store_do_profile_delete,    ADMIN,          true },
	[STORE_ORDER_LIST]        = { store_do_order_list,        ADMIN,          false },
	[STORE_SUBSCRIPTION_LOAD] = { store_do_subscription_load, AUC | ADMIN,    false },
	[STORE_SUBSCRIPTION_LIST] = { store_do_subscription_list, ADMIN,          false },
	[STORE_SUBSCRIPTION_BAR]  = { store_do_subscription_bar,  ADMIN,          true },
	[STORE_DEVICE_LIST]       = { store_do_device_list,       ADMIN,          false },
	[STORE_AUDIT_LIST]        = { store_do_audit_list,        ADMIN,          false },
	[STORE_EVENT_LIST]        = { store_do_event_list,        ADMIN,          false },
	[STORE_AUDIT_PROOF]       = { store_do_audit_proof,       ADMIN,          false },
	[STORE_AUDIT_STATE]       = { store_do_audit_state,       ADMIN,          false },
	[STORE_AUDIT_HEAD_ADD]    = { store_do_audit_head_add,    ADMIN,          true },
	[STORE_AUDIT_HEAD_LIST]   = { store_do_audit_head_list,   ADMIN,          false },
	[STORE_SQN_RESERVE]       = { store_do_sqn_reserve,       AUC,            true },
	[STORE_SQN_RAISE]         = { store_do_sqn_raise,         AUC,            true },
	[STORE_CALLBACK_NEXT]     = { store_do_callback_next,     CALLER,         false },
	[STORE_CALLBACK_DONE]     = { store_do_callback_done,     CALLER,         true },
	[STORE_COUNTS]            = { store_do_counts,            ADMIN,          false },
	[STORE_CHIP_LOAD]         = { store_do_chip_load,         APPRAISER | ADMIN, false },
	[STORE_CARD_LOAD]         = { store_do_card_load,         APPRAISER,      false },
	[STORE_CHIP_COMMIT]       = { store_do_chip_commit,       APPRAISER | ADMIN, true },
	[STORE_CHIP_LIST]         = { store_do_chip_list,         ADMIN,          false },
	[STORE_APPRAISED_LOAD]    = { store_do_appraised_load,    ADMIN, false },
	[STORE_APPRAISED_LIST]    = { store_do_appraised_list,    APPRAISER | ADMIN, false },
	[STORE_LOG_LOAD]          = { store_do_log_load,          APPRAISER,      false },
	[STORE_ACCESS_LOAD]       = { store_do_access_load,       APPRAISER | ADMIN, false },
	[STORE_ITEM_SET]          = { store_do_item_set,          ADMIN,          true },
	[STORE_ITEM_LIST]         = { store_do_item_list,         APPRAISER | ADMIN, false },
	[STORE_CHIPS_OF_CARD]     = { store_do_chips_of_card,     APPRAISER | ADMIN, false },
	[STORE_CHIP_DECIDE]       = { store_do_chip_decide,       ADMIN,          true },
	[STORE_CHIP_ADD]          = { store_do_chip_add,          APPRAISER,      true },
	[STORE_CHALLENGE_ADD]     = { store_do_challenge_add,     APPRAISER,      true },
	[STORE_CHALLENGE_TAKE]    = { store_do_challenge_take,    APPRAISER,      true },
	[STORE_MANIFEST_ADD]      = { store_do_manifest_add,      APPRAISER,      true },
	[STORE_MANIFEST_FIND]     = { store_do_manifest_find,     APPRAISER | ADMIN, false },
};

bool store_permits(enum store_role role, uint16_t request)
{
	return role < STORE_ROLES && request < STORE_REQUESTS && (requests[request].roles >> role & 1);
}

static enum err simple(struct db *db, enum db_statement which)
{
	struct db_use use = db_use(db, which);

	return db_done(&use);
}

enum err store_answer(struct db *db, uint16_t request, struct bytes in, struct room *out)
{
	struct merkle tree;
	enum err err;

	if (request >= STORE_REQUESTS)
		return ERR_VALUE;
	if (!requests[request].writes)
		return requests[request].run(db, in, out);
	if (db_lost(db))
		return ERR_IO;
	TRY(simple(db, DB_SAVEPOINT));
	tree = db->tree;
	err = requests[request].run(db, in, out);
	if (err != ERR_NONE) {
		db->tree = tree; /* its nodes go with the rest */
		if (db_lost(db))
			return err;
		TRY(simple(db, DB_UNDO));
	} else {
		db->dirty = true;
	}
	TRY(simple(db, DB_RELEASE));
	return err;
}
