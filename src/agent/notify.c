/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/notify.h"

#include <assert.h>

/* deliver posts one to the server that it names. */
static enum err deliver(struct notify *n, const struct notification_metadata *metadata,
                        struct bytes pending)
{
	enum err err = ERR_NONE;

	n->es9->host = metadata->address;
	for (unsigned attempt = 1; attempt <= n->attempts; attempt++) {
		err = es9_handle_notification(n->es9, pending);
		if (!es9_worth_retrying(err) || attempt == n->attempts)
			break;
		if (n->pause != NULL)
			n->pause(attempt);
	}
	return err;
}

static enum err send_one(struct notify *n, const struct notification_metadata *metadata)
{
	struct room before = *n->store;
	struct bytes pending;

	TRY(es10_notification(n->es10, metadata->seq_number, n->store, &pending));
	enum err err = deliver(n, metadata, pending);
	/* SGP.22 3.5: only what was acknowledged leaves the card. */
	if (err == ERR_NONE)
		err = es10_remove_notification(n->es10, metadata->seq_number);
	*n->store = before;
	if (n->told != NULL)
		n->told(n->ctx, metadata, err);
	return err;
}

/* lowest takes the entry with the lowest number above `after` (or any, for the first) off the list. */
static enum err lowest(struct bytes list, bool first, uint32_t after,
                       struct notification_metadata *out)
{
	bool found = false;

	while (list.len > 0) {
		struct notification_metadata one;
		struct bytes element;

		TRY(ber_read_whole(&list, TAG_NOTIFICATION_METADATA, &element));
		TRY(notification_metadata_read(element, &one));
		if ((!first && one.seq_number <= after) ||
		    (found && one.seq_number >= out->seq_number))
			continue;
		*out = one;
		found = true;
	}
	return found ? ERR_NONE : ERR_NOT_FOUND;
}

enum err notify_send_all(struct notify *n)
{
	struct notification_metadata one = { 0 };
	struct bytes list, unreachable = { 0 };
	enum err first = ERR_NONE, err;

	assert(n->attempts > 0);
	TRY(es10_list_notifications(n->es10, n->store, &list));
	for (bool begin = true; (err = lowest(list, begin, one.seq_number, &one)) == ERR_NONE;
	     begin = false) {
		if (unreachable.len > 0 && bytes_same(one.address, unreachable)) {
			n->kept++;
			continue;
		}
		enum err sent = send_one(n, &one);
		if (sent == ERR_NONE) {
			n->sent++;
			continue;
		}
		n->kept++;
		if (es9_worth_retrying(sent))
			unreachable = one.address;
		if (first == ERR_NONE)
			first = sent;
	}
	return err == ERR_NOT_FOUND ? first : err;
}

enum err notify_send(struct notify *n, uint32_t seq_number)
{
	struct bytes list, element;

	assert(n->attempts > 0);
	TRY(es10_list_notifications(n->es10, n->store, &list));
	while (list.len > 0) {
		struct notification_metadata one;

		TRY(ber_read_whole(&list, TAG_NOTIFICATION_METADATA, &element));
		TRY(notification_metadata_read(element, &one));
		if (one.seq_number == seq_number)
			return send_one(n, &one);
	}
	return ERR_NOT_FOUND;
}
