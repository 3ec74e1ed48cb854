/* SPDX-License-Identifier: Apache-2.0 */
#include "server/seal.h"

#include <string.h>

enum { SEAL_VERSION = 1, ID_MAX = 64 };

enum err seal_begin(struct seal *seal, const struct secret *master)
{
	if (master->len != 32)
		return ERR_LENGTH;
	for (uint8_t kind = 0; kind < SEAL_KINDS; kind++) {
		const struct bytes parts[] = {
			BYTES_STR("assay seal key 1"), {&kind, 1}
		};
		TRY(crypto_hmac_sha256(seal->key[kind].at, master, parts, COUNT(parts)));
		seal->key[kind].len = SHA256_SIZE;
	}
	return ERR_NONE;
}

void seal_clear(struct seal *seal)
{
	wipe(seal, sizeof *seal);
}

static enum err aad_put(struct room *aad, enum seal_kind kind, struct bytes id)
{
	room_put_u8(aad, SEAL_VERSION);
	room_put_u8(aad, (uint8_t)kind);
	room_put(aad, id);
	return aad->full ? ERR_LIMIT : ERR_NONE;
}

enum err seal_put(const struct seal *seal, enum seal_kind kind, struct bytes id, struct bytes clear,
                  struct room *out)
{
	uint8_t aad_octets[2 + ID_MAX];
	struct room aad = ROOM(aad_octets);
	uint8_t *at;

	TRY(aad_put(&aad, kind, id));
	at = room_claim(out, SEAL_EXTRA + clear.len);
	if (at == NULL)
		return ERR_ROOM;
	at[0] = SEAL_VERSION;
	TRY(crypto_random(at + 1, GCM_NONCE_SIZE));
	return crypto_gcm_seal(&seal->key[kind], at + 1, room_used(&aad), clear,
	                       at + 1 + GCM_NONCE_SIZE);
}

enum err seal_read(const struct seal *seal, enum seal_kind kind, struct bytes id,
                   struct bytes sealed, struct room *out)
{
	uint8_t aad_octets[2 + ID_MAX];
	struct room aad = ROOM(aad_octets);
	struct bytes version, nonce;
	size_t before = out->len;
	uint8_t *at;
	enum err err;

	TRY(aad_put(&aad, kind, id));
	if (sealed.len < SEAL_EXTRA || !bytes_take(&sealed, 1, &version) ||
	    !bytes_take(&sealed, GCM_NONCE_SIZE, &nonce))
		return ERR_LENGTH;
	if (version.at[0] != SEAL_VERSION)
		return ERR_UNSUPPORTED;
	at = room_claim(out, sealed.len - GCM_TAG_SIZE);
	if (at == NULL)
		return ERR_ROOM;
	err = crypto_gcm_open(&seal->key[kind], nonce.at, room_used(&aad), sealed, at);
	if (err != ERR_NONE)
		out->len = before;
	return err;
}
