/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that list, fetch and remove notifications, SGP.22 v2.5 5.7.9 to 5.7.11. */
#include "rsp/notification.h"

enum err list_notification_request_read(struct bytes in, uint32_t *events)
{
	struct bytes seq, extensions;
	uint32_t bits = NOTIFY_INSTALL | NOTIFY_ENABLE | NOTIFY_DISABLE | NOTIFY_DELETE;

	TRY(ber_read(&in, TAG_LIST_NOTIFICATION, &seq));
	TRY(ber_end(in));
	if (ber_is(seq, 0x81))
		TRY(rsp_bits_read(&seq, 0x81, &bits));
	TRY(rsp_extensions(seq, &extensions));
	*events = bits;
	return ERR_NONE;
}

void list_notification_request_put(struct room *out, uint32_t events)
{
	size_t mark = ber_open(out, TAG_LIST_NOTIFICATION);

	if (events != (NOTIFY_INSTALL | NOTIFY_ENABLE | NOTIFY_DISABLE | NOTIFY_DELETE))
		rsp_bits_put(out, 0x81, events);
	ber_close(out, mark);
}

/* A CHOICE of a list [0] and an error number [1]: only the list is a result. */
static enum err read_list(struct bytes in, ber_tag outer, struct bytes *list, uint8_t *error)
{
	struct bytes choice, value;
	uint64_t number = 0;

	TRY(ber_read(&in, outer, &choice));
	TRY(ber_end(in));
	if (ber_is(choice, 0x81)) {
		TRY(ber_read_uint(&choice, 0x81, UINT8_MAX, &number));
		TRY(ber_end(choice));
		*error = (uint8_t)number;
		return ERR_VALUE;
	}
	TRY(ber_read(&choice, 0xA0, &value));
	TRY(ber_end(choice));
	*list = value;
	return ERR_NONE;
}

enum err list_notification_response_read(struct bytes in, struct bytes *list)
{
	struct notification_metadata metadata;
	struct bytes value, left, element;
	uint8_t error;

	TRY(read_list(in, TAG_LIST_NOTIFICATION, &value, &error));
	left = value;
	while (left.len > 0) {
		TRY(ber_read_whole(&left, TAG_NOTIFICATION_METADATA, &element));
		TRY(notification_metadata_read(element, &metadata));
	}
	*list = value;
	return ERR_NONE;
}

static enum err read_criterion(struct bytes choice, struct retrieve_notifications_request *out)
{
	uint64_t number;

	if (ber_is(choice, 0x80)) {
		TRY(ber_read_uint(&choice, 0x80, UINT32_MAX, &number));
		out->by_seq_number = true;
		out->seq_number = (uint32_t)number;
	} else {
		TRY(rsp_bits_read(&choice, 0x81, &out->events));
	}
	return ber_end(choice);
}

enum err retrieve_notifications_request_read(struct bytes in,
                                             struct retrieve_notifications_request *out)
{
	struct retrieve_notifications_request value = { .by_seq_number = false };
	struct bytes seq, choice, extensions;

	TRY(ber_read(&in, TAG_RETRIEVE_NOTIFICATIONS, &seq));
	TRY(ber_end(in));
	TRY(ber_read_optional(&seq, 0xA0, &choice));
	if (choice.at != NULL)
		TRY(read_criterion(choice, &value));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void retrieve_notifications_request_put(struct room *out,
                                        const struct retrieve_notifications_request *request)
{
	size_t mark = ber_open(out, TAG_RETRIEVE_NOTIFICATIONS);

	if (request->by_seq_number || request->events != 0) {
		size_t inner = ber_open(out, 0xA0);
		if (request->by_seq_number)
			ber_put_uint(out, 0x80, request->seq_number);
		else
			rsp_bits_put(out, 0x81, request->events);
		ber_close(out, inner);
	}
	ber_close(out, mark);
}

enum err retrieve_notifications_response_read(struct bytes in, struct bytes *list)
{
	struct bytes value, left, pending;
	uint8_t error = 0;
	enum err err = read_list(in, TAG_RETRIEVE_NOTIFICATIONS, &value, &error);

	if (err == ERR_VALUE && error == 1) /* noResultAvailable */
		return ERR_NOT_FOUND;
	if (err != ERR_NONE)
		return err;
	left = value;
	while (left.len > 0)
		TRY(pending_notification_next(&left, &pending));
	*list = value;
	return ERR_NONE;
}

enum err notification_sent_request_read(struct bytes in, uint32_t *seq_number)
{
	struct bytes seq, extensions;
	uint64_t number;

	TRY(ber_read(&in, TAG_NOTIFICATION_SENT, &seq));
	TRY(ber_end(in));
	TRY(ber_read_uint(&seq, 0x80, UINT32_MAX, &number));
	TRY(rsp_extensions(seq, &extensions));
	*seq_number = (uint32_t)number;
	return ERR_NONE;
}

void notification_sent_request_put(struct room *out, uint32_t seq_number)
{
	size_t mark = ber_open(out, TAG_NOTIFICATION_SENT);

	ber_put_uint(out, 0x80, seq_number);
	ber_close(out, mark);
}
