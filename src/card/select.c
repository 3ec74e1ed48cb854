/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT and STATUS, TS 102 221 11.1.1, 11.1.2 and 8.4, 8.5. */
#include "card/inside.h"

#include <string.h>

enum {
	SELECT_FID = 0x00,
	SELECT_CHILD_DF = 0x01,
	SELECT_PARENT = 0x03,
	SELECT_AID = 0x04,
	SELECT_FROM_MF = 0x08,
	SELECT_FROM_DF = 0x09,
	P2_RETURN = 0x0C, /* what to return: 04 (and 00) FCP, 0C nothing */
	P2_NOTHING = 0x0C,
	P2_OCCURRENCE = 0x03, /* 00 first or only, 01 last, 10 next, 11 previous */
	P2_SESSION = 0x60,    /* 40: the application session ends */
	P2_TERMINATION = 0x40,
};

/* Candidates of SELECT by AID in one order: nodes of the tree, then built-in applications. */
static bool candidate(struct card *card, struct bytes aid, unsigned from, unsigned *row)
{
	struct fs_query query = { (uint16_t)from, FS_MF, -1, 0, NODE_ADF, NODE_ADF, aid };
	unsigned builtin = from < FS_NODES_MAX ? 0 : from - FS_NODES_MAX;
	struct node node;
	uint16_t number;

	if (from < FS_NODES_MAX && fs_find(&card->fs, &query, &number, &node) == ERR_NONE) {
		*row = number;
		return true;
	}
	if (!builtin_find(card, aid, builtin, &builtin))
		return false;
	*row = FS_NODES_MAX + builtin;
	return true;
}

/* The last candidate before `end`. */
static bool candidate_before(struct card *card, struct bytes aid, unsigned end, unsigned *row)
{
	bool found = false;

	for (unsigned from = 0, at; candidate(card, aid, from, &at) && at < end; from = at + 1) {
		*row = at;
		found = true;
	}
	return found;
}

static bool occurrence(struct card *card, const struct channel *channel, struct bytes aid,
                       uint8_t which, unsigned *row)
{
	struct bytes before = { channel->aid, channel->aid_len };
	bool again = channel->aid_len > 0 && bytes_same(before, aid);

	switch (which) {
	case 0x01: /* last */
		return candidate_before(card, aid, FS_NODES_MAX + builtin_count(), row);
	case 0x02: /* next: the first one, when there was none before */
		return candidate(card, aid, again ? channel->aid_row + 1u : 0, row);
	case 0x03: /* previous */
		return candidate_before(
			card, aid, again ? channel->aid_row : FS_NODES_MAX + builtin_count(), row);
	default:
		return candidate(card, aid, 0, row);
	}
}

/* TS 102 221 8.4.1: selecting a directory leaves no current EF; selecting an EF keeps the directory its
 * own. */
static uint16_t make_current(struct card *card, struct channel *channel, uint16_t number,
                             const struct apdu *apdu, struct room *reply)
{
	struct node node;

	if (fs_node(&card->fs, number, &node) != ERR_NONE)
		return SW_MEMORY;
	if ((apdu->p2 & P2_RETURN) != P2_NOTHING &&
	    fcp_put(card, channel, number, reply) != ERR_NONE)
		return SW_MEMORY;
	channel->df = node_is_directory(&node) ? number : node.parent;
	channel->ef = node_is_directory(&node) ? FS_NO_NODE : number;
	channel->record = 0;
	channel->transfer = TRANSFER_NONE;
	return node.lcsi == LCSI_DEACTIVATED || node.lcsi == LCSI_TERMINATED ? SW_DEACTIVATED
	                                                                     : SW_OK;
}

static void application_set(struct card *card, struct channel *channel, enum card_app app,
                            uint16_t adf)
{
	if (channel->app == app && channel->adf == adf)
		return;
	channel_leave(card, channel);
	channel->app = (uint8_t)app;
	channel->adf = adf;
}

static uint16_t select_aid(struct card *card, struct channel *channel, const struct apdu *apdu,
                           struct room *reply)
{
	unsigned row;

	/* Without an AID the default application is meant: the MF (ISO/IEC 7816-4 8.2.2.1). */
	if (apdu->data.len > AID_MAX)
		return SW_WRONG_DATA;
	if (!occurrence(card, channel, apdu->data, apdu->p2 & P2_OCCURRENCE, &row))
		return SW_NO_FILE;
	channel->aid_len = (uint8_t)apdu->data.len;
	if (apdu->data.len > 0)
		memcpy(channel->aid, apdu->data.at, apdu->data.len);
	channel->aid_row = (uint16_t)row;
	if (row >= FS_NODES_MAX) {
		size_t start = reply->len;
		builtin_enter(card, channel, row - FS_NODES_MAX, reply);
		if ((apdu->p2 & P2_RETURN) == P2_NOTHING)
			reply->len = start;
		return SW_OK;
	}
	if ((apdu->p2 & P2_SESSION) == P2_TERMINATION) {
		/* 11.1.1.2: the session of that application ends; the MF becomes current. */
		application_set(card, channel, APP_NONE, FS_NO_NODE);
		channel->df = FS_MF;
		channel->ef = FS_NO_NODE;
		return SW_OK;
	}
	application_set(card, channel, APP_ADF, (uint16_t)row);
	return make_current(card, channel, (uint16_t)row, apdu, reply);
}

/* TS 102 221 8.4.1, table 8.1: by file id one reaches the current DF and its children, its parent, the
 * parent's child DFs, the MF and, as 7FFF, the current application. */
static bool reach(struct card *card, const struct channel *channel, uint16_t fid, uint16_t *number)
{
	struct fs_query sibling = {
		0, 0, fid, 0, NODE_DF, NODE_DF, {NULL, 0}
	};
	struct node here, parent;

	if (fid == 0x3F00) {
		*number = FS_MF;
		return true;
	}
	if (fid == 0x7FFF) {
		*number = channel->adf;
		return channel->adf != FS_NO_NODE;
	}
	if (fs_child(&card->fs, channel->df, fid, number) == ERR_NONE)
		return true;
	if (fs_node(&card->fs, channel->df, &here) != ERR_NONE ||
	    fs_node(&card->fs, here.parent, &parent) != ERR_NONE)
		return false;
	*number = channel->df;
	if (here.fid == fid)
		return true;
	*number = here.parent;
	if (parent.fid == fid)
		return true;
	sibling.parent = here.parent;
	return fs_find(&card->fs, &sibling, number, NULL) == ERR_NONE;
}

static bool child_directory(struct card *card, const struct channel *channel, uint16_t fid,
                            uint16_t *number)
{
	struct fs_query query = {
		0, channel->df, fid, 0, NODE_DF, NODE_ADF, {NULL, 0}
	};

	return fid != 0 && fs_find(&card->fs, &query, number, NULL) == ERR_NONE;
}

static bool parent_directory(struct card *card, const struct channel *channel, uint16_t *number)
{
	struct node here;

	if (fs_node(&card->fs, channel->df, &here) != ERR_NONE)
		return false;
	*number = here.parent;
	return true;
}

/* P1 00 and 01: by file id. No data with P1 00 means the MF (ISO/IEC 7816-4 11.1.1). */
static uint16_t locate_fid(struct card *card, const struct channel *channel,
                           const struct apdu *apdu, uint16_t *number)
{
	bool any = apdu->p1 == SELECT_FID;
	uint64_t fid = 0x3F00;

	if (apdu->data.len != 2 && !(any && apdu->data.len == 0))
		return SW_WRONG_LENGTH;
	if (apdu->data.len == 2 && !bytes_uint(apdu->data, &fid))
		return SW_WRONG_LENGTH;
	bool found = any ? reach(card, channel, (uint16_t)fid, number)
	                 : child_directory(card, channel, (uint16_t)fid, number);
	return found ? SW_OK : SW_NO_FILE;
}

static uint16_t locate_path(struct card *card, const struct channel *channel,
                            const struct apdu *apdu, uint16_t *number)
{
	uint16_t from = apdu->p1 == SELECT_FROM_MF ? FS_MF : channel->df;

	if (apdu->data.len == 0 || apdu->data.len % 2 != 0)
		return SW_WRONG_LENGTH;
	return fs_path(&card->fs, from, channel->adf, apdu->data, number) == ERR_NONE ? SW_OK
	                                                                              : SW_NO_FILE;
}

static uint16_t locate(struct card *card, const struct channel *channel, const struct apdu *apdu,
                       uint16_t *number)
{
	switch (apdu->p1) {
	case SELECT_FID:
	case SELECT_CHILD_DF:
		return locate_fid(card, channel, apdu, number);
	case SELECT_PARENT:
		if (apdu->data.len != 0)
			return SW_WRONG_LENGTH;
		return parent_directory(card, channel, number) ? SW_OK : SW_NO_FILE;
	case SELECT_FROM_MF:
	case SELECT_FROM_DF:
		return locate_path(card, channel, apdu, number);
	default:
		return SW_WRONG_P1P2;
	}
}

/* A card without an enabled profile still has an MF to select. */
static uint16_t select_none(const struct apdu *apdu, struct room *reply)
{
	static const uint8_t mf[] = { 0x3F, 0x00 };
	bool is_mf = apdu->p1 == SELECT_FID &&
	             (apdu->data.len == 0 || bytes_same(apdu->data, BYTES(mf)));

	if (!is_mf)
		return SW_NO_FILE;
	if ((apdu->p2 & P2_RETURN) != P2_NOTHING)
		fcp_put_none(reply);
	return SW_OK;
}

/* The application stays selected while the current directory is in its tree; the MF and what is below
 * it can be visited meanwhile (TS 102 221 8.5.1: it stays until another one is selected). */
uint16_t command_select_file(struct card *card, struct channel *channel, const struct apdu *apdu,
                             struct room *reply)
{
	uint16_t number;

	if ((apdu->p2 & 0x90) != 0)
		return SW_WRONG_P1P2;
	if (apdu->p1 == SELECT_AID)
		return select_aid(card, channel, apdu, reply);
	if (channel->app == APP_ISDR || channel->app == APP_ECASD || channel->app == APP_DOMAIN) {
		/* These have no files: 7FFF and relative ids start again from the MF. */
		application_set(card, channel, APP_NONE, FS_NO_NODE);
		channel->df = FS_MF;
		channel->ef = FS_NO_NODE;
	}
	if (card->fs.volume == 0)
		return select_none(apdu, reply);
	uint16_t sw = locate(card, channel, apdu, &number);
	return sw == SW_OK ? make_current(card, channel, number, apdu, reply) : sw;
}

/* P1 tells what the terminal thinks of the application (00 nothing, 01 initialised, 02 terminates);
 * P2 what to return: 00 FCP of the current DF, 01 the application's AID, 0C nothing. */
uint16_t command_status(struct card *card, struct channel *channel, const struct apdu *apdu,
                        struct room *reply)
{
	struct node adf;

	if (apdu->p1 > 0x02)
		return SW_WRONG_P1P2;
	if (apdu->p2 == 0x0C)
		return SW_OK;
	if (apdu->p2 != 0x00 && apdu->p2 != 0x01)
		return SW_WRONG_P1P2;
	if (apdu->p2 == 0x01) {
		if (channel->adf == FS_NO_NODE)
			return SW_CONDITIONS;
		if (fs_node(&card->fs, channel->adf, &adf) != ERR_NONE)
			return SW_MEMORY;
		room_put_u8(reply, 0x84);
		room_put_u8(reply, adf.aid_len);
		room_put(reply, (struct bytes){ adf.aid, adf.aid_len });
	} else if (card->fs.volume == 0) {
		fcp_put_none(reply);
	} else if (fcp_put(card, channel, channel->df, reply) != ERR_NONE) {
		return SW_MEMORY;
	}
	return le_must_be(apdu, reply->len);
}
