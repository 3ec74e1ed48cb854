/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that build*.c share: an element with files that is being written. */
#ifndef PROFILE_BUILD_PUT_H
#define PROFILE_BUILD_PUT_H

#include "profile/build.h"
#include "profile/template.h"

struct build {
	struct room *out;
	const struct profile_description *what;
	uint16_t identification;         /* of the next element */
	const struct template *template; /* of the open element */
	size_t element, file;            /* marks for ber_close */
	unsigned next;                   /* files come in the template's order */
	bool wrong;                      /* a mistake of ours: an unknown or misplaced file */
};

extern const uint8_t usim_aid[16], isim_aid[16];

enum { ADF_USIM = 0x7FD0, ADF_ISIM = 0x7FB0, TEMPLATE_V1 = 1 };

/* build_files opens an element of files; build_end closes it. */
void build_files(struct build *b, enum pe_kind kind);
void build_end(struct build *b);

/* build_file opens a file of the template by its id (0: the ADF); build_file_end closes it. Between
 * them: at most one build_* that describes it, then content. */
void build_file(struct build *b, uint16_t fid);
void build_file_end(struct build *b);

void build_directory(struct build *b, uint16_t fid, struct bytes aid, struct bytes pins);
void build_size(struct build *b, uint32_t size);
void build_records(struct build *b, uint8_t record, uint8_t count);
void build_content(struct build *b, struct bytes content);
void build_skip(struct build *b, uint16_t n);

/* build_default is a file as the template has it; build_transparent one of this content and size (0:
 * the template's). */
void build_default(struct build *b, uint16_t fid);
void build_transparent(struct build *b, uint16_t fid, struct bytes content, uint32_t size);

/* build_arr is an EF.ARR with the rules 1 to 14 that templates refer to (TCA 2.3.1, 9.9). */
void build_arr(struct build *b, uint16_t fid);

/* The elements, each in its file. */
void build_mf(struct build *b);
void build_telecom(struct build *b);
void build_usim(struct build *b);
void build_opt_usim(struct build *b);
void build_gsm(struct build *b);
void build_5gs(struct build *b);
void build_isim(struct build *b);

/* plmn_put appends three octets of PLMN (TS 24.008 10.5.1.13) from 5 or 6 digits. */
void plmn_put(struct room *out, const char *digits);

/* text_bytes is a view of a text without its NUL. */
struct bytes text_bytes(const char *text);

/* digits_put appends digits, low nibble first, the last octet padded with F. */
void digits_put(struct room *out, struct bytes digits);

#endif
