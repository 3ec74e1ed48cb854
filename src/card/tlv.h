/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a BER-TLV structure EF: a directory of TLV_OBJECTS rows in front, then space that
 * objects take as extents. A new value is written beside the old one and replaces it in one
 * transaction with its last octet, so an object is always whole, old or new.
 */
#ifndef CARD_TLV_H
#define CARD_TLV_H

#include "card/fs.h"

enum {
	TLV_OBJECTS = 32,
	TLV_ROW_SIZE = 12,
	TLV_DIRECTORY = TLV_OBJECTS * TLV_ROW_SIZE, /* reserved beside the file's size */
};

enum tlv_state { TLV_NONE = 0xFF, TLV_COMING = 0x01, TLV_THERE = 0x02 };

/* An object: its whole BER encoding, tag and length included, lies at `at` of the space. */
struct tlv {
	uint8_t state;
	uint32_t tag;
	uint32_t at, len;
};

/* tlv_find gives the row of an object in this state. ERR_NOT_FOUND. */
NODISCARD enum err tlv_find(struct fs *fs, uint16_t file, enum tlv_state state, uint32_t tag,
                            uint8_t *row, struct tlv *out);

/* tlv_start makes place for an object to come, forgetting one that never came whole. ERR_FULL.
 * tlv_finish puts it in the place of the old one; tlv_remove removes one. In a transaction. */
NODISCARD enum err tlv_start(struct fs *fs, uint16_t file, uint32_t tag, uint32_t len,
                             struct tlv *out);
NODISCARD enum err tlv_finish(struct fs *fs, uint16_t file, uint32_t tag);
NODISCARD enum err tlv_remove(struct fs *fs, uint16_t file, uint32_t tag);

/* tlv_read and tlv_write copy part of an object's encoding. ERR_VALUE when it is not so long. */
NODISCARD enum err tlv_read(struct fs *fs, uint16_t file, const struct tlv *object, uint32_t at,
                            uint8_t *out, size_t len);
NODISCARD enum err tlv_write(struct fs *fs, uint16_t file, const struct tlv *object, uint32_t at,
                             struct bytes data);

/* tlv_fill puts a whole object into a file of a draft or inside a transaction. */
NODISCARD enum err tlv_fill(struct fs *fs, uint16_t file, struct bytes element);

#endif
