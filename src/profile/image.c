/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/image.h"

#include <string.h>

static enum err type_of(const struct fcp *fcp, const struct file_template *row,
                        struct file_facts *out)
{
	enum file_type said;
	uint16_t record = 0;

	out->type = row != NULL ? (enum file_type)row->type : FILE_DF;
	if (row != NULL && (out->type == FILE_LINEAR || out->type == FILE_CYCLIC))
		out->record_len = row->size;
	if (!fcp->descriptor.has)
		return row != NULL ? ERR_NONE : ERR_VALUE;
	TRY(file_type_of(&fcp->descriptor, &said, &record));
	if (row != NULL && (row->type >= FILE_DF) != (said == FILE_DF))
		return ERR_VALUE;
	if (row == NULL && said == FILE_DF && fcp->aid_len > 0)
		said = FILE_ADF;
	if (out->type < FILE_DF || row == NULL) {
		out->type = said;
		out->record_len = record;
	}
	return ERR_NONE;
}

static enum err size_of(const struct fcp *fcp, const struct file_template *row,
                        struct file_facts *out)
{
	bool records = out->type == FILE_LINEAR || out->type == FILE_CYCLIC;

	if (out->type >= FILE_DF)
		return ERR_NONE;
	if (row != NULL)
		out->size = records ? (uint32_t)row->records * out->record_len : row->size;
	if (fcp->has_size)
		out->size = fcp->size;
	if (out->type == FILE_BER_TLV && fcp->has_maximum)
		out->size = fcp->maximum;
	if (out->link.has && out->link.len > 0)
		return ERR_NONE; /* the target's */
	if (out->size == 0)
		return ERR_VALUE;
	if (!records)
		return ERR_NONE;
	if (out->record_len == 0 || out->size % out->record_len != 0 ||
	    out->size / out->record_len > 254)
		return ERR_VALUE;
	out->records = (uint16_t)(out->size / out->record_len);
	return ERR_NONE;
}

enum err file_facts_of(const struct fcp *fcp, const struct file_template *row,
                       struct file_facts *out)
{
	static const struct fcp nothing = { .lcsi = FCP_DEFAULT_LCSI };
	struct file_facts facts = { .created = true };

	if (fcp == NULL)
		fcp = &nothing;
	facts.link = fcp->link;
	TRY(type_of(fcp, row, &facts));
	TRY(size_of(fcp, row, &facts));
	facts.fid = fcp->has_fid ? fcp->fid : row != NULL ? row->fid : 0;
	if (facts.fid == 0 && facts.type != FILE_ADF)
		return ERR_VALUE;
	facts.sfi = fcp->has_sfi ? fcp->sfi : row != NULL ? row->sfi : facts.fid & 0x1F;
	if (facts.type >= FILE_DF || facts.sfi > 30)
		facts.sfi = 0;
	facts.lcsi = fcp->lcsi;
	facts.special = fcp->has_special ? fcp->special : row != NULL ? row->flags : 0;
	facts.aid_len = fcp->aid_len;
	memcpy(facts.aid, fcp->aid, sizeof facts.aid);
	facts.arr_record = row != NULL ? row->arr : 0;
	if (fcp->arr.has) {
		facts.arr_record = fcp->arr.at[fcp->arr.len - 1];
		if (fcp->arr.len == 3)
			facts.arr = (uint16_t)(fcp->arr.at[0] << 8 | fcp->arr.at[1]);
	}
	*out = facts;
	return ERR_NONE;
}

/* --- content ---------------------------------------------------------------------------------- */

static uint8_t pattern_at(const struct template_fill *fill, uint32_t n, uint32_t each)
{
	if (fill->tail > 0 && fill->tail <= each && n >= each - fill->tail)
		return fill->octets[fill->head + n - (each - fill->tail)];
	if (n < fill->head)
		return fill->octets[n];
	return fill->octets[fill->repeats ? n % fill->head : fill->head - 1U];
}

static void preset(const struct file_facts *facts, const struct file_template *row,
                   struct room *content)
{
	uint32_t each = facts->record_len != 0 ? facts->record_len : facts->size;

	for (uint32_t n = 0; n < facts->size && n < content->cap; n++)
		content->at[n] =
			row != NULL ? pattern_at(template_fill_of(row), n % each, each) : 0xFF;
}

/* The pattern of a description, read octet by octet: packages are small and hosts are fast. */
static enum err patterned(const struct cursor *in, const struct fcp *fcp,
                          const struct file_facts *facts, struct room *content)
{
	uint8_t pattern[FCP_PATTERN_MAX];
	uint32_t each = facts->record_len != 0 ? facts->record_len : facts->size;
	uint32_t len = fcp->pattern.len;

	TRY(cursor_take(in, &fcp->pattern, 0, pattern, len));
	for (uint32_t n = 0; n < facts->size && n < content->cap; n++) {
		uint32_t at = n % each;
		content->at[n] = pattern[fcp->repeats ? at % len : at < len ? at : len - 1];
	}
	return ERR_NONE;
}

static enum err begin(const struct cursor *in, const struct fcp *fcp,
                      const struct file_template *row, struct file_facts *facts,
                      struct room *content)
{
	enum err err = file_facts_of(fcp, row, facts);

	if (err != ERR_NONE)
		return cursor_fault(in, in->at, 0, err);
	content->full = false;
	content->len = facts->size < content->cap ? facts->size : content->cap;
	if (facts->type >= FILE_DF)
		return ERR_NONE;
	preset(facts, row, content);
	if (fcp == NULL || fcp->pattern.len == 0)
		return ERR_NONE;
	facts->filled = true;
	return patterned(in, fcp, facts, content);
}

static enum err fill(const struct cursor *in, const struct step *step, uint32_t *at,
                     struct file_facts *facts, struct room *content)
{
	uint32_t n = step->kind == STEP_OFFSET ? step->offset : step->element.len;
	bool linked = facts->link.has && facts->link.len > 0;

	if (facts->type >= FILE_DF || (!linked && n > facts->size - *at))
		return cursor_fault(in, step->element.at, 0, ERR_VALUE);
	facts->filled = true;
	if (step->kind == STEP_CONTENT && *at < content->len) {
		uint32_t room = (uint32_t)content->len - *at;
		TRY(cursor_take(in, &step->element, 0, content->at + *at, n < room ? n : room));
	}
	*at += n;
	return ERR_NONE;
}

struct file_walk file_walk_of(const struct cursor *outer, const struct element *file,
                              const struct file_template *row)
{
	return (struct file_walk){ cursor_in(outer, file), row, false, false };
}

enum err file_walk_next(struct file_walk *walk, struct file_facts *facts, struct room *content)
{
	struct cursor *in = &walk->steps;
	bool begun = false;
	uint32_t at = 0;
	struct fcp fcp;
	struct step step;

	if (walk->done || (walk->started && cursor_done(in)))
		return ERR_NOT_FOUND;
	walk->started = true;
	while (!cursor_done(in)) {
		struct cursor before = *in;
		TRY(file_step(in, &step));
		if (step.kind == STEP_DO_NOT_CREATE && walk->row->fid >> 8 == 0x2F)
			continue; /* TCA 2.3.1, File: it has no effect on files in the MF */
		if (step.kind == STEP_DO_NOT_CREATE) {
			*facts = (struct file_facts){ .fid = walk->row->fid };
			walk->done = true;
			return cursor_end(in);
		}
		if (step.kind == STEP_FCP && begun) {
			*in = before;
			return ERR_NONE;
		}
		if (step.kind == STEP_FCP)
			TRY(file_fcp_read(in, &step.element, &fcp));
		if (!begun)
			TRY(begin(in, step.kind == STEP_FCP ? &fcp : NULL, walk->row, facts,
			          content));
		begun = true;
		if (step.kind == STEP_OFFSET || step.kind == STEP_CONTENT)
			TRY(fill(in, &step, &at, facts, content));
	}
	return begun ? ERR_NONE : begin(in, NULL, walk->row, facts, content);
}

enum err management_walk_of(const struct pe *pe, struct management_walk *out)
{
	struct cursor in = pe->body;
	struct management_walk walk = { 0 };
	struct element list;

	TRY(cursor_read(&in, 0xA1, &list));
	TRY(cursor_end(&in));
	walk.lists = cursor_in(&in, &list);
	*out = walk;
	return ERR_NONE;
}

static enum err list_next(struct management_walk *walk)
{
	struct element list;

	if (walk->listed && !cursor_done(&walk->commands))
		return ERR_NONE;
	if (cursor_done(&walk->lists))
		return ERR_NOT_FOUND;
	TRY(cursor_read(&walk->lists, 0x30, &list));
	walk->commands = cursor_in(&walk->lists, &list);
	walk->path = (struct fcp_value){ 0 };
	walk->listed = true;
	return ERR_NONE;
}

enum err management_next(struct management_walk *walk, struct file_facts *facts,
                         struct room *content)
{
	struct cursor *in = &walk->commands;
	bool begun = false;
	uint32_t at = 0;
	struct fcp fcp;
	struct step step;

	do
		TRY(list_next(walk));
	while (cursor_done(in));
	while (!cursor_done(in)) {
		struct cursor before = *in;
		TRY(management_step(in, &step));
		if (begun && (step.kind == STEP_FCP || step.kind == STEP_PATH)) {
			*in = before;
			return ERR_NONE;
		}
		if (step.kind == STEP_PATH) {
			walk->path = step.path;
		} else if (step.kind == STEP_FCP) {
			TRY(file_fcp_read(in, &step.element, &fcp));
			TRY(begin(in, &fcp, NULL, facts, content));
			begun = true;
		} else if (begun) {
			TRY(fill(in, &step, &at, facts, content));
		}
	}
	return begun ? ERR_NONE : ERR_NOT_FOUND;
}
