/* SPDX-License-Identifier: Apache-2.0 */
#include "card/euicc.h"

#include "vault/record.h"

#include <string.h>

enum { ANCHOR_SIZE = KEY_ID_SIZE + 1 + EC_POINT_SIZE };

enum err euicc_eid(struct card *card, uint8_t eid[static EID_SIZE])
{
	return record_read(&card->vault, record_key(EUICC_IDENTITY, 0), 0, eid, EID_SIZE);
}

enum err euicc_anchor(struct card *card, uint8_t number, struct trust_anchor *out)
{
	uint8_t octets[ANCHOR_SIZE];

	TRY(record_read(&card->vault, record_key(EUICC_ANCHOR, number), 0, octets, sizeof octets));
	if (octets[KEY_ID_SIZE] >= EC_CURVES)
		return ERR_CORRUPT;
	memcpy(out->key_id, octets, KEY_ID_SIZE);
	out->curve = (enum ec_curve)octets[KEY_ID_SIZE];
	memcpy(out->point, octets + KEY_ID_SIZE + 1, EC_POINT_SIZE);
	out->name = (struct bytes){ NULL, 0 };
	return ERR_NONE;
}

/* by_key finds a record of that kind that begins with the key id. */
static enum err by_key(struct card *card, uint8_t kind, struct bytes key_id, uint8_t *number)
{
	uint16_t key = record_key(kind, 0);
	uint8_t have[KEY_ID_SIZE];

	while (record_next(&card->vault, kind, &key) == ERR_NONE) {
		TRY(record_read(&card->vault, key, 0, have, sizeof have));
		if (bytes_same(key_id, BYTES(have))) {
			*number = (uint8_t)key;
			return ERR_NONE;
		}
		key++;
	}
	return ERR_NOT_FOUND;
}

enum err euicc_anchor_by_key(struct card *card, struct bytes key_id, uint8_t *number)
{
	return by_key(card, EUICC_ANCHOR, key_id, number);
}

enum err euicc_credential_by_key(struct card *card, struct bytes key_id, uint8_t *number)
{
	return by_key(card, EUICC_CREDENTIAL, key_id, number);
}

enum err euicc_key_ids(struct card *card, uint8_t kind, struct room *out)
{
	uint16_t key = record_key(kind, 0);
	uint8_t id[KEY_ID_SIZE];

	while (record_next(&card->vault, kind, &key) == ERR_NONE) {
		TRY(record_read(&card->vault, key, 0, id, sizeof id));
		ber_put(out, 0x04, BYTES(id));
		key++;
	}
	return ERR_NONE;
}

enum err euicc_sign(struct card *card, uint8_t credential, const struct bytes *parts, size_t count,
                    uint8_t signature[static EC_SIGNATURE_SIZE])
{
	uint16_t key = record_key(EUICC_CREDENTIAL, credential);
	SECRET scalar = { .len = 32 };
	uint8_t curve;

	TRY(record_read(&card->vault, key, KEY_ID_SIZE, &curve, 1));
	if (curve >= EC_CURVES)
		return ERR_CORRUPT;
	TRY(record_read(&card->vault, key, KEY_ID_SIZE + 1, scalar.at, 32));
	return crypto_ecdsa_sign((enum ec_curve)curve, &scalar, parts, count, signature);
}

enum err euicc_next_sequence(struct card *card, uint32_t *number)
{
	uint16_t key = record_key(EUICC_COUNTER, 0);
	uint8_t octets[4];
	struct room room = ROOM(octets);
	uint64_t next = 1;
	enum err err = record_read(&card->vault, key, 0, octets, sizeof octets);

	if (err == ERR_NONE && !bytes_uint(BYTES(octets), &next))
		return ERR_CORRUPT;
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	room_put_u32(&room, (uint32_t)next + 1);
	TRY(record_put(&card->vault, key, BYTES(octets)));
	*number = (uint32_t)next;
	return ERR_NONE;
}
