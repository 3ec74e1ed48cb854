/* SPDX-License-Identifier: Apache-2.0 */
#include "server/store_db.h"

#include "server/log.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Lookups from anything but the ICCID have narrow tables of their own. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS orders(iccid BLOB PRIMARY KEY, version INTEGER NOT NULL,"
	" state INTEGER NOT NULL, operator TEXT NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS by_matching_id(matching_id TEXT PRIMARY KEY, iccid BLOB NOT "
	"NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS by_eid(eid BLOB, since INTEGER, iccid BLOB,"
	" PRIMARY KEY(eid, since, iccid)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS stock(operator TEXT, type TEXT, iccid BLOB,"
	" PRIMARY KEY(operator, type, iccid)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS types(type TEXT, operator TEXT, PRIMARY KEY(type, operator))"
	" WITHOUT ROWID;"
	"INSERT OR IGNORE INTO types(type, operator) SELECT DISTINCT type, operator FROM orders"
	" WHERE NOT EXISTS (SELECT 1 FROM types);" /* a store from before this table */
	"CREATE TABLE IF NOT EXISTS packages(iccid BLOB PRIMARY KEY, sealed BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS sessions(id BLOB PRIMARY KEY, version INTEGER NOT NULL,"
	" expires INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions(expires);"
	"CREATE TABLE IF NOT EXISTS subscriptions(imsi TEXT PRIMARY KEY, iccid BLOB NOT NULL,"
	" sealed BLOB NOT NULL, barred INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS devices(eid BLOB PRIMARY KEY, first INTEGER NOT NULL,"
	" last INTEGER NOT NULL, info BLOB) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS audit(number INTEGER PRIMARY KEY, entry BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS audit_nodes(place INTEGER PRIMARY KEY, hash BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS events(number INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" eid BLOB, body BLOB NOT NULL);"
	"CREATE INDEX IF NOT EXISTS events_by_eid ON events(eid);"
	"CREATE TABLE IF NOT EXISTS audit_heads(size INTEGER PRIMARY KEY, head BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS callbacks(number INTEGER PRIMARY KEY, operator TEXT NOT NULL,"
	" function TEXT NOT NULL, body BLOB NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT "
	"NULL);"
	"CREATE INDEX IF NOT EXISTS callbacks_by_due ON callbacks(due);"
	"CREATE TABLE IF NOT EXISTS chips(id BLOB PRIMARY KEY, version INTEGER NOT NULL, eid BLOB "
	"UNIQUE,"
	" body BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS appraisals(eid BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT "
	"ROWID;"
	"CREATE TABLE IF NOT EXISTS logs(digest BLOB PRIMARY KEY, log BLOB NOT NULL, seen INTEGER "
	"NOT NULL);"
	"CREATE TABLE IF NOT EXISTS items(kind INTEGER, name TEXT, body BLOB NOT NULL,"
	" PRIMARY KEY(kind, name));"
	"CREATE TABLE IF NOT EXISTS generation(one INTEGER PRIMARY KEY CHECK(one=1), value INTEGER "
	"NOT NULL);"
	"INSERT OR IGNORE INTO generation VALUES(1, 1);"
	"CREATE TABLE IF NOT EXISTS claims(eid BLOB, chip BLOB, PRIMARY KEY(eid, chip)) WITHOUT "
	"ROWID;"
	"CREATE INDEX IF NOT EXISTS claims_by_chip ON claims(chip);"
	"CREATE TABLE IF NOT EXISTS challenges(id BLOB PRIMARY KEY, expires INTEGER NOT NULL,"
	" body BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS manifest(eid BLOB PRIMARY KEY, ek BLOB NOT NULL, imei TEXT NOT "
	"NULL,"
	" model TEXT NOT NULL, supplier TEXT NOT NULL, batch TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS moments(what BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT "
	"ROWID;"
	"PRAGMA user_version=1;";

static const char *const text[DB_STATEMENTS] = {
	[DB_BEGIN] = "BEGIN IMMEDIATE",
	[DB_COMMIT] = "COMMIT",
	[DB_ROLLBACK] = "ROLLBACK",
	[DB_SAVEPOINT] = "SAVEPOINT request",
	[DB_RELEASE] = "RELEASE request",
	[DB_UNDO] = "ROLLBACK TO request",
	[DB_SESSION_GET] = "SELECT version, expires, body FROM sessions WHERE id=?",
	[DB_SESSION_ADD] = "INSERT INTO sessions(id, expires, body, version) VALUES(?,?,?,1)",
	[DB_SESSION_SET] = "UPDATE sessions SET expires=?, body=?, version=version+1"
			   " WHERE id=? AND version=?",
	[DB_SESSION_DELETE] = "DELETE FROM sessions WHERE id=? AND version=?",
	[DB_SESSION_PURGE] = "DELETE FROM sessions WHERE id IN"
			     " (SELECT id FROM sessions WHERE expires<? LIMIT 1000)",
	[DB_ORDER_GET] = "SELECT version, body FROM orders WHERE iccid=?",
	[DB_ORDER_ADD] = "INSERT INTO orders(iccid, version, state, operator, type, body)"
			 " VALUES(?,1,?,?,?,?)",
	[DB_ORDER_SET] = "UPDATE orders SET version=version+1, state=?, operator=?, type=?, body=?"
			 " WHERE iccid=? AND version=?",
	[DB_ORDER_DELETE] = "DELETE FROM orders WHERE iccid=?",
	[DB_ORDER_LIST] = "SELECT version, body FROM orders WHERE iccid>? AND (1<<state)&? AND"
			  " (?='' OR operator=?) AND (?='' OR type=?) ORDER BY iccid LIMIT ?",
	[DB_MATCHING_GET] = "SELECT iccid FROM by_matching_id WHERE matching_id=?",
	[DB_MATCHING_ADD] = "INSERT INTO by_matching_id(matching_id, iccid) VALUES(?,?)",
	[DB_MATCHING_DELETE] = "DELETE FROM by_matching_id WHERE matching_id=?",
	[DB_EID_GET] = "SELECT iccid FROM by_eid WHERE eid=? ORDER BY since LIMIT 1",
	[DB_EID_ADD] = "INSERT INTO by_eid(eid, since, iccid) VALUES(?,?,?)",
	[DB_EID_DELETE] = "DELETE FROM by_eid WHERE eid=? AND iccid=?",
	[DB_STOCK_GET] = "SELECT iccid FROM stock WHERE operator=? AND type=? LIMIT 1",
	[DB_STOCK_ADD] = "INSERT INTO stock(operator, type, iccid) VALUES(?,?,?)",
	[DB_STOCK_DELETE] = "DELETE FROM stock WHERE operator=? AND type=? AND iccid=?",
	[DB_TYPE_ADD] = "INSERT OR IGNORE INTO types(type, operator) VALUES(?,?)",
	[DB_TYPE_GET] = "SELECT max(operator=?) FROM types WHERE type=? GROUP BY type",
	[DB_PACKAGE_GET] = "SELECT sealed FROM packages WHERE iccid=?",
	[DB_PACKAGE_ADD] = "INSERT INTO packages(iccid, sealed) VALUES(?,?)",
	[DB_PACKAGE_DELETE] = "DELETE FROM packages WHERE iccid=?",
	[DB_SUBSCRIPTION_GET] = "SELECT iccid, sealed, barred, seq FROM subscriptions WHERE imsi=?",
	[DB_SUBSCRIPTION_ADD] = "INSERT INTO subscriptions(imsi, iccid, sealed, barred, seq)"
				" VALUES(?,?,?,?,0)",
	[DB_SUBSCRIPTION_BAR] = "UPDATE subscriptions SET barred=? WHERE imsi=?",
	[DB_SUBSCRIPTION_LIST] = "SELECT imsi, iccid, barred, seq FROM subscriptions WHERE imsi>?"
				 " ORDER BY imsi LIMIT ?",
	[DB_SUBSCRIPTION_DELETE] = "DELETE FROM subscriptions WHERE imsi=?",
	[DB_MOMENT_SET] = "INSERT OR REPLACE INTO moments(what, at) VALUES(?,?)",
	[DB_MOMENT_FORGET] = "DELETE FROM moments WHERE what=?",
	[DB_MOMENT_GET] = "SELECT at FROM moments WHERE what=?",
	[DB_SEQ_GET] = "SELECT seq FROM subscriptions WHERE imsi=?",
	[DB_SEQ_SET] = "UPDATE subscriptions SET seq=? WHERE imsi=?",
	[DB_DEVICE_SEEN] = "INSERT INTO devices(eid, first, last, info) VALUES(?1,?2,?2,?3)"
			   " ON CONFLICT(eid) DO UPDATE SET last=?2, info=coalesce(?3, info)",
	[DB_DEVICE_LIST] = "SELECT eid, first, last FROM devices WHERE eid>? ORDER BY eid LIMIT ?",
	[DB_AUDIT_LAST] = "SELECT number FROM audit ORDER BY number DESC LIMIT 1",
	[DB_AUDIT_ADD] = "INSERT INTO audit(number, entry) VALUES(?,?)",
	[DB_AUDIT_LIST] = "SELECT entry FROM audit WHERE number>? ORDER BY number LIMIT ?",
	[DB_AUDIT_NODE_GET] = "SELECT hash FROM audit_nodes WHERE place=?",
	[DB_AUDIT_NODE_ADD] = "INSERT INTO audit_nodes(place, hash) VALUES(?,?)",
	[DB_AUDIT_HEAD_LAST] = "SELECT head FROM audit_heads ORDER BY size DESC LIMIT 1",
	[DB_AUDIT_HEAD_ADD] = "INSERT INTO audit_heads(size, head) VALUES(?,?)",
	[DB_AUDIT_HEAD_LIST] = "SELECT head FROM audit_heads WHERE size>? ORDER BY size LIMIT ?",
	[DB_EVENT_ADD] = "INSERT INTO events(time, eid, body) VALUES(?,?,?)",
	[DB_EVENT_LIST] = "SELECT number, time, body FROM events WHERE number>?1 AND"
			  " (?2 IS NULL OR eid=?2) ORDER BY number LIMIT ?3",
	[DB_CALLBACK_ADD] = "INSERT INTO callbacks(operator, function, body, attempts, due)"
			    " VALUES(?,?,?,0,?)",
	[DB_CALLBACK_NEXT] = "SELECT number, operator, function, body, attempts FROM callbacks"
			     " WHERE due<=? ORDER BY due LIMIT ?",
	[DB_CALLBACK_DELETE] = "DELETE FROM callbacks WHERE number=?",
	[DB_CALLBACK_LATER] = "UPDATE callbacks SET attempts=attempts+1, due=? WHERE number=?",
	[DB_COUNTS] = "SELECT state, count(*) FROM orders GROUP BY state",
	[DB_CHIP_GET] = "SELECT version, body FROM chips WHERE id=?",
	[DB_CHIP_BY_EID] = "SELECT version, body FROM chips WHERE eid=?",
	[DB_CHIP_ADD] = "INSERT INTO chips(version, eid, body, id) VALUES(1,?,?,?)",
	[DB_CHIP_SET] =
		"UPDATE chips SET version=version+1, eid=?, body=? WHERE id=? AND version=?",
	[DB_CHIP_LIST] = "SELECT version, body FROM chips WHERE id>? ORDER BY id LIMIT ?",
	[DB_APPRAISED_GET] = "SELECT body FROM appraisals WHERE eid=?",
	[DB_APPRAISED_SET] = "INSERT OR REPLACE INTO appraisals(eid, body) VALUES(?,?)",
	[DB_APPRAISED_LIST] = "SELECT body FROM appraisals WHERE eid>? ORDER BY eid LIMIT ?",
	[DB_LOG_GET] = "SELECT log FROM logs WHERE digest=?",
	[DB_LOG_ADD] = "INSERT OR REPLACE INTO logs(digest, log, seen) VALUES(?,?,?)",
	[DB_LOG_PURGE] =
		"DELETE FROM logs WHERE digest IN (SELECT digest FROM logs ORDER BY seen DESC"
		" LIMIT 100 OFFSET 4096)",
	[DB_ORDER_OF_IMSI] = "SELECT body FROM orders WHERE iccid="
			     "(SELECT iccid FROM subscriptions WHERE imsi=?)",
	[DB_ITEM_SET] = "INSERT OR REPLACE INTO items(kind, name, body) VALUES(?,?,?)",
	[DB_ITEM_DELETE] = "DELETE FROM items WHERE kind=? AND name=?",
	[DB_ITEM_LIST] = "SELECT kind, name, body FROM items WHERE kind>? OR (kind=? AND name>?)"
			 " ORDER BY kind, name LIMIT ?",
	[DB_GENERATION_GET] = "SELECT value FROM generation",
	[DB_GENERATION_NEXT] = "UPDATE generation SET value=value+1",
	[DB_CHIP_RELEASE] = "UPDATE chips SET version=version+1, eid=NULL WHERE id=?",
	[DB_CLAIM_ADD] = "INSERT OR IGNORE INTO claims(eid, chip) VALUES(?,?)",
	[DB_CLAIM_COUNT] = "SELECT count(*) FROM claims WHERE eid=?",
	[DB_CLAIM_CARDS] = "SELECT count(*) FROM claims WHERE chip=?",
	[DB_CLAIM_SETTLE] = "DELETE FROM claims WHERE chip=? AND eid<>?",
	[DB_CLAIM_LIST] = "SELECT version, body FROM chips WHERE id IN"
			  " (SELECT chip FROM claims WHERE eid=?) ORDER BY id",
	[DB_CHALLENGE_ADD] = "INSERT INTO challenges(id, expires, body) VALUES(?,?,?)",
	[DB_CHALLENGE_GET] = "SELECT expires, body FROM challenges WHERE id=?",
	[DB_CHALLENGE_DELETE] = "DELETE FROM challenges WHERE id=?",
	[DB_CHALLENGE_COUNT] = "SELECT count(*) FROM challenges",
	[DB_CHALLENGE_PURGE] = "DELETE FROM challenges WHERE expires<?",
	[DB_MANIFEST_GET] = "SELECT ek, imei, model, supplier, batch FROM manifest WHERE eid=?",
	[DB_MANIFEST_SET] = "INSERT INTO manifest(eid, ek, imei, model, supplier, batch)"
			    " VALUES(?,?,?,?,?,?) ON CONFLICT(eid) DO UPDATE SET ek=excluded.ek,"
			    " imei=excluded.imei, model=excluded.model, batch=excluded.batch"
			    " WHERE supplier=excluded.supplier",
	[DB_MANIFEST_DELETE] = "DELETE FROM manifest WHERE eid=? AND ek=?",
};

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A full disk is told once, and once more when there is room: it must not fill the log's disk, too. */
static enum err trouble(struct db *db, const char *doing)
{
	bool full = sqlite3_errcode(db->sqlite) == SQLITE_FULL;

	if (!full || !db->full)
		log_error("store: %s: %s", doing, sqlite3_errmsg(db->sqlite));
	db->full = db->full || full;
	return full ? ERR_FULL : ERR_IO;
}

static void room_again(struct db *db)
{
	if (db->full && db->dirty)
		log_info("store: there is room on the disk again");
	db->full = db->full && !db->dirty;
}

/* Nodes lie in the order in which they become complete, so that the table grows at its end only: before leaf n
 * there are n leaves and n less the number of its set bits inner nodes; what its last leaf completes
 * follows that leaf, level by level. */
static uint64_t node_place(unsigned level, uint64_t index)
{
	uint64_t last = ((index + 1) << level) - 1, place = 2 * last + level;

	for (uint64_t bits = last; bits != 0; bits &= bits - 1)
		place--;
	return place;
}

static enum err node_put(void *ctx, unsigned level, uint64_t index, const uint8_t hash[MERKLE_HASH])
{
	struct db_use use = db_use(ctx, DB_AUDIT_NODE_ADD);

	db_put_number(&use, node_place(level, index));
	db_put_blob(&use, (struct bytes){ hash, MERKLE_HASH });
	return db_done(&use);
}

static enum err node_get(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	struct db_use use = db_use(ctx, DB_AUDIT_NODE_GET);
	struct bytes found;

	db_put_number(&use, node_place(level, index));
	TRY(db_row(&use));
	found = db_blob(&use, 0);
	if (found.len == MERKLE_HASH)
		memcpy(hash, found.at, MERKLE_HASH);
	db_reset(&use);
	return found.len == MERKLE_HASH ? ERR_NONE : ERR_CORRUPT;
}

struct merkle_nodes db_tree(struct db *db)
{
	return (struct merkle_nodes){ db, node_put, node_get };
}

static enum err tree_load(struct db *db)
{
	const struct merkle_nodes nodes = db_tree(db);
	struct db_use use = db_use(db, DB_AUDIT_LAST);
	uint64_t size = 0;
	enum err err = db_row(&use);

	if (err == ERR_NONE) {
		size = db_number(&use, 0);
		db_reset(&use);
	} else if (err != ERR_NOT_FOUND) {
		return err;
	}
	err = merkle_load(&db->tree, size, &nodes);
	if (err != ERR_NONE)
		log_error("store: the audit log's tree is not whole: %s", err_text(err));
	return err;
}

static enum err prepare(struct db *db)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		if (sqlite3_prepare_v3(db->sqlite, text[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       &db->statement[i], NULL) != SQLITE_OK)
			return trouble(db, text[i]);
	return tree_load(db);
}

enum err db_open(struct db *db, const char *path)
{
	/* Exclusive: no lock is taken and given back for each group, and a second assayd on the same data
	 * does not start. */
	static const char pragmas[] =
		"PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
		" PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
		"PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4000;";
	enum err err;

	*db = (struct db){ .sqlite = NULL, .now_ms = clock_ms };
	umask(0077);
	if (sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	                                               SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_exec(db->sqlite, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db->sqlite, schema, NULL, NULL, NULL) != SQLITE_OK) {
		err = trouble(db, path);
		db_close(db);
		return err;
	}
	err = prepare(db);
	if (err != ERR_NONE)
		db_close(db);
	return err;
}

void db_close(struct db *db)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(db->statement[i]);
	sqlite3_close(db->sqlite);
	*db = (struct db){ .sqlite = NULL };
}

static enum err simple(struct db *db, enum db_statement which)
{
	struct db_use use = db_use(db, which);

	return db_done(&use);
}

enum err db_begin(struct db *db)
{
	db->dirty = false;
	db->tree_before = db->tree;
	return simple(db, DB_BEGIN);
}

bool db_lost(const struct db *db)
{
	return sqlite3_get_autocommit(db->sqlite) != 0;
}

enum err db_end(struct db *db)
{
	enum err err = db_lost(db) ? ERR_IO : simple(db, DB_COMMIT);

	if (err == ERR_NONE) {
		room_again(db);
		return ERR_NONE;
	}
	if (!db_lost(db))
		(void)!simple(db, DB_ROLLBACK);
	db->tree = db->tree_before;
	return err;
}

struct db_use db_use(struct db *db, enum db_statement which)
{
	return (struct db_use){ db, db->statement[which], 1 };
}

void db_put_blob(struct db_use *use, struct bytes value)
{
	if (value.at == NULL)
		sqlite3_bind_null(use->statement, use->place++);
	else
		sqlite3_bind_blob64(use->statement, use->place++, value.at, value.len, SQLITE_STATIC);
}

void db_put_text(struct db_use *use, struct bytes value)
{
	sqlite3_bind_text64(use->statement, use->place++,
	                    value.at == NULL ? "" : (const char *)value.at, value.len, SQLITE_STATIC,
	                    SQLITE_UTF8);
}

void db_put_number(struct db_use *use, uint64_t value)
{
	sqlite3_bind_int64(use->statement, use->place++, (sqlite3_int64)value);
}

void db_reset(struct db_use *use)
{
	sqlite3_reset(use->statement);
	sqlite3_clear_bindings(use->statement);
}

enum err db_row(struct db_use *use)
{
	int got = sqlite3_step(use->statement);
	enum err err;

	if (got == SQLITE_ROW)
		return ERR_NONE;
	err = got == SQLITE_DONE ? ERR_NOT_FOUND :
	      got == SQLITE_CONSTRAINT ? ERR_EXISTS : trouble(use->db, "step");
	db_reset(use);
	return err;
}

enum err db_done(struct db_use *use)
{
	enum err err = db_row(use);

	if (err == ERR_NONE) { /* a row where none was expected */
		db_reset(use);
		return ERR_NONE;
	}
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

struct bytes db_blob(const struct db_use *use, int column)
{
	const void *at = sqlite3_column_blob(use->statement, column);
	int len = sqlite3_column_bytes(use->statement, column);

	return (struct bytes){ at, at == NULL ? 0 : (size_t)len };
}

uint64_t db_number(const struct db_use *use, int column)
{
	return (uint64_t)sqlite3_column_int64(use->statement, column);
}
