/* SPDX-License-Identifier: Apache-2.0 */
#include "card/tlv.h"

#include "codec/ber.h"

static enum err row_read(struct fs *fs, uint16_t file, unsigned row, struct tlv *out)
{
	uint8_t raw[TLV_ROW_SIZE];
	struct bytes in = BYTES(raw), field[4];
	uint64_t state, tag, at, len;

	TRY(fs_read(fs, file, row * TLV_ROW_SIZE, raw, sizeof raw));
	if (!bytes_take(&in, 1, &field[0]) || !bytes_uint(field[0], &state) ||
	    !bytes_take(&in, 3, &field[1]) || !bytes_uint(field[1], &tag) ||
	    !bytes_take(&in, 4, &field[2]) || !bytes_uint(field[2], &at) ||
	    !bytes_take(&in, 4, &field[3]) || !bytes_uint(field[3], &len))
		return ERR_CORRUPT;
	*out = (struct tlv){ (uint8_t)state, (uint32_t)tag, (uint32_t)at, (uint32_t)len };
	return ERR_NONE;
}

static enum err row_write(struct fs *fs, uint16_t file, unsigned row, const struct tlv *object)
{
	uint8_t raw[TLV_ROW_SIZE];
	struct room out = ROOM(raw);

	room_put_u8(&out, object->state);
	room_put_u8(&out, (uint8_t)(object->tag >> 16));
	room_put_u16(&out, (uint16_t)object->tag);
	room_put_u32(&out, object->at);
	room_put_u32(&out, object->len);
	return fs_write(fs, file, row * TLV_ROW_SIZE, room_used(&out));
}

enum err tlv_find(struct fs *fs, uint16_t file, enum tlv_state state, uint32_t tag, uint8_t *row,
                  struct tlv *out)
{
	for (unsigned i = 0; i < TLV_OBJECTS; i++) {
		struct tlv object;
		TRY(row_read(fs, file, i, &object));
		if (object.state != state || (state != TLV_NONE && object.tag != tag))
			continue;
		*row = (uint8_t)i;
		*out = object;
		return ERR_NONE;
	}
	return ERR_NOT_FOUND;
}

/* Moves `start` behind an object that lies in the way of start..start+len, if there is one. */
static enum err step_over(struct fs *fs, uint16_t file, uint32_t len, uint32_t *start, bool *moved)
{
	*moved = false;
	for (unsigned i = 0; i < TLV_OBJECTS; i++) {
		struct tlv other;
		TRY(row_read(fs, file, i, &other));
		if (other.state != TLV_NONE && *start + len > other.at &&
		    other.at + other.len > *start) {
			*start = other.at + other.len;
			*moved = true;
		}
	}
	return ERR_NONE;
}

/* The first gap of len octets between the objects. */
static enum err gap_find(struct fs *fs, uint16_t file, uint32_t space, uint32_t len, uint32_t *at)
{
	uint32_t start = 0;
	bool moved;

	do
		TRY(step_over(fs, file, len, &start, &moved));
	while (moved);
	if (start > space || len > space - start)
		return ERR_FULL;
	*at = start;
	return ERR_NONE;
}

/* FCP tag 80 tells how much the objects take. */
static enum err used_change(struct fs *fs, uint16_t file, uint32_t more, uint32_t less)
{
	struct node node;

	TRY(fs_node(fs, file, &node));
	node.used = node.used + more - less;
	return fs_set(fs, file, &node);
}

static enum err drop(struct fs *fs, uint16_t file, enum tlv_state state, uint32_t tag,
                     uint32_t *len)
{
	struct tlv object;
	uint8_t row;

	*len = 0;
	enum err err = tlv_find(fs, file, state, tag, &row, &object);
	if (err != ERR_NONE)
		return err;
	*len = object.len;
	return row_write(fs, file, row, &(struct tlv){ TLV_NONE, 0xFFFFFF, 0, 0 });
}

enum err tlv_start(struct fs *fs, uint16_t file, uint32_t tag, uint32_t len, struct tlv *out)
{
	struct tlv object = { TLV_COMING, tag, 0, len }, row_object;
	struct node node;
	uint8_t row;
	enum err err;

	/* Whatever was coming before is not coming any more. */
	for (unsigned i = 0; i < TLV_OBJECTS; i++) {
		TRY(row_read(fs, file, i, &row_object));
		if (row_object.state == TLV_COMING)
			TRY(row_write(fs, file, i, &(struct tlv){ TLV_NONE, 0xFFFFFF, 0, 0 }));
	}
	TRY(fs_node(fs, file, &node));
	err = tlv_find(fs, file, TLV_NONE, 0, &row, &row_object);
	if (err != ERR_NONE)
		return err == ERR_NOT_FOUND ? ERR_FULL : err;
	TRY(gap_find(fs, file, node.size - TLV_DIRECTORY, len, &object.at));
	TRY(row_write(fs, file, row, &object));
	*out = object;
	return ERR_NONE;
}

enum err tlv_finish(struct fs *fs, uint16_t file, uint32_t tag)
{
	struct tlv object;
	uint32_t old;
	uint8_t row;

	enum err err = drop(fs, file, TLV_THERE, tag, &old);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	TRY(tlv_find(fs, file, TLV_COMING, tag, &row, &object));
	object.state = TLV_THERE;
	TRY(row_write(fs, file, row, &object));
	return used_change(fs, file, object.len, old);
}

enum err tlv_remove(struct fs *fs, uint16_t file, uint32_t tag)
{
	uint32_t len;

	TRY(drop(fs, file, TLV_THERE, tag, &len));
	return used_change(fs, file, 0, len);
}

enum err tlv_read(struct fs *fs, uint16_t file, const struct tlv *object, uint32_t at, uint8_t *out,
                  size_t len)
{
	if (at > object->len || len > object->len - at)
		return ERR_VALUE;
	return fs_read(fs, file, TLV_DIRECTORY + object->at + at, out, len);
}

enum err tlv_write(struct fs *fs, uint16_t file, const struct tlv *object, uint32_t at,
                   struct bytes data)
{
	if (at > object->len || data.len > object->len - at)
		return ERR_VALUE;
	return fs_write(fs, file, TLV_DIRECTORY + object->at + at, data);
}

enum err tlv_fill(struct fs *fs, uint16_t file, struct bytes element)
{
	struct bytes in = element, value;
	struct tlv object;
	ber_tag tag;

	TRY(ber_next(&in, &tag, &value));
	TRY(ber_end(in));
	TRY(tlv_start(fs, file, tag, (uint32_t)element.len, &object));
	TRY(tlv_write(fs, file, &object, 0, element));
	return tlv_finish(fs, file, tag);
}
