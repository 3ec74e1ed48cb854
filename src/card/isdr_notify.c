/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications (SGP.22 3.5, 5.7.9 to 5.7.11): signed when the event happens, in its transaction, and
 * kept until the LPA says that they were delivered.
 *
 * A record is: sequence number (4), event (1), credential (1), place and length of the element BF2F in
 * what follows (2 and 2); then the whole BF37 of an installation result, or BF2F and 5F37 of another.
 */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/notification.h"
#include "vault/record.h"

#include <string.h>

enum {
	KEPT_HEADER = 10,
	RESULT_CREDENTIAL = 0xFF, /* an installation result goes without certificates */
	OTHER_MAX = KEPT_HEADER + 32 + SERVER_ADDRESS_MAX + ICCID_SIZE + 3 + EC_SIGNATURE_SIZE + 16,
};

struct kept {
	uint32_t sequence;
	uint8_t event, credential;
	uint16_t at, len;
	size_t size; /* of the record */
};

static enum err kept_read(struct card *card, uint8_t number, struct kept *out)
{
	uint16_t key = record_key(EUICC_NOTIFICATION, number);
	uint8_t octets[KEPT_HEADER];
	uint64_t sequence;

	TRY(record_size(&card->vault, key, &out->size));
	TRY(record_read(&card->vault, key, 0, octets, sizeof octets));
	if (!bytes_uint((struct bytes){ octets, 4 }, &sequence))
		return ERR_CORRUPT;
	out->sequence = (uint32_t)sequence;
	out->event = octets[4];
	out->credential = octets[5];
	out->at = (uint16_t)(octets[6] << 8 | octets[7]);
	out->len = (uint16_t)(octets[8] << 8 | octets[9]);
	return ERR_NONE;
}

static void kept_put(struct room *out, const struct notification_metadata *metadata,
                     uint8_t credential, size_t at, size_t len)
{
	room_put_u32(out, metadata->seq_number);
	room_put_u8(out, (uint8_t)metadata->event);
	room_put_u8(out, credential);
	room_put_u16(out, (uint16_t)at);
	room_put_u16(out, (uint16_t)len);
}

/* free_number finds a place; when all are taken the oldest notification makes way, so that an LPA that
 * never delivers any cannot keep the user from switching profiles. */
static enum err free_number(struct card *card, uint8_t *number)
{
	uint32_t oldest = UINT32_MAX;
	struct kept kept;

	*number = 0;
	for (unsigned i = 0; i < ISDR_LIST_MAX; i++) {
		uint8_t n = (uint8_t)i;
		enum err err = kept_read(card, n, &kept);
		if (err == ERR_NOT_FOUND) {
			*number = n;
			return ERR_NONE;
		}
		TRY(err);
		if (kept.sequence < oldest) {
			oldest = kept.sequence;
			*number = n;
		}
	}
	return ERR_NONE;
}

/* SGP.22 5.6.4: tbsOtherNotification is signed as it stands. */
enum err isdr_notify(struct card *card, const struct notification_metadata *metadata,
                     uint8_t credential)
{
	struct notification_metadata numbered = *metadata;
	uint8_t octets[OTHER_MAX], signature[EC_SIGNATURE_SIZE], number;
	uint8_t tbs_octets[OTHER_MAX];
	struct room record = ROOM(octets), tbs = ROOM(tbs_octets);

	TRY(euicc_next_sequence(card, &numbered.seq_number));
	notification_metadata_put(&tbs, &numbered);
	struct bytes signed_part = room_used(&tbs);
	if (tbs.full)
		return ERR_LIMIT;
	TRY(euicc_sign(card, credential, &signed_part, 1, signature));
	kept_put(&record, &numbered, credential, 0, signed_part.len);
	room_put(&record, signed_part);
	ber_put(&record, TAG_SIGNATURE, BYTES(signature));
	if (record.full)
		return ERR_LIMIT;
	TRY(free_number(card, &number));
	return record_put(&card->vault, record_key(EUICC_NOTIFICATION, number), room_used(&record));
}

/* locate finds the BF2F inside the BF37. */
static enum err locate(struct bytes result, size_t *at, size_t *len)
{
	struct bytes in = result, data, element, id;

	TRY(ber_read(&in, TAG_INSTALLATION_RESULT, &data));
	TRY(ber_read(&data, TAG_INSTALLATION_RESULT_DATA, &in));
	TRY(ber_read(&in, 0x80, &id));
	TRY(ber_read_whole(&in, TAG_NOTIFICATION_METADATA, &element));
	*at = (size_t)(element.at - result.at);
	*len = element.len;
	return ERR_NONE;
}

enum err isdr_notify_result(struct card *card, struct installation_result_data *data,
                            uint8_t credential, struct room *out)
{
	uint8_t signature[EC_SIGNATURE_SIZE], number;
	size_t at, len, header = out->len;

	TRY(euicc_next_sequence(card, &data->notification.seq_number));
	kept_put(out, &data->notification, RESULT_CREDENTIAL, 0, 0);
	size_t outer = ber_open(out, TAG_INSTALLATION_RESULT), from = out->len;
	installation_result_data_put(out, data);
	if (out->full)
		return ERR_ROOM;
	struct bytes signed_part = { out->at + from, out->len - from };
	TRY(euicc_sign(card, credential, &signed_part, 1, signature));
	ber_put(out, TAG_SIGNATURE, BYTES(signature));
	ber_close(out, outer);
	if (out->full)
		return ERR_ROOM;
	struct bytes result = { out->at + header + KEPT_HEADER, out->len - header - KEPT_HEADER };
	TRY(locate(result, &at, &len));
	struct room again = { out->at + header, KEPT_HEADER, 0, false };
	kept_put(&again, &data->notification, RESULT_CREDENTIAL, at, len);
	TRY(free_number(card, &number));
	TRY(record_put(&card->vault, record_key(EUICC_NOTIFICATION, number),
	               (struct bytes){ out->at + header, out->len - header }));
	/* What is answered is the result without the header of the record. */
	*out = (struct room){ out->at + header + KEPT_HEADER, result.len, result.len, false };
	return ERR_NONE;
}

/* SGP.22 3.5: notificationConfigurationInfo names addresses for each event. */
enum err isdr_notify_profile(struct card *card, uint8_t slot, uint32_t event)
{
	uint16_t key = record_key(RECORD_PROFILE_METADATA, slot);
	struct notification_configuration configuration;
	uint8_t octets[CONFIGURATION_MAX];
	struct profile_head head;
	size_t at, len;
	enum err err = isdr_metadata_find(card, slot, 0xB6, &at, &len);

	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	TRY(profile_head_read(card, slot, &head));
	for (size_t end = at + len; at < end;) {
		size_t n = end - at < sizeof octets ? end - at : sizeof octets;
		TRY(record_read(&card->vault, key, at, octets, n));
		struct bytes in = { octets, n };
		TRY(notification_configuration_next(&in, &configuration));
		at += n - in.len;
		if ((configuration.events & event) == 0)
			continue;
		struct notification_metadata metadata = {
			.event = event,
			.address = configuration.address,
			.iccid = BYTES(head.iccid),
		};
		TRY(isdr_notify(card, &metadata, isdr_credential(head.flags)));
	}
	return ERR_NONE;
}

enum err isdr_notification_window(struct card *card, uint8_t number, bool whole,
                                  struct window *window)
{
	uint16_t key = record_key(EUICC_NOTIFICATION, number);
	size_t euicc, eum;
	struct kept kept;

	TRY(kept_read(card, number, &kept));
	if (!whole)
		return isdr_stored_window(card, key, KEPT_HEADER + (size_t)kept.at, kept.len,
		                          window);
	size_t len = kept.size - KEPT_HEADER;
	if (kept.credential == RESULT_CREDENTIAL)
		return isdr_stored_window(card, key, KEPT_HEADER, len, window);
	uint16_t own = record_key(EUICC_CERTIFICATE, kept.credential);
	uint16_t maker = record_key(EUICC_EUM_CERTIFICATE, kept.credential);
	TRY(record_size(&card->vault, own, &euicc));
	TRY(record_size(&card->vault, maker, &eum));
	window_header(window, 0x30, len + euicc + eum);
	TRY(isdr_stored_window(card, key, KEPT_HEADER, len, window));
	TRY(isdr_stored_window(card, own, 0, euicc, window));
	return isdr_stored_window(card, maker, 0, eum, window);
}

/* What is looked for among the notifications. */
struct search {
	bool by_sequence;
	uint32_t sequence, events; /* 0: all events */
};

static bool matches(const struct search *search, const struct kept *kept)
{
	if (search->by_sequence)
		return kept->sequence == search->sequence;
	return search->events == 0 || (search->events & kept->event) != 0;
}

/* collect puts the numbers of those that match into the list, oldest first. */
static enum err collect(struct card *card, const struct search *search)
{
	struct isdr_reply *reply = &card->isdr.reply;
	uint32_t sequences[ISDR_LIST_MAX];
	struct kept kept;

	reply->count = 0;
	for (unsigned i = 0; i < ISDR_LIST_MAX; i++) {
		uint8_t n = (uint8_t)i;
		enum err err = kept_read(card, n, &kept);
		if (err == ERR_NOT_FOUND)
			continue;
		TRY(err);
		if (!matches(search, &kept))
			continue;
		uint8_t place = reply->count++;
		for (; place > 0 && sequences[place - 1] > kept.sequence; place--) {
			sequences[place] = sequences[place - 1];
			reply->item[place] = reply->item[place - 1];
		}
		sequences[place] = kept.sequence;
		reply->item[place] = n;
	}
	return ERR_NONE;
}

enum err isdr_list_notifications(struct card *card, struct bytes request, struct room *out)
{
	struct search search = { .by_sequence = false };

	(void)out;
	TRY(list_notification_request_read(request, &search.events));
	TRY(collect(card, &search));
	return isdr_reply_list(card, REPLY_METADATA, TAG_LIST_NOTIFICATION);
}

enum err isdr_retrieve_notifications(struct card *card, struct bytes request, struct room *out)
{
	struct retrieve_notifications_request message;

	TRY(retrieve_notifications_request_read(request, &message));
	struct search search = { message.by_seq_number, message.seq_number, message.events };
	TRY(collect(card, &search));
	if (card->isdr.reply.count > 0)
		return isdr_reply_list(card, REPLY_NOTIFICATIONS, TAG_RETRIEVE_NOTIFICATIONS);
	/* SGP.22 5.7.10: notificationsListResultError, noResultAvailable(1) */
	size_t outer = ber_open(out, TAG_RETRIEVE_NOTIFICATIONS);
	ber_put_uint(out, 0x81, 1);
	ber_close(out, outer);
	return ERR_NONE;
}

static enum err remove_kept(struct card *card, uint8_t number)
{
	TRY(vault_begin(&card->vault));
	return isdr_settle(card,
	                   record_remove(&card->vault, record_key(EUICC_NOTIFICATION, number)));
}

enum err isdr_notification_sent(struct card *card, struct bytes request, struct room *out)
{
	struct search search = { .by_sequence = true };
	uint8_t result = 1; /* SGP.22 5.7.11: nothingToDelete */

	TRY(notification_sent_request_read(request, &search.sequence));
	TRY(collect(card, &search));
	if (card->isdr.reply.count > 0)
		result = remove_kept(card, card->isdr.reply.item[0]) == ERR_NONE ? 0 : 127;
	card->isdr.reply.count = 0;
	rsp_result_put(out, TAG_NOTIFICATION_SENT, result);
	return ERR_NONE;
}
