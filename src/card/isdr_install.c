/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a download: metadata are checked, the package is installed, the result is signed. Profile,
 * metadata, notifications and the end of the one-time key are one transaction. */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "card/install.h"
#include "vault/record.h"

#include <string.h>

enum {
	RESPONSE_MAX =
		384,      /* EUICCResponse, at the front of the buffer; the result lies behind it */
	ISDP_NUMBER = 14, /* octet of the AID in which ISD-Ps differ */
};

static struct bytes metadata_blob(const struct isdr *isdr)
{
	return (struct bytes){ isdr->buffer + ISDR_SEGMENT_MAX, isdr->session.metadata };
}

enum err isdr_metadata_view(const struct isdr *isdr, struct store_metadata *metadata)
{
	struct bytes element;

	if (!bytes_slice(metadata_blob(isdr), isdr->session.proprietary,
	                 (size_t)(isdr->session.metadata - isdr->session.proprietary), &element))
		return ERR_CORRUPT;
	return store_metadata_read(element, metadata);
}

/* What could not be notified later is refused now. */
static bool addresses_fit(struct bytes list)
{
	struct notification_configuration configuration;

	for (unsigned n = 0; list.len > 0; n++) {
		size_t before = list.len;
		if (n == ISDR_ADDRESSES_MAX ||
		    notification_configuration_next(&list, &configuration) != ERR_NONE ||
		    configuration.address.len > SERVER_ADDRESS_MAX ||
		    before - list.len > CONFIGURATION_MAX)
			return false;
	}
	return true;
}

uint8_t isdr_metadata_check(struct card *card)
{
	struct store_metadata metadata;
	bool admits;
	uint8_t slot;

	if (isdr_metadata_view(&card->isdr, &metadata) != ERR_NONE ||
	    !addresses_fit(metadata.notifications))
		return INSTALL_INCORRECT_INPUT_VALUES;
	if (metadata.profile_class > CLASS_OPERATIONAL)
		return INSTALL_UNSUPPORTED_PROFILE_CLASS;
	if (profile_by_iccid(card, metadata.iccid.at, &slot) == ERR_NONE)
		return INSTALL_ICCID_ALREADY_EXISTS;
	/* SGP.22 5.5.3: policy rules need an owner to be authorised. */
	if (metadata.has_pprs && metadata.pprs != 0 && !metadata.has_owner)
		return INSTALL_INCORRECT_INPUT_VALUES;
	if (isdr_policy_admits(card, &metadata, &admits) != ERR_NONE)
		return INSTALL_UNKNOWN_ERROR;
	if (!admits)
		return INSTALL_PPR_NOT_ALLOWED;
	return profile_free_slot(card, &slot) == ERR_NONE ? 0 : INSTALL_INSUFFICIENT_MEMORY;
}

/* The last segment is done with: its place serves for the answer. */
static struct room answer_room(struct isdr *isdr)
{
	return (struct room){ isdr->buffer + RESPONSE_MAX, ISDR_SEGMENT_MAX - RESPONSE_MAX, 0,
		              false };
}

/* The common part of success and error: who, for what, told to whom. */
static struct installation_result_data result_data(const struct isdr *isdr)
{
	const struct isdr_session *session = &isdr->session;
	struct installation_result_data data = {
		.transaction_id = { session->transaction_id, session->transaction_id_len },
		.notification = {
			.event = NOTIFY_INSTALL,
			.address = { session->address, session->address_len },
		},
		.smdp_oid = { session->oid, session->oid_len },
	};
	struct store_metadata metadata;

	/* SGP.22 5.7.6: the ICCID is told as soon as it is known. */
	if (session->step > LOAD_METADATA && isdr_metadata_view(isdr, &metadata) == ERR_NONE)
		data.notification.iccid = metadata.iccid;
	return data;
}

enum err isdr_refuse(struct card *card, uint8_t command, uint8_t reason, struct bytes sima_response,
                     struct room *out)
{
	struct installation_result_data data = result_data(&card->isdr);

	data.command = command;
	data.reason = reason;
	data.sima_response = sima_response;
	*out = answer_room(&card->isdr);
	enum err err = vault_begin(&card->vault);
	if (err == ERR_NONE)
		err = isdr_notify_result(card, &data, card->isdr.session.credential, out);
	err = isdr_settle(card, err);
	isdr_session_end(card);
	return err;
}

static struct profile_head head_of(const struct isdr *isdr, const struct store_metadata *metadata,
                                   uint8_t slot)
{
	struct profile_head head = { .isdp_aid_len = AID_MAX };
	uint32_t pprs = metadata->has_pprs ? metadata->pprs : 0;

	memcpy(head.iccid, metadata->iccid.at, ICCID_SIZE);
	memcpy(head.isdp_aid, isdr_aid, AID_MAX);
	head.isdp_aid[ISDP_NUMBER] = (uint8_t)(0x10 + slot); /* SGP.02 annex H: 10 and up */
	head.isdp_aid[ISDP_NUMBER - 1] = 0;
	head.isdp_aid[ISDP_NUMBER + 1] = 0;
	head.flags = isdr_flags(metadata->profile_class, pprs, isdr->session.credential);
	return head;
}

/* everything_at_once is what the transaction of an installation consists of. */
static enum err everything_at_once(struct card *card, struct fs *tree, uint8_t slot,
                                   struct installation_result_data *data, struct room *out)
{
	const struct isdr *isdr = &card->isdr;
	struct store_metadata metadata;

	TRY(isdr_metadata_view(isdr, &metadata));
	struct profile_head head = head_of(isdr, &metadata, slot);
	TRY(profile_adopt(card, tree, &head, metadata_blob(isdr)));
	data->success = true;
	data->isdp_aid = (struct bytes){ head.isdp_aid, head.isdp_aid_len };
	TRY(isdr_notify_result(card, data, isdr->session.credential, out));
	TRY(isdr_notify_profile(card, slot, NOTIFY_INSTALL));
	enum err err = record_remove(&card->vault, record_key(EUICC_ONE_TIME_KEY, 0));
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err conclude(struct card *card, struct fs *tree, uint8_t slot,
                         struct installation_result_data *data, struct room *out)
{
	enum err err = vault_begin(&card->vault);

	if (err == ERR_NONE)
		err = everything_at_once(card, tree, slot, data, out);
	err = isdr_settle(card, err);
	if (err != ERR_NONE)
		profile_discard(tree);
	return err;
}

static uint8_t reason_of(enum err err)
{
	switch ((int)err) {
	case ERR_FULL:
		return INSTALL_INSUFFICIENT_MEMORY;
	case ERR_MISMATCH: /* the package's own ICCID is another one */
		return INSTALL_ICCID_MISMATCH;
	case ERR_IO:
	case ERR_CORRUPT:
	case ERR_CRYPTO:
		return INSTALL_UNKNOWN_ERROR;
	default:
		return INSTALL_PE_PROCESSING_ERROR;
	}
}

enum err isdr_install(struct card *card, struct room *out)
{
	struct isdr *isdr = &card->isdr;
	struct room response = { isdr->buffer, RESPONSE_MAX, 0, false };
	struct source package = source_staging(card);
	struct store_metadata metadata;
	struct fs tree;
	uint8_t slot;

	*out = answer_room(isdr);
	TRY(isdr_metadata_view(isdr, &metadata));
	enum err err = profile_free_slot(card, &slot);
	if (err == ERR_NONE)
		err = card_install_profile(card, slot, &package, metadata.iccid, &tree, &response);
	if (err == ERR_NONE) {
		struct installation_result_data data = result_data(isdr);
		data.sima_response = room_used(&response);
		err = conclude(card, &tree, slot, &data, out);
		if (err == ERR_NONE) {
			isdr_session_end(card);
			return ERR_NONE;
		}
	}
	return isdr_refuse(card, BPP_LOAD_PROFILE_ELEMENTS, reason_of(err), room_used(&response),
	                   out);
}
