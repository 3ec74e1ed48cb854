/* SPDX-License-Identifier: Apache-2.0 */
/* The logical channel to the ISD-R: opening, blocks of STORE DATA, closing, REFRESH. */
#include "agent/es10.h"
#include "agent/exchange.h"
#include "agent/pairing.h"

#include <stdio.h>

enum {
	INS_MANAGE_CHANNEL = 0x70,
	INS_SELECT = 0xA4,
	INS_TERMINAL_CAPABILITY = 0xAA,
	INS_STORE_DATA = 0xE2,
	INS_FETCH = 0x12,
	INS_TERMINAL_RESPONSE = 0x14,
	BLOCK_MAX = 255,
	BLOCKS_MAX = 256, /* P2 counts them */
	FETCH_ROUNDS_MAX = 8,
	COMMAND_REFRESH = 0x01, /* TS 102 223 9.4 */
};

static const uint8_t isdr_aid[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
	                            0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };

/* TS 102 221 11.1.19.2: extended logical channels (81), and of the eUICC-related capabilities (83) the
 * local user interface and the local profile download in the device. */
static const uint8_t terminal_capability[] = { 0xA9, 0x05, 0x81, 0x00, 0x83, 0x01, 0x03 };

static const struct {
	uint16_t sw, mask;
	enum err err;
} causes[] = {
	{0x6881,  0xFFFF, ERR_UNSUPPORTED},
        { 0x6982, 0xFFFF, ERR_DENIED     },
	{ 0x6985, 0xFFFF, ERR_DENIED     },
        { 0x6A80, 0xFFFF, ERR_VALUE      },
	{ 0x6A81, 0xFFFF, ERR_UNSUPPORTED},
        { 0x6A82, 0xFFFF, ERR_NOT_FOUND  },
	{ 0x6A84, 0xFFFF, ERR_FULL       },
        { 0x6A88, 0xFFFF, ERR_NOT_FOUND  },
	{ 0x6D00, 0xFFFF, ERR_UNSUPPORTED},
        { 0x6E00, 0xFFFF, ERR_UNSUPPORTED},
	{ 0x9300, 0xFFFF, ERR_BUSY       },
};

static enum err cause_of(uint16_t sw)
{
	for (size_t i = 0; i < COUNT(causes); i++) {
		if ((sw & causes[i].mask) == causes[i].sw)
			return causes[i].err;
	}
	return ERR_IO;
}

static enum err link_failed(struct es10 *es10, const char *what, enum err err)
{
	const struct card_link *link = es10->link;
	bool told = (err == ERR_IO || err == ERR_NOT_FOUND) && link->why != NULL;
	const char *why = told ? link->why(link->ctx) : err_text(err);

	snprintf(es10->why, sizeof es10->why, "%s: %s", what, why);
	return err;
}

static enum err link_reset(struct es10 *es10)
{
	enum err err = es10->link->reset(es10->link->ctx);

	return err == ERR_NONE ? ERR_NONE : link_failed(es10, "resetting the card", err);
}

/* run is exchange with the status word judged and remembered. */
static enum err run(struct es10 *es10, const char *what, uint8_t channel,
                    const struct exchange_command *command, struct room *reply)
{
	enum err err = exchange(es10->link, channel, command, reply, &es10->sw);

	if (err != ERR_NONE)
		return link_failed(es10, what, err);
	if (sw_good(es10->sw))
		return ERR_NONE;
	snprintf(es10->why, sizeof es10->why, "%s: the card answers %04X, %s", what, es10->sw,
	         sw_text(es10->sw));
	return cause_of(es10->sw);
}

static enum err channel_open(struct es10 *es10)
{
	/* TS 102 221 11.1.17: P1 and P2 of 00 ask for the next free channel. */
	struct exchange_command open = { .ins = INS_MANAGE_CHANNEL, .wants = true };
	uint8_t store[LINK_REPLY_MAX];
	struct room reply = ROOM(store);

	TRY(run(es10, "opening a logical channel", 0, &open, &reply));
	if (reply.len != 1 || store[0] == 0 || store[0] > CHANNEL_MAX) {
		snprintf(es10->why, sizeof es10->why,
		         "opening a logical channel: malformed answer");
		return ERR_VALUE;
	}
	es10->channel = store[0];
	return ERR_NONE;
}

static enum err channel_select(struct es10 *es10)
{
	struct exchange_command capability = { 0x80, INS_TERMINAL_CAPABILITY,    0,
		                               0,    BYTES(terminal_capability), false };
	struct exchange_command select = { 0x00, INS_SELECT, 0x04, 0x00, BYTES(isdr_aid), true };
	uint8_t store[2 * LINK_REPLY_MAX];
	struct room reply = ROOM(store);

	/* Cards from before TERMINAL CAPABILITY refuse it and work all the same. */
	enum err err = exchange(es10->link, 0, &capability, &reply, &es10->sw);
	if (err != ERR_NONE)
		return link_failed(es10, "TERMINAL CAPABILITY", err);
	TRY(channel_open(es10));
	err = run(es10, "selecting the ISD-R", es10->channel, &select, &reply);
	if (err == ERR_NOT_FOUND)
		snprintf(es10->why, sizeof es10->why, "this card is no eUICC: it has no ISD-R");
	if (err != ERR_NONE)
		es10_close(es10);
	return err;
}

enum err es10_open(struct es10 *es10, const struct card_link *link)
{
	*es10 = (struct es10){ .link = link };
	enum err err = channel_select(es10);

	/* A program that was killed leaves its channel open on the card. When none is free any more, only a
	 * reset gets them back. */
	if (err == ERR_UNSUPPORTED && es10->channel == 0 && link->reset != NULL) {
		TRY(link_reset(es10));
		err = channel_select(es10);
	}
	return err;
}

void es10_close(struct es10 *es10)
{
	struct exchange_command close = { .ins = INS_MANAGE_CHANNEL,
		                          .p1 = 0x80,
		                          .p2 = es10->channel };
	uint8_t store[LINK_REPLY_MAX];
	struct room reply = ROOM(store);
	uint16_t sw;

	if (es10->channel != 0)
		(void)!exchange(es10->link, 0, &close, &reply,
		                &sw); /* gone at the next reset anyhow */
	es10->channel = 0;
}

static enum err send_blocks(struct es10 *es10, struct bytes request, struct room *reply)
{
	struct bytes left = request;

	if (request.len == 0 || request.len > (size_t)BLOCK_MAX * BLOCKS_MAX)
		return ERR_LIMIT;
	for (unsigned block = 0; left.len > 0; block++) {
		/* SGP.22 5.7.2: P1 is 11, in the last block 91; P2 counts the blocks. */
		struct exchange_command store = { .cla = 0x80, .ins = INS_STORE_DATA, .p1 = 0x11 };

		if (!bytes_take(&left, left.len < BLOCK_MAX ? left.len : BLOCK_MAX, &store.data))
			return ERR_TRUNCATED;
		if (left.len == 0)
			store.p1 = 0x91;
		store.p2 = (uint8_t)block;
		store.wants = true;
		TRY(run(es10, "STORE DATA", es10->channel, &store, reply));
	}
	return ERR_NONE;
}

/* A card that enforces its pairing refuses with no more than a status word: say what is behind it. */
static void say_pairing(struct es10 *es10)
{
	struct pairing_seen seen;

	if (pairing_ask(es10->link, &seen) == ERR_NONE &&
	    seen.answer.status.mode == PAIRING_ENFORCE && !seen.answer.status.proven)
		snprintf(es10->why, sizeof es10->why,
		         "the card serves its own machine only, and this one has not proved to "
		         "be it (6985)");
}

enum err es10_call(struct es10 *es10, struct bytes request, struct room *reply)
{
	struct room before = *reply;

	if (es10->channel == 0)
		return ERR_ORDER;
	enum err err = send_blocks(es10, request, reply);
	if (err != ERR_NONE)
		*reply = before;
	if (err == ERR_DENIED && es10->sw == 0x6985)
		say_pairing(es10);
	return err;
}

/* refresh_answer builds the TERMINAL RESPONSE (TS 102 223 6.8) to a proactive command: done for REFRESH,
 * "beyond terminal's capabilities" for everything else. */
static enum err refresh_answer(struct bytes fetched, struct room *response)
{
	struct bytes command, details;

	TRY(ber_read(&fetched, 0xD0, &command));
	/* TS 102 223 8.6: command details, whose comprehension bit may be set or not. */
	if (ber_read(&command, 0x81, &details) != ERR_NONE)
		TRY(ber_read(&command, 0x01, &details));
	if (details.len != 3)
		return ERR_LENGTH;
	ber_put(response, 0x81, details);
	ber_put(response, 0x82, BYTES_STR("\x82\x81")); /* from the terminal to the UICC */
	ber_put(response, 0x83,
	        details.at[1] == COMMAND_REFRESH ? BYTES_STR("\x00") : BYTES_STR("\x30"));
	return ERR_NONE;
}

static enum err proactive_answer(struct es10 *es10)
{
	struct exchange_command respond = { .cla = 0x80, .ins = INS_TERMINAL_RESPONSE };
	uint8_t store[LINK_REPLY_MAX], answer[32];
	struct room fetched = ROOM(store), response = ROOM(answer);
	/* Le of 00: the card says the right length with 6Cxx (TS 102 221 7.3.1.1.5). */
	struct exchange_command fetch = { .cla = 0x80, .ins = INS_FETCH, .wants = true };

	TRY(run(es10, "FETCH", 0, &fetch, &fetched));
	TRY(refresh_answer(room_used(&fetched), &response));
	respond.data = room_used(&response);
	struct room none = ROOM(store);
	return run(es10, "TERMINAL RESPONSE", 0, &respond, &none);
}

enum err es10_refresh(struct es10 *es10)
{
	const struct card_link *link = es10->link;

	for (int i = 0; es10->sw >> 8 == 0x91 && i < FETCH_ROUNDS_MAX; i++) {
		/* The reset that follows is what counts; a card that dislikes the answer gets it too. */
		if (proactive_answer(es10) != ERR_NONE)
			break;
	}
	es10->channel = 0;
	TRY(link_reset(es10));
	return es10_open(es10, link);
}
