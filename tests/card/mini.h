/* SPDX-License-Identifier: Apache-2.0 */
/* A small profile put together with fs.h, pin.h and naa.h: something of every kind, values chosen so that
 * a test row can tell them apart. */
#ifndef TESTS_CARD_MINI_H
#define TESTS_CARD_MINI_H

#include "card/card.h"
#include "card/naa.h"
#include "card/pin.h"
#include "card/tlv.h"

#include <string.h>

/* Where the nodes of the mini profile are; filled by mini_make. */
struct mini {
	uint16_t usim, isim, telecom, cyclic, tlv, aka;
};

/* EF.ARR records: 1 all for anybody; 2 read always, update PIN1, increase PIN1; 3 read PIN1, update
 * ADM1, activate and deactivate ADM1; 4 read PIN1 or ADM1, update second PIN; 5 read ADM1 and PIN1,
 * nothing else. */
static const char *const mini_rules[] = {
	"80011F9000840132900080011F9000",
	"8001019000800102A406830101950108840132A406830101950108",
	"800101A406830101950108800102A40683010A950108800118A40683010A950108",
	"800101A010A406830101950108A40683010A950108800102A406830181950108",
	"800101AF10A40683010A950108A406830101950108",
};

static inline void mini_octets(const char *hex, uint8_t *out, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	memset(out, 0xFF, len);
	for (size_t i = 0; hex[2 * i] != 0 && i < len; i++)
		out[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
		                   (strchr(digits, hex[2 * i + 1]) - digits));
}

static inline struct node mini_file(uint8_t kind, uint16_t parent, uint16_t fid, uint8_t sfi,
                                    uint8_t rule, uint32_t size, uint8_t record_size)
{
	return (struct node){
		.kind = kind,
		.lcsi = LCSI_ACTIVATED,
		.sfi = sfi,
		.fid = fid,
		.parent = parent,
		.security_len = 3,
		.security = {0x2F, 0x06, rule},
		.link = FS_NO_NODE,
		.size = size,
		.record_size = record_size,
	};
}

static inline enum err mini_dir(struct fs *fs, uint8_t kind, uint16_t parent, uint16_t fid,
                                const char *aid, uint16_t *number)
{
	struct node node = mini_file(kind, parent, fid, 0, 1, 0, 0);
	static const uint8_t refs[] = { 0x81, 0x01, 0x0A };

	if (aid != NULL) {
		node.aid_len = (uint8_t)(strlen(aid) / 2);
		mini_octets(aid, node.aid, node.aid_len);
	}
	node.pin_refs_len = sizeof refs;
	memcpy(node.pin_refs, refs, sizeof refs);
	return fs_create(fs, &node, (struct fs_fill){ .repeat = false }, number);
}

static inline enum err mini_pin(struct fs *fs, uint16_t scope, uint8_t reference, const char *value,
                                uint8_t unblock, uint8_t flags)
{
	struct pin_new pin = { .scope = scope,
		               .reference = reference,
		               .unblock = unblock,
		               .flags = flags,
		               .max = 3,
		               .left = 3 };

	memcpy(pin.value, value, PIN_SIZE);
	return pin_create(fs, &pin);
}

static inline enum err mini_codes(struct fs *fs, const struct mini *m)
{
	struct pin_new puk = {
		.scope = FS_MF, .reference = 1, .value = "11111111", .max = 10, .left = 10
	};
	const uint8_t all = PIN_FLAG_ENABLED | PIN_FLAG_CHANGEABLE | PIN_FLAG_DISABLEABLE;

	TRY(puk_create(fs, &puk));
	puk.reference = 0x81;
	puk.scope = m->usim;
	memcpy(puk.value, "22222222", PIN_SIZE);
	TRY(puk_create(fs, &puk));
	TRY(mini_pin(fs, FS_MF, 0x01, "1234\xFF\xFF\xFF\xFF", 1, all));
	TRY(mini_pin(fs, FS_MF, 0x11, "9999\xFF\xFF\xFF\xFF", 1, all));
	TRY(mini_pin(fs, FS_MF, 0x0A, "adminone", 0, PIN_FLAG_ENABLED | PIN_FLAG_CHANGEABLE));
	return mini_pin(fs, m->usim, 0x81, "5678\xFF\xFF\xFF\xFF", 0x81, all);
}

static inline enum err mini_arr(struct fs *fs)
{
	struct node arr = mini_file(NODE_LINEAR, FS_MF, 0x2F06, 6, 1, 5 * 60, 60);
	uint8_t rule[60];
	uint16_t number;

	TRY(fs_create(fs, &arr, (struct fs_fill){ .repeat = false }, &number));
	for (unsigned i = 0; i < COUNT(mini_rules); i++) {
		mini_octets(mini_rules[i], rule, sizeof rule);
		TRY(fs_write(fs, number, i * 60, BYTES(rule)));
	}
	return ERR_NONE;
}

static inline enum err mini_files(struct fs *fs, struct mini *m)
{
	static const uint8_t counting[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct fs_fill pattern = { BYTES(counting), true }, ff = { .repeat = false };
	struct fs_fill zero = {
		{counting, 1},
                true
	};
	struct node file = mini_file(NODE_TRANSPARENT, FS_MF, 0x2FE2, 2, 2, 10, 0);
	uint16_t number;

	TRY(fs_create(fs, &file, pattern, NULL));
	file = mini_file(NODE_TRANSPARENT, FS_MF, 0x2F05, 5, 3, 300, 0);
	TRY(fs_create(fs, &file, pattern, NULL));
	file = mini_file(NODE_TRANSPARENT, m->usim, 0x6F38, 4, 2, 17, 0);
	TRY(fs_create(fs, &file, (struct fs_fill){ BYTES_STR("\xFF"), true }, NULL));
	file = mini_file(NODE_TRANSPARENT, m->usim, 0x6F07, 7, 4, 9, 0);
	TRY(fs_create(fs, &file, pattern, NULL));
	file = mini_file(NODE_TRANSPARENT, m->usim, 0x6F09, 0, 5, 9, 0);
	TRY(fs_create(fs, &file, pattern, NULL));
	file = mini_file(NODE_LINEAR, m->telecom, 0x6F3A, 0, 1, 80, 20);
	TRY(fs_create(fs, &file, pattern, &number));
	for (uint8_t i = 0; i < 4; i++)
		TRY(fs_write(fs, number, i * 20u, (struct bytes){ &i, 1 }));
	struct node linked = mini_file(NODE_LINEAR, m->usim, 0x6F3A, 9, 1, 0, 0);
	linked.link = number;
	TRY(fs_create(fs, &linked, ff, NULL));
	file = mini_file(NODE_CYCLIC, m->usim, 0x6F39, 0x0A, 1, 9, 3);
	TRY(fs_create(fs, &file, zero, &m->cyclic));
	file = mini_file(NODE_BER_TLV, m->usim, 0x4F40, 0x0B, 1, 3000 + TLV_DIRECTORY, 0);
	TRY(fs_create(fs, &file, ff, &m->tlv));
	return ERR_NONE;
}

/* mini_make builds the tree in a draft that profile_draft began. */
static inline enum err mini_make(struct fs *fs, struct mini *m, uint8_t key_octet)
{
	struct aka_subscriber who;
	struct naa_sequence sequence = {
		.rules = {0, 0}
	};
	uint16_t mf;

	TRY(mini_dir(fs, NODE_MF, 0, 0x3F00, NULL, &mf));
	TRY(mini_arr(fs));
	TRY(mini_dir(fs, NODE_DF, FS_MF, 0x7F10, NULL, &m->telecom));
	TRY(mini_dir(fs, NODE_ADF, FS_MF, 0x7FD0, "A0000000871002FF49FF0589", &m->usim));
	TRY(mini_dir(fs, NODE_ADF, FS_MF, 0x7FD1, "A0000000871004FF49FF0589", &m->isim));
	TRY(mini_codes(fs, m));
	TRY(mini_files(fs, m));
	aka_subscriber_init(&who, AKA_MILENAGE);
	memset(who.k.at, key_octet, 16);
	who.k.len = 16;
	memset(who.opc.at, 0x33, 16);
	who.opc.len = 16;
	TRY(naa_create(fs, m->usim, &who, &sequence));
	return naa_share(fs, m->isim, m->usim);
}

/* mini_install puts a mini profile into a slot of the card, disabled. */
static inline enum err mini_install(struct card *card, uint8_t slot, struct mini *m)
{
	struct profile_head head = {
		.iccid = {0x98, 0x10, slot },
                  .isdp_aid_len = 16, .isdp_aid = { 0xA0,   slot  }
	};
	struct fs tree;

	TRY(profile_draft(card, slot, &tree));
	TRY(mini_make(&tree, m, slot));
	TRY(vault_begin(&card->vault));
	TRY(profile_adopt(card, &tree, &head, BYTES_STR("metadata")));
	return vault_commit(&card->vault);
}

static inline enum err mini_enable(struct card *card, uint8_t slot)
{
	TRY(vault_begin(&card->vault));
	TRY(profile_enable(card, slot));
	TRY(vault_commit(&card->vault));
	card_switch(card);
	return ERR_NONE;
}

#endif
