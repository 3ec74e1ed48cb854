/* SPDX-License-Identifier: Apache-2.0 */
/* What the eUICC says of itself: ES10a, EUICCInfo1 and 2, EID, rules authorisation table. */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/euicc_info.h"
#include "rsp/local_management.h"
#include "vault/record.h"

const uint8_t isdr_svn[3] = { 2, 5, 0 };

enum {
	KEY_IDS_MAX = EUICC_ANCHORS_MAX * (KEY_ID_SIZE + 2),
	CARD_RAM_FREE = 4096, /* what an application could have: there is no heap to measure */
};

static const uint8_t package_version[3] = { 2, 3, 1 }; /* TCA interoperable format */

enum err isdr_get_info1(struct card *card, struct bytes request, struct room *out)
{
	uint8_t verify[KEY_IDS_MAX], sign[KEY_IDS_MAX];
	struct room verification = ROOM(verify), signing = ROOM(sign);

	TRY(empty_request_read(request, TAG_GET_EUICC_INFO1));
	TRY(euicc_key_ids(card, EUICC_ANCHOR, &verification));
	TRY(euicc_key_ids(card, EUICC_CREDENTIAL, &signing));
	struct euicc_info1 info = {
		.svn = {isdr_svn, sizeof isdr_svn},
		.ci_pkids_for_verification = room_used(&verification),
		.ci_pkids_for_signing = room_used(&signing),
	};
	euicc_info1_put(out, &info);
	return ERR_NONE;
}

/* How many profiles there are, for extCardResource and additionalProfile. */
static uint32_t profile_count(struct card *card)
{
	uint32_t count = 0;

	for (uint8_t slot = 0; profile_next(card, &slot) == ERR_NONE;)
		count++;
	return count;
}

enum err isdr_put_info2(struct card *card, struct room *out)
{
	uint8_t verify[KEY_IDS_MAX], sign[KEY_IDS_MAX], resource[24], own[6 + EUICC_SAS_MAX];
	uint8_t pairing[3 + PAIRING_STATUS_MAX];
	struct room verification = ROOM(verify), signing = ROOM(sign), resources = ROOM(resource);
	struct room parameters = ROOM(own), report = ROOM(pairing);
	uint32_t profiles = profile_count(card);

	TRY(euicc_key_ids(card, EUICC_ANCHOR, &verification));
	TRY(euicc_key_ids(card, EUICC_CREDENTIAL, &signing));
	TRY(record_get(&card->vault, record_key(EUICC_IDENTITY, 1), &parameters));
	if (parameters.full || parameters.len < 6)
		return ERR_CORRUPT;
	TRY(pairing_report(card, &report));
	ext_card_resource_put(&resources, profiles, vault_free(&card->vault), CARD_RAM_FREE);
	struct euicc_info2 info = {
		.profile_version = BYTES(package_version),
		.svn = {isdr_svn, sizeof isdr_svn   },
		.firmware_version = { own,     3                 },
		.ext_card_resource = room_used(&resources),
		.uicc_capability = UICC_USIM | UICC_ISIM | UICC_AKA_MILENAGE | UICC_AKA_TUAK128 |
		                   UICC_AKA_TUAK256 | UICC_MULTIPLE_USIM | UICC_MULTIPLE_ISIM |
		                   UICC_BER_TLV_FILES,
		.rsp_capability = RSP_TEST_PROFILE_SUPPORT | RSP_DEVICE_INFO_EXTENSIBILITY |
		                  (profiles < PROFILE_SLOTS ? RSP_ADDITIONAL_PROFILE : 0),
		.ci_pkids_for_verification = room_used(&verification),
		.ci_pkids_for_signing = room_used(&signing),
		.has_category = true,
		.category = 1, /* basicEuicc */
		.pp_version = { own + 3, 3                 },
		.sas_accreditation_number = { own + 6, parameters.len - 6},
		.extensions = room_used(&report),
	};
	euicc_info2_put(out, &info);
	return ERR_NONE;
}

enum err isdr_get_info2(struct card *card, struct bytes request, struct room *out)
{
	TRY(empty_request_read(request, TAG_GET_EUICC_INFO2));
	return isdr_put_info2(card, out);
}

enum err isdr_get_eid(struct card *card, struct bytes request, struct room *out)
{
	uint8_t eid[EID_SIZE];

	TRY(get_euicc_data_request_read(request));
	TRY(euicc_eid(card, eid));
	get_euicc_data_response_put(out, BYTES(eid));
	return ERR_NONE;
}

enum err isdr_get_rat(struct card *card, struct bytes request, struct room *out)
{
	uint8_t octets[EUICC_RAT_MAX];
	struct room rules = ROOM(octets);

	TRY(empty_request_read(request, TAG_GET_RAT));
	TRY(record_get(&card->vault, record_key(EUICC_RAT, 0), &rules));
	get_rat_response_put(out, room_used(&rules));
	return ERR_NONE;
}

enum err isdr_get_addresses(struct card *card, struct bytes request, struct room *out)
{
	uint8_t dp[SERVER_ADDRESS_MAX], ds[SERVER_ADDRESS_MAX];
	struct room default_dp = ROOM(dp), root_ds = ROOM(ds);
	struct configured_addresses addresses = { 0 };

	TRY(empty_request_read(request, TAG_EUICC_CONFIGURED_ADDRESSES));
	enum err err = record_get(&card->vault, record_key(EUICC_ADDRESS, 0), &default_dp);
	if (err == ERR_NONE)
		addresses.default_dp = room_used(&default_dp);
	else if (err != ERR_NOT_FOUND)
		return err;
	TRY(record_get(&card->vault, record_key(EUICC_ADDRESS, 1), &root_ds));
	addresses.root_ds = room_used(&root_ds);
	configured_addresses_put(out, &addresses);
	return ERR_NONE;
}

/* SGP.22 5.7.4: an empty address removes the one that was set. */
static enum err set_address(struct card *card, struct bytes address)
{
	uint16_t key = record_key(EUICC_ADDRESS, 0);

	if (address.len > SERVER_ADDRESS_MAX)
		return ERR_LIMIT;
	TRY(vault_begin(&card->vault));
	enum err err = address.len > 0 ? record_put(&card->vault, key, address)
	                               : record_remove(&card->vault, key);
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	return isdr_settle(card, err);
}

enum err isdr_set_default_address(struct card *card, struct bytes request, struct room *out)
{
	struct bytes address;

	TRY(set_default_dp_address_read(request, &address));
	enum err err = set_address(card, address);
	rsp_result_put(out, TAG_SET_DEFAULT_DP_ADDRESS,
	               err == ERR_NONE ? RESULT_OK : RESULT_UNDEFINED_ERROR);
	return ERR_NONE;
}
