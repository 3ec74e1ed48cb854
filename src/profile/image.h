/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file of a package will hold on a card, worked out in memory: description, template and filling
 * steps put together. For hosts – printing, checking, the server's look into a package; a card makes the
 * real file instead.
 */
#ifndef PROFILE_IMAGE_H
#define PROFILE_IMAGE_H

#include "profile/template.h"

/* What a file is once description and template are put together. */
struct file_facts {
	bool created; /* false: doNotCreate */
	uint16_t fid;
	enum file_type type;
	uint32_t size;
	uint16_t record_len; /* 0: no records */
	uint16_t records;
	uint8_t sfi;  /* 0: none */
	uint16_t arr; /* identifier of EF.ARR, 0: implied by the place */
	uint8_t arr_record;
	uint8_t lcsi, special;
	uint8_t aid_len, aid[16];
	struct fcp_value link;
	bool filled; /* the package says something about the content */
};

/* file_facts_of puts a description (NULL: none) and a template's row (NULL: none) together. ERR_VALUE
 * when they contradict each other or leave something open. */
NODISCARD enum err file_facts_of(const struct fcp *fcp, const struct file_template *row,
                                 struct file_facts *out);

/* A File read step by step: each description makes a file, with the steps up to the next one. */
struct file_walk {
	struct cursor steps;
	const struct file_template *row;
	bool started, done;
};

/* file_walk_of starts with the content of a File; file_walk_next works out its next file: facts, and
 * as much of its content as fits `content`, which is emptied first. ERR_NOT_FOUND behind the last. */
struct file_walk file_walk_of(const struct cursor *outer, const struct element *file,
                              const struct file_template *row);
NODISCARD enum err file_walk_next(struct file_walk *walk, struct file_facts *facts,
                                  struct room *content);

/* The same for generic file management: management_next works out the next file and where it goes. */
struct management_walk {
	struct cursor lists, commands;
	struct fcp_value path;
	bool listed;
};

NODISCARD enum err management_walk_of(const struct pe *pe, struct management_walk *out);
NODISCARD enum err management_next(struct management_walk *walk, struct file_facts *facts,
                                   struct room *content);

#endif
