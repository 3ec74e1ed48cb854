/* SPDX-License-Identifier: Apache-2.0 */
/* File control parameters, TS 102 221 11.1.1.3 and 11.1.1.4, in the order of its tables. */
#include "card/inside.h"
#include "card/pin.h"
#include "card/tlv.h"
#include "codec/ber.h"

static void descriptor_put(struct room *out, const struct node *file)
{
	/* Table 11.5, all shareable; 21 is the data coding octet of every UICC. */
	static const uint8_t octets[NODE_KINDS] = {
		[NODE_MF] = 0x78,          [NODE_DF] = 0x78,     [NODE_ADF] = 0x78,
		[NODE_TRANSPARENT] = 0x41, [NODE_LINEAR] = 0x42, [NODE_CYCLIC] = 0x46,
		[NODE_BER_TLV] = 0x79,
	};
	uint8_t raw[5] = { octets[file->kind], 0x21, 0, file->record_size, file->records };
	bool records = file->kind == NODE_LINEAR || file->kind == NODE_CYCLIC;

	ber_put(out, 0x82, (struct bytes){ raw, records ? 5 : 2 });
}

static void proprietary_put(struct room *out, const struct node *file)
{
	size_t mark = ber_open(out, 0xA5);

	if (file->kind == NODE_MF) {
		static const uint8_t uicc[] = { 0x71 }; /* clock stop allowed, no preference */
		ber_put(out, 0x80, BYTES(uicc));
		static const uint8_t commands[] = { 0x01 }; /* TERMINAL CAPABILITY is supported */
		ber_put(out, 0x87, BYTES(commands));
	}
	if (node_is_file(file) && file->special != 0)
		ber_put(out, 0xC0, (struct bytes){ &file->special, 1 });
	if (file->kind == NODE_BER_TLV) {
		uint8_t reserved[4], maximum[4];
		struct room out_reserved = ROOM(reserved), out_maximum = ROOM(maximum);
		room_put_u32(&out_reserved, 0);
		room_put_u32(&out_maximum, file->size - TLV_DIRECTORY);
		ber_put(out, 0x85, BYTES(reserved)); /* reserved and maximum file size */
		ber_put(out, 0x86, BYTES(maximum));
	}
	if (out->len == mark && !out->full)
		out->len = mark - 1; /* an empty template is left out */
	else
		ber_close(out, mark);
}

/* Tag C6, TS 102 221 9.5.2: one bit per key reference, set when its PIN is enabled. PIN1 comes first,
 * where terminals look for it. */
static void pin_status_put(struct card *card, const struct channel *channel, uint16_t number,
                           const struct node *dir, struct room *out)
{
	uint8_t refs[FS_PIN_REFS_MAX], bits = 0, count = 0;

	for (uint8_t i = 0; i < dir->pin_refs_len; i++)
		if (dir->pin_refs[i] == 0x01)
			refs[count++] = 0x01;
	for (uint8_t i = 0; i < dir->pin_refs_len; i++)
		if (dir->pin_refs[i] != 0x01)
			refs[count++] = dir->pin_refs[i];

	for (uint8_t i = 0; i < count; i++) {
		struct node pin;
		uint16_t which;
		if (pin_find(card, channel, number, refs[i], &which, &pin) == ERR_NONE &&
		    (pin.pin_flags & PIN_FLAG_ENABLED) != 0)
			bits |= (uint8_t)(0x80 >> i);
	}
	size_t mark = ber_open(out, 0xC6);
	ber_put(out, 0x90, (struct bytes){ &bits, 1 });
	for (uint8_t i = 0; i < count; i++) {
		static const uint8_t user[] = {
			0x08
		}; /* usage qualifier: the universal PIN is in use */
		if (refs[i] == PIN_UNIVERSAL)
			ber_put(out, 0x95, BYTES(user));
		ber_put(out, 0x83, (struct bytes){ &refs[i], 1 });
	}
	ber_close(out, mark);
}

static void size_put(struct room *out, const struct node *file)
{
	uint8_t raw[4];
	struct room size = ROOM(raw);

	if (file->kind == NODE_BER_TLV)
		room_put_u32(&size, file->used); /* 80: number of octets of the objects */
	else
		room_put_u16(&size, (uint16_t)file->size);
	ber_put(out, 0x80, room_used(&size));
}

static void identity_put(struct room *out, const struct node *file)
{
	uint8_t raw[2];
	struct room fid = ROOM(raw);

	room_put_u16(&fid, file->kind == NODE_MF ? 0x3F00 : file->fid);
	/* TS 102 221 table 11.4: an ADF need not have one. */
	if (file->kind != NODE_ADF || file->fid != 0)
		ber_put(out, 0x83, room_used(&fid));
	if (file->kind == NODE_ADF)
		ber_put(out, 0x84, (struct bytes){ file->aid, file->aid_len });
}

enum err fcp_put(struct card *card, const struct channel *channel, uint16_t number,
                 struct room *reply)
{
	struct node file, body;
	uint16_t target = number;

	TRY(fs_node(&card->fs, number, &file));
	body = file;
	if (node_is_file(&file)) {
		TRY(fs_target(&card->fs, number, &target));
		TRY(fs_node(&card->fs, target, &body));
	}
	size_t mark = ber_open(reply, 0x62);
	descriptor_put(reply, &body);
	identity_put(reply, &file);
	proprietary_put(reply, &body);
	ber_put(reply, 0x8A, (struct bytes){ &file.lcsi, 1 });
	ber_put(reply, 0x8B, (struct bytes){ file.security, file.security_len });
	if (node_is_directory(&file)) {
		pin_status_put(card, channel, number, &file, reply);
	} else {
		size_put(reply, &body);
		/* TS 102 221 11.1.1.4.8: an empty object says that there is no short id. */
		uint8_t sfi = (uint8_t)(file.sfi << 3);
		ber_put(reply, 0x88, (struct bytes){ &sfi, file.sfi != 0 });
	}
	ber_close(reply, mark);
	return reply->full ? ERR_ROOM : ERR_NONE;
}

void fcp_put_none(struct room *reply)
{
	struct node mf = { .kind = NODE_MF };
	static const uint8_t activated[] = { LCSI_ACTIVATED };
	static const uint8_t no_pins[] = { 0x90, 0x00 };
	size_t mark = ber_open(reply, 0x62);

	descriptor_put(reply, &mf);
	identity_put(reply, &mf);
	proprietary_put(reply, &mf);
	ber_put(reply, 0x8A, BYTES(activated));
	ber_put(reply, 0xC6, BYTES(no_pins));
	ber_close(reply, mark);
}
