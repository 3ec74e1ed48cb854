/* SPDX-License-Identifier: Apache-2.0 */
/* Personalisation: checked whole first, then written in one transaction. */
#include "card/euicc.h"

#include "vault/record.h"

#include <string.h>

static const struct trust_anchor *anchor_of(const struct euicc_personalisation *data,
                                            struct bytes key_id)
{
	for (size_t i = 0; i < data->anchor_count; i++)
		if (bytes_same(BYTES(data->anchors[i].key_id), key_id))
			return &data->anchors[i];
	return NULL;
}

/* key_belongs tells whether the scalar is that of the certificate's point. */
static enum err key_belongs(const struct euicc_credential *credential,
                            const struct x509 *certificate)
{
	uint8_t point[EC_POINT_SIZE];

	if (certificate->curve != credential->curve)
		return ERR_VALUE;
	TRY(crypto_ec_public(credential->curve, &credential->key, point));
	return bytes_same(BYTES(point), certificate->point) ? ERR_NONE : ERR_VALUE;
}

/* check_credential gives the key id of the CI that the credential leads to, in key_id. */
static enum err check_credential(const struct euicc_personalisation *data, size_t i,
                                 uint8_t key_id[static KEY_ID_SIZE])
{
	const struct euicc_credential *credential = &data->credentials[i];
	struct trust_anchor anchor;
	struct x509 euicc, eum;
	uint8_t eid[EID_SIZE];

	if (credential->certificate.len > EUICC_CERTIFICATE_MAX ||
	    credential->eum_certificate.len > EUICC_CERTIFICATE_MAX)
		return ERR_LIMIT;
	TRY(x509_read(credential->certificate, &euicc));
	TRY(x509_read(credential->eum_certificate, &eum));
	const struct trust_anchor *found = anchor_of(data, eum.authority_key_id);
	if (found == NULL)
		return ERR_CERTIFICATE;
	anchor = *found;
	anchor.name = (struct bytes){ NULL, 0 }; /* as the card will know it */
	TRY(cert_check_eum(&eum, &anchor, CERT_NO_TIME));
	TRY(cert_check_euicc(&euicc, &eum, CERT_NO_TIME, eid));
	if (!bytes_same(BYTES(eid), BYTES(data->eid)))
		return ERR_VALUE;
	TRY(key_belongs(credential, &euicc));
	memcpy(key_id, anchor.key_id, KEY_ID_SIZE);
	return ERR_NONE;
}

static enum err put_credential(struct card *card, const struct euicc_personalisation *data,
                               size_t i)
{
	const struct euicc_credential *credential = &data->credentials[i];
	uint8_t octets[KEY_ID_SIZE + 1 + SECRET_MAX], key_id[KEY_ID_SIZE];
	struct room room = ROOM(octets);
	enum err err;

	TRY(check_credential(data, i, key_id));
	room_put(&room, BYTES(key_id));
	room_put_u8(&room, (uint8_t)credential->curve);
	room_put(&room, secret_bytes(&credential->key));
	err = record_put(&card->vault, record_key(EUICC_CREDENTIAL, (uint8_t)i), room_used(&room));
	wipe(octets, sizeof octets);
	TRY(err);
	TRY(record_put(&card->vault, record_key(EUICC_CERTIFICATE, (uint8_t)i),
	               credential->certificate));
	return record_put(&card->vault, record_key(EUICC_EUM_CERTIFICATE, (uint8_t)i),
	                  credential->eum_certificate);
}

static enum err put_anchor(struct card *card, const struct trust_anchor *anchor, uint8_t number)
{
	uint8_t octets[KEY_ID_SIZE + 1 + EC_POINT_SIZE];
	struct room room = ROOM(octets);

	room_put(&room, BYTES(anchor->key_id));
	room_put_u8(&room, (uint8_t)anchor->curve);
	room_put(&room, BYTES(anchor->point));
	return record_put(&card->vault, record_key(EUICC_ANCHOR, number), room_used(&room));
}

/* Parameters of EUICCInfo2 that differ between products: firmware and protection profile version,
 * accreditation number. */
static enum err put_parameters(struct card *card, const struct euicc_personalisation *data)
{
	uint8_t octets[6 + EUICC_SAS_MAX];
	struct room room = ROOM(octets);

	room_put(&room, BYTES(data->firmware_version));
	room_put(&room, BYTES(data->pp_version));
	room_put(&room, data->sas_accreditation_number);
	if (room.full)
		return ERR_LIMIT;
	return record_put(&card->vault, record_key(EUICC_IDENTITY, 1), room_used(&room));
}

static enum err put_all(struct card *card, const struct euicc_personalisation *data)
{
	struct vault *v = &card->vault;

	TRY(record_put(v, record_key(EUICC_IDENTITY, 0), BYTES(data->eid)));
	TRY(put_parameters(card, data));
	for (size_t i = 0; i < data->credential_count; i++)
		TRY(put_credential(card, data, i));
	for (size_t i = 0; i < data->anchor_count; i++)
		TRY(put_anchor(card, &data->anchors[i], (uint8_t)i));
	TRY(record_put(v, record_key(EUICC_RAT, 0), data->rat));
	if (data->default_dp.at != NULL)
		TRY(record_put(v, record_key(EUICC_ADDRESS, 0), data->default_dp));
	TRY(record_put(v, record_key(EUICC_ADDRESS, 1), data->root_ds));
	return pairing_personalise(card, &data->pairing);
}

enum err euicc_personalise(struct card *card, const struct euicc_personalisation *data)
{
	uint8_t eid[EID_SIZE];
	enum err err = euicc_eid(card, eid);

	if (err != ERR_NOT_FOUND)
		return err == ERR_NONE ? ERR_EXISTS : err;
	if (data->credential_count == 0 || data->credential_count > EUICC_CREDENTIALS_MAX ||
	    data->anchor_count == 0 || data->anchor_count > EUICC_ANCHORS_MAX ||
	    data->rat.len > EUICC_RAT_MAX || data->default_dp.len > SERVER_ADDRESS_MAX ||
	    data->root_ds.len > SERVER_ADDRESS_MAX)
		return ERR_LIMIT;
	TRY(vault_begin(&card->vault));
	err = put_all(card, data);
	if (err == ERR_NONE)
		return vault_commit(&card->vault);
	vault_abort(&card->vault);
	return err;
}
