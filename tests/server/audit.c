/* SPDX-License-Identifier: Apache-2.0 */
/* R8, I6: the audit log as its auditor sees it: a file and a public key. Whatever is done to the file is found, and
 * the entry named. */
#include "server/audit_file.h"

#include "tests/tap.h"

#include <stdlib.h>

enum { ENTRIES = 40, LINES = 2 * ENTRIES + 2, FILE_MAX = 1 << 20 };

static struct secret key, other_key;
static uint8_t point[EC_POINT_SIZE], other_point[EC_POINT_SIZE];

/* A log as lines, each with memory of its own. */
struct log {
	struct audit_line lines[LINES];
	uint8_t octets[LINES][256];
	size_t count, entries;
	struct merkle tree;
};

static enum err nowhere(void *ctx, unsigned level, uint64_t index, const uint8_t hash[MERKLE_HASH])
{
	(void)ctx;
	(void)level;
	(void)index;
	(void)hash;
	return ERR_NONE;
}

static struct room line_room(struct log *log)
{
	return (struct room){ log->octets[log->count], sizeof log->octets[0], 0, false };
}

static void line_add(struct log *log, enum audit_line_kind kind, const struct room *room)
{
	log->lines[log->count++] = (struct audit_line){ .kind = kind, .octets = room_used(room) };
}

static void entry_add(struct log *log, uint64_t number, const char *detail)
{
	static const uint8_t digest[SHA256_SIZE] = { 7 };
	const struct merkle_nodes nodes = { NULL, nowhere, NULL };
	struct room room = line_room(log);
	struct audit_entry entry = { number,
		                     1000 + number,
		                     { .event = BYTES_STR("test.made"),
		                       .detail = bytes_text(detail) } };
	struct audit_line *line;

	if (number % 3 == 0)
		entry.audit.evidence = BYTES(digest);
	audit_entry_put(&room, &entry);
	line_add(log, AUDIT_LINE_ENTRY, &room);
	line = &log->lines[log->count - 1];
	if (merkle_leaf(line->hash, line->octets) != ERR_NONE ||
	    merkle_append(&log->tree, line->hash, &nodes) != ERR_NONE)
		exit(EXIT_FAILURE);
	log->entries++;
}

static struct audit_head head_made(const struct merkle *tree, const struct secret *with,
                                   const uint8_t *whose)
{
	struct audit_head head = { .size = tree->size, .time_ms = 5000 + tree->size };
	uint8_t octets[AUDIT_SIGNED_SIZE];
	struct room room = ROOM(octets);
	struct bytes part;

	if (audit_log_id(whose, head.log) != ERR_NONE || merkle_root(tree, head.root) != ERR_NONE)
		exit(EXIT_FAILURE);
	audit_head_put_signed(&room, &head);
	part = room_used(&room);
	if (crypto_ecdsa_sign(EC_P256, with, &part, 1, head.signature) != ERR_NONE)
		exit(EXIT_FAILURE);
	return head;
}

static void head_add(struct log *log, const struct audit_head *head)
{
	struct room room = line_room(log);

	audit_head_put(&room, head);
	line_add(log, AUDIT_LINE_HEAD, &room);
}

/* log_make has entries 1 to n, a head after every tenth and after the last. */
static void log_make(struct log *log, size_t n, const char *detail)
{
	*log = (struct log){ .count = 0 };
	log->lines[log->count++] = (struct audit_line){ .kind = AUDIT_LINE_TITLE };
	for (size_t i = 1; i <= n; i++) {
		entry_add(log, i, detail);
		if (i % 10 == 0 || i == n) {
			struct audit_head head = head_made(&log->tree, &key, point);
			head_add(log, &head);
		}
	}
}

/* The lines go through their text: what is checked is what a file would hold. */
static enum err check(const struct log *log, const uint8_t *with, const struct audit_head *since,
                      struct audit_check *out)
{
	static uint8_t text[4096], octets[2048];
	enum err err = audit_check_begin(out, with, since);

	for (size_t i = 0; i < log->count && err == ERR_NONE; i++) {
		struct room room = ROOM(text), store = ROOM(octets);
		struct audit_line line;
		audit_line_put(&room, &log->lines[i]);
		room.len--; /* the end of the line */
		err = audit_line_read(room_used(&room), &store, &line);
		if (err == ERR_NONE)
			err = audit_check_line(out, &line);
	}
	return err == ERR_NONE ? audit_check_end(out) : err;
}

static void refused(const struct log *log, const struct audit_head *since, const char *why,
                    const char *name)
{
	static struct audit_check checked;
	enum err err = check(log, point, since, &checked);

	ok(err != ERR_NONE && strcmp(checked.why, why) == 0, "%s", name);
	if (strcmp(checked.why, why) != 0)
		printf("# got \"%s\"\n# want \"%s\"\n", checked.why, why);
}

static void line_remove(struct log *log, size_t at)
{
	memmove(&log->lines[at], &log->lines[at + 1], (log->count - at - 1) * sizeof log->lines[0]);
	log->count--;
}

static size_t line_find(const struct log *log, uint64_t number)
{
	struct audit_entry entry;

	for (size_t i = 0; i < log->count; i++)
		if (log->lines[i].kind == AUDIT_LINE_ENTRY &&
		    audit_entry_read(log->lines[i].octets, &entry) == ERR_NONE &&
		    entry.number == number)
			return i;
	exit(EXIT_FAILURE);
}

static void good(void)
{
	static struct log log;
	static struct audit_check checked;
	struct audit_head old;

	for (size_t n = 1; n <= ENTRIES; n++) {
		log_make(&log, n, "as it was");
		if (check(&log, point, NULL, &checked) != ERR_NONE || checked.actual.size != n)
			ok(false, "R8: a log of %zu is verified: %s", n, checked.why);
	}
	ok(true, "R8: logs of every size up to %d are verified", ENTRIES);
	old = head_made(&log.tree, &key, point);
	log_make(&log, 7, "as it was");
	old = head_made(&log.tree, &key, point);
	log_make(&log, ENTRIES, "as it was");
	ok_err(check(&log, point, &old, &checked), ERR_NONE,
	       "R8: it continues what an older head says");
}

/* flip changes one octet of the detail of entry 17; `hash_too` also makes the hash beside it fit. */
static void altered(bool hash_too, const char *why, const char *name)
{
	static struct log log;
	struct audit_line *line;

	log_make(&log, ENTRIES, "as it was");
	line = &log.lines[line_find(&log, 17)];
	((uint8_t *)(uintptr_t)line->octets.at)[1 + 8 + 8 + 2 + 9 + 2 + 2 + 2] ^= 1;
	if (hash_too && merkle_leaf(line->hash, line->octets) != ERR_NONE)
		exit(EXIT_FAILURE);
	refused(&log, NULL, why, name);
}

static void attacks(void)
{
	static struct log log;
	struct audit_line swap;
	struct audit_head head;

	altered(false, "entry 17 is altered", "I6: an altered entry is named");
	altered(true, "an entry from 11 to 20 is altered",
	        "I6: with its hash altered as well, the stretch between heads is");

	log_make(&log, ENTRIES, "as it was");
	line_remove(&log, line_find(&log, 23));
	refused(&log, NULL, "entry 23 is missing: 24 stands in its place",
	        "I6: a removed entry is named");

	log_make(&log, ENTRIES, "as it was");
	swap = log.lines[line_find(&log, 4)];
	log.lines[line_find(&log, 4)] = log.lines[line_find(&log, 6)];
	log.lines[line_find(&log, 6) + 2] = swap;
	refused(&log, NULL, "entry 4 is out of order: 6 stands in its place",
	        "I6: reordered entries are named");

	log_make(&log, ENTRIES, "as it was");
	line_remove(&log, log.count - 2);
	refused(&log, NULL, "entries 40 to 40 are missing: their head is there",
	        "I6: a cut before the last head is seen");

	log_make(&log, ENTRIES, "as it was");
	line_remove(&log, log.count - 1);
	refused(&log, NULL, "entries 31 to 40 are under no head",
	        "I6: entries that nobody has signed prove nothing");

	log_make(&log, ENTRIES, "as it was");
	head = head_made(&log.tree, &key, point);
	log_make(&log, 30, "as it was");
	refused(&log, &head, "the log was cut or rolled back: it has 30 entries and had 40",
	        "I6: a log that was rolled back, heads and all, fails against an older head");

	log_make(&log, 35, "as it was");
	head = head_made(&log.tree, &key, point);
	log_make(&log, ENTRIES, "as it was told later");
	refused(&log, &head,
	        "the log is another one: it differs from the older head within its first 35 "
	        "entries",
	        "I6: a log written anew under the same key fails against an older head");
}

static void forged(void)
{
	static struct log log;
	struct audit_head head;

	log_make(&log, ENTRIES, "as it was");
	log.count--;
	head = head_made(&log.tree, &other_key, point);
	head_add(&log, &head);
	refused(&log, NULL, "the head of 40 entries is forged: its signature does not verify",
	        "I6: a forged head is refused");

	log_make(&log, ENTRIES, "as it was");
	log.count--;
	head = head_made(&log.tree, &other_key, other_point);
	head_add(&log, &head);
	refused(&log, NULL, "the head of 40 entries is of another log: its key is not this one",
	        "I6: another log's head is refused");

	log_make(&log, ENTRIES, "as it was");
	log.count--;
	head = head_made(&log.tree, &key, point);
	head.time_ms++;
	head_add(&log, &head);
	refused(&log, NULL, "the head of 40 entries is forged: its signature does not verify",
	        "I6: nor may its time be changed");
	refused(&log, &head, "the head of 40 entries is forged: its signature does not verify",
	        "I6: an older head that is forged is not believed either");
}

/* Every octet of every line of a small log matters. */
static void every_octet(void)
{
	static struct log log;
	static struct audit_check checked;
	size_t passed = 0, tried = 0;

	log_make(&log, 5, "as it was");
	for (size_t i = 1; i < log.count; i++)
		for (size_t at = 0; at < log.lines[i].octets.len; at++) {
			log.octets[i][at] ^= 0x10;
			passed += check(&log, point, NULL, &checked) == ERR_NONE;
			log.octets[i][at] ^= 0x10;
			tried++;
		}
	ok(passed == 0, "I6: none of %zu octets can be changed", tried);
	ok_err(check(&log, point, NULL, &checked), ERR_NONE, "unchanged it is verified");
}

static void one_entry(void)
{
	static uint8_t proof_octets[MERKLE_PROOF_MAX];
	static struct log log, alone;
	static struct audit_check checked;
	struct room proof = ROOM(proof_octets);
	struct audit_head head;

	log_make(&log, 2, "as it was");
	head = head_made(&log.tree, &key, point);
	room_put(&proof, BYTES(log.lines[line_find(&log, 1)].hash)); /* of two leaves, the other */
	alone.lines[alone.count++] = (struct audit_line){ .kind = AUDIT_LINE_TITLE };
	entry_add(&alone, 2, "as it was");
	alone.lines[alone.count++] =
		(struct audit_line){ .kind = AUDIT_LINE_PROOF, .octets = room_used(&proof) };
	head_add(&alone, &head);
	ok_err(check(&alone, point, NULL, &checked), ERR_NONE,
	       "R8: one entry is proved without the others");
	proof_octets[3] ^= 1;
	refused(&alone, NULL, "entry 2 is not the one in the head of 2 entries",
	        "I6: another path proves nothing");
	proof_octets[3] ^= 1;
	refused(&alone, &head, "one entry does not show what the log continues",
	        "I6: nor that the log continues");
}

static void encoding(void)
{
	static const uint8_t known[] = { 1, 0, 0,   0, 0, 0, 0, 0, 1, 0,   0, 0, 0, 0, 0, 0, 2,
		                         0, 1, 'e', 0, 0, 0, 0, 0, 1, 'd', 0, 0, 0, 0, 0, 0 };
	uint8_t octets[512];
	struct room room = ROOM(octets);
	struct audit_entry entry = { 1, 2, { .event = BYTES_STR("e"), .detail = BYTES_STR("d") } }, back;

	audit_entry_put(&room, &entry);
	ok_bytes(room_used(&room), BYTES(known), "an entry is these octets");
	ok_err(audit_entry_read(room_used(&room), &back), ERR_NONE, "it reads back");
	room_put_u8(&room, 0);
	ok_err(audit_entry_read(room_used(&room), &back), ERR_TRAILING, "nothing may follow");
	room.len = 0;
	entry.audit.policy = BYTES_STR("short");
	audit_entry_put(&room, &entry);
	ok(room.full, "a digest is 32 octets or none");
}

int main(void)
{
	if (crypto_ec_generate(EC_P256, &key, point) != ERR_NONE ||
	    crypto_ec_generate(EC_P256, &other_key, other_point) != ERR_NONE)
		return 1;
	encoding();
	good();
	attacks();
	forged();
	every_octet();
	one_entry();
	return done();
}
