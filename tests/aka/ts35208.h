/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the shared file of TS 35.208 test sets: one set a line, thirteen hexadecimal fields. */
#ifndef TESTS_AKA_TS35208_H
#define TESTS_AKA_TS35208_H

#include "aka/milenage.h"

#include <stdio.h>
#include <string.h>

struct ts35208 {
	uint8_t k[16], rand[16], sqn[6], amf[2], op[16], opc[16];
	uint8_t f1[8], f1_star[8], f2[8], f3[16], f4[16], f5[6], f5_star[6];
};

UNUSED static bool ts35208_field(struct bytes *line, uint8_t *out, size_t size)
{
	struct bytes text, space;

	while (line->len > 0 && line->at[0] == ' ')
		if (!bytes_take(line, 1, &space))
			return false;
	if (!bytes_take(line, 2 * size, &text))
		return false;
	for (size_t i = 0; i < size; i++) {
		char pair[3] = { (char)text.at[2 * i], (char)text.at[2 * i + 1], 0 };
		unsigned octet;
		if (sscanf(pair, "%2x", &octet) != 1)
			return false;
		out[i] = (uint8_t)octet;
	}
	return true;
}

/* ts35208_next takes one line; false at the end of the file. */
UNUSED static bool ts35208_next(struct bytes *file, struct ts35208 *set)
{
	const uint8_t *end = file->len == 0 ? NULL : memchr(file->at, '\n', file->len);
	struct bytes line, newline;

	if (end == NULL || !bytes_take(file, (size_t)(end - file->at), &line) ||
	    !bytes_take(file, 1, &newline))
		return false;
	return ts35208_field(&line, set->k, 16) && ts35208_field(&line, set->rand, 16) &&
	       ts35208_field(&line, set->sqn, 6) && ts35208_field(&line, set->amf, 2) &&
	       ts35208_field(&line, set->op, 16) && ts35208_field(&line, set->opc, 16) &&
	       ts35208_field(&line, set->f1, 8) && ts35208_field(&line, set->f1_star, 8) &&
	       ts35208_field(&line, set->f2, 8) && ts35208_field(&line, set->f3, 16) &&
	       ts35208_field(&line, set->f4, 16) && ts35208_field(&line, set->f5, 6) &&
	       ts35208_field(&line, set->f5_star, 6);
}

#endif
