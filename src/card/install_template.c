/* SPDX-License-Identifier: Apache-2.0 */
/* Elements that make the files of a template, and generic file management. */
#include "card/install_run.h"

/* Where a template's files go: TCA 2.3.1, annex A, one clause each. */
static enum err base_of(struct install *i, uint16_t *base)
{
	switch ((unsigned)i->pe.kind) {
	case PE_MF:
		*base = FS_MF;
		return i->scope == FS_NO_NODE ? ERR_NONE : ERR_EXISTS;
	case PE_CD:
	case PE_TELECOM:
	case PE_USIM:
	case PE_ISIM:
	case PE_CSIM:
		*base = FS_MF;
		return i->scope != FS_NO_NODE ? ERR_NONE : ERR_ORDER;
	case PE_OPT_ISIM:
		*base = i->adf[NAA_ISIM];
		break;
	case PE_OPT_CSIM:
		*base = i->adf[NAA_CSIM];
		break;
	case PE_EAP:
		*base = i->naa;
		break;
	default:
		*base = i->adf[NAA_USIM];
		break;
	}
	return *base != FS_NO_NODE ? ERR_NONE : ERR_ORDER;
}

/* A directory of a template is where the files behind it go; the element's first one is also where
 * codes, keys and further elements belong. */
static void directory_made(struct install *i, const struct file_template *file, uint16_t number)
{
	static const uint8_t naas[] = { PE_USIM, PE_ISIM, PE_CSIM };

	if (file->type == FILE_MF || (file->type == FILE_DF && i->pe.kind == PE_TELECOM))
		i->scope = number;
	if (file->type != FILE_ADF)
		return;
	i->scope = number;
	i->naa = number;
	for (size_t n = 0; n < NAAS; n++)
		if (naas[n] == i->pe.kind)
			i->adf[n] = number;
}

struct place {
	uint16_t base;      /* what directories of the template go below */
	uint16_t directory; /* what files go below */
	bool first;         /* no directory of this element was made yet */
};

static enum err make(struct install *i, struct place *place, const struct file_template *file,
                     const struct fcp *fcp, struct making *making)
{
	bool directory = file->type >= FILE_DF;

	TRY(install_make(i, directory ? place->base : place->directory, file, fcp, making));
	if (!directory)
		return ERR_NONE;
	place->directory = making->number;
	if (place->first) {
		directory_made(i, file, making->number);
		place->base = making->number;
		place->first = false;
	}
	return ERR_NONE;
}

/* One step of a File; content and offsets want a file, so one is made as the template has it. */
static enum err step_run(struct install *i, struct place *place, const struct file_template *file,
                         const struct step *step, struct making *making)
{
	struct fcp fcp;

	if (step->kind == STEP_FCP) {
		TRY(file_fcp_read(&i->pe.body, &step->element, &fcp));
		return make(i, place, file, &fcp, making);
	}
	if (making->number == FS_NO_NODE)
		TRY(make(i, place, file, NULL, making));
	return step->kind == STEP_OFFSET ? install_skip(making, step->offset)
	                                 : install_fill(i, &step->element, making);
}

/* One member of the element: a description may come several times, each makes another file. */
static enum err file_run(struct install *i, struct place *place, const struct file_template *file,
                         const struct element *element)
{
	struct cursor steps = cursor_in(&i->pe.body, element);
	struct making making = { .number = FS_NO_NODE };
	struct step step;

	while (!cursor_done(&steps)) {
		TRY(file_step(&steps, &step));
		if (step.kind == STEP_DO_NOT_CREATE && i->pe.kind == PE_MF)
			continue; /* TCA 2.3.1, File: it has no effect on files in the MF */
		if (step.kind == STEP_DO_NOT_CREATE)
			return cursor_end(&steps);
		TRY(step_run(i, place, file, &step, &making));
	}
	if (making.number == FS_NO_NODE)
		TRY(make(i, place, file, NULL, &making));
	return ERR_NONE;
}

/* Files that a template makes by default when the element does not name them; those whose size only
 * the package can tell cannot be meant. */
static enum err default_run(struct install *i, struct place *place, const struct template *template,
                            unsigned from, unsigned to)
{
	struct making making;
	struct file_template file;

	for (unsigned n = from; template->by_default && n < to; n++) {
		template_file(template, n, &file);
		bool sized = file.size != 0 && (file.type == FILE_TRANSPARENT || file.records != 0);
		if (file.type >= FILE_DF || !sized)
			continue;
		TRY(make(i, place, &file, NULL, &making));
	}
	return ERR_NONE;
}

enum err install_template(struct install *i)
{
	const struct template *template;
	struct file_template file;
	struct element element;
	struct place place;
	unsigned next = 0;

	enum err err = pe_template(&i->pe, &template);
	if (err == ERR_UNSUPPORTED)
		return install_refuse(i, PE_TEMPLATE_NOT_SUPPORTED, err);
	TRY(err);
	TRY(base_of(i, &place.base));
	place.directory = place.base;
	place.first = template->files[0].type >= FILE_DF;
	while (!cursor_done(&i->pe.body)) {
		unsigned index, from = next;
		TRY(pe_file(&i->pe, template, &next, &index, &element));
		TRY(default_run(i, &place, template, from, index));
		template_file(template, index, &file);
		if (place.first && index != 0)
			return ERR_ORDER; /* files of a directory that was not made */
		TRY(file_run(i, &place, &file, &element));
	}
	if (place.first)
		return ERR_ORDER;
	TRY(default_run(i, &place, template, next, template->count));
	return install_services(i);
}

/* A path leads to a directory that files are made in, or to a file that is filled further. */
static enum err path_run(struct install *i, const struct fcp_value *path, uint16_t *directory,
                         struct making *making)
{
	struct node node;
	uint16_t number;

	TRY(install_path(i, path, &number));
	TRY(fs_node(i->tree, number, &node));
	making_begin(making, number, &node);
	*directory = node_is_file(&node) ? node.parent : number;
	return ERR_NONE;
}

static enum err command_run(struct install *i, const struct step *step, uint16_t *directory,
                            struct making *making)
{
	struct fcp fcp;

	switch (step->kind) {
	case STEP_PATH:
		return path_run(i, &step->path, directory, making);
	case STEP_FCP:
		TRY(file_fcp_read(&i->pe.body, &step->element, &fcp));
		return install_make(i, *directory, NULL, &fcp, making);
	case STEP_OFFSET:
		return install_skip(making, step->offset);
	case STEP_CONTENT:
		return install_fill(i, &step->element, making);
	case STEP_DO_NOT_CREATE:
	default:
		return ERR_TAG;
	}
}

static enum err commands_run(struct install *i, struct cursor *commands)
{
	struct making making = { .number = FS_NO_NODE };
	struct fcp_value root = { 0 };
	uint16_t directory;
	struct step step;

	TRY(install_path(i, &root, &directory));
	while (!cursor_done(commands)) {
		TRY(management_step(commands, &step));
		TRY(command_run(i, &step, &directory, &making));
	}
	return ERR_NONE;
}

/* PE-GenericFileManagement: a list of lists, each starting at the MF. */
enum err install_management(struct install *i)
{
	struct element list, one;
	struct cursor lists, commands;

	TRY(cursor_read(&i->pe.body, 0xA1, &list));
	TRY(cursor_end(&i->pe.body));
	lists = cursor_in(&i->pe.body, &list);
	while (!cursor_done(&lists)) {
		TRY(cursor_read(&lists, 0x30, &one));
		commands = cursor_in(&lists, &one);
		TRY(commands_run(i, &commands));
	}
	return ERR_NONE;
}
