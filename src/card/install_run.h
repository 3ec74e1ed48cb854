/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the interpreter share: the state of one installation. Only src/card/install*.c
 * include this.
 */
#ifndef CARD_INSTALL_RUN_H
#define CARD_INSTALL_RUN_H

#include "card/fs.h"
#include "profile/fcp.h"
#include "profile/pe.h"
#include "profile/status.h"
#include "profile/template.h"

enum {
	INSTALL_RESULTS_MAX = 8, /* elements passed over, each with its status; more are not told */
	INSTALL_CHUNK = 64,      /* octets of content on their way from the package to a file */
};

enum install_naa { NAA_USIM, NAA_ISIM, NAA_CSIM, NAAS };

struct install {
	struct fs *tree;
	struct cursor package;
	struct fault fault;
	struct pe pe;       /* the element that is being run */
	uint16_t number;    /* how many elements came before it */
	uint16_t scope;     /* directory that codes belong to: the last MF, DF or ADF made */
	uint16_t naa;       /* ADF that keys belong to */
	uint16_t adf[NAAS]; /* last ADF of each sort, FS_NO_NODE: none */
	uint32_t services;  /* mandatory ones, from the header */
	uint8_t objects[4]; /* how many of each kind, see install_objects.c */
	bool headed, ended;
	enum pe_status
		reason; /* more exact than what the cause would give; PE_OK: it says enough */
	uint8_t results_len;
	struct pe_result results[INSTALL_RESULTS_MAX];
};

/* A file that is being made: where filling is, and what the file is. */
struct making {
	uint16_t number; /* FS_NO_NODE: not made yet */
	uint32_t at, size;
	bool objects; /* a BER-TLV file: content is data objects */
};

/* install_refuse notes a reason that is more exact than the cause and returns the cause. */
static inline enum err install_refuse(struct install *i, enum pe_status reason, enum err cause)
{
	if (i->reason == PE_OK)
		i->reason = reason;
	return cause;
}

/* install_make makes a file or directory below `parent` from what the package says, and from the
 * template where it says nothing; `file` is NULL outside of templates, `fcp` NULL when there is none. */
NODISCARD enum err install_make(struct install *i, uint16_t parent,
                                const struct file_template *file, const struct fcp *fcp,
                                struct making *making);

/* making_begin makes a file that is there the one that is filled, from its start. */
void making_begin(struct making *making, uint16_t number, const struct node *node);

/* install_skip and install_fill do the steps fillFileOffset and fillFileContent. */
NODISCARD enum err install_skip(struct making *making, uint32_t n);
NODISCARD enum err install_fill(struct install *i, const struct element *content,
                                struct making *making);

/* install_path finds a file or directory by a path from the MF, with temporary ids of ADFs. */
NODISCARD enum err install_path(struct install *i, const struct fcp_value *path, uint16_t *number);

/* Each runs the element in i->pe. */
NODISCARD enum err install_template(struct install *i);
NODISCARD enum err install_management(struct install *i);
NODISCARD enum err install_pins(struct install *i);
NODISCARD enum err install_puks(struct install *i);
NODISCARD enum err install_keys(struct install *i);
NODISCARD enum err install_object(struct install *i);

/* install_services clears, in the service table of the NAA, what this card cannot do and the package
 * does not insist on (TCA 2.3.1, PE-USIM and PE-ISIM). */
NODISCARD enum err install_services(struct install *i);

/* install_finish sees that what was made is whole, and forgets the temporary ids of ADFs. */
NODISCARD enum err install_finish(struct install *i);

#endif
