/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database of the store: schema, prepared statements, groups. SQLite in WAL mode with
 * synchronous=FULL: a COMMIT that has returned survives a power cut. One process, one connection, one
 * writer.
 */
#ifndef SERVER_STORE_DB_H
#define SERVER_STORE_DB_H

#include "base/bytes.h"
#include "base/err.h"
#include "port/crypto.h"
#include "server/merkle.h"
#include "server/records.h"

#include <sqlite3.h>

enum db_statement {
	DB_BEGIN,
	DB_COMMIT,
	DB_ROLLBACK,
	DB_SAVEPOINT,
	DB_RELEASE,
	DB_UNDO,
	DB_SESSION_GET,
	DB_SESSION_ADD,
	DB_SESSION_SET,
	DB_SESSION_DELETE,
	DB_SESSION_PURGE,
	DB_ORDER_GET,
	DB_ORDER_ADD,
	DB_ORDER_SET,
	DB_ORDER_DELETE,
	DB_ORDER_LIST,
	DB_MATCHING_GET,
	DB_MATCHING_ADD,
	DB_MATCHING_DELETE,
	DB_EID_GET,
	DB_EID_ADD,
	DB_EID_DELETE,
	DB_STOCK_GET,
	DB_STOCK_ADD,
	DB_STOCK_DELETE,
	DB_TYPE_ADD,
	DB_TYPE_GET,
	DB_PACKAGE_GET,
	DB_PACKAGE_ADD,
	DB_PACKAGE_DELETE,
	DB_SUBSCRIPTION_GET,
	DB_SUBSCRIPTION_ADD,
	DB_SUBSCRIPTION_BAR,
	DB_SUBSCRIPTION_LIST,
	DB_SUBSCRIPTION_DELETE,
	DB_MOMENT_SET,
	DB_MOMENT_GET,
	DB_MOMENT_FORGET,
	DB_SEQ_GET,
	DB_SEQ_SET,
	DB_DEVICE_SEEN,
	DB_DEVICE_LIST,
	DB_AUDIT_LAST,
	DB_AUDIT_ADD,
	DB_AUDIT_LIST,
	DB_AUDIT_NODE_GET,
	DB_AUDIT_NODE_ADD,
	DB_AUDIT_HEAD_LAST,
	DB_AUDIT_HEAD_ADD,
	DB_AUDIT_HEAD_LIST,
	DB_EVENT_ADD,
	DB_EVENT_LIST,
	DB_CALLBACK_ADD,
	DB_CALLBACK_NEXT,
	DB_CALLBACK_DELETE,
	DB_CALLBACK_LATER,
	DB_COUNTS,
	DB_CHIP_GET,
	DB_CHIP_BY_EID,
	DB_CHIP_ADD,
	DB_CHIP_SET,
	DB_CHIP_LIST,
	DB_APPRAISED_GET,
	DB_APPRAISED_SET,
	DB_APPRAISED_LIST,
	DB_LOG_GET,
	DB_LOG_ADD,
	DB_LOG_PURGE,
	DB_ORDER_OF_IMSI,
	DB_ITEM_SET,
	DB_ITEM_DELETE,
	DB_ITEM_LIST,
	DB_GENERATION_GET,
	DB_GENERATION_NEXT,
	DB_CHIP_RELEASE,
	DB_CLAIM_ADD,
	DB_CLAIM_COUNT,
	DB_CLAIM_CARDS,
	DB_CLAIM_SETTLE,
	DB_CLAIM_LIST,
	DB_CHALLENGE_ADD,
	DB_CHALLENGE_GET,
	DB_CHALLENGE_DELETE,
	DB_CHALLENGE_COUNT,
	DB_CHALLENGE_PURGE,
	DB_MANIFEST_GET,
	DB_MANIFEST_SET,
	DB_MANIFEST_DELETE,
	DB_STATEMENTS
};

struct db {
	sqlite3 *sqlite;
	sqlite3_stmt *statement[DB_STATEMENTS];
	bool dirty;                    /* the group has written */
	bool full;                     /* the disk is; told once */
	struct merkle tree;            /* of the audit log, committed or in this group */
	struct merkle tree_before;
	uint64_t (*now_ms)(void);      /* the clock; a test brings its own */
};

/* db_open opens or creates the file and brings the schema up to date. ERR_IO, with a line in the log. */
NODISCARD enum err db_open(struct db *db, const char *path);
void db_close(struct db *db);

/* db_tree is where the nodes of the audit log's tree are put, and read. */
struct merkle_nodes db_tree(struct db *db);

/* db_begin and db_end surround a group; nothing of it is visible after a failing db_end. */
NODISCARD enum err db_begin(struct db *db);

/* db_lost tells that there is no group: SQLite takes one back by itself when the disk fails or is full. What was
 * written then would be committed at once and for good, whatever the group's end says. */
bool db_lost(const struct db *db);
NODISCARD enum err db_end(struct db *db);

/* A statement is used as: db_use, db_put_* in order, then db_row until it says false, or db_done. */
struct db_use {
	struct db *db;
	sqlite3_stmt *statement;
	int place;      /* of the next parameter */
};
struct db_use db_use(struct db *db, enum db_statement which);
void db_put_blob(struct db_use *use, struct bytes value);
void db_put_text(struct db_use *use, struct bytes value);
void db_put_number(struct db_use *use, uint64_t value);

/* db_row steps to the next row: ERR_NONE, ERR_NOT_FOUND when there is none (the statement is reset), ERR_IO. */
NODISCARD enum err db_row(struct db_use *use);
struct bytes db_blob(const struct db_use *use, int column); /* until the next step or reset */
uint64_t db_number(const struct db_use *use, int column);
void db_reset(struct db_use *use);

/* db_done runs a statement that gives no rows; ERR_EXISTS when a key is there already. */
NODISCARD enum err db_done(struct db_use *use);

#endif
