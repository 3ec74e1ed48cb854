/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File templates (TCA 2.3.1, annex A): which files a profile element can make, in the order of its
 * members, and what each is like unless the package says otherwise. Later versions of a template only
 * append files, so one table serves all of them, with the few differences listed beside it.
 */
#ifndef PROFILE_TEMPLATE_H
#define PROFILE_TEMPLATE_H

#include "profile/fcp.h"
#include "profile/pe.h"

enum {
	TEMPLATE_FILL_MAX = 32,
	TEMPLATE_FIRST_TAG = 2,  /* members 0 and 1 are the header and the template's OID */
	FILE_HIGH_UPDATE = 0x80, /* as in specialFileInformation */
};

/* What a file holds before it is filled: `head` octets, the last of them again and again (or all of
 * them when `repeats`), and `tail` octets at the end of the file or of every record. */
struct template_fill {
	uint8_t head, tail;
	bool repeats;
	uint8_t octets[TEMPLATE_FILL_MAX];
};

struct file_template {
	uint16_t fid;    /* 0: the package gives it (ADFs) */
	uint8_t type;    /* enum file_type */
	uint8_t sfi;     /* 0: none */
	uint8_t arr;     /* record of EF.ARR */
	uint8_t records; /* linear and cyclic; 0: the package says how many */
	uint8_t size;    /* of the file or of a record; 0: the package says */
	uint8_t fill;    /* index for template_fill */
	uint8_t flags;   /* FILE_HIGH_UPDATE */
};

struct template
{
	enum pe_kind kind;
	uint8_t version; /* last arc of the OID; 1 where there is none */
	uint8_t count;   /* files */
	bool by_default; /* files are made unless the package says no, else only if it names them */
	const struct file_template *files;
};

/* template_find looks up an OID: the content octets of 2.23.143.1.2.x or 2.23.143.1.2.x.y. NULL when
 * it is not known or not one for this kind of element. */
const struct template *template_find(enum pe_kind kind, struct bytes oid);

/* template_known tells whether any element of this OID can be read. */
bool template_known(struct bytes oid);

/* template_at is the nth template of all, for tables and tests; NULL behind the last. */
const struct template *template_at(size_t n);

/* template_oid appends the content octets of a template's OID. */
void template_oid(struct room *out, const struct template *template);

/* template_file gives the nth file as this version of the template has it. */
void template_file(const struct template *template, unsigned n, struct file_template *out);

/* template_fill_of is what fills that file. */
const struct template_fill *template_fill_of(const struct file_template *file);

/* pe_template reads the templateID that follows an element's header; ERR_UNSUPPORTED for a template
 * that is not known. The body then stands at the first file. */
NODISCARD enum err pe_template(struct pe *pe, const struct template **out);

/* pe_file takes the next File of the element and tells which of the template's it is. Files come in
 * the template's order: `next` counts and starts at 0. ERR_TAG for one that is not in the template. */
NODISCARD enum err pe_file(struct pe *pe, const struct template *template, unsigned *next,
                           unsigned *index, struct element *file);

#endif
