/* SPDX-License-Identifier: Apache-2.0 */
/* The template tables hold together: what a person can mistype is looked for here. */
#include "profile/names.h"
#include "tests/tap.h"

static const char *row_flaw(const struct template *template, unsigned n)
{
	struct file_template row;

	template_file(template, n, &row);
	bool directory = row.type >= FILE_DF;
	bool records = row.type == FILE_LINEAR || row.type == FILE_CYCLIC;
	const struct template_fill *fill = template_fill_of(&row);

	if (row.arr < 1 || row.arr > 14)
		return "a rule that EF.ARR does not have";
	if (row.sfi > 30)
		return "a short identifier beyond 30";
	if (directory && (row.sfi != 0 || row.size != 0 || row.records != 0 || row.flags != 0))
		return "a directory with a size";
	if (!records && row.records != 0)
		return "records in a file without";
	if (row.fid == 0 && row.type != FILE_ADF && template->kind != PE_EAP)
		return "no file identifier";
	if (fill->head == 0 || fill->head + fill->tail > TEMPLATE_FILL_MAX)
		return "an impossible filling";
	if (row.size != 0 && !directory && fill->head + fill->tail > row.size)
		return "a filling that is longer than the file";
	if (strcmp(template_file_name(template, n), "unknown") == 0)
		return "no name";
	if ((strncmp(template_file_name(template, n), "ef-", 3) == 0) == directory)
		return "a name of the wrong sort";
	return NULL;
}

/* Within a directory no identifier and no short identifier comes twice. */
static const char *twice(const struct template *template, unsigned n)
{
	for (unsigned m = n + 1; m < template->count; m++) {
		const struct file_template *a = &template->files[n], *b = &template->files[m];
		if (b->type >= FILE_DF)
			return NULL;
		if (a->fid == b->fid && a->type < FILE_DF)
			return "an identifier that comes twice";
		if (a->sfi != 0 && a->sfi == b->sfi)
			return "a short identifier that comes twice";
	}
	return NULL;
}

static void table(const struct template *template)
{
	unsigned flaws = 0;

	for (unsigned n = 0; n < template->count; n++) {
		const char *why = row_flaw(template, n);
		if (why == NULL)
			why = twice(template, n);
		if (why == NULL)
			continue;
		printf("# %s: %s\n", template_file_name(template, n), why);
		flaws++;
	}
	ok(flaws == 0, "%s, version %u: %u files", pe_kind_name(template->kind), template->version,
	   template->count);
}

static const struct {
	const char *says, *oid;
	enum pe_kind kind;
	unsigned files;
} oids[] = {
	{"2.23.143.1.2.1 is the MF",                 "67810F010201",   PE_MF,       6 },
	{ "2.23.143.1.2.5 is opt-usim",              "67810F010205",   PE_OPT_USIM, 74},
	{ "2.23.143.1.2.5.3 is its third version",   "67810F01020503", PE_OPT_USIM, 86},
	{ "2.23.143.1.2.13.4 is df-5gs, version 4",  "67810F01020D04", PE_DF_5GS,   20},
	{ "2.23.143.1.2.4 is no template for an MF", "67810F010204",   PE_MF,       0 },
	{ "2.23.143.1.2.13.9 is not known",          "67810F01020D09", PE_DF_5GS,   0 },
	{ "the prefix alone is nothing",             "67810F0102",     PE_MF,       0 },
};

int main(void)
{
	const struct template *template;
	uint8_t store[16];

	for (size_t n = 0; (template = template_at(n)) != NULL; n++)
		table(template);
	for (size_t i = 0; i < COUNT(oids); i++) {
		template = template_find(oids[i].kind, unhex(oids[i].oid, store, sizeof store));
		ok((template == NULL ? 0 : template->count) == oids[i].files, "%s", oids[i].says);
	}
	ok(tag_number(30, true) == 0xBE && tag_number(31, true) == 0xBF1F,
	   "tag 31 needs two octets");
	return done();
}
