/* SPDX-License-Identifier: Apache-2.0 */
/* GetProfilesInfo (SGP.22 5.7.15): each ProfileInfo is put together from the head of the profile, the
 * user's nickname and the metadata as they were downloaded, without any of them being in RAM whole. */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/local_management.h"
#include "rsp/profile_info.h"
#include "vault/record.h"

enum { TAG_CLASS_CRITERION = 0x95 };

/* Where a field of ProfileInfo comes from; the order is that of the ASN.1 module. */
static const struct field {
	uint32_t bit;
	ber_tag tag;
} fields[] = {
	{INFO_ICCID,             TAG_ICCID        },
	{ INFO_ISDP_AID,         TAG_ISDP_AID     },
	{ INFO_STATE,            TAG_PROFILE_STATE},
	{ INFO_NICKNAME,         0x90             },
	{ INFO_SERVICE_PROVIDER, 0x91             },
	{ INFO_NAME,             0x92             },
	{ INFO_ICON_TYPE,        0x93             },
	{ INFO_ICON,             0x94             },
	{ INFO_CLASS,            0x95             },
	{ INFO_NOTIFICATIONS,    0xB6             },
	{ INFO_OWNER,            0xB7             },
	{ INFO_DP_PROPRIETARY,   0xB8             },
	{ INFO_PPRS,             0x99             },
};

/* stored_header reads the header of the element at *at and moves behind it. */
static enum err stored_header(struct card *card, uint16_t key, size_t size, size_t *at,
                              ber_tag *tag, size_t *len)
{
	uint8_t octets[8];
	size_t n = size - *at < sizeof octets ? size - *at : sizeof octets;
	struct bytes in = { octets, n };

	TRY(record_read(&card->vault, key, *at, octets, n));
	TRY(ber_header(&in, tag, len));
	if (*len > size - *at - (n - in.len))
		return ERR_CORRUPT;
	*at += n - in.len;
	return ERR_NONE;
}

/* The record holds B8 (perhaps) and BF25; what is looked for is B8 or a child of BF25. */
enum err isdr_metadata_find(struct card *card, uint8_t slot, ber_tag tag, size_t *at, size_t *len)
{
	uint16_t key = record_key(RECORD_PROFILE_METADATA, slot);
	size_t size, place = 0, length;
	ber_tag found;

	TRY(record_size(&card->vault, key, &size));
	while (place < size) {
		TRY(stored_header(card, key, size, &place, &found, &length));
		if (found == tag) {
			*at = place;
			*len = length;
			return ERR_NONE;
		}
		if (found != TAG_STORE_METADATA)
			place += length;
	}
	return ERR_NOT_FOUND;
}

static enum err metadata_window(struct card *card, uint8_t slot, ber_tag tag, struct window *window)
{
	size_t at, len;
	enum err err = isdr_metadata_find(card, slot, tag, &at, &len);

	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	TRY(err);
	window_header(window, tag, len);
	return isdr_stored_window(card, record_key(RECORD_PROFILE_METADATA, slot), at, len, window);
}

static void number_window(ber_tag tag, uint8_t value, struct window *window)
{
	uint8_t octets[5];
	struct room room = ROOM(octets);

	ber_put_uint(&room, tag, value);
	window_put(window, room_used(&room));
}

static enum err nickname_window(struct card *card, uint8_t slot, struct window *window)
{
	uint16_t key = record_key(EUICC_NICKNAME, slot);
	size_t size;
	enum err err = record_size(&card->vault, key, &size);

	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	window_header(window, 0x90, size);
	return isdr_stored_window(card, key, 0, size, window);
}

static void value_window(ber_tag tag, struct bytes value, struct window *window)
{
	window_header(window, tag, value.len);
	window_put(window, value);
}

static enum err field_window(struct card *card, uint8_t slot, const struct profile_head *head,
                             const struct field *field, struct window *window)
{
	switch (field->bit) {
	case INFO_ICCID:
		value_window(TAG_ICCID, BYTES(head->iccid), window);
		return ERR_NONE;
	case INFO_ISDP_AID:
		value_window(TAG_ISDP_AID, (struct bytes){ head->isdp_aid, head->isdp_aid_len },
		             window);
		return ERR_NONE;
	case INFO_STATE:
		number_window(TAG_PROFILE_STATE, head->enabled ? PROFILE_ENABLED : PROFILE_DISABLED,
		              window);
		return ERR_NONE;
	case INFO_NICKNAME:
		return nickname_window(card, slot, window);
	case INFO_CLASS:
		number_window(0x95, isdr_class(head->flags), window);
		return ERR_NONE;
	default:
		return metadata_window(card, slot, field->tag, window);
	}
}

static enum err content_window(struct card *card, uint8_t slot, uint32_t wanted,
                               struct window *window)
{
	struct profile_head head;

	TRY(profile_head_read(card, slot, &head));
	for (size_t i = 0; i < COUNT(fields); i++)
		if (wanted & fields[i].bit)
			TRY(field_window(card, slot, &head, &fields[i], window));
	return ERR_NONE;
}

enum err isdr_profile_window(struct card *card, uint8_t slot, uint32_t wanted,
                             struct window *window)
{
	struct window count = { 0, 0, NULL };

	TRY(content_window(card, slot, wanted, &count));
	window_header(window, TAG_PROFILE_INFO, count.at);
	return content_window(card, slot, wanted, window);
}

static bool matches(const struct profile_info_request *request, const struct profile_head *head)
{
	switch (request->search) {
	case 0:
		return true;
	case TAG_ISDP_AID:
		return bytes_same(request->wanted,
		                  (struct bytes){ head->isdp_aid, head->isdp_aid_len });
	case TAG_ICCID:
		return bytes_same(request->wanted, BYTES(head->iccid));
	case TAG_CLASS_CRITERION:
		return request->wanted.len == 1 && request->wanted.at[0] == isdr_class(head->flags);
	default:
		return false;
	}
}

static enum err collect(struct card *card, const struct profile_info_request *request)
{
	struct isdr_reply *reply = &card->isdr.reply;
	struct profile_head head;

	reply->count = 0;
	for (uint8_t slot = 0; profile_next(card, &slot) == ERR_NONE;) {
		TRY(profile_head_read(card, slot, &head));
		if (matches(request, &head))
			reply->item[reply->count++] = slot;
	}
	return ERR_NONE;
}

enum err isdr_profiles_info(struct card *card, struct bytes request, struct room *out)
{
	struct profile_info_request message;
	uint32_t wanted;

	if (profile_info_request_read(request, &message) == ERR_NONE &&
	    profile_info_tags(message.tag_list, &wanted) == ERR_NONE) {
		TRY(collect(card, &message));
		card->isdr.reply.fields = wanted;
		return isdr_reply_list(card, REPLY_PROFILES, TAG_GET_PROFILES_INFO);
	}
	/* SGP.22 5.7.15: profileInfoListError, incorrectInputValues */
	size_t outer = ber_open(out, TAG_GET_PROFILES_INFO);
	ber_put_uint(out, 0x81, PROFILE_INFO_INCORRECT_INPUT);
	ber_close(out, outer);
	return ERR_NONE;
}
