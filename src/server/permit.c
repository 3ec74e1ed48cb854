/* SPDX-License-Identifier: Apache-2.0 */
#include "server/permit.h"

#include <string.h>

enum { PERMIT_VERSION = 1, PARTS_MAX = 5 };

static enum err subject(enum purpose purpose, const struct bytes *what, size_t count,
                        uint8_t out[static PERMIT_SUBJECT_SIZE])
{
	const uint8_t octet = (uint8_t)purpose;
	struct bytes parts[1 + PARTS_MAX] = {
		{&octet, 1}
	};
	uint8_t digest[SHA256_SIZE];

	for (size_t i = 0; i < count; i++)
		parts[1 + i] = what[i];
	TRY(crypto_sha256(digest, parts, 1 + count));
	memcpy(out, digest, PERMIT_SUBJECT_SIZE);
	return ERR_NONE;
}

enum err permit_subject_provisioning(const struct smdp_card *card, struct bytes transaction_id,
                                     const uint8_t iccid[static ICCID_SIZE],
                                     uint8_t out[static PERMIT_SUBJECT_SIZE])
{
	const uint8_t curve = (uint8_t)card->curve;
	/* All of one size: no two subjects have the same octets. */
	const struct bytes what[] = {
		BYTES(card->eid),
		{&curve, 1         },
		BYTES(card->point),
		transaction_id,
		{ iccid, ICCID_SIZE}
	};

	if (transaction_id.len != TRANSACTION_ID_MAX)
		return ERR_LENGTH;
	return subject(PURPOSE_PROVISIONING, what, COUNT(what), out);
}

enum err permit_subject_access(struct bytes imsi, uint8_t out[static PERMIT_SUBJECT_SIZE])
{
	return subject(PURPOSE_ACCESS, &imsi, 1, out);
}

enum err permit_make(const struct secret *key, const struct permit *permit,
                     uint8_t out[static PERMIT_SIZE])
{
	struct room room = { out, PERMIT_SIZE, 0, false };
	uint8_t mac[SHA256_SIZE];
	struct bytes signed_part;

	if ((unsigned)permit->purpose >= PURPOSES || (unsigned)permit->decision >= DECISIONS)
		return ERR_VALUE;
	if (permit->decision == REFUSE)
		return ERR_DENIED;
	room_put_u8(&room, PERMIT_VERSION);
	room_put_u8(&room, (uint8_t)permit->purpose);
	room_put_u8(&room, (uint8_t)permit->decision);
	room_put_u64(&room, permit->expires_s);
	room_put(&room, BYTES(permit->subject));
	room_put(&room, BYTES(permit->result));
	signed_part = room_used(&room);
	TRY(crypto_hmac_sha256(mac, key, &signed_part, 1));
	room_put(&room, BYTES(mac));
	return ERR_NONE;
}

/* The layout is fixed, so what a permit must be is built and compared whole. */
enum err permit_check(const struct secret *key, struct bytes octets, enum purpose purpose,
                      const uint8_t subject[static PERMIT_SUBJECT_SIZE], uint64_t now_s,
                      struct permit *out)
{
	struct permit permit = { .purpose = purpose };
	uint8_t want[PERMIT_SIZE];
	struct bytes in = octets, head, expires, result;

	if (octets.len != PERMIT_SIZE || !bytes_take(&in, 3, &head) ||
	    !bytes_take(&in, 8, &expires) || !bytes_uint(expires, &permit.expires_s) ||
	    !bytes_take(&in, PERMIT_SUBJECT_SIZE, &result) ||
	    !bytes_take(&in, SHA256_SIZE, &result))
		return ERR_DENIED;
	if (head.at[2] >= REFUSE || permit.expires_s <= now_s)
		return ERR_DENIED;
	permit.decision = (enum decision)head.at[2];
	memcpy(permit.subject, subject, PERMIT_SUBJECT_SIZE);
	memcpy(permit.result, result.at, SHA256_SIZE);
	TRY(permit_make(key, &permit, want));
	if (!secret_same(BYTES(want), octets))
		return ERR_DENIED;
	*out = permit;
	return ERR_NONE;
}
