/* SPDX-License-Identifier: Apache-2.0 */
/* I6: the audit tree against its definition in RFC 9162 2.1.1, and proofs for every pair of sizes. */
#include "server/merkle.h"

#include "tests/tap.h"

enum { SIZES = 70 };

static uint8_t nodes_store[8][SIZES + 1][MERKLE_HASH];
static uint8_t roots[SIZES + 1][MERKLE_HASH], leaves[SIZES][MERKLE_HASH];

static enum err put(void *ctx, unsigned level, uint64_t index, const uint8_t hash[MERKLE_HASH])
{
	(void)ctx;
	memcpy(nodes_store[level][index], hash, MERKLE_HASH);
	return ERR_NONE;
}

static enum err get(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	(void)ctx;
	memcpy(hash, nodes_store[level][index], MERKLE_HASH);
	return ERR_NONE;
}

static const struct merkle_nodes nodes = { NULL, put, get };

/* The definition, word by word: split at the largest power of two smaller than n. */
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

/* Inputs and root that Certificate Transparency implementations share as a test. */
static void published(void)
{
	static const char *const entries[] = {
		"",
		"00",
		"10",
		"2021",
		"3031",
		"40414243",
		"5051525354555657",
		"606162636465666768696a6b6c6d6e6f",
	};
	struct merkle tree = { 0 };
	uint8_t store[32], hash[MERKLE_HASH], root[MERKLE_HASH];

	ok(merkle_root(&tree, root) == ERR_NONE, "the empty tree");
	ok_bytes(BYTES(root),
	         unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", store,
	               32),
	         "... is the hash of nothing");
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct bytes entry = unhex(entries[i], store, sizeof store);
		ok(merkle_leaf(hash, entry) == ERR_NONE &&
		           merkle_append(&tree, hash, &nodes) == ERR_NONE,
		   "leaf %zu", i);
	}
	ok(merkle_root(&tree, root) == ERR_NONE, "the tree of eight");
	ok_bytes(BYTES(root),
	         unhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", store,
	               32),
	         "... has the published root");
}

static bool build(void)
{
	struct merkle tree = { 0 }, loaded;
	bool good = true;

	for (size_t i = 0; i < SIZES; i++) {
		uint8_t entry = (uint8_t)i, want[MERKLE_HASH], again[MERKLE_HASH];
		good = good && merkle_leaf(leaves[i], (struct bytes){ &entry, 1 }) == ERR_NONE &&
		       merkle_append(&tree, leaves[i], &nodes) == ERR_NONE &&
		       merkle_root(&tree, roots[i + 1]) == ERR_NONE &&
		       merkle_load(&loaded, i + 1, &nodes) == ERR_NONE &&
		       merkle_root(&loaded, again) == ERR_NONE;
		defined_root(0, i + 1, want);
		good = good && memcmp(want, roots[i + 1], MERKLE_HASH) == 0 &&
		       memcmp(want, again, MERKLE_HASH) == 0;
	}
	return good;
}

static bool inclusion_holds(uint64_t index, uint64_t size)
{
	uint8_t store[MERKLE_PROOF_MAX];
	struct room proof = ROOM(store);
	uint64_t other = (index + 1) % size;

	if (merkle_inclusion(&nodes, index, size, &proof) != ERR_NONE ||
	    merkle_verify_inclusion(leaves[index], index, size, room_used(&proof), roots[size]) !=
	            ERR_NONE)
		return false;
	if (other != index && merkle_verify_inclusion(leaves[other], index, size, room_used(&proof),
	                                              roots[size]) == ERR_NONE)
		return false;
	if (proof.len == 0)
		return true;
	/* Shorter, longer, or changed is refused. */
	struct bytes shorter = { store, proof.len - MERKLE_HASH };
	struct bytes longer = { store, proof.len + MERKLE_HASH };
	memset(store + proof.len, 0, MERKLE_HASH);
	store[proof.len - 1] ^= 1;
	bool changed = merkle_verify_inclusion(leaves[index], index, size, room_used(&proof),
	                                       roots[size]) == ERR_NONE;
	store[proof.len - 1] ^= 1;
	return !changed &&
	       merkle_verify_inclusion(leaves[index], index, size, shorter, roots[size]) !=
	               ERR_NONE &&
	       merkle_verify_inclusion(leaves[index], index, size, longer, roots[size]) != ERR_NONE;
}

static bool consistency_holds(uint64_t old, uint64_t size)
{
	uint8_t store[MERKLE_PROOF_MAX];
	struct room proof = ROOM(store);

	if (merkle_consistency(&nodes, old, size, &proof) != ERR_NONE ||
	    merkle_verify_consistency(old, roots[old], size, roots[size], room_used(&proof)) !=
	            ERR_NONE)
		return false;
	if (old == size)
		return proof.len == 0;
	uint64_t wrong = old == 1 ? 2 : old - 1;
	return merkle_verify_consistency(old, roots[wrong], size, roots[size], room_used(&proof)) !=
	               ERR_NONE &&
	       merkle_verify_consistency(old, roots[old], size, roots[size - 1],
	                                 room_used(&proof)) != ERR_NONE;
}

int main(void)
{
	uint8_t store[MERKLE_PROOF_MAX];
	struct room proof = ROOM(store);
	bool included = true, consistent = true;

	published();
	ok(build(), "I6: roots of sizes 1 to %d are as defined, appended or loaded", SIZES);
	for (uint64_t size = 1; size <= SIZES; size++) {
		for (uint64_t index = 0; index < size; index++)
			included = included && inclusion_holds(index, size);
		for (uint64_t old = 1; old <= size; old++)
			consistent = consistent && consistency_holds(old, size);
	}
	ok(included, "I6: every leaf of every size is provably there, and no other in its place");
	ok(consistent,
	   "I6: every size is provably a prefix of every later one, and no other root is");
	ok_err(merkle_inclusion(&nodes, 3, 3, &proof), ERR_VALUE, "a leaf beyond the tree");
	ok_err(merkle_consistency(&nodes, 0, 3, &proof), ERR_VALUE, "no proof from the empty tree");
	ok_err(merkle_consistency(&nodes, 4, 3, &proof), ERR_VALUE, "no proof backwards");
	return done();
}
