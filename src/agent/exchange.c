/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/exchange.h"

#include <assert.h>
#include <stddef.h>

enum {
	ROUNDS_MAX = 300,
	INS_GET_RESPONSE = 0xC0
}; /* 300 * 256: more than any answer of an ISD-R */

uint8_t exchange_class(uint8_t cla, uint8_t channel)
{
	assert(channel <= CHANNEL_MAX);
	/* TS 102 221 10.1.1: channels 0 to 3 in the low bits, 4 to 19 as channel - 4 with bit 7 set. */
	if (channel < 4)
		return (uint8_t)(cla | channel);
	return (uint8_t)(cla | 0x40 | (channel - 4));
}

/* Le of 0 asks for 256 octets; negative means that none is sent. */
static void command_put(struct room *out, uint8_t cla, const struct exchange_command *command,
                        int le)
{
	room_put_u8(out, cla);
	room_put_u8(out, command->ins);
	room_put_u8(out, command->p1);
	room_put_u8(out, command->p2);
	if (command->data.len > 0) {
		room_put_u8(out, (uint8_t)command->data.len);
		room_put(out, command->data);
	}
	if (le >= 0)
		room_put_u8(out, (uint8_t)le);
	else if (command->data.len == 0)
		room_put_u8(out,
		            0); /* case 1 goes as the five octets of case 2: T=0 has no shorter */
}

static enum err transmit(const struct card_link *link, struct bytes command, struct room *reply,
                         uint16_t *sw)
{
	uint8_t store[LINK_REPLY_MAX];
	struct room answer = ROOM(store);
	struct bytes data;
	uint64_t word;

	TRY(link->transmit(link->ctx, command, &answer));
	struct bytes rest = room_used(&answer);
	if (rest.len < 2)
		return ERR_LENGTH;
	if (!bytes_take(&rest, rest.len - 2, &data) || !bytes_uint(rest, &word))
		return ERR_LENGTH;
	room_put(reply, data);
	if (reply->full)
		return ERR_ROOM;
	*sw = (uint16_t)word;
	return ERR_NONE;
}

static enum err exchange_locked(const struct card_link *link, uint8_t channel,
                                const struct exchange_command *command, struct room *reply,
                                uint16_t *sw)
{
	struct exchange_command next = *command;
	uint8_t cla = exchange_class(command->cla, channel);
	int le = command->wants ? 0 : -1;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		uint8_t store[LINK_COMMAND_MAX];
		struct room apdu = ROOM(store);
		uint16_t word;

		command_put(&apdu, cla, &next, le);
		TRY(transmit(link, room_used(&apdu), reply, &word));
		if (word >> 8 == 0x6C && next.data.len == 0) {
			le = word & 0xFF;
			continue;
		}
		if (word >> 8 != 0x61) {
			*sw = word;
			return ERR_NONE;
		}
		/* TS 102 221 7.3.1.1.4: GET RESPONSE follows, in the class of its channel. */
		next = (struct exchange_command){ .ins = INS_GET_RESPONSE };
		cla = exchange_class(0x00, channel);
		le = word & 0xFF;
	}
	return ERR_LIMIT;
}

enum err exchange(const struct card_link *link, uint8_t channel,
                  const struct exchange_command *command, struct room *reply, uint16_t *sw)
{
	if (command->data.len > 255)
		return ERR_LIMIT;
	if (link->lock != NULL)
		TRY(link->lock(link->ctx));
	enum err err = exchange_locked(link, channel, command, reply, sw);
	if (link->unlock != NULL)
		link->unlock(link->ctx);
	return err;
}

bool sw_good(uint16_t sw)
{
	return sw == 0x9000 || sw >> 8 == 0x91;
}

static const struct {
	uint16_t sw, mask;
	const char *text;
} sw_texts[] = {
	{0x9000,  0xFFFF, "done"				  },
	{ 0x9100, 0xFF00, "done, with a proactive command waiting"},
	{ 0x6283, 0xFFFF, "the file or application is deactivated"},
	{ 0x6400, 0xFF00, "execution error, nothing was changed"  },
	{ 0x6500, 0xFF00, "execution error, memory was changed"   },
	{ 0x6700, 0xFFFF, "wrong length"                          },
	{ 0x6881, 0xFFFF, "logical channels are not supported"    },
	{ 0x6982, 0xFFFF, "security status not satisfied"         },
	{ 0x6983, 0xFFFF, "authentication method blocked"         },
	{ 0x6985, 0xFFFF, "conditions of use not satisfied"       },
	{ 0x6A80, 0xFFFF, "incorrect parameters in the data"      },
	{ 0x6A81, 0xFFFF, "function not supported"                },
	{ 0x6A82, 0xFFFF, "no such file or application"           },
	{ 0x6A84, 0xFFFF, "not enough memory"                     },
	{ 0x6A86, 0xFFFF, "incorrect P1 or P2"                    },
	{ 0x6A88, 0xFFFF, "referenced data not found"             },
	{ 0x6D00, 0xFFFF, "instruction not supported"             },
	{ 0x6E00, 0xFFFF, "class not supported"                   },
	{ 0x6F00, 0xFF00, "technical problem"                     },
	{ 0x9300, 0xFFFF, "toolkit is busy"                       },
};

const char *sw_text(uint16_t sw)
{
	for (size_t i = 0; i < COUNT(sw_texts); i++) {
		if ((sw & sw_texts[i].mask) == sw_texts[i].sw)
			return sw_texts[i].text;
	}
	return "status word without a phrase here";
}
