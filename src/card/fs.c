/* SPDX-License-Identifier: Apache-2.0 */
/* The tree in its volume: a head row, the node table, the heap. */
#include "card/fs.h"

#include "card/node.h"
#include "card/tlv.h"

#include <string.h>

enum {
	FS_MAGIC = 0x41465331,
	HEAP_AT = FS_NODE_SIZE * (FS_NODES_MAX + 1),
	FILL_PORTION = 64,
};

static uint32_t row_at(uint16_t number)
{
	return FS_NODE_SIZE * ((uint32_t)number + 1);
}

/* --- trees --------------------------------------------------------------------------------- */

enum err fs_draft(struct fs *fs, struct vault *vault, uint8_t volume)
{
	TRY(vault_draft(vault, volume));
	*fs = (struct fs){ vault, NULL, volume, 0, HEAP_AT, true };
	return ERR_NONE;
}

enum err fs_adopt(struct fs *fs)
{
	uint8_t raw[FS_NODE_SIZE] = { 0 };
	struct room out = ROOM(raw);

	if (!fs->draft || fs->nodes == 0)
		return ERR_ORDER;
	room_put_u32(&out, FS_MAGIC);
	room_put_u16(&out, fs->nodes);
	room_put_u32(&out, fs->heap);
	TRY(vault_write(fs->vault, fs->volume, 0, BYTES(raw)));
	TRY(vault_adopt(fs->vault, fs->volume));
	fs->draft = false;
	return ERR_NONE;
}

void fs_discard(struct fs *fs)
{
	if (fs->draft)
		(void)!vault_drop(fs->vault, fs->volume); /* swept at the next open at the latest */
	fs->volume = 0;
	fs->draft = false;
}

enum err fs_open(struct fs *fs, struct vault *vault, uint8_t volume)
{
	uint8_t raw[FS_NODE_SIZE];
	struct bytes in = BYTES(raw), field[3];
	uint64_t magic, nodes, heap;

	if (!vault_exists(vault, volume))
		return ERR_NOT_FOUND;
	TRY(vault_read(vault, volume, 0, raw, sizeof raw));
	if (!bytes_take(&in, 4, &field[0]) || !bytes_uint(field[0], &magic) ||
	    !bytes_take(&in, 2, &field[1]) || !bytes_uint(field[1], &nodes) ||
	    !bytes_take(&in, 4, &field[2]) || !bytes_uint(field[2], &heap) || magic != FS_MAGIC ||
	    nodes == 0 || nodes > FS_NODES_MAX || heap < HEAP_AT)
		return ERR_CORRUPT;
	*fs = (struct fs){ vault, NULL, volume, (uint16_t)nodes, (uint32_t)heap, false };
	fs_check(fs);
	return ERR_NONE;
}

void fs_check(const struct fs *fs)
{
	if (fs->volume == 0)
		return;
	ASSERT(fs->vault != NULL && fs->volume < VAULT_VOLUMES);
	ASSERT(fs->nodes <= FS_NODES_MAX && fs->heap >= HEAP_AT);
	ASSERT(fs->draft || fs->nodes > 0);
	ASSERT(!fs->draft || fs->index == NULL);
}

/* --- nodes --------------------------------------------------------------------------------- */

enum err fs_node(struct fs *fs, uint16_t number, struct node *out)
{
	uint8_t raw[FS_NODE_SIZE];

	if (fs->volume == 0 || number >= fs->nodes)
		return ERR_NOT_FOUND;
	TRY(vault_read(fs->vault, fs->volume, row_at(number), raw, sizeof raw));
	enum err err = node_read(raw, out);
	wipe(raw, sizeof raw);
	return err;
}

enum err fs_set(struct fs *fs, uint16_t number, const struct node *node)
{
	uint8_t raw[FS_NODE_SIZE];

	if (number >= fs->nodes)
		return ERR_NOT_FOUND;
	node_put(node, raw);
	enum err err = vault_write(fs->vault, fs->volume, row_at(number), BYTES(raw));
	wipe(raw, sizeof raw);
	return err;
}

/* Files and directories share one name space in a directory; PINs, PUKs and keys have their own. */
static uint8_t name_mix(uint8_t kind, uint16_t parent, uint16_t fid)
{
	unsigned space = kind <= NODE_BER_TLV ? 0 : kind;

	return (uint8_t)(space * 101u + parent * 31u + (fid >> 8) * 13u + fid * 7u);
}

static uint8_t place_mix(uint8_t sfi, uint16_t parent)
{
	return (uint8_t)(sfi << 3 | (parent & 7));
}

enum err fs_index(struct fs *fs, struct fs_index *index)
{
	uint8_t raw[NODE_HEAD_SIZE];
	struct node node;

	for (uint16_t n = 0; n < fs->nodes; n++) {
		TRY(vault_read(fs->vault, fs->volume, row_at(n), raw, sizeof raw));
		node_head(raw, &node);
		index->name[n] = name_mix(node.kind, node.parent, node.fid);
		index->place[n] = place_mix(node.sfi, node.parent);
	}
	fs->index = index;
	return ERR_NONE;
}

/* False when the index alone tells that the node is not meant. */
static bool index_passes(const struct fs *fs, uint16_t number, const struct fs_query *query)
{
	bool one_space = query->kind_to <= NODE_BER_TLV || query->kind_from == query->kind_to;

	if (fs->index == NULL || query->parent == FS_NO_NODE)
		return true;
	if (query->fid >= 0 && one_space &&
	    fs->index->name[number] !=
	            name_mix(query->kind_to, query->parent, (uint16_t)query->fid))
		return false;
	uint8_t place = place_mix(query->sfi, query->parent);
	return query->sfi != 0 ? fs->index->place[number] == place
	                       : ((fs->index->place[number] ^ place) & 7) == 0;
}

/* A query's cheap part, on what node_head reads. */
static bool head_meets(const struct node *node, uint16_t number, const struct fs_query *query)
{
	if (node->kind < query->kind_from || node->kind > query->kind_to)
		return false;
	if (query->parent != FS_NO_NODE && (node->parent != query->parent || number == FS_MF))
		return false;
	if (query->fid >= 0 && node->fid != query->fid)
		return false;
	return query->sfi == 0 || node->sfi == query->sfi;
}

static bool aid_meets(const struct node *node, struct bytes aid)
{
	return aid.at == NULL || (node->kind == NODE_ADF && node->aid_len >= aid.len &&
	                          memcmp(node->aid, aid.at, aid.len) == 0);
}

enum err fs_find(struct fs *fs, const struct fs_query *query, uint16_t *number, struct node *out)
{
	uint8_t raw[NODE_HEAD_SIZE];
	struct node node;

	if (fs->volume == 0)
		return ERR_NOT_FOUND;
	for (uint16_t n = query->from; n < fs->nodes; n++) {
		if (!index_passes(fs, n, query))
			continue;
		TRY(vault_read(fs->vault, fs->volume, row_at(n), raw, sizeof raw));
		node_head(raw, &node);
		if (!head_meets(&node, n, query))
			continue;
		if (out == NULL && query->aid.at == NULL) {
			*number = n;
			return ERR_NONE;
		}
		TRY(fs_node(fs, n, &node));
		if (!aid_meets(&node, query->aid))
			continue;
		*number = n;
		if (out != NULL)
			*out = node;
		return ERR_NONE;
	}
	return ERR_NOT_FOUND;
}

enum err fs_child(struct fs *fs, uint16_t parent, uint16_t fid, uint16_t *number)
{
	struct fs_query query = {
		0, parent, fid, 0, NODE_MF, NODE_BER_TLV, {NULL, 0}
	};

	if (fid == 0) /* that of an ADF, which is reached by its AID only */
		return ERR_NOT_FOUND;
	return fs_find(fs, &query, number, NULL);
}

enum err fs_path(struct fs *fs, uint16_t from, uint16_t adf, struct bytes path, uint16_t *number)
{
	uint16_t at = from;
	struct bytes step;
	uint64_t fid;

	if (path.len % 2 != 0 || path.len == 0)
		return ERR_LENGTH;
	for (bool first = true; path.len > 0; first = false) {
		if (!bytes_take(&path, 2, &step) || !bytes_uint(step, &fid))
			return ERR_LENGTH;
		if (first && fid == 0x3F00)
			at = FS_MF;
		else if (fid == 0x7FFF && adf != FS_NO_NODE)
			at = adf; /* TS 102 221 8.4.2: the current application */
		else
			TRY(fs_child(fs, at, (uint16_t)fid, &at));
	}
	if (at >= fs->nodes)
		return ERR_NOT_FOUND;
	*number = at;
	return ERR_NONE;
}

enum err fs_target(struct fs *fs, uint16_t number, uint16_t *target)
{
	struct node node;

	TRY(fs_node(fs, number, &node));
	*target = node.link != FS_NO_NODE ? node.link : number;
	return ERR_NONE;
}

/* --- making -------------------------------------------------------------------------------- */

static bool shape_valid(const struct node *node)
{
	switch ((enum node_kind)node->kind) {
	case NODE_MF:
	case NODE_DF:
	case NODE_PIN:
	case NODE_PUK:
		return true;
	case NODE_ADF:
		return node->aid_len >= AID_MIN && node->aid_len <= AID_MAX;
	case NODE_TRANSPARENT:
		return node->size <= FS_FILE_SIZE_MAX;
	case NODE_LINEAR:
	case NODE_CYCLIC:
		/* TS 102 221 8.2.2.2: at most 254 records */
		return node->record_size > 0 && node->size > 0 &&
		       node->size % node->record_size == 0 && node->size / node->record_size <= 254;
	case NODE_BER_TLV:
		return node->size > TLV_DIRECTORY;
	case NODE_AKA:
	case NODE_OBJECT:
		return true;
	case NODE_FREE:
	case NODE_KINDS:
		break;
	}
	return false;
}

static enum err place_valid(struct fs *fs, const struct node *node)
{
	struct node parent;
	uint16_t other;

	if (fs->nodes == 0)
		return node->kind == NODE_MF ? ERR_NONE : ERR_VALUE;
	if (node->kind == NODE_MF)
		return ERR_EXISTS;
	if (fs_node(fs, node->parent, &parent) != ERR_NONE || !node_is_directory(&parent))
		return ERR_VALUE;

	struct fs_query same = {
		0, node->parent, node->fid, 0, node->kind, node->kind, {NULL, 0}
	};
	if (node->kind <= NODE_BER_TLV) {
		same.kind_from = NODE_MF;
		same.kind_to = NODE_BER_TLV;
	}
	if (node->kind != NODE_ADF && fs_find(fs, &same, &other, NULL) == ERR_NONE)
		return ERR_EXISTS;
	struct fs_query app = {
		0, FS_NO_NODE, -1, 0, NODE_ADF, NODE_ADF, {node->aid, node->aid_len}
	};
	struct node adf;
	if (node->kind == NODE_ADF && fs_find(fs, &app, &other, &adf) == ERR_NONE &&
	    adf.aid_len == node->aid_len)
		return ERR_EXISTS;
	return ERR_NONE;
}

/* The octet that a fill puts at an offset of a file or record. */
static uint8_t fill_octet(struct fs_fill fill, uint32_t offset)
{
	size_t len = fill.pattern.len;

	if (len == 0)
		return 0xFF;
	if (fill.repeat)
		return fill.pattern.at[offset % len];
	return fill.pattern.at[offset < len ? offset : len - 1];
}

static enum err fill_content(struct fs *fs, const struct node *node, struct fs_fill fill)
{
	uint32_t turn = node->record_size != 0 ? node->record_size : node->size;
	uint8_t portion[FILL_PORTION];

	for (uint32_t done = 0; done < node->size;) {
		uint32_t n = node->size - done < FILL_PORTION ? node->size - done : FILL_PORTION;
		for (uint32_t i = 0; i < n; i++)
			portion[i] = fill_octet(fill, (done + i) % turn);
		TRY(vault_write(fs->vault, fs->volume, node->at + done,
		                (struct bytes){ portion, n }));
		done += n;
	}
	return ERR_NONE;
}

static enum err link_to(struct fs *fs, struct node *node)
{
	struct node target;
	uint16_t number;

	TRY(fs_target(fs, node->link, &number)); /* never a chain of links */
	TRY(fs_node(fs, number, &target));
	if (!node_is_file(&target) && !(target.kind == NODE_AKA && node->kind == NODE_AKA))
		return ERR_VALUE;
	node->link = number;
	node->kind = target.kind;
	node->at = target.at;
	node->size = target.size;
	node->record_size = target.record_size;
	node->records = target.records;
	return ERR_NONE;
}

static bool has_content(const struct node *node)
{
	return node->kind >= NODE_TRANSPARENT && node->kind != NODE_PIN && node->kind != NODE_PUK;
}

enum err fs_create(struct fs *fs, const struct node *node, struct fs_fill fill, uint16_t *number)
{
	struct node made = *node;
	bool linked = has_content(node) && node->link != FS_NO_NODE;

	if (!fs->draft)
		return ERR_ORDER;
	if (fs->nodes == FS_NODES_MAX)
		return ERR_LIMIT;
	if (fs->nodes == 0)
		made.parent = FS_MF;
	if (linked)
		TRY(link_to(fs, &made));
	if (!shape_valid(&made))
		return ERR_VALUE;
	TRY(place_valid(fs, &made));
	if (has_content(&made) && !linked) {
		if (made.size > vault_span(fs->vault) - fs->heap)
			return ERR_FULL;
		made.at = fs->heap;
		made.records = made.record_size != 0 ? (uint8_t)(made.size / made.record_size) : 0;
		made.newest = 0;
		TRY(fill_content(fs, &made, fill));
		fs->heap += made.size;
	}
	fs->nodes++;
	enum err err = fs_set(fs, (uint16_t)(fs->nodes - 1), &made);
	if (err != ERR_NONE)
		fs->nodes--;
	else if (number != NULL)
		*number = (uint16_t)(fs->nodes - 1);
	return err;
}

enum err fs_create_object(struct fs *fs, uint8_t kind, uint16_t parent, uint16_t fid,
                          struct bytes content, uint16_t *number)
{
	struct node node = {
		.kind = kind,
		.fid = fid,
		.parent = parent,
		.link = FS_NO_NODE,
		.size = (uint32_t)content.len,
	};
	uint16_t made;

	if (kind != NODE_OBJECT && kind != NODE_AKA)
		return ERR_VALUE;
	TRY(fs_create(fs, &node, (struct fs_fill){ .repeat = false }, &made));
	TRY(fs_write(fs, made, 0, content));
	if (number != NULL)
		*number = made;
	return ERR_NONE;
}

enum err fs_remove(struct fs *fs, uint16_t number)
{
	struct node node;

	if (!fs->draft)
		return ERR_ORDER;
	TRY(fs_node(fs, number, &node));
	if (number == FS_MF)
		return ERR_VALUE;
	node.kind = NODE_FREE;
	TRY(fs_set(fs, number, &node));
	/* Parents come before children: one pass frees all that lost its directory. */
	for (uint16_t n = (uint16_t)(number + 1); n < fs->nodes; n++) {
		struct node below, parent;
		TRY(fs_node(fs, n, &below));
		TRY(fs_node(fs, below.parent, &parent));
		if (below.kind == NODE_FREE || node_is_directory(&parent))
			continue;
		below.kind = NODE_FREE;
		TRY(fs_set(fs, n, &below));
	}
	return ERR_NONE;
}

/* --- contents ------------------------------------------------------------------------------ */

static enum err content_range(struct fs *fs, uint16_t number, uint32_t at, size_t len,
                              uint32_t *where)
{
	struct node node;

	TRY(fs_node(fs, number, &node));
	if (!has_content(&node) || at > node.size || len > node.size - at)
		return ERR_VALUE;
	*where = node.at + at;
	return ERR_NONE;
}

enum err fs_read(struct fs *fs, uint16_t number, uint32_t at, uint8_t *out, size_t len)
{
	uint32_t where;

	TRY(content_range(fs, number, at, len, &where));
	return vault_read(fs->vault, fs->volume, where, out, len);
}

enum err fs_write(struct fs *fs, uint16_t number, uint32_t at, struct bytes data)
{
	uint32_t where;

	TRY(content_range(fs, number, at, data.len, &where));
	return vault_write(fs->vault, fs->volume, where, data);
}

uint32_t fs_record_at(const struct node *file, uint8_t record)
{
	uint32_t slot = record - 1u;

	if (file->kind == NODE_CYCLIC)
		slot = (file->newest + slot) % file->records;
	return slot * file->record_size;
}
