/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash tree of the audit log (R8, I6): RFC 9162 2.1 with SHA-256. Appending keeps only the roots of
 * the complete subtrees; everything else is computed from nodes that the caller stored when
 * merkle_append handed them out. Verification needs no store at all.
 *
 * A node (level, index) is the root of the complete subtree over leaves index*2^level to
 * (index+1)*2^level - 1. The room knows nothing of what is logged.
 */
#ifndef SERVER_MERKLE_H
#define SERVER_MERKLE_H

#include "base/bytes.h"
#include "base/err.h"
#include "port/crypto.h"

enum {
	MERKLE_HASH = SHA256_SIZE,
	MERKLE_LEVELS = 63, /* sizes are below 2^63 */
	MERKLE_PROOF_MAX = 64 * MERKLE_HASH,
};

/* A tree to append to: the roots of its complete subtrees, by level; only levels whose bit is set in
 * `size` hold something. All zero is the empty tree. */
struct merkle {
	uint64_t size;
	uint8_t peaks[MERKLE_LEVELS][MERKLE_HASH];
};

/* What appending writes and proofs read. put may be NULL where only proofs are made, get where only
 * leaves are added. */
struct merkle_nodes {
	void *ctx;
	enum err (*put)(void *ctx, unsigned level, uint64_t index, const uint8_t hash[MERKLE_HASH]);
	enum err (*get)(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH]);
};

/* merkle_leaf hashes an entry: SHA-256(00 || entry). */
NODISCARD enum err merkle_leaf(uint8_t hash[static MERKLE_HASH], struct bytes entry);

/* merkle_append adds a leaf hash and puts every node that became complete, the leaf included. On error
 * the tree is as before; nodes put may be put again. */
NODISCARD enum err merkle_append(struct merkle *tree, const uint8_t leaf[static MERKLE_HASH],
                                 const struct merkle_nodes *nodes);

/* merkle_root is the Merkle tree hash; of the empty tree the hash of nothing. */
NODISCARD enum err merkle_root(const struct merkle *tree, uint8_t root[static MERKLE_HASH]);

/* merkle_load makes a tree of the first `size` leaves from stored nodes. */
NODISCARD enum err merkle_load(struct merkle *tree, uint64_t size,
                               const struct merkle_nodes *nodes);

/* merkle_inclusion appends the audit path of leaf `index` in the tree of the first `size` leaves (2.1.3.1),
 * at most MERKLE_PROOF_MAX octets. ERR_VALUE unless index < size. */
NODISCARD enum err merkle_inclusion(const struct merkle_nodes *nodes, uint64_t index, uint64_t size,
                                    struct room *proof);

/* merkle_consistency appends the proof that the tree of `old` leaves is a prefix of that of `size` (2.1.4.1).
 * ERR_VALUE unless 0 < old <= size. */
NODISCARD enum err merkle_consistency(const struct merkle_nodes *nodes, uint64_t old, uint64_t size,
                                      struct room *proof);

/* merkle_verify_inclusion is ERR_NONE when the path leads from the leaf to the root (2.1.3.2), else
 * ERR_VALUE. */
NODISCARD enum err merkle_verify_inclusion(const uint8_t leaf[static MERKLE_HASH], uint64_t index,
                                           uint64_t size, struct bytes proof,
                                           const uint8_t root[static MERKLE_HASH]);

/* merkle_verify_consistency is ERR_NONE when the proof leads to both roots (2.1.4.2), else ERR_VALUE. */
NODISCARD enum err merkle_verify_consistency(uint64_t old,
                                             const uint8_t old_root[static MERKLE_HASH],
                                             uint64_t size, const uint8_t root[static MERKLE_HASH],
                                             struct bytes proof);

#endif
