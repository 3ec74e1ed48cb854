/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log to the octet (R8, I6), as docs/protocol.md writes it down: an entry is a leaf of the hash tree
 * (merkle.h), a head is the tree's root at one size, signed by the keeper. An entry has exactly one
 * encoding, so what is hashed can be made again from what a person reads.
 */
#ifndef SERVER_AUDIT_H
#define SERVER_AUDIT_H

#include "server/merkle.h"
#include "server/records.h"

struct audit_entry {
	uint64_t number; /* from 1, without gaps: leaf number - 1 */
	uint64_t time_ms;
	struct audit audit;
};

/* audit_entry_put appends an entry. What cannot be one (a text of more than 65535 octets, a digest that is
 * not of 32) makes the room full. */
void audit_entry_put(struct room *out, const struct audit_entry *entry);

/* audit_entry_read takes one whole entry. */
NODISCARD enum err audit_entry_read(struct bytes in, struct audit_entry *out);

/* What can be proved of a tree: that an entry is in it, that a smaller one is its beginning. */
enum audit_proof { AUDIT_PROOF_INCLUSION, AUDIT_PROOF_CONSISTENCY };

enum {
	AUDIT_LABEL_SIZE = 16,
	AUDIT_SIGNED_SIZE = AUDIT_LABEL_SIZE + SHA256_SIZE + 8 + 8 + MERKLE_HASH,
	AUDIT_HEAD_SIZE = AUDIT_SIGNED_SIZE + EC_SIGNATURE_SIZE,
};

struct audit_head {
	uint8_t log[SHA256_SIZE]; /* which log: SHA-256 of the public key's point */
	uint64_t size;            /* of the tree: the number of its last entry */
	uint64_t time_ms;
	uint8_t root[MERKLE_HASH];
	uint8_t signature[EC_SIGNATURE_SIZE]; /* r || s, P-256 with SHA-256, of all before */
};

/* audit_head_put_signed appends what is signed, audit_head_put the whole head. */
void audit_head_put_signed(struct room *out, const struct audit_head *head);
void audit_head_put(struct room *out, const struct audit_head *head);

/* audit_head_read takes one whole head; audit_head_read_signed one without its signature. */
NODISCARD enum err audit_head_read(struct bytes in, struct audit_head *out);
NODISCARD enum err audit_head_read_signed(struct bytes in, struct audit_head *out);

/* audit_head_verify: ERR_SIGNATURE when it is not signed with that key, ERR_MISMATCH when it names another log. */
NODISCARD enum err audit_head_verify(const struct audit_head *head,
                                     const uint8_t point[static EC_POINT_SIZE]);

/* audit_log_id names the log of a key. */
NODISCARD enum err audit_log_id(const uint8_t point[static EC_POINT_SIZE],
                                uint8_t id[static SHA256_SIZE]);

#endif
