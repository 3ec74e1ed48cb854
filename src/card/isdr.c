/* SPDX-License-Identifier: Apache-2.0 */
/* STORE DATA in, GET RESPONSE out, and the table of ES10 functions between them. */
#include "card/isdr.h"

#include "card/apdu.h"
#include "card/isdr_parts.h"
#include "rsp/bpp.h"
#include "rsp/local_management.h"
#include "rsp/notification.h"

#include <string.h>

const uint8_t isdr_aid[AID_MAX] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
	                            0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };

enum {
	INS_STORE_DATA = 0xE2,
	INS_GET_RESPONSE = 0xC0,
	P1_MORE_BLOCKS = 0x11, /* SGP.22 5.7.2: data is BER-TLV, case 4 */
	P1_LAST_BLOCK = 0x91,
};

/* `machine`: what changes the card or lends its signature is for the paired machine only (R1a, R12);
 * anybody may read. GetEUICCChallenge is harmless, and CancelSession needs a session that got through. */
static const struct function {
	ber_tag tag;
	bool machine;
	isdr_fn *run;
} functions[] = {
  /* ES10a, SGP.22 5.7.3 and 5.7.4 */
	{TAG_EUICC_CONFIGURED_ADDRESSES, false, isdr_get_addresses         },
	{ TAG_SET_DEFAULT_DP_ADDRESS,    true,  isdr_set_default_address   },
 /* ES10b, SGP.22 5.7.5 to 5.7.14 */
	{ TAG_PREPARE_DOWNLOAD,          true,  isdr_prepare_download      },
	{ TAG_BPP,		       true,  isdr_load_package          },
	{ TAG_GET_EUICC_CHALLENGE,       false, isdr_get_challenge         },
	{ TAG_GET_EUICC_INFO1,           false, isdr_get_info1             },
	{ TAG_GET_EUICC_INFO2,           false, isdr_get_info2             },
	{ TAG_LIST_NOTIFICATION,         false, isdr_list_notifications    },
	{ TAG_RETRIEVE_NOTIFICATIONS,    false, isdr_retrieve_notifications},
	{ TAG_NOTIFICATION_SENT,         true,  isdr_notification_sent     },
	{ TAG_AUTHENTICATE_SERVER,       true,  isdr_authenticate_server   },
	{ TAG_CANCEL_SESSION,            false, isdr_cancel_session        },
 /* ES10c, SGP.22 5.7.15 to 5.7.22 */
	{ TAG_GET_PROFILES_INFO,         false, isdr_profiles_info         },
	{ TAG_ENABLE_PROFILE,            true,  isdr_enable                },
	{ TAG_DISABLE_PROFILE,           true,  isdr_disable               },
	{ TAG_DELETE_PROFILE,            true,  isdr_delete                },
	{ TAG_EUICC_MEMORY_RESET,        true,  isdr_memory_reset          },
	{ TAG_GET_EUICC_DATA,            false, isdr_get_eid               },
	{ TAG_SET_NICKNAME,              true,  isdr_set_nickname          },
	{ TAG_GET_RAT,                   false, isdr_get_rat               },
};

/* A segment of a package is no ES10 object of its own: it begins with BF36, or is expected. */
static const struct function a_segment = { TAG_BPP, true, isdr_load_package };

void isdr_reset(struct isdr *isdr)
{
	wipe(isdr, sizeof *isdr);
}

void isdr_session_end(struct card *card)
{
	struct isdr *isdr = &card->isdr;

	if (isdr->state == ISDR_LOADING)
		staging_drop(card);
	wipe(&isdr->session, sizeof isdr->session);
	isdr->state = ISDR_IDLE;
}

void isdr_close(struct card *card, uint8_t channel)
{
	struct isdr *isdr = &card->isdr;

	if (isdr->channel != channel)
		return;
	isdr->collecting = false;
	isdr->have = 0;
	isdr->reply.kind = REPLY_NONE;
}

void isdr_select(struct card *card, uint8_t channel, struct room *reply)
{
	isdr_close(card, channel);
	size_t fci = ber_open(reply, 0x6F);
	ber_put(reply, 0x84, BYTES(isdr_aid));
	size_t proprietary = ber_open(reply, 0xA5);
	ber_put(reply, 0x9F65, BYTES_STR("\xFF")); /* GlobalPlatform 11.9.3.1: maximum data field */
	ber_close(reply, proprietary);
	/* SGP.22 5.7.1: ISDRProprietaryApplicationTemplate with the version supported. */
	size_t template = ber_open(reply, 0xE0);
	ber_put(reply, 0x82, (struct bytes){ isdr_svn, sizeof isdr_svn });
	ber_close(reply, template);
	ber_close(reply, fci);
}

bool isdr_pending(const struct card *card, uint8_t channel)
{
	return card->isdr.channel == channel && card->isdr.reply.kind != REPLY_NONE;
}

/* 61xx: how much GET RESPONSE can take; 00 stands for 256 or more. */
static uint16_t more(const struct isdr_reply *reply)
{
	uint32_t left = reply->total - reply->at;

	return (uint16_t)(SW_MORE_DATA | (left < 256 ? left : 0));
}

static uint16_t get_response(struct card *card, const struct apdu *apdu, struct room *out)
{
	struct isdr_reply *reply = &card->isdr.reply;
	uint32_t left = reply->total - reply->at;
	size_t n = apdu->has_le ? apdu->le : 256;

	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	if (apdu->data.len != 0)
		return SW_WRONG_LENGTH;
	if (n > left) /* TS 102 221 7.3.1.1.5: T=0 gives as many as were asked for, or none */
		return (uint16_t)(SW_WRONG_LE | left);
	uint8_t *place = room_claim(out, n);
	if (place == NULL)
		return SW_TECHNICAL;
	struct room part = { place, n, 0, false };
	struct window window = { 0, reply->at, &part };
	enum err err = isdr_reply_put(card, &window);
	if (err != ERR_NONE || part.len != n) {
		out->len -= n;
		reply->kind = REPLY_NONE;
		return SW_TECHNICAL;
	}
	reply->at += (uint32_t)n;
	if (reply->at < reply->total)
		return more(reply);
	reply->kind = REPLY_NONE;
	return SW_OK;
}

enum err isdr_settle(struct card *card, enum err err)
{
	if (err == ERR_NONE)
		return vault_commit(&card->vault);
	vault_abort(&card->vault);
	return err;
}

static const struct function *function_of(ber_tag tag)
{
	for (size_t i = 0; i < COUNT(functions); i++)
		if (functions[i].tag == tag)
			return &functions[i];
	return NULL;
}

/* What a power cut has interrupted is finished before the first function is served. */
static enum err make_ready(struct card *card)
{
	if (card->isdr.ready)
		return ERR_NONE;
	TRY(isdr_memory_reset_finish(card));
	card->isdr.ready = true;
	return ERR_NONE;
}

static enum err dispatch(struct card *card, struct bytes request, struct room *out)
{
	const struct function *function = NULL;
	ber_tag tag;

	TRY(make_ready(card));
	if (ber_peek(request, &tag))
		function = function_of(tag);
	if (function == NULL && card->isdr.state == ISDR_LOADING)
		function = &a_segment;
	if (function == NULL)
		return ERR_NOT_FOUND;
	if (function->machine)
		TRY(pairing_gate(card)); /* SGP.22 has no result code for it: 6985 */
	return function->run(card, request, out);
}

/* A whole request has arrived: the answer is built behind it, in the same buffer. */
static uint16_t serve(struct card *card)
{
	struct isdr *isdr = &card->isdr;
	size_t limit = isdr->state == ISDR_LOADING ? ISDR_SEGMENT_MAX : ISDR_BUFFER;
	struct bytes request = { isdr->buffer, isdr->have };
	struct room out = { isdr->buffer + isdr->have, limit - isdr->have, 0, false };
	struct window count = { 0, 0, NULL };

	isdr->reply = (struct isdr_reply){ .kind = REPLY_NONE };
	enum err err = dispatch(card, request, &out);
	if (err == ERR_NONE && out.full)
		err = ERR_ROOM;
	if (err == ERR_NONE && isdr->reply.kind == REPLY_NONE && out.len > 0)
		isdr->reply.kind = REPLY_BUFFER;
	if (isdr->reply.kind == REPLY_BUFFER || isdr->reply.kind == REPLY_AUTHENTICATED) {
		isdr->reply.from = (uint16_t)(out.at - isdr->buffer);
		isdr->reply.len = (uint16_t)out.len;
	}
	if (err == ERR_NONE)
		err = isdr_reply_put(card, &count);
	isdr->reply.total = count.at;
	if (err != ERR_NONE) {
		isdr->reply.kind = REPLY_NONE;
		return err == ERR_NOT_FOUND ? SW_NO_REFERENCED : status_of(err);
	}
	return isdr->reply.kind == REPLY_NONE ? SW_OK : more(&isdr->reply);
}

static void collect_nothing(struct isdr *isdr)
{
	isdr->collecting = false;
	isdr->have = 0;
}

/* SGP.22 5.7.2: blocks are numbered from 0 in P2; P1 tells the last. A block out of order ends the
 * collection, a new block 0 begins another. */
static uint16_t store_data(struct card *card, uint8_t channel, const struct apdu *apdu)
{
	struct isdr *isdr = &card->isdr;
	size_t limit = isdr->state == ISDR_LOADING ? ISDR_SEGMENT_MAX : ISDR_BUFFER;

	isdr->reply.kind = REPLY_NONE;
	if (apdu->p1 != P1_MORE_BLOCKS && apdu->p1 != P1_LAST_BLOCK)
		return SW_WRONG_P1P2;
	if (apdu->p2 == 0 &&
	    (!isdr->collecting || isdr->next_block != 0 || isdr->channel != channel)) {
		collect_nothing(isdr);
		isdr->collecting = true;
		isdr->next_block = 0;
		isdr->channel = channel;
	}
	if (!isdr->collecting || isdr->channel != channel || isdr->next_block != apdu->p2) {
		collect_nothing(isdr);
		return SW_WRONG_P1P2;
	}
	if (apdu->data.len > limit - isdr->have) {
		collect_nothing(isdr);
		return SW_NO_SPACE;
	}
	if (apdu->data.len > 0)
		memcpy(isdr->buffer + isdr->have, apdu->data.at, apdu->data.len);
	isdr->have = (uint16_t)(isdr->have + apdu->data.len);
	isdr->next_block++;
	if (apdu->p1 == P1_MORE_BLOCKS)
		return SW_OK;
	uint16_t sw = serve(card);
	collect_nothing(isdr);
	return sw;
}

uint16_t isdr_run(struct card *card, uint8_t channel, const struct apdu *apdu, struct room *reply)
{
	if (apdu->ins == INS_STORE_DATA)
		return apdu->proprietary ? store_data(card, channel, apdu) : SW_CLA;
	if (apdu->ins != INS_GET_RESPONSE)
		return SW_INS;
	if (!isdr_pending(card, channel))
		return SW_CONDITIONS;
	return get_response(card, apdu, reply);
}
