/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests about the audit log, as the admin process sees them. */
#ifndef SERVER_STORE_AUDIT_H
#define SERVER_STORE_AUDIT_H

#include "server/audit.h"
#include "server/store.h"

struct store_audit_row {
	struct bytes octets; /* the entry, as it is hashed */
	struct audit_entry entry;
};
NODISCARD enum err store_audit_list(struct store_client *store, uint64_t after, uint32_t limit,
                                    struct bytes *reply);
NODISCARD enum err store_audit_next(struct bytes *reply, struct store_audit_row *out);

/* store_audit_proof appends the proof that entry `from` is in the tree of `size` entries, or that the tree of
 * `from` entries is its beginning. ERR_NOT_FOUND when there are not so many, ERR_VALUE unless
 * 0 < from <= size. */
NODISCARD enum err store_audit_proof(struct store_client *store, enum audit_proof kind,
                                     uint64_t from, uint64_t size, struct room *proof);

/* What is durable now, and the last head that was kept. */
struct store_audit_state {
	uint64_t size;
	uint8_t root[MERKLE_HASH];
	bool has_head;
	struct audit_head head;
};
NODISCARD enum err store_audit_state(struct store_client *store, struct store_audit_state *out);

/* store_head_add keeps a signed head. ERR_MISMATCH when it is not of this tree, ERR_EXISTS when there is one of
 * that size. */
NODISCARD enum err store_head_add(struct store_client *store, const struct audit_head *head);

/* store_heads lists those of more than `after` entries. */
NODISCARD enum err store_heads(struct store_client *store, uint64_t after, uint32_t limit,
                               struct bytes *reply);
NODISCARD enum err store_heads_next(struct bytes *reply, struct audit_head *out);

#endif
