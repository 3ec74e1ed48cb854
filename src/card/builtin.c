/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that are not files: the ISD-R and the ECASD (SGP.22 2.4, SGP.02 annex H). */
#include "card/inside.h"
#include "codec/ber.h"

static const struct {
	uint8_t app; /* enum card_app */
	uint8_t aid[AID_MAX];
} builtins[] = {
	{APP_ISDR,
         { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00,
	    0x01, 0x00 }},
	{ APP_ECASD,
         { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00,
	    0x02, 0x00 }},
};

unsigned builtin_count(void)
{
	return COUNT(builtins);
}

bool builtin_find(struct bytes aid, unsigned from, unsigned *row)
{
	for (unsigned i = from; i < COUNT(builtins); i++) {
		struct bytes head;
		if (bytes_slice(BYTES(builtins[i].aid), 0, aid.len, &head) &&
		    bytes_same(head, aid)) {
			*row = i;
			return true;
		}
	}
	return false;
}

void builtin_enter(struct card *card, struct channel *channel, unsigned row, struct room *reply)
{
	channel_leave(card, channel);
	channel->app = builtins[row].app;
	channel->df = FS_MF;
	channel->ef = FS_NO_NODE;
	if (channel->app == APP_ISDR) {
		isdr_select(card, channel_number(card, channel), reply);
		return;
	}
	size_t mark = ber_open(reply, 0x6F);
	ber_put(reply, 0x84, BYTES(builtins[row].aid));
	ber_close(reply, mark);
}
