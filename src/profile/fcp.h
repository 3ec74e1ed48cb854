/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File descriptions (Fcp) and the steps by which a package makes and fills a file: those of a file
 * in a template (File) and those of generic file management (FileManagement). TCA 2.3.1, 8.3.
 */
#ifndef PROFILE_FCP_H
#define PROFILE_FCP_H

#include "profile/source.h"

enum {
	FCP_PATH_MAX = 8,        /* filePath, linkPath: up to four file identifiers */
	FCP_PATTERN_MAX = 200,   /* fillPattern, repeatPattern */
	FCP_PIN_STATUS_MAX = 32, /* pinStatusTemplateDO: TS 102 221 9.5.2 needs three to eleven */
	FCP_DEFAULT_LCSI = 0x05, /* operational, activated */
};

/* A value of up to eight octets; has: whether it was there at all. */
struct fcp_value {
	bool has;
	uint8_t len;
	uint8_t at[8];
};

struct fcp {
	struct fcp_value descriptor; /* 2 to 4 octets: TS 102 222 6.3.2.2.1 */
	bool has_fid, has_size, has_special, has_maximum, has_sfi;
	bool has_info; /* proprietaryEFInfo was there, if only with defaults */
	uint16_t fid;
	uint8_t aid_len, aid[16]; /* dfName: of an ADF; 0: none */
	uint8_t lcsi;
	struct fcp_value arr;      /* EF.ARR's identifier and record, or the record alone */
	uint32_t size;             /* efFileSize */
	struct element pin_status; /* pinStatusTemplateDO; at 0, len 0: none */
	uint8_t sfi;               /* 0: no short identifier is supported */
	uint8_t special; /* specialFileInformation: 40 readable when deactivated, 80 high update */
	uint8_t details;
	uint32_t maximum;       /* maximumFileSize of a BER-TLV file */
	bool repeats;           /* the pattern repeats; else its last octet does */
	struct element pattern; /* fillPattern or repeatPattern; len 0: none */
	struct fcp_value link;  /* linkPath */
};

/* file_fcp_read takes the content of an Fcp. ERR_LENGTH, ERR_VALUE or ERR_TAG say what is wrong. */
NODISCARD enum err file_fcp_read(const struct cursor *outer, const struct element *element,
                                 struct fcp *out);

/* file_fcp_put appends a description under `tag` (A1 in a File, 62 in generic file management); the octets
 * that fcp->pin_status and fcp->pattern only point to are given beside it. Defaults are left out. */
void file_fcp_put(struct room *out, ber_tag tag, const struct fcp *fcp, struct bytes pin_status,
                  struct bytes pattern);

/* What one step of a File or FileManagement asks for. */
enum file_step { STEP_DO_NOT_CREATE, STEP_PATH, STEP_FCP, STEP_OFFSET, STEP_CONTENT };

struct step {
	enum file_step kind;
	struct element element;
	uint32_t offset;       /* STEP_OFFSET: octets to skip from where filling is */
	struct fcp_value path; /* STEP_PATH */
};

/* file_step takes the next step of a File; management_step that of a FileManagement. */
NODISCARD enum err file_step(struct cursor *file, struct step *step);
NODISCARD enum err management_step(struct cursor *commands, struct step *step);

/* What a file is, from the first octet of its descriptor (TS 102 221 11.1.1.4.3). */
enum file_type {
	FILE_TRANSPARENT,
	FILE_LINEAR,
	FILE_CYCLIC,
	FILE_BER_TLV,
	FILE_DF,
	FILE_ADF,
	FILE_MF
};

/* file_type_of reads a descriptor; record length 0 where there are no records. */
NODISCARD enum err file_type_of(const struct fcp_value *descriptor, enum file_type *type,
                                uint16_t *record_len);

#endif
