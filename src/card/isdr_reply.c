/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that do not fit into RAM: produced from their parts each time some of them leave. */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "vault/record.h"

enum err isdr_stored_window(struct card *card, uint16_t key, size_t at, size_t len,
                            struct window *window)
{
	size_t skip, n = window_wants(window, len, &skip);

	if (n > 0) {
		uint8_t *place = room_claim(window->out, n);
		if (place == NULL)
			return ERR_ROOM;
		TRY(record_read(&card->vault, key, at + skip, place, n));
	}
	window_skip(window, len);
	return ERR_NONE;
}

static enum err certificate_window(struct card *card, uint8_t kind, uint8_t credential,
                                   struct window *window)
{
	uint16_t key = record_key(kind, credential);
	size_t size;

	TRY(record_size(&card->vault, key, &size));
	return isdr_stored_window(card, key, 0, size, window);
}

/* SGP.22 5.7.13: AuthenticateResponseOk ends in CERT.EUICC.ECDSA and CERT.EUM.ECDSA. */
static enum err authenticated_window(struct card *card, struct window *window)
{
	const struct isdr_reply *reply = &card->isdr.reply;
	struct bytes signed1 = { card->isdr.buffer + reply->from, reply->len };
	size_t euicc, eum;

	TRY(record_size(&card->vault, record_key(EUICC_CERTIFICATE, reply->credential), &euicc));
	TRY(record_size(&card->vault, record_key(EUICC_EUM_CERTIFICATE, reply->credential), &eum));
	size_t len = signed1.len + euicc + eum;
	window_header(window, 0xBF38, ber_size(0xA0, len));
	window_header(window, 0xA0, len);
	window_put(window, signed1);
	TRY(certificate_window(card, EUICC_CERTIFICATE, reply->credential, window));
	return certificate_window(card, EUICC_EUM_CERTIFICATE, reply->credential, window);
}

static enum err item_window(struct card *card, size_t i, struct window *window)
{
	const struct isdr_reply *reply = &card->isdr.reply;

	if (reply->kind == REPLY_PROFILES)
		return isdr_profile_window(card, reply->item[i], reply->fields, window);
	return isdr_notification_window(card, reply->item[i], reply->kind == REPLY_NOTIFICATIONS,
	                                window);
}

/* Items that lie wholly before the window, or behind the end of its room, are not even looked at. */
static enum err list_window(struct card *card, struct window *window)
{
	const struct isdr_reply *reply = &card->isdr.reply;
	size_t len = 0;

	for (size_t i = 0; i < reply->count; i++)
		len += reply->size[i];
	window_header(window, reply->outer, ber_size(0xA0, len));
	window_header(window, 0xA0, len);
	for (size_t i = 0; i < reply->count; i++) {
		size_t skip;
		if (window_wants(window, reply->size[i], &skip) > 0)
			TRY(item_window(card, i, window));
		else
			window_skip(window, reply->size[i]);
	}
	return ERR_NONE;
}

enum err isdr_reply_put(struct card *card, struct window *window)
{
	const struct isdr_reply *reply = &card->isdr.reply;

	switch ((enum isdr_reply_kind)reply->kind) {
	case REPLY_NONE:
		return ERR_NONE;
	case REPLY_BUFFER:
		window_put(window, (struct bytes){ card->isdr.buffer + reply->from, reply->len });
		return ERR_NONE;
	case REPLY_AUTHENTICATED:
		return authenticated_window(card, window);
	case REPLY_PROFILES:
	case REPLY_METADATA:
	case REPLY_NOTIFICATIONS:
		return list_window(card, window);
	}
	return ERR_ORDER;
}

enum err isdr_reply_list(struct card *card, enum isdr_reply_kind kind, uint16_t outer)
{
	struct isdr_reply *reply = &card->isdr.reply;

	reply->kind = (uint8_t)kind;
	reply->outer = outer;
	for (size_t i = 0; i < reply->count; i++) {
		struct window count = { 0, 0, NULL };
		TRY(item_window(card, i, &count));
		if (count.at > UINT16_MAX)
			return ERR_LIMIT;
		reply->size[i] = (uint16_t)count.at;
	}
	return ERR_NONE;
}
