/* SPDX-License-Identifier: Apache-2.0 */
/* Who the chip is: its endorsement key, and what that opens (part 1, 24). */
#include "softtpm/key.h"

#include "evidence/credential.h"

#include <string.h>

enum { X_SIZE = 32, MAC_SIZE = SHA256_SIZE };

static const struct bytes none = { NULL, 0 };

static enum err endorsement_key(const struct softtpm *tpm, struct secret *scalar,
                                uint8_t point[static EC_POINT_SIZE])
{
	return key_derive(tpm, BYTES_STR("ENDORSEMENT"), none, scalar, point);
}

enum err softtpm_endorsement_point(const struct softtpm *tpm, uint8_t point[static EC_POINT_SIZE])
{
	SECRET scalar = { .len = 0 };

	return endorsement_key(tpm, &scalar, point);
}

/* The policy of template L-2 (EK Credential Profile, B.3.1): TPM2_PolicySecret with the endorsement hierarchy. */
enum err softtpm_endorsement_public(const struct softtpm *tpm, struct room *out)
{
	enum { TPM_CC_POLICY_SECRET = 0x0151 };
	static const uint8_t endorsement[] = { 0x40, 0x00, 0x00, 0x0B };
	uint8_t point[EC_POINT_SIZE], policy[SHA256_SIZE];

	TRY(softtpm_endorsement_point(tpm, point));
	TRY(policy_update(TPM_CC_POLICY_SECRET, BYTES(endorsement), policy));
	key_public(out, KEY_ENDORSEMENT, BYTES(policy), point);
	return out->full ? ERR_ROOM : ERR_NONE;
}

static bool take_sized(struct bytes *in, size_t max, struct bytes *out)
{
	struct bytes rest = *in, size;
	uint64_t n;

	if (!bytes_take(&rest, 2, &size) || !bytes_uint(size, &n) || n > max ||
	    !bytes_take(&rest, (size_t)n, out))
		return false;
	*in = rest;
	return true;
}

/* TPMS_ECC_POINT, whose coordinates may lack leading zeros. */
static bool read_point(struct bytes in, uint8_t point[static EC_POINT_SIZE])
{
	struct bytes x, y;

	if (!take_sized(&in, X_SIZE, &x) || !take_sized(&in, X_SIZE, &y) || in.len > 0)
		return false;
	memset(point, 0, EC_POINT_SIZE);
	point[0] = 0x04;
	memcpy(point + 1 + X_SIZE - x.len, x.at, x.len);
	memcpy(point + EC_POINT_SIZE - y.len, y.at, y.len);
	return true;
}

/* Part 1, C.6.4: the seed that the credential's keys come from. */
static enum err agree(const struct softtpm *tpm, struct bytes encrypted, struct secret *seed)
{
	uint8_t own[EC_POINT_SIZE], peer[EC_POINT_SIZE];
	SECRET scalar = { .len = 0 };
	SECRET z = { .len = 0 };
	struct room room = ROOM(seed->at);

	if (!read_point(encrypted, peer))
		return ERR_MAC;
	TRY(endorsement_key(tpm, &scalar, own));
	enum err err = crypto_ecdh(EC_P256, &scalar, peer, &z);
	if (err != ERR_NONE)
		return err == ERR_VALUE ? ERR_MAC : err;
	seed->len = sizeof seed->at;
	return tpm_kdfe(ATTEST_SHA256, secret_bytes(&z), BYTES_STR("IDENTITY"),
	                (struct bytes){ peer + 1, X_SIZE }, (struct bytes){ own + 1, X_SIZE },
	                8 * sizeof seed->at, &room);
}

static enum err check_mac(const struct secret *seed, struct bytes mac, struct bytes identity,
                          struct bytes name)
{
	const struct bytes parts[] = { identity, name };
	SECRET key = { .len = SECRET_MAX };
	struct room room = ROOM(key.at);
	uint8_t right[MAC_SIZE];

	TRY(tpm_kdfa(ATTEST_SHA256, secret_bytes(seed), BYTES_STR("INTEGRITY"), none, none,
	             8 * MAC_SIZE, &room));
	TRY(crypto_hmac_sha256(right, &key, parts, COUNT(parts)));
	return secret_same(mac, BYTES(right)) ? ERR_NONE : ERR_MAC;
}

/* CFB with a zero IV (part 1, 24.4), in place. */
static enum err decipher(const struct secret *seed, struct bytes name, struct room *identity)
{
	SECRET key = { .len = AES_BLOCK_SIZE };
	struct room room = { key.at, AES_BLOCK_SIZE, 0, false };
	uint8_t feed[AES_BLOCK_SIZE] = { 0 }, stream[AES_BLOCK_SIZE];

	TRY(tpm_kdfa(ATTEST_SHA256, secret_bytes(seed), BYTES_STR("STORAGE"), name, none,
	             8 * AES_BLOCK_SIZE, &room));
	for (size_t i = 0; i < identity->len; i++) {
		if (i % AES_BLOCK_SIZE == 0)
			TRY(crypto_aes_ecb(&key, BYTES(feed), stream));
		feed[i % AES_BLOCK_SIZE] = identity->at[i];
		identity->at[i] ^= stream[i % AES_BLOCK_SIZE];
	}
	wipe(stream, sizeof stream);
	return ERR_NONE;
}

static enum err open_identity(const struct secret *seed, struct bytes name, struct bytes identity,
                              struct secret *out)
{
	uint8_t octets[2 + ATTEST_HASH_MAX];
	struct room clear = ROOM(octets);
	struct bytes rest, found = { NULL, 0 };

	room_put(&clear, identity);
	enum err err = clear.full ? ERR_MAC : decipher(seed, name, &clear);
	rest = room_used(&clear);
	if (err == ERR_NONE && (!take_sized(&rest, ATTEST_HASH_MAX, &found) || rest.len > 0))
		err = ERR_MAC;
	if (err == ERR_NONE && !secret_from(out, found))
		err = ERR_LENGTH;
	wipe(octets, sizeof octets);
	return err;
}

enum err softtpm_activate(const struct softtpm *tpm, struct bytes credential, struct bytes secret,
                          struct secret *out)
{
	uint8_t public_octets[KEY_PUBLIC_MAX], name_octets[TPM_NAME_MAX];
	struct room public = ROOM(public_octets), name = ROOM(name_octets);
	SECRET seed = { .len = 0 };
	struct bytes mac;

	if (credential.len > CREDENTIAL_OBJECT_MAX || secret.len > CREDENTIAL_ENCRYPTED_MAX)
		return ERR_LENGTH;
	softtpm_public(tpm, &public);
	TRY(tpm_name(room_used(&public), &name));
	TRY(agree(tpm, secret, &seed));
	if (!take_sized(&credential, MAC_SIZE, &mac))
		return ERR_MAC;
	TRY(check_mac(&seed, mac, credential, room_used(&name)));
	return open_identity(&seed, room_used(&name), credential, out);
}
