/* SPDX-License-Identifier: Apache-2.0 */
/* SEARCH RECORD, simple and enhanced, TS 102 221 11.1.7. */
#include "card/inside.h"

#include <string.h>

enum {
	SEARCH_FORWARD = 4, /* from the record in P1 */
	SEARCH_BACKWARD = 5,
	SEARCH_ENHANCED = 6,
	SEARCH_FROM_NEXT = 6, /* enhanced only: from the record after the current one */
	SEARCH_FROM_PREVIOUS = 7,
	INDICATION_VALUE = 0x08, /* the offset is that behind the first occurrence of an octet */
};

/* One search, whichever way it was asked for. */
struct search {
	uint8_t from; /* first record looked at */
	bool backward;
	bool by_value; /* offset is an octet to look for */
	uint8_t offset;
	struct bytes what;
};

static bool matches(const struct search *search, const uint8_t *record, size_t size)
{
	size_t from = search->offset;

	if (search->by_value) {
		for (from = 0; from < size && record[from] != search->offset; from++)
			;
		from++;
	}
	for (; from < size && search->what.len <= size - from; from++)
		if (memcmp(record + from, search->what.at, search->what.len) == 0)
			return true;
	return false;
}

/* From the record after or before the current one; without a current one, from the first or last. */
static uint8_t start_beside(const struct channel *channel, const struct node *file, bool backward)
{
	if (channel->record == 0)
		return backward ? file->records : 1;
	return (uint8_t)(backward ? channel->record - 1 : channel->record + 1);
}

/* Table 11.11: two octets of search indication before the string. */
static uint16_t enhanced(const struct channel *channel, const struct node *file,
                         const struct apdu *apdu, struct search *out)
{
	struct bytes indication;

	out->what = apdu->data;
	if (!bytes_take(&out->what, 2, &indication) || out->what.len == 0)
		return SW_WRONG_LENGTH;
	uint8_t how = indication.at[0] & 0x07;
	bool beside = how == SEARCH_FROM_NEXT || how == SEARCH_FROM_PREVIOUS;
	if ((indication.at[0] & 0xF0) != 0 || how < SEARCH_FORWARD)
		return SW_WRONG_DATA;
	if (beside && apdu->p1 != 0)
		return SW_WRONG_P1P2;
	out->by_value = (indication.at[0] & INDICATION_VALUE) != 0;
	out->offset = indication.at[1];
	out->backward = (how & 1) != 0;
	if (beside)
		out->from = start_beside(channel, file, out->backward);
	return SW_OK;
}

static uint16_t search_read(const struct channel *channel, const struct node *file,
                            const struct apdu *apdu, struct search *out)
{
	uint8_t mode = apdu->p2 & 0x07;

	*out = (struct search){ .from = apdu->p1 != 0 ? apdu->p1 : channel->record,
		                .backward = mode == SEARCH_BACKWARD,
		                .what = apdu->data };
	if (mode == SEARCH_ENHANCED)
		return enhanced(channel, file, apdu, out);
	if (mode != SEARCH_FORWARD && mode != SEARCH_BACKWARD)
		return SW_WRONG_P1P2;
	return out->what.len > 0 ? SW_OK : SW_WRONG_LENGTH;
}

/* Appends the numbers of the records that match, in the order of the search. */
static enum err search_run(struct card *card, const struct file *file, const struct search *search,
                           struct room *reply)
{
	uint8_t record[255], n = search->from;

	while (n >= 1 && n <= file->body.records) {
		TRY(fs_read(&card->fs, file->body_number, fs_record_at(&file->body, n), record,
		            file->body.record_size));
		if (matches(search, record, file->body.record_size))
			room_put_u8(reply, n);
		n = (uint8_t)(search->backward ? n - 1 : n + 1);
	}
	return ERR_NONE;
}

uint16_t command_search_record(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	size_t start = reply->len;
	struct search search;
	struct file file;

	if (apdu->p2 >> 3 == 0x1F)
		return SW_WRONG_P1P2;
	uint16_t sw = file_current(card, channel, apdu->p2 >> 3, &file);
	if (sw != SW_OK)
		return sw;
	if (file.body.kind != NODE_LINEAR && file.body.kind != NODE_CYCLIC)
		return SW_INCOMPATIBLE;
	sw = file_usable(card, channel, &file, ACCESS_READ);
	if (sw == SW_OK)
		sw = search_read(channel, &file.body, apdu, &search);
	if (sw != SW_OK)
		return sw;
	if (search.from == 0 || search.from > file.body.records)
		return SW_NO_RECORD;
	if (search.what.len > file.body.record_size)
		return SW_WRONG_LENGTH;
	if (search_run(card, &file, &search, reply) != ERR_NONE)
		return SW_MEMORY;
	if (reply->len == start)
		return SW_END_OF_FILE;      /* 10.2.1.3: unsuccessful search */
	channel->record = reply->at[start]; /* the pointer goes to the first match */
	return SW_OK;
}
