/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I6 in the store: the tree that is kept is that of the entries that are kept, whatever fails and whatever is
 * killed. What it is compared with computes every hash again, from the entries alone.
 */
#include "server/audit.h"
#include "server/pack.h"
#include "server/store_ops.h"

#include "tests/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LEAVES_MAX = 20000 };

static char path[64];
static uint8_t leaves[LEAVES_MAX][MERKLE_HASH];

/* The definition of RFC 9162 2.1.1, word by word. */
static void defined_root(size_t from, size_t to, uint8_t *out)
{
	uint8_t both[1 + 2 * MERKLE_HASH] = { 0x01 };
	size_t k = 1;

	if (to - from == 1) {
		memcpy(out, leaves[from], MERKLE_HASH);
		return;
	}
	while (2 * k < to - from)
		k *= 2;
	defined_root(from, from + k, both + 1);
	defined_root(from + k, to, both + 1 + MERKLE_HASH);
	if (crypto_sha256(out, &(struct bytes){ both, sizeof both }, 1) != ERR_NONE)
		exit(EXIT_FAILURE);
}

static enum err add(struct db *db, const char *detail)
{
	return store_audit(db, &(struct audit){ .event = BYTES_STR("test.made"),
	                                        .detail = bytes_text(detail) });
}

/* entries_read computes the leaves of all that is kept, and how many there are; 0 unless numbered from 1. */
static size_t entries_read(struct db *db)
{
	struct db_use use = db_use(db, DB_AUDIT_LIST);
	struct audit_entry entry;
	size_t count = 0;
	bool good = true;

	db_put_number(&use, 0);
	db_put_number(&use, LEAVES_MAX);
	while (db_row(&use) == ERR_NONE) {
		good = good && audit_entry_read(db_blob(&use, 0), &entry) == ERR_NONE &&
		       entry.number == count + 1 &&
		       merkle_leaf(leaves[count], db_blob(&use, 0)) == ERR_NONE;
		count++;
	}
	return good ? count : 0;
}

/* tree_good: root, and proofs from the stored nodes, are those of the entries. */
static bool tree_good(struct db *db, size_t want)
{
	const struct merkle_nodes nodes = db_tree(db);
	uint8_t root[MERKLE_HASH], kept[MERKLE_HASH], octets[MERKLE_PROOF_MAX],
		old_root[MERKLE_HASH];
	size_t count = entries_read(db);

	if (count == 0 || count != db->tree.size || (want != 0 && count != want))
		return false;
	defined_root(0, count, root);
	if (merkle_root(&db->tree, kept) != ERR_NONE || memcmp(kept, root, MERKLE_HASH) != 0)
		return false;
	for (size_t i = 0; i < count; i += 1 + count / 16) {
		struct room in = ROOM(octets);
		if (merkle_inclusion(&nodes, i, count, &in) != ERR_NONE ||
		    merkle_verify_inclusion(leaves[i], i, count, room_used(&in), root) != ERR_NONE)
			return false;
		struct room whole = ROOM(octets);
		defined_root(0, i + 1, old_root);
		if (merkle_consistency(&nodes, i + 1, count, &whole) != ERR_NONE ||
		    merkle_verify_consistency(i + 1, old_root, count, root, room_used(&whole)) !=
		            ERR_NONE)
			return false;
	}
	return true;
}

static bool group(struct db *db, int n)
{
	bool good = db_begin(db) == ERR_NONE;

	for (int i = 0; i < n; i++)
		good = good && add(db, "in a group") == ERR_NONE;
	return db_end(db) == ERR_NONE && good;
}

static void grows(struct db *db)
{
	bool good = true;

	for (int n = 1; n <= 24 && good; n++)
		good = group(db, n % 5) && (db->tree.size == 0 || tree_good(db, 0));
	ok(good, "I6: after every group the tree is that of the entries");
	db_close(db);
	ok_err(db_open(db, path), ERR_NONE, "opened again");
	ok(tree_good(db, 0), "I6: it is the same tree");
}

static void rolled_back(struct db *db)
{
	size_t before = db->tree.size;
	bool good = db_begin(db) == ERR_NONE;

	for (int i = 0; i < 7; i++)
		good = good && add(db, "never") == ERR_NONE;
	ok(good && db->tree.size == before + 7, "seven entries in a group");
	ok(sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK, "whose end fails");
	ok(db_end(db) != ERR_NONE, "it is told so");
	ok(tree_good(db, before), "I6: the tree is as before");
	ok(group(db, 3) && tree_good(db, before + 3), "I6: and goes on from there");
}

/* SQLite takes the whole group back when a write in the middle finds no room. What follows must not be committed on
 * its own. */
static void full(struct db *db)
{
	uint8_t octets[256], reply_octets[64];
	struct room room = ROOM(octets), reply = ROOM(reply_octets);
	struct audit_head head = { .size = db->tree.size };
	size_t before = db->tree.size, added = 0;
	enum err err = db_begin(db);

	ok_err(merkle_root(&db->tree, head.root), ERR_NONE, "a head that is good");
	ok(sqlite3_exec(db->sqlite, "PRAGMA max_page_count=1", NULL, NULL, NULL) == SQLITE_OK,
	   "the file may not grow");
	while (err == ERR_NONE && added < LEAVES_MAX) {
		err = add(db, "so many that the file would have to grow");
		added += err == ERR_NONE;
	}
	ok_err(err, ERR_FULL, "I5: a full disk, in the middle of a group");
	ok(db_lost(db), "the group is lost (%zu entries)", added);
	ok(sqlite3_exec(db->sqlite, "PRAGMA max_page_count=1000000", NULL, NULL, NULL) == SQLITE_OK,
	   "there is room again");
	audit_head_put(&room, &head);
	ok_err(store_answer(db, STORE_AUDIT_HEAD_ADD, room_used(&room), &reply), ERR_IO,
	       "I5: ... and the rest of the group is refused");
	ok(db_end(db) != ERR_NONE, "I5: nobody is told that it was done");
	ok(tree_good(db, before), "I6: the tree is as before");
	ok(group(db, 2) && tree_good(db, before + 2), "I6: and goes on from there");
}

/* A request that writes its entry and fails afterwards takes both back, in the middle of a group. */
static void undone(struct db *db)
{
	uint8_t octets[1024], reply_octets[64];
	struct room room = ROOM(octets), reply = ROOM(reply_octets);
	size_t before = db->tree.size;
	struct audit_head head = { .size = before };

	memset(head.root, 7, sizeof head.root);
	audit_head_put(&room, &head);
	ok_err(db_begin(db), ERR_NONE, "a group");
	ok_err(add(db, "before"), ERR_NONE, "an entry");
	ok_err(store_answer(db, STORE_AUDIT_HEAD_ADD, room_used(&room), &reply), ERR_MISMATCH,
	       "I6: a head that is not of this tree is not kept");
	ok_err(add(db, "after"), ERR_NONE, "another entry");
	ok_err(db_end(db), ERR_NONE, "the end of the group");
	ok(tree_good(db, before + 2), "I6: the tree has both");
	ok_err(merkle_root(&db->tree, head.root), ERR_NONE, "its root");
	head.size = db->tree.size + 1;
	room.len = 0;
	audit_head_put(&room, &head);
	ok_err(db_begin(db), ERR_NONE, "a group");
	ok_err(store_answer(db, STORE_AUDIT_HEAD_ADD, room_used(&room), &reply), ERR_NOT_FOUND,
	       "I6: nor one of more entries than there are");
	ok_err(db_end(db), ERR_NONE, "its end");
}

/* The child tells size and root of each group that was committed, until it is killed. */
static void child_run(int out)
{
	struct db db;

	if (db_open(&db, path) != ERR_NONE)
		_exit(1);
	for (int n = 1;; n = n % 9 + 1) {
		struct audit_head told = { .size = 0 };
		while (db.tree.size > LEAVES_MAX - 10)
			pause();
		if (!group(&db, n) || merkle_root(&db.tree, told.root) != ERR_NONE)
			_exit(1);
		told.size = db.tree.size;
		if (write(out, &told, sizeof told) != (ssize_t)sizeof told)
			_exit(1);
	}
}

static bool told_last(int in, struct audit_head *last)
{
	struct audit_head told;
	bool any = false;

	while (read(in, &told, sizeof told) == (ssize_t)sizeof told) {
		*last = told;
		any = true;
	}
	return any;
}

static void killed(void)
{
	struct audit_head last = { .size = 0 };
	bool whole = true, kept = true;
	int rounds = 0;

	for (int round = 0; round < 10; round++) {
		uint8_t root[MERKLE_HASH];
		struct db db;
		int pair[2];
		if (pipe(pair) != 0)
			exit(1);
		pid_t pid = fork();
		if (pid == 0) {
			close(pair[0]);
			child_run(pair[1]);
		}
		close(pair[1]);
		usleep(20000u + 7000u * (unsigned)round);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		rounds += told_last(pair[0], &last);
		close(pair[0]);
		if (db_open(&db, path) != ERR_NONE)
			exit(1);
		whole = whole && tree_good(&db, 0);
		if (last.size > 0) {
			kept = kept && db.tree.size >= last.size;
			defined_root(0, last.size, root);
			kept = kept && memcmp(root, last.root, MERKLE_HASH) == 0;
		}
		db_close(&db);
	}
	ok(rounds > 0, "%d of ten rounds, each ended by kill -9, came to %llu entries", rounds,
	   (unsigned long long)last.size);
	ok(whole, "I6: after each the tree is that of the entries");
	ok(kept, "I5, I6: what was told is the beginning of what is there");
}

int main(void)
{
	char top[] = "/tmp/assay-audit-XXXXXX", command[80];
	static struct db db;

	if (mkdtemp(top) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/store.db", top);
	ok_err(db_open(&db, path), ERR_NONE, "a store");
	grows(&db);
	rolled_back(&db);
	full(&db);
	undone(&db);
	db_close(&db);
	killed();
	snprintf(command, sizeof command, "rm -rf %s", top);
	return system(command) == 0 ? done() : 1;
}
