/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that are not files: the ISD-R and the ECASD (SGP.22 2.4, SGP.02 annex H), and the
 * enabled profile's security domains. */
#include "card/domain.h"
#include "card/inside.h"
#include "card/install.h"
#include "codec/ber.h"

#include <string.h>

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

/* Rows behind the table are the profile's security domains. */
static bool row_aid(struct card *card, unsigned row, struct aid *aid)
{
	if (row >= COUNT(builtins))
		return domain_aid(&card->fs, row - (unsigned)COUNT(builtins), aid);
	*aid = (struct aid){ .len = AID_MAX };
	memcpy(aid->at, builtins[row].aid, AID_MAX);
	return true;
}

unsigned builtin_count(void)
{
	return COUNT(builtins) + OBJECT_LAST + 1;
}

bool builtin_find(struct card *card, struct bytes aid, unsigned from, unsigned *row)
{
	struct bytes head;
	struct aid own;

	for (unsigned i = from; row_aid(card, i, &own); i++) {
		if (bytes_slice((struct bytes){ own.at, own.len }, 0, aid.len, &head) &&
		    bytes_same(head, aid)) {
			*row = i;
			return true;
		}
	}
	return false;
}

/* GlobalPlatform 11.9.3.1: the FCI of a security domain has proprietary data, at least the longest
 * command it takes; SGP.22 asks only for the name of the others. */
static void fci_put(struct card *card, unsigned row, struct room *reply)
{
	struct aid aid;

	if (!row_aid(card, row, &aid))
		return;
	size_t mark = ber_open(reply, 0x6F);
	ber_put(reply, 0x84, (struct bytes){ aid.at, aid.len });
	if (row >= COUNT(builtins)) {
		size_t data = ber_open(reply, 0xA5);
		ber_put(reply, 0x9F65, BYTES_STR("\xFF"));
		ber_close(reply, data);
	}
	ber_close(reply, mark);
}

void builtin_enter(struct card *card, struct channel *channel, unsigned row, struct room *reply)
{
	channel_leave(card, channel);
	channel->app = row < COUNT(builtins) ? builtins[row].app : APP_DOMAIN;
	channel->df = FS_MF;
	channel->ef = FS_NO_NODE;
	if (channel->app == APP_ISDR)
		isdr_select(card, channel_number(card, channel), reply);
	else
		fci_put(card, row, reply);
}
