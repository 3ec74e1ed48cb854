/* SPDX-License-Identifier: Apache-2.0 */
/* How a node lies in the table: a head that all kinds have, then what its kind has. */
#include "card/node.h"

#include <string.h>

static void aid_put(struct room *out, const struct node *node)
{
	room_put_u8(out, node->aid_len);
	room_put(out, BYTES(node->aid));
	room_put_u8(out, node->pin_refs_len);
	room_put(out, BYTES(node->pin_refs));
}

static void content_put(struct room *out, const struct node *node)
{
	room_put_u16(out, node->link);
	room_put_u32(out, node->at);
	room_put_u32(out, node->size);
	room_put_u8(out, node->record_size);
	room_put_u8(out, node->records);
	room_put_u8(out, node->newest);
	room_put_u32(out, node->used);
}

static void pin_put(struct room *out, const struct node *node)
{
	room_put_u8(out, node->pin_flags);
	room_put_u8(out, node->pin_max);
	room_put_u8(out, node->pin_left);
	room_put_u8(out, node->pin_unblock);
	room_put(out, BYTES(node->pin_value));
}

void node_put(const struct node *node, uint8_t raw[static FS_NODE_SIZE])
{
	struct room out = { raw, FS_NODE_SIZE, 0, false };

	memset(raw, 0, FS_NODE_SIZE);
	room_put_u8(&out, node->kind);
	room_put_u8(&out, node->sfi);
	room_put_u16(&out, node->fid);
	room_put_u16(&out, node->parent);
	room_put_u8(&out, node->lcsi);
	room_put_u8(&out, node->special);
	room_put_u8(&out, node->security_len);
	room_put(&out, BYTES(node->security));
	if (node_is_directory(node))
		aid_put(&out, node);
	else if (node->kind == NODE_PIN || node->kind == NODE_PUK)
		pin_put(&out, node);
	else
		content_put(&out, node);
	ASSERT(!out.full);
}

static uint32_t take(struct bytes *in, size_t n)
{
	struct bytes field;
	uint64_t value = 0;

	if (!bytes_take(in, n, &field) || !bytes_uint(field, &value))
		return 0;
	return (uint32_t)value;
}

static void take_octets(struct bytes *in, uint8_t *out, size_t n)
{
	struct bytes field;

	if (bytes_take(in, n, &field))
		memcpy(out, field.at, n);
}

void node_head(const uint8_t raw[static NODE_HEAD_SIZE], struct node *out)
{
	struct bytes in = { raw, NODE_HEAD_SIZE };

	out->kind = (uint8_t)take(&in, 1);
	out->sfi = (uint8_t)take(&in, 1);
	out->fid = (uint16_t)take(&in, 2);
	out->parent = (uint16_t)take(&in, 2);
}

static bool node_valid(const struct node *node)
{
	return node->kind < NODE_KINDS && node->security_len <= FS_SECURITY_MAX &&
	       node->aid_len <= AID_MAX && node->pin_refs_len <= FS_PIN_REFS_MAX;
}

enum err node_read(const uint8_t raw[static FS_NODE_SIZE], struct node *out)
{
	struct bytes in = { raw + NODE_HEAD_SIZE, FS_NODE_SIZE - NODE_HEAD_SIZE };
	struct node node = { .link = FS_NO_NODE };

	node_head(raw, &node);
	node.lcsi = (uint8_t)take(&in, 1);
	node.special = (uint8_t)take(&in, 1);
	node.security_len = (uint8_t)take(&in, 1);
	take_octets(&in, node.security, sizeof node.security);
	if (node_is_directory(&node)) {
		node.aid_len = (uint8_t)take(&in, 1);
		take_octets(&in, node.aid, sizeof node.aid);
		node.pin_refs_len = (uint8_t)take(&in, 1);
		take_octets(&in, node.pin_refs, sizeof node.pin_refs);
	} else if (node.kind == NODE_PIN || node.kind == NODE_PUK) {
		node.pin_flags = (uint8_t)take(&in, 1);
		node.pin_max = (uint8_t)take(&in, 1);
		node.pin_left = (uint8_t)take(&in, 1);
		node.pin_unblock = (uint8_t)take(&in, 1);
		take_octets(&in, node.pin_value, sizeof node.pin_value);
	} else {
		node.link = (uint16_t)take(&in, 2);
		node.at = take(&in, 4);
		node.size = take(&in, 4);
		node.record_size = (uint8_t)take(&in, 1);
		node.records = (uint8_t)take(&in, 1);
		node.newest = (uint8_t)take(&in, 1);
		node.used = take(&in, 4);
	}
	if (!node_valid(&node))
		return ERR_CORRUPT;
	*out = node;
	return ERR_NONE;
}
