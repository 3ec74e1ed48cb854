/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/credential.h"

#include "port/crypto.h"

#include <string.h>

enum { HASH_BLOCK_MAX = 128 };

static size_t block_size(enum attest_hash hash)
{
	return hash == ATTEST_SHA384 || hash == ATTEST_SHA512 ? 128 : 64;
}

/* RFC 2104, over a hash that the HMAC of port/crypto.h does not have. `parts` begins with a place
 * for the key's pad. */
static enum err hmac(enum attest_hash hash, struct bytes key, struct bytes *parts, size_t count,
                     uint8_t out[static ATTEST_HASH_MAX])
{
	uint8_t pad[HASH_BLOCK_MAX], inner[ATTEST_HASH_MAX], short_key[HASH_BLOCK_MAX] = { 0 };
	size_t block = block_size(hash), size = attest_hash_size(hash);

	if (key.len > block)
		TRY(attest_digest(hash, short_key, &key, 1));
	else if (key.len > 0)
		memcpy(short_key, key.at, key.len);
	for (size_t i = 0; i < block; i++)
		pad[i] = short_key[i] ^ 0x36;
	parts[0] = (struct bytes){ pad, block };
	TRY(attest_digest(hash, inner, parts, count));
	for (size_t i = 0; i < block; i++)
		pad[i] = short_key[i] ^ 0x5C;
	struct bytes outer[] = { { pad, block }, { inner, size } };
	enum err err = attest_digest(hash, out, outer, COUNT(outer));
	wipe(pad, sizeof pad);
	wipe(short_key, sizeof short_key);
	wipe(inner, sizeof inner);
	return err;
}

static void be32(uint8_t out[static 4], uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> 8 * (3 - i));
}

/* Part 1, 11.4.10.1: when the bits are no whole octets, those that are too many are cleared in the
 * first. */
static void mask_first(uint8_t *at, uint32_t bits)
{
	if (bits % 8 != 0)
		at[0] &= (uint8_t)((1u << bits % 8) - 1);
}

/* Both functions stretch in the same way: a block of hash after another, the last one cut. */
struct stretch {
	uint8_t *at;
	size_t left, start_len;
	uint32_t counter;
};

static enum err stretch_begin(struct room *out, uint32_t bits, struct stretch *s)
{
	size_t size = ((size_t)bits + 7) / 8;

	*s = (struct stretch){ room_claim(out, size), size, size, 1 };
	return s->at == NULL ? ERR_ROOM : ERR_NONE;
}

static void stretch_take(struct stretch *s, uint8_t *block, size_t size)
{
	size_t n = s->left < size ? s->left : size;

	memcpy(s->at + s->start_len - s->left, block, n);
	wipe(block, ATTEST_HASH_MAX);
	s->left -= n;
	s->counter++;
}

enum err tpm_kdfa(enum attest_hash hash, struct bytes key, struct bytes label,
                  struct bytes context_u, struct bytes context_v, uint32_t bits, struct room *out)
{
	static const uint8_t nul = 0;
	uint8_t counter[4], length[4], block[ATTEST_HASH_MAX];
	struct stretch s;

	TRY(stretch_begin(out, bits, &s));
	be32(length, bits);
	while (s.left > 0) {
		be32(counter, s.counter);
		struct bytes parts[] = { { NULL, 0 }, BYTES(counter), label,        { &nul, 1 },
			                 context_u,   context_v,      BYTES(length) };
		TRY(hmac(hash, key, parts, COUNT(parts), block));
		stretch_take(&s, block, attest_hash_size(hash));
	}
	mask_first(s.at, bits);
	return ERR_NONE;
}

enum err tpm_kdfe(enum attest_hash hash, struct bytes z, struct bytes label, struct bytes party_u,
                  struct bytes party_v, uint32_t bits, struct room *out)
{
	static const uint8_t nul = 0;
	uint8_t counter[4], block[ATTEST_HASH_MAX];
	struct stretch s;

	TRY(stretch_begin(out, bits, &s));
	while (s.left > 0) {
		be32(counter, s.counter);
		struct bytes parts[] = { BYTES(counter), z, label, { &nul, 1 }, party_u, party_v };
		TRY(attest_digest(hash, block, parts, COUNT(parts)));
		stretch_take(&s, block, attest_hash_size(hash));
	}
	mask_first(s.at, bits);
	return ERR_NONE;
}

static void put_sized(struct room *out, struct bytes value)
{
	room_put_u16(out, (uint16_t)value.len);
	room_put(out, value);
}

/* Part 1, C.6.4 for ECC, B.10.4 for RSA: the seed, and how it travels. */
static enum err encapsulate(const struct tpm_public *ek, enum attest_hash hash, struct room *seed,
                            struct room *encrypted)
{
	static const struct bytes label = { (const uint8_t *)"IDENTITY", 8 };
	uint8_t point_store[ATTEST_POINT_MAX], own_store[ATTEST_POINT_MAX],
		z_store[ATTEST_POINT_MAX / 2];
	struct room point = ROOM(point_store), own = ROOM(own_store), z = ROOM(z_store);
	size_t size = attest_hash_size(hash);
	struct attest_key key;

	TRY(tpm_public_key(ek, &point, &key));
	if (key.kind == ATTEST_RSA) {
		uint8_t *at = room_claim(seed, size);
		if (at == NULL)
			return ERR_ROOM;
		TRY(crypto_random(at, size));
		/* The label goes with its NUL (part 1, B.4). */
		return attest_oaep(&key, hash, (struct bytes){ label.at, label.len + 1 },
		                   (struct bytes){ at, size }, encrypted);
	}
	TRY(attest_ecdh(&key, &own, &z));
	struct bytes x = { own_store + 1, z.len }, y = { own_store + 1 + z.len, z.len };
	enum err err =
		tpm_kdfe(hash, room_used(&z), label, x, (struct bytes){ key.point.at + 1, z.len },
	                 (uint32_t)(8 * size), seed);
	wipe(z_store, sizeof z_store);
	put_sized(encrypted, x);
	put_sized(encrypted, y);
	return err != ERR_NONE ? err : encrypted->full ? ERR_ROOM : ERR_NONE;
}

/* CFB with a zero IV (part 1, 24.4), block by block in place. */
static enum err cfb_encrypt(const struct secret *key, uint8_t *at, size_t len)
{
	uint8_t feed[AES_BLOCK_SIZE] = { 0 };

	for (size_t i = 0; i < len; i += AES_BLOCK_SIZE) {
		uint8_t stream[AES_BLOCK_SIZE];

		TRY(crypto_aes_ecb(key, BYTES(feed), stream));
		for (size_t n = 0; n < AES_BLOCK_SIZE && i + n < len; n++)
			feed[n] = at[i + n] ^= stream[n];
	}
	return ERR_NONE;
}

static enum err encrypt_secret(const struct tpm_public *ek, enum attest_hash hash,
                               struct bytes seed, struct bytes name, struct room *identity)
{
	const struct bytes none = { NULL, 0 };
	SECRET key = { .len = (uint8_t)(ek->symmetric_bits / 8) };
	struct room room = { key.at, key.len, 0, false };

	TRY(tpm_kdfa(hash, seed, BYTES_STR("STORAGE"), name, none, ek->symmetric_bits, &room));
	return cfb_encrypt(&key, identity->at, identity->len);
}

static enum err wrap(const struct tpm_public *ek, enum attest_hash hash, struct bytes seed,
                     struct bytes name, struct room *identity, struct room *object)
{
	const struct bytes none = { NULL, 0 };
	uint8_t key[ATTEST_HASH_MAX], mac[ATTEST_HASH_MAX];
	size_t size = attest_hash_size(hash);
	struct room key_room = ROOM(key);

	TRY(encrypt_secret(ek, hash, seed, name, identity));
	TRY(tpm_kdfa(hash, seed, BYTES_STR("INTEGRITY"), none, none, (uint32_t)(8 * size),
	             &key_room));
	struct bytes parts[] = { none, room_used(identity), name };
	enum err err = hmac(hash, room_used(&key_room), parts, COUNT(parts), mac);
	wipe(key, sizeof key);
	put_sized(object, (struct bytes){ mac, size });
	room_put(object, room_used(identity));
	return err != ERR_NONE ? err : object->full ? ERR_ROOM : ERR_NONE;
}

enum err tpm_make_credential(const struct tpm_public *ek, struct bytes name, struct bytes secret,
                             struct room *object, struct room *encrypted)
{
	uint8_t seed_store[ATTEST_HASH_MAX], identity_store[2 + CREDENTIAL_SECRET_MAX];
	struct room seed = ROOM(seed_store), identity = ROOM(identity_store);
	enum attest_hash hash;

	if (secret.len > CREDENTIAL_SECRET_MAX)
		return ERR_LIMIT;
	if (ek->symmetric != TPM_ALG_AES || ek->symmetric_mode != TPM_ALG_CFB ||
	    (ek->symmetric_bits != 128 && ek->symmetric_bits != 256) ||
	    !(ek->attributes & TPM_DECRYPT) || !(ek->attributes & TPM_RESTRICTED))
		return ERR_UNSUPPORTED;
	TRY(tpm_hash(ek->name_hash, &hash));
	TRY(encapsulate(ek, hash, &seed, encrypted));
	put_sized(&identity, secret);
	enum err err = wrap(ek, hash, room_used(&seed), name, &identity, object);
	wipe(seed_store, sizeof seed_store);
	wipe(identity_store, sizeof identity_store);
	return err;
}
