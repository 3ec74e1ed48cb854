/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log as a file (docs/protocol.md): lines of hexadecimal, entries in order, each head behind the last
 * entry that it covers. Whoever has the file and the log's public key can check it; nothing else is
 * needed, and nothing else is believed.
 */
#ifndef SERVER_AUDIT_FILE_H
#define SERVER_AUDIT_FILE_H

#include "server/audit.h"

enum audit_line_kind {
	AUDIT_LINE_TITLE, /* "assay audit log 1": the first line */
	AUDIT_LINE_ENTRY, /* the entry, and its leaf hash: which tells altered entries from their neighbours */
	AUDIT_LINE_PROOF, /* that the one entry before is in the tree of the one head behind */
	AUDIT_LINE_HEAD,
	AUDIT_LINE_KINDS
};

struct audit_line {
	enum audit_line_kind kind;
	struct bytes octets;
	uint8_t hash[MERKLE_HASH]; /* of an entry */
};

/* audit_line_read takes a line without its end; the octets are written into `store`. */
NODISCARD enum err audit_line_read(struct bytes text, struct room *store, struct audit_line *out);

/* audit_line_put appends a line and its end. */
void audit_line_put(struct room *out, const struct audit_line *line);

enum { AUDIT_WHY_MAX = 200 };

struct audit_check {
	uint8_t point[EC_POINT_SIZE];
	bool has_since, since_met;
	struct audit_head since;
	struct merkle actual, stated; /* of what the entries are, and of the hashes beside them */
	bool titled;
	uint64_t altered,
		altered_count; /* the first whose hash is not the stated one; since the last head */
	uint64_t missing, instead; /* the first that is not where it belongs, and what is there */
	bool moved;                /* it came later */
	uint64_t last_number, heads, head_size, head_time_ms;
	uint8_t last_leaf[MERKLE_HASH];
	bool has_proof;
	size_t proof_len;
	uint8_t proof[MERKLE_PROOF_MAX];
	char why[AUDIT_WHY_MAX]; /* for people, when something was not as it must be */
};

/* audit_check_begin takes the log's public key and, unless NULL, a head from earlier, of which the log must be
 * a continuation. ERR_SIGNATURE, ERR_MISMATCH when that is not signed with the key. */
NODISCARD enum err audit_check_begin(struct audit_check *check,
                                     const uint8_t point[static EC_POINT_SIZE],
                                     const struct audit_head *since);

/* audit_check_line takes the lines in order, audit_check_end tells what came of them. ERR_MISMATCH when the log is
 * not what was signed; `why` says which entry. */
NODISCARD enum err audit_check_line(struct audit_check *check, const struct audit_line *line);
NODISCARD enum err audit_check_end(struct audit_check *check);

#endif
