/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests for the audit log: entries, which are leaves of a tree (I6), proofs, signed heads. */
#include "server/audit.h"
#include "server/pack.h"
#include "server/store_ops.h"

enum { ENTRY_MAX = 8 << 10, ROW_MAX = 2 * ENTRY_MAX };

enum err store_audit(struct db *db, const struct audit *audit)
{
	const struct merkle_nodes nodes = db_tree(db);
	const struct audit_entry entry = { db->tree.size + 1, db->now_ms(), *audit };
	struct db_use use = db_use(db, DB_AUDIT_ADD);
	uint8_t octets[ENTRY_MAX], leaf[MERKLE_HASH];
	struct room packed = ROOM(octets);

	if (audit->event.len == 0)
		return ERR_NONE;
	audit_entry_put(&packed, &entry);
	if (packed.full)
		return ERR_LIMIT;
	TRY(merkle_leaf(leaf, room_used(&packed)));
	db_put_number(&use, entry.number);
	db_put_blob(&use, room_used(&packed));
	TRY(db_done(&use));
	return merkle_append(&db->tree, leaf, &nodes);
}

/* Rows are the octets of entry or head, as they are stored. */
static enum err list(struct db *db, enum db_statement which, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, which);
	uint64_t after, limit;
	enum err err = ERR_NONE;

	TRY(unpack_u64(&in, &after));
	TRY(unpack_u64(&in, &limit));
	db_put_number(&use, after);
	db_put_number(&use, limit);
	while (room_left(out) >= ROW_MAX && (err = db_row(&use)) == ERR_NONE)
		pack_bytes(out, db_blob(&use, 0));
	db_reset(&use);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err store_do_audit_list(struct db *db, struct bytes in, struct room *out)
{
	return list(db, DB_AUDIT_LIST, in, out);
}

enum err store_do_audit_head_list(struct db *db, struct bytes in, struct room *out)
{
	return list(db, DB_AUDIT_HEAD_LIST, in, out);
}

enum err store_do_audit_proof(struct db *db, struct bytes in, struct room *out)
{
	const struct merkle_nodes nodes = db_tree(db);
	uint64_t kind, from, size;

	TRY(unpack_u64(&in, &kind));
	TRY(unpack_u64(&in, &from));
	TRY(unpack_u64(&in, &size));
	if (kind > AUDIT_PROOF_CONSISTENCY || from == 0 || from > size)
		return ERR_VALUE;
	if (size > db->tree.size)
		return ERR_NOT_FOUND;
	return kind == AUDIT_PROOF_INCLUSION ? merkle_inclusion(&nodes, from - 1, size, out)
	                                     : merkle_consistency(&nodes, from, size, out);
}

static enum err head_last(struct db *db, struct audit_head *out)
{
	struct db_use use = db_use(db, DB_AUDIT_HEAD_LAST);
	enum err err;

	TRY(db_row(&use));
	err = audit_head_read(db_blob(&use, 0), out);
	db_reset(&use);
	return err;
}

enum err store_do_audit_state(struct db *db, struct bytes in, struct room *out)
{
	uint8_t root[MERKLE_HASH];
	struct audit_head head;
	enum err err = head_last(db, &head);

	(void)in;
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	TRY(merkle_root(&db->tree, root));
	room_put_u64(out, db->tree.size);
	room_put(out, BYTES(root));
	if (err == ERR_NONE)
		audit_head_put(out, &head);
	return ERR_NONE;
}

/* A head that is not of this tree is not kept, whoever signed it. */
static enum err head_fits(struct db *db, const struct audit_head *head)
{
	const struct merkle_nodes nodes = db_tree(db);
	uint8_t root[MERKLE_HASH];
	struct merkle tree;

	if (head->size > db->tree.size)
		return ERR_NOT_FOUND;
	TRY(merkle_load(&tree, head->size, &nodes));
	TRY(merkle_root(&tree, root));
	return bytes_same(BYTES(root), BYTES(head->root)) ? ERR_NONE : ERR_MISMATCH;
}

enum err store_do_audit_head_add(struct db *db, struct bytes in, struct room *out)
{
	struct db_use use = db_use(db, DB_AUDIT_HEAD_ADD);
	struct audit_head head;

	(void)out;
	TRY(audit_head_read(in, &head));
	TRY(head_fits(db, &head));
	db_put_number(&use, head.size);
	db_put_blob(&use, in);
	return db_done(&use);
}
