/* SPDX-License-Identifier: Apache-2.0 */
#include "server/audit_file.h"

#include "codec/hex.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char title[] = "assay audit log 1";
static const char *const words[AUDIT_LINE_KINDS] = { title, "entry ", "proof ", "head " };

static enum err entry_line_read(struct bytes text, struct room *store, struct audit_line *out)
{
	struct room hash = ROOM(out->hash);
	struct bytes entry;

	if (text.len < 2 * MERKLE_HASH + 1 || text.at[text.len - 2 * MERKLE_HASH - 1] != ' ')
		return ERR_VALUE;
	if (!bytes_take(&text, text.len - 2 * MERKLE_HASH - 1, &entry) ||
	    !bytes_take(&text, 1, &(struct bytes){ NULL, 0 }))
		return ERR_TRUNCATED;
	TRY(hex_read(text, &hash));
	return hex_read(entry, store);
}

enum err audit_line_read(struct bytes text, struct room *store, struct audit_line *out)
{
	struct audit_line line = { .kind = AUDIT_LINE_TITLE };
	size_t from = store->len;
	struct bytes word, rest = text;

	if (bytes_same(text, bytes_text(title))) {
		*out = line;
		return ERR_NONE;
	}
	for (line.kind = AUDIT_LINE_ENTRY; line.kind < AUDIT_LINE_KINDS; line.kind++)
		if (bytes_take(&rest, strlen(words[line.kind]), &word)) {
			if (bytes_same(word, bytes_text(words[line.kind])))
				break;
			rest = text;
		}
	if (line.kind == AUDIT_LINE_KINDS)
		return ERR_TAG;
	if (line.kind == AUDIT_LINE_ENTRY)
		TRY(entry_line_read(rest, store, &line));
	else
		TRY(hex_read(rest, store));
	line.octets = (struct bytes){ store->at + from, store->len - from };
	*out = line;
	return ERR_NONE;
}

void audit_line_put(struct room *out, const struct audit_line *line)
{
	room_put(out, bytes_text(words[line->kind]));
	if (line->kind != AUDIT_LINE_TITLE)
		hex_put(out, line->octets);
	if (line->kind == AUDIT_LINE_ENTRY) {
		room_put_u8(out, ' ');
		hex_put(out, BYTES(line->hash));
	}
	room_put_u8(out, '\n');
}

__attribute__((format(printf, 2, 3))) static enum err wrong(struct audit_check *check,
                                                            const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(check->why, sizeof check->why, format, args);
	va_end(args);
	return ERR_MISMATCH;
}

static enum err head_wrong(struct audit_check *check, enum err err, const struct audit_head *head)
{
	(void)!wrong(check, "the head of %" PRIu64 " entries is %s", head->size,
	             err == ERR_MISMATCH ? "of another log: its key is not this one"
	                                 : "forged: its signature does not verify");
	return err;
}

enum err audit_check_begin(struct audit_check *check, const uint8_t point[static EC_POINT_SIZE],
                           const struct audit_head *since)
{
	*check = (struct audit_check){ .has_since = since != NULL };
	memcpy(check->point, point, EC_POINT_SIZE);
	if (since == NULL)
		return ERR_NONE;
	check->since = *since;
	enum err err = audit_head_verify(since, point);
	return err == ERR_NONE ? ERR_NONE : head_wrong(check, err, since);
}

static enum err forget(void *ctx, unsigned level, uint64_t index, const uint8_t hash[MERKLE_HASH])
{
	(void)ctx;
	(void)level;
	(void)index;
	(void)hash;
	return ERR_NONE;
}

static const struct merkle_nodes nowhere = { NULL, forget, NULL };

static enum err root_is(const struct merkle *tree, const uint8_t *root, bool *same)
{
	uint8_t own[MERKLE_HASH];

	TRY(merkle_root(tree, own));
	*same = memcmp(own, root, MERKLE_HASH) == 0;
	return ERR_NONE;
}

/* in_place tells whether the entry is the next one. What is not is looked for among those that follow. */
static bool in_place(struct audit_check *check, uint64_t number)
{
	uint64_t next = check->actual.size + 1;

	if (check->missing == 0 && number == next)
		return true;
	if (check->missing == 0) {
		check->missing = next;
		check->instead = number;
	}
	check->moved = check->moved || number == check->missing;
	return false;
}

static enum err take_entry(struct audit_check *check, const struct audit_line *line)
{
	struct audit_entry entry;

	if (audit_entry_read(line->octets, &entry) != ERR_NONE)
		return wrong(check, "what stands where entry %" PRIu64 " belongs is no entry",
		             check->actual.size + 1);
	TRY(merkle_leaf(check->last_leaf, line->octets));
	check->last_number = entry.number;
	if (!in_place(check, entry.number))
		return ERR_NONE;
	if (memcmp(check->last_leaf, line->hash, MERKLE_HASH) != 0) {
		check->altered = check->altered == 0 ? entry.number : check->altered;
		check->altered_count++;
	}
	TRY(merkle_append(&check->actual, check->last_leaf, &nowhere));
	TRY(merkle_append(&check->stated, line->hash, &nowhere));
	if (check->has_since && check->actual.size == check->since.size)
		TRY(root_is(&check->actual, check->since.root, &check->since_met));
	return ERR_NONE;
}

static enum err take_proof(struct audit_check *check, const struct audit_line *line)
{
	if (check->last_number == 0 || check->actual.size > 1 || check->heads > 0 ||
	    check->has_proof || line->octets.len > sizeof check->proof)
		return wrong(check, "a proof stands between one entry and one head");
	memcpy(check->proof, line->octets.at, line->octets.len);
	check->proof_len = line->octets.len;
	check->has_proof = true;
	check->missing = 0;
	return ERR_NONE;
}

static enum err proves(struct audit_check *check, const struct audit_head *head)
{
	const struct bytes proof = { check->proof, check->proof_len };

	if (merkle_verify_inclusion(check->last_leaf, check->last_number - 1, head->size, proof,
	                            head->root) != ERR_NONE)
		return wrong(check,
		             "entry %" PRIu64 " is not the one in the head of %" PRIu64 " entries",
		             check->last_number, head->size);
	return ERR_NONE;
}

/* The roots differ: which entry is it? The hashes beside the entries tell, unless they were altered as well. */
static enum err name_altered(struct audit_check *check, const struct audit_head *head)
{
	bool stated;

	TRY(root_is(&check->stated, head->root, &stated));
	if (!stated)
		return wrong(check, "an entry from %" PRIu64 " to %" PRIu64 " is altered",
		             check->head_size + 1, head->size);
	if (check->altered_count == 1)
		return wrong(check, "entry %" PRIu64 " is altered", check->altered);
	return wrong(check, "entry %" PRIu64 " is altered, and %" PRIu64 " more up to %" PRIu64,
	             check->altered, check->altered_count - 1, head->size);
}

static enum err covers(struct audit_check *check, const struct audit_head *head)
{
	uint64_t size = check->actual.size;
	bool same;

	if (head->size > size)
		return wrong(check,
		             "entries %" PRIu64 " to %" PRIu64 " are missing: their head is there",
		             size + 1, head->size);
	if (head->size < size)
		return wrong(check, "the head of %" PRIu64 " entries stands behind entry %" PRIu64,
		             head->size, size);
	TRY(root_is(&check->actual, head->root, &same));
	if (!same)
		return name_altered(check, head);
	if (check->altered_count > 0)
		return wrong(check, "the hash beside entry %" PRIu64 " is not that entry's",
		             check->altered);
	return ERR_NONE;
}

static enum err take_head(struct audit_check *check, const struct audit_line *line)
{
	struct audit_head head;
	enum err err;

	if (audit_head_read(line->octets, &head) != ERR_NONE)
		return wrong(check, "what stands behind entry %" PRIu64 " is no head",
		             check->actual.size);
	err = audit_head_verify(&head, check->point);
	if (err != ERR_NONE)
		return head_wrong(check, err, &head);
	if (check->has_proof)
		TRY(proves(check, &head));
	else if (check->missing == 0 && check->last_number > 0)
		TRY(covers(check, &head));
	check->heads++;
	check->head_size = head.size;
	check->head_time_ms = head.time_ms;
	return ERR_NONE;
}

enum err audit_check_line(struct audit_check *check, const struct audit_line *line)
{
	if (check->titled == (line->kind == AUDIT_LINE_TITLE))
		return wrong(check, "this is no audit log");
	switch (line->kind) {
	case AUDIT_LINE_ENTRY:
		return check->has_proof ? wrong(check, "a proof is of one entry")
		                        : take_entry(check, line);
	case AUDIT_LINE_PROOF:
		return take_proof(check, line);
	case AUDIT_LINE_HEAD:
		return take_head(check, line);
	case AUDIT_LINE_TITLE:
	case AUDIT_LINE_KINDS:
		break;
	}
	check->titled = true;
	return ERR_NONE;
}

/* The log must go on from where it was seen before. */
static enum err continues(struct audit_check *check)
{
	if (check->since.size > check->actual.size)
		return wrong(check,
		             "the log was cut or rolled back: it has %" PRIu64
		             " entries and had %" PRIu64,
		             check->actual.size, check->since.size);
	if (!check->since_met)
		return wrong(check,
		             "the log is another one: it differs from the older head within its"
		             " first %" PRIu64 " entries",
		             check->since.size);
	return ERR_NONE;
}

enum err audit_check_end(struct audit_check *check)
{
	if (!check->titled)
		return wrong(check, "this is no audit log");
	if (check->missing != 0 && check->moved)
		return wrong(check,
		             "entry %" PRIu64 " is out of order: %" PRIu64 " stands in its place",
		             check->missing, check->instead);
	if (check->missing != 0)
		return wrong(check, "entry %" PRIu64 " is missing: %" PRIu64 " stands in its place",
		             check->missing, check->instead);
	if (check->last_number == 0)
		return wrong(check, "there are no entries");
	if (check->heads == 0)
		return wrong(check, "there is no head: nothing is signed");
	if (check->has_proof)
		return check->has_since
		               ? wrong(check, "one entry does not show what the log continues")
		               : ERR_NONE;
	if (check->head_size != check->actual.size)
		return wrong(check, "entries %" PRIu64 " to %" PRIu64 " are under no head",
		             check->head_size + 1, check->actual.size);
	return check->has_since ? continues(check) : ERR_NONE;
}
