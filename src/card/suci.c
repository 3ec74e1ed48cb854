/* SPDX-License-Identifier: Apache-2.0 */
/* ECIES as TS 33.501 C.3 uses it: agree, derive, encipher, authenticate. */
#include "card/suci.h"

#include <string.h>

enum { KDF_SIZE = 64, KEY_SIZE = 16, COUNTER_AT = 16, MAC_KEY_AT = 32 };

enum err suci_generate(enum suci_scheme scheme, struct secret *ephemeral)
{
	uint8_t point[EC_POINT_SIZE];

	if (scheme == SUCI_PROFILE_B)
		return crypto_ec_generate(EC_P256, ephemeral, point);
	ephemeral->len = X25519_SIZE;
	return crypto_random(ephemeral->at, X25519_SIZE);
}

/* C.3.4.1: the ephemeral public key as it is, and the shared secret. */
static enum err agree_a(struct bytes network_key, const struct secret *ephemeral, uint8_t *own,
                        struct secret *shared)
{
	if (network_key.len != X25519_SIZE)
		return ERR_LENGTH;
	TRY(crypto_x25519_public(ephemeral, own));
	return crypto_x25519(ephemeral, network_key.at, shared);
}

/* C.3.4.2: the ephemeral public key is compressed. */
static enum err agree_b(struct bytes network_key, const struct secret *ephemeral, uint8_t *own,
                        struct secret *shared)
{
	uint8_t point[EC_POINT_SIZE];

	if (network_key.len != EC_POINT_SIZE && network_key.len != EC_COMPRESSED_SIZE)
		return ERR_LENGTH;
	TRY(crypto_ec_public(EC_P256, ephemeral, point));
	memcpy(own, point, EC_COMPRESSED_SIZE);
	own[0] = (uint8_t)(0x02 | (point[EC_POINT_SIZE - 1] & 1));
	if (network_key.len == EC_COMPRESSED_SIZE)
		TRY(crypto_ec_expand(EC_P256, network_key.at, point));
	else
		memcpy(point, network_key.at, EC_POINT_SIZE);
	return crypto_ecdh(EC_P256, ephemeral, point, shared);
}

/* ANSI X9.63: SHA-256(Z || counter || SharedInfo1) twice; the info is the ephemeral public key. */
static enum err derive(const struct secret *shared, struct bytes own, uint8_t out[static KDF_SIZE])
{
	for (size_t i = 0; i < KDF_SIZE / SHA256_SIZE; i++) {
		uint8_t counter[4] = { 0, 0, 0, (uint8_t)(i + 1) };
		struct bytes parts[] = { secret_bytes(shared), BYTES(counter), own };
		TRY(crypto_sha256(out + i * SHA256_SIZE, parts, COUNT(parts)));
	}
	return ERR_NONE;
}

/* AES-128-CTR of at most one block, then HMAC-SHA-256 of the ciphertext, cut to eight octets. */
static enum err protect(const uint8_t keys[static KDF_SIZE], struct bytes plain, struct room *out)
{
	SECRET cipher = { .len = KEY_SIZE }, mac_key = { .len = SHA256_SIZE };
	uint8_t stream[AES_BLOCK_SIZE], mac[SHA256_SIZE];

	memcpy(cipher.at, keys, KEY_SIZE);
	memcpy(mac_key.at, keys + MAC_KEY_AT, SHA256_SIZE);
	TRY(crypto_aes_ecb(&cipher, (struct bytes){ keys + COUNTER_AT, AES_BLOCK_SIZE }, stream));
	for (size_t i = 0; i < plain.len; i++)
		stream[i] ^= plain.at[i];
	struct bytes text = { stream, plain.len };
	TRY(crypto_hmac_sha256(mac, &mac_key, &text, 1));
	room_put(out, text);
	room_put(out, (struct bytes){ mac, SUCI_MAC_SIZE });
	return ERR_NONE;
}

enum err suci_conceal(enum suci_scheme scheme, struct bytes network_key,
                      const struct secret *ephemeral, struct bytes plain, struct room *out)
{
	bool profile_a = scheme == SUCI_PROFILE_A;
	uint8_t own[EC_COMPRESSED_SIZE], keys[KDF_SIZE];
	struct bytes point = { own, profile_a ? X25519_SIZE : EC_COMPRESSED_SIZE };
	SECRET shared = { .len = 0 };

	if (!profile_a && scheme != SUCI_PROFILE_B)
		return ERR_UNSUPPORTED;
	if (plain.len > SUCI_PLAIN_MAX)
		return ERR_LENGTH;
	TRY(profile_a ? agree_a(network_key, ephemeral, own, &shared)
	              : agree_b(network_key, ephemeral, own, &shared));
	enum err err = derive(&shared, point, keys);
	if (err == ERR_NONE) {
		room_put(out, point);
		err = protect(keys, plain, out);
	}
	wipe(keys, sizeof keys);
	return err;
}
