/* SPDX-License-Identifier: Apache-2.0 */
#include "server/merkle.h"

#include <string.h>

static const uint8_t leaf_prefix[] = { 0x00 }, node_prefix[] = { 0x01 };

enum err merkle_leaf(uint8_t hash[static MERKLE_HASH], struct bytes entry)
{
	const struct bytes parts[] = { BYTES(leaf_prefix), entry };

	return crypto_sha256(hash, parts, COUNT(parts));
}

/* out may be left or right: hashing reads before it writes. */
static enum err join(uint8_t *out, const uint8_t *left, const uint8_t *right)
{
	const struct bytes parts[] = {
		BYTES(node_prefix), {left,   MERKLE_HASH},
                 { right, MERKLE_HASH}
	};

	return crypto_sha256(out, parts, COUNT(parts));
}

enum err merkle_append(struct merkle *tree, const uint8_t leaf[static MERKLE_HASH],
                       const struct merkle_nodes *nodes)
{
	uint8_t hash[MERKLE_HASH];
	unsigned level = 0;

	if (tree->size >> (MERKLE_LEVELS - 1) != 0)
		return ERR_LIMIT;
	memcpy(hash, leaf, sizeof hash);
	TRY(nodes->put(nodes->ctx, 0, tree->size, hash));
	/* Each set low bit of the size is a complete subtree that pairs with what has just been made. */
	for (; tree->size >> level & 1; level++) {
		TRY(join(hash, tree->peaks[level], hash));
		TRY(nodes->put(nodes->ctx, level + 1, tree->size >> (level + 1), hash));
	}
	memcpy(tree->peaks[level], hash, sizeof hash);
	tree->size++;
	return ERR_NONE;
}

enum err merkle_root(const struct merkle *tree, uint8_t root[static MERKLE_HASH])
{
	uint8_t hash[MERKLE_HASH];
	bool any = false;

	if (tree->size == 0)
		return crypto_sha256(root, NULL, 0);
	/* The smallest subtree stands rightmost. */
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		if (!(tree->size >> level & 1))
			continue;
		if (any)
			TRY(join(hash, tree->peaks[level], hash));
		else
			memcpy(hash, tree->peaks[level], sizeof hash);
		any = true;
	}
	memcpy(root, hash, sizeof hash);
	return ERR_NONE;
}

enum err merkle_load(struct merkle *tree, uint64_t size, const struct merkle_nodes *nodes)
{
	struct merkle loaded = { .size = size };

	if (size >> (MERKLE_LEVELS - 1) != 0)
		return ERR_LIMIT;
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		if (size >> level & 1)
			TRY(nodes->get(nodes->ctx, level, (size >> level) - 1,
			               loaded.peaks[level]));
	}
	*tree = loaded;
	return ERR_NONE;
}

/* The largest power of two smaller than n, n > 1. */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;

	while (k << 1 < n)
		k <<= 1;
	return k;
}

/* Root over leaves from..to-1, where `from` is a multiple of the largest power of two that fits: the
 * complete subtrees in it, folded from the right. */
static enum err range_root(const struct merkle_nodes *nodes, uint64_t from, uint64_t to,
                           uint8_t *root)
{
	uint64_t size = to - from, end = to;
	bool any = false;

	for (unsigned level = 0; level < MERKLE_LEVELS && size >> level != 0; level++) {
		uint8_t hash[MERKLE_HASH];
		if (!(size >> level & 1))
			continue;
		end -= (uint64_t)1 << level;
		TRY(nodes->get(nodes->ctx, level, end >> level, hash));
		if (any)
			TRY(join(root, hash, root));
		else
			memcpy(root, hash, sizeof hash);
		any = true;
	}
	return ERR_NONE;
}

/* Proofs are collected from the root down and written from the leaf up. */
struct path {
	uint8_t hashes[MERKLE_LEVELS + 1][MERKLE_HASH];
	size_t count;
};

static enum err path_add(struct path *path, const struct merkle_nodes *nodes, uint64_t from,
                         uint64_t to)
{
	TRY(range_root(nodes, from, to, path->hashes[path->count]));
	path->count++;
	return ERR_NONE;
}

static enum err path_put(const struct path *path, struct room *proof)
{
	for (size_t i = path->count; i-- > 0;)
		room_put(proof, BYTES(path->hashes[i]));
	return proof->full ? ERR_ROOM : ERR_NONE;
}

enum err merkle_inclusion(const struct merkle_nodes *nodes, uint64_t index, uint64_t size,
                          struct room *proof)
{
	uint64_t from = 0, to = size;
	struct path path = { .count = 0 };

	if (index >= size || size >> (MERKLE_LEVELS - 1) != 0)
		return ERR_VALUE;
	while (to - from > 1) {
		uint64_t middle = from + split(to - from);
		if (index < middle) {
			TRY(path_add(&path, nodes, middle, to));
			to = middle;
		} else {
			TRY(path_add(&path, nodes, from, middle));
			from = middle;
		}
	}
	return path_put(&path, proof);
}

enum err merkle_consistency(const struct merkle_nodes *nodes, uint64_t old, uint64_t size,
                            struct room *proof)
{
	uint64_t from = 0, to = size;
	struct path path = { .count = 0 };

	if (old == 0 || old > size || size >> (MERKLE_LEVELS - 1) != 0)
		return ERR_VALUE;
	/* SUBPROOF of 2.1.4.1: go down until the old tree's right edge ends a subtree. */
	while (old != to) {
		uint64_t middle = from + split(to - from);
		if (old <= middle) {
			TRY(path_add(&path, nodes, middle, to));
			to = middle;
		} else {
			TRY(path_add(&path, nodes, from, middle));
			from = middle;
		}
	}
	if (from != 0) /* otherwise the verifier knows this root: it is the old one */
		TRY(path_add(&path, nodes, from, to));
	return path_put(&path, proof);
}

static bool next_hash(struct bytes *proof, const uint8_t **hash)
{
	struct bytes taken;

	if (!bytes_take(proof, MERKLE_HASH, &taken))
		return false;
	*hash = taken.at;
	return true;
}

static bool is(const uint8_t *hash, const uint8_t *want)
{
	return memcmp(hash, want, MERKLE_HASH) == 0;
}

enum err merkle_verify_inclusion(const uint8_t leaf[static MERKLE_HASH], uint64_t index,
                                 uint64_t size, struct bytes proof,
                                 const uint8_t root[static MERKLE_HASH])
{
	uint64_t at = index, last = size - 1; /* fn and sn of 2.1.3.2 */
	uint8_t hash[MERKLE_HASH];
	const uint8_t *sibling;

	if (index >= size)
		return ERR_VALUE;
	memcpy(hash, leaf, sizeof hash);
	while (proof.len > 0) {
		if (last == 0 || !next_hash(&proof, &sibling))
			return ERR_VALUE;
		if ((at & 1) || at == last) {
			TRY(join(hash, sibling, hash));
			while (!(at & 1) && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			TRY(join(hash, hash, sibling));
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && is(hash, root) ? ERR_NONE : ERR_VALUE;
}

/* Steps 4 to 7 of 2.1.4.2: `old` and `new` grow from the same start along the proof. */
static enum err climb(uint64_t at, uint64_t last, struct bytes proof, uint8_t *old, uint8_t *new)
{
	const uint8_t *sibling;

	while (proof.len > 0) {
		if (last == 0 || !next_hash(&proof, &sibling))
			return ERR_VALUE;
		if ((at & 1) || at == last) {
			TRY(join(old, sibling, old));
			TRY(join(new, sibling, new));
			while (!(at & 1) && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			TRY(join(new, new, sibling));
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 ? ERR_NONE : ERR_VALUE;
}

enum err merkle_verify_consistency(uint64_t old, const uint8_t old_root[static MERKLE_HASH],
                                   uint64_t size, const uint8_t root[static MERKLE_HASH],
                                   struct bytes proof)
{
	uint8_t old_hash[MERKLE_HASH], new_hash[MERKLE_HASH];
	uint64_t at = old - 1, last = size - 1;
	const uint8_t *start = old_root;

	if (old == 0 || old > size)
		return ERR_VALUE;
	if (old == size)
		return proof.len == 0 && is(old_root, root) ? ERR_NONE : ERR_VALUE;
	while (at & 1) {
		at >>= 1;
		last >>= 1;
	}
	/* An old size that is a power of two is itself a node, so the proof leaves it out. */
	if ((old & (old - 1)) != 0 && !next_hash(&proof, &start))
		return ERR_VALUE;
	memcpy(old_hash, start, MERKLE_HASH);
	memcpy(new_hash, start, MERKLE_HASH);
	TRY(climb(at, last, proof, old_hash, new_hash));
	return is(old_hash, old_root) && is(new_hash, root) ? ERR_NONE : ERR_VALUE;
}
