/* SPDX-License-Identifier: Apache-2.0 */
#include "card/install_run.h"
#include "card/tlv.h"

#include <string.h>

enum { EF_ARR_MF = 0x2F06, EF_ARR = 0x6F06 };

static uint8_t kind_of(enum file_type type)
{
	static const uint8_t kinds[] = {
		[FILE_TRANSPARENT] = NODE_TRANSPARENT,
		[FILE_LINEAR] = NODE_LINEAR,
		[FILE_CYCLIC] = NODE_CYCLIC,
		[FILE_BER_TLV] = NODE_BER_TLV,
		[FILE_DF] = NODE_DF,
		[FILE_ADF] = NODE_ADF,
		[FILE_MF] = NODE_MF,
	};

	return kinds[type];
}

/* A descriptor cannot tell an MF or an ADF from a DF: the template can. */
static enum err type_read(const struct file_template *file, const struct fcp *fcp,
                          enum file_type *type, uint16_t *record)
{
	*record = 0;
	*type = file != NULL ? (enum file_type)file->type : FILE_DF;
	if (file != NULL && (*type == FILE_LINEAR || *type == FILE_CYCLIC))
		*record = file->size;
	if (!fcp->descriptor.has)
		return file != NULL ? ERR_NONE : ERR_VALUE;

	enum file_type said;
	TRY(file_type_of(&fcp->descriptor, &said, record));
	bool directory = file != NULL && *type >= FILE_DF;
	if (directory != (said == FILE_DF) && file != NULL)
		return ERR_VALUE;
	if (!directory)
		*type = said;
	return ERR_NONE;
}

/* securityAttributesReferenced: a record alone means the EF.ARR that is known from the context, that of
 * the MF for ADFs and what lies directly under the MF, 6F06 for all else. */
static void security_set(struct node *node, const struct file_template *file, const struct fcp *fcp)
{
	uint8_t record = file != NULL ? file->arr : 0;

	if (fcp->arr.has && fcp->arr.len == 3) {
		node->security_len = 3;
		memcpy(node->security, fcp->arr.at, 3);
		return;
	}
	if (fcp->arr.has)
		record = fcp->arr.at[0];
	uint16_t arr = node->parent == FS_MF ? EF_ARR_MF : EF_ARR;
	node->security_len = record == 0 ? 0 : 3;
	node->security[0] = (uint8_t)(arr >> 8);
	node->security[1] = (uint8_t)arr;
	node->security[2] = record;
}

static enum err directory_set(struct install *i, struct node *node, const struct fcp *fcp)
{
	const struct element *status = &fcp->pin_status;

	if (node->kind == NODE_ADF && fcp->aid_len == 0)
		return ERR_VALUE;
	if (node->kind != NODE_ADF && fcp->aid_len != 0)
		return ERR_VALUE;
	if (fcp->has_size || fcp->has_sfi || fcp->has_special)
		return ERR_VALUE; /* not allowed for DFs */
	if (fcp->link.len > 0)
		return install_refuse(i, PE_FEATURE_NOT_SUPPORTED, ERR_UNSUPPORTED); /* dfLink */
	node->aid_len = fcp->aid_len;
	memcpy(node->aid, fcp->aid, sizeof node->aid);
	if (status->len > FS_PIN_REFS_MAX)
		return ERR_LIMIT;
	node->pin_refs_len = (uint8_t)status->len;
	return cursor_take(&i->package, status, 0, node->pin_refs, status->len);
}

static enum err records_set(struct node *node, const struct file_template *file,
                            const struct fcp *fcp, uint16_t record)
{
	uint32_t size = file != NULL ? (uint32_t)file->records * record : 0;

	if (fcp->has_size)
		size = fcp->size;
	if (record == 0 || record > 255 || size == 0 || size % record != 0 || size / record > 254)
		return ERR_VALUE;
	node->size = size;
	node->record_size = (uint8_t)record;
	node->records = (uint8_t)(size / record);
	return ERR_NONE;
}

static enum err size_set(struct node *node, const struct file_template *file, const struct fcp *fcp,
                         uint16_t record)
{
	if (node->kind == NODE_LINEAR || node->kind == NODE_CYCLIC)
		return records_set(node, file, fcp, record);
	node->size = fcp->has_size ? fcp->size : file != NULL ? file->size : 0;
	if (node->kind == NODE_BER_TLV && fcp->has_maximum)
		node->size = fcp->maximum;
	if (node->size == 0)
		return ERR_VALUE;
	if (node->size > FS_FILE_SIZE_MAX - TLV_DIRECTORY)
		return ERR_LIMIT;
	if (node->kind == NODE_BER_TLV)
		node->size += TLV_DIRECTORY; /* the card's own, beside what was asked for */
	return ERR_NONE;
}

/* Short identifiers: said, from the template, or – outside of templates – the low bits of the file id
 * (TCA 2.3.1, Fcp) where no other file of the directory has that one. */
static void sfi_set(struct install *i, struct node *node, const struct file_template *file,
                    const struct fcp *fcp)
{
	struct fs_query same = {
		.parent = node->parent,
		.fid = -1,
		.sfi = node->fid & 0x1F,
		.kind_from = NODE_TRANSPARENT,
		.kind_to = NODE_BER_TLV,
	};
	uint16_t other;

	node->sfi = fcp->has_sfi ? fcp->sfi : file != NULL ? file->sfi : 0;
	if (fcp->has_sfi || file != NULL || same.sfi == 0 || same.sfi > 30)
		return;
	if (fs_find(i->tree, &same, &other, NULL) == ERR_NOT_FOUND)
		node->sfi = same.sfi;
}

static enum err link_set(struct install *i, struct node *node, const struct fcp *fcp)
{
	struct node target;
	uint16_t number;

	node->link = FS_NO_NODE;
	if (!fcp->link.has || fcp->link.len == 0)
		return ERR_NONE;
	TRY(install_path(i, &fcp->link, &number));
	TRY(fs_target(i->tree, number, &number));
	TRY(fs_node(i->tree, number, &target));
	if (!node_is_file(&target))
		return install_refuse(i, PE_FEATURE_NOT_SUPPORTED, ERR_UNSUPPORTED); /* dfLink */
	if (target.kind != node->kind)
		return ERR_VALUE;
	node->link = number;
	return ERR_NONE;
}

/* The octets that a template wants at the end of the file or of every record. */
static enum err tail_fill(struct install *i, const struct node *node, uint16_t number,
                          const struct template_fill *fill)
{
	uint32_t each = node->record_size != 0 ? node->record_size : node->size;

	if (fill->tail == 0 || fill->tail > each)
		return ERR_NONE;
	for (uint32_t end = each; end <= node->size; end += each)
		TRY(fs_write(i->tree, number, end - fill->tail,
		             (struct bytes){ fill->octets + fill->head, fill->tail }));
	return ERR_NONE;
}

static enum err create(struct install *i, struct node *node, const struct file_template *file,
                       const struct fcp *fcp, uint16_t *number)
{
	uint8_t pattern[FCP_PATTERN_MAX];
	const struct template_fill *preset = NULL;
	struct fs_fill fill = {
		{NULL, 0},
                false
	};

	if (node->kind == NODE_BER_TLV) {
		/* Begins empty: objects come as content. */
	} else if (fcp->pattern.len > 0) {
		TRY(cursor_take(&i->package, &fcp->pattern, 0, pattern, fcp->pattern.len));
		fill = (struct fs_fill){
			{pattern, fcp->pattern.len},
                        fcp->repeats
		};
	} else if (file != NULL && node_is_file(node)) {
		preset = template_fill_of(file);
		fill = (struct fs_fill){
			{preset->octets, preset->head},
                        preset->repeats
		};
	}
	TRY(fs_create(i->tree, node, fill, number));
	if (preset != NULL && node->link == FS_NO_NODE)
		TRY(tail_fill(i, node, *number, preset));
	return ERR_NONE;
}

static enum err ef_set(struct install *i, struct node *node, const struct file_template *file,
                       const struct fcp *fcp, uint16_t record)
{
	if (fcp->aid_len != 0 || fcp->pin_status.len != 0)
		return ERR_VALUE; /* only for directories */
	node->special = fcp->has_special ? fcp->special : file != NULL ? file->flags : 0;
	TRY(link_set(i, node, fcp));
	return node->link == FS_NO_NODE ? size_set(node, file, fcp, record) : ERR_NONE;
}

void making_begin(struct making *making, uint16_t number, const struct node *node)
{
	*making = (struct making){
		.number = number,
		.size = node_is_file(node) ? node->size : 0,
		.objects = node->kind == NODE_BER_TLV,
	};
}

enum err install_make(struct install *i, uint16_t parent, const struct file_template *file,
                      const struct fcp *fcp, struct making *making)
{
	static const struct fcp nothing = { .lcsi = FCP_DEFAULT_LCSI };
	struct node node = { .parent = parent, .link = FS_NO_NODE };
	enum file_type type;
	uint16_t record, number;

	if (fcp == NULL)
		fcp = &nothing;
	TRY(type_read(file, fcp, &type, &record));
	if (file == NULL && type == FILE_DF && fcp->aid_len != 0)
		type = FILE_ADF;
	node.kind = kind_of(type);
	node.lcsi = fcp->lcsi;
	node.fid = fcp->has_fid ? fcp->fid : file != NULL ? file->fid : 0;
	if (node.fid == 0)
		return ERR_VALUE;
	security_set(&node, file, fcp);
	if (node_is_directory(&node)) {
		TRY(directory_set(i, &node, fcp));
	} else {
		TRY(ef_set(i, &node, file, fcp, record));
		sfi_set(i, &node, file, fcp);
	}
	TRY(create(i, &node, file, fcp, &number));
	TRY(fs_node(i->tree, number, &node));
	making_begin(making, number, &node);
	return ERR_NONE;
}

enum err install_skip(struct making *making, uint32_t n)
{
	if (n > making->size - making->at)
		return ERR_VALUE;
	making->at += n;
	return ERR_NONE;
}

/* One data object of a BER-TLV file, chunk by chunk. */
static enum err object_fill(struct install *i, const struct cursor *objects,
                            const struct element *object, uint16_t file)
{
	uint32_t whole = object->value - object->at + object->len;
	uint8_t chunk[INSTALL_CHUNK];
	struct tlv place;

	TRY(tlv_start(i->tree, file, object->tag, whole, &place));
	for (uint32_t done = 0; done < whole;) {
		uint32_t n = whole - done < sizeof chunk ? whole - done : (uint32_t)sizeof chunk;
		TRY(objects->source->read(objects->source->ctx, object->at + done, chunk, n));
		TRY(tlv_write(i->tree, file, &place, done, (struct bytes){ chunk, n }));
		done += n;
	}
	return tlv_finish(i->tree, file, object->tag);
}

static enum err objects_fill(struct install *i, const struct element *content,
                             struct making *making)
{
	struct cursor objects = cursor_in(&i->package, content);
	struct element object;

	while (!cursor_done(&objects)) {
		TRY(cursor_next(&objects, &object));
		TRY(object_fill(i, &objects, &object, making->number));
	}
	return ERR_NONE;
}

enum err install_fill(struct install *i, const struct element *content, struct making *making)
{
	uint8_t chunk[INSTALL_CHUNK];

	if (making->objects)
		return objects_fill(i, content, making);
	if (content->len > making->size - making->at)
		return ERR_VALUE;
	for (uint32_t done = 0; done < content->len;) {
		uint32_t n = content->len - done;
		if (n > sizeof chunk)
			n = sizeof chunk;
		TRY(cursor_take(&i->package, content, done, chunk, n));
		TRY(fs_write(i->tree, making->number, making->at, (struct bytes){ chunk, n }));
		making->at += n;
		done += n;
	}
	return ERR_NONE;
}

enum err install_path(struct install *i, const struct fcp_value *path, uint16_t *number)
{
	uint16_t at = FS_MF;

	if (i->scope == FS_NO_NODE)
		return ERR_ORDER; /* no MF yet */
	for (size_t n = 0; n + 1 < path->len; n += 2) {
		uint16_t fid = (uint16_t)(path->at[n] << 8 | path->at[n + 1]);
		if (n == 0 && fid == 0x3F00)
			continue;
		TRY(fs_child(i->tree, at, fid, &at));
	}
	*number = at;
	return ERR_NONE;
}
