/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/reference.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1 << 20 }; /* a distribution's every file, several times over */

void references_init(struct references *references)
{
	*references = (struct references){ .generation = 1 };
}

void reference_free(struct reference *reference)
{
	free(reference->events);
	free(reference->pcrs);
	free(reference->files);
	free(reference->components);
	*reference = (struct reference){ .model = "" };
}

void references_clear(struct references *references)
{
	for (size_t i = 0; i < references->count; i++)
		reference_free(&references->sets[i]);
	free(references->sets);
	*references = (struct references){ .generation = references->generation + 1 };
}

/* Room for one row more, doubling; NULL when there is no memory or too many rows. */
static void *grown(void *rows, size_t count, size_t size)
{
	if (count >= ROWS_MAX)
		return NULL;
	if (count != 0 && (count < 8 || (count & (count - 1)) != 0))
		return rows;
	return realloc(rows, (count < 8 ? 8 : 2 * count) * size);
}

#define ADD(rows, count, row)                                \
	void *more = grown((rows), (count), sizeof *(rows)); \
	if (more == NULL)                                    \
		return ERR_FULL;                             \
	(rows) = more;                                       \
	(rows)[(count)++] = *(row);                          \
	return ERR_NONE

enum err reference_add_event(struct reference *r, const struct reference_event *event)
{
	ADD(r->events, r->event_count, event);
}

enum err reference_add_pcr(struct reference *r, const struct reference_pcr *pcr)
{
	ADD(r->pcrs, r->pcr_count, pcr);
}

enum err reference_add_file(struct reference *r, const struct reference_file *file)
{
	ADD(r->files, r->file_count, file);
}

enum err reference_add_component(struct reference *r, const struct reference_component *c)
{
	ADD(r->components, r->component_count, c);
}

static int file_order(const void *left, const void *right)
{
	const struct reference_file *a = left, *b = right;

	return bytes_order((struct bytes){ a->digest, a->len },
	                   (struct bytes){ b->digest, b->len });
}

enum err references_adopt(struct references *references, struct reference *set)
{
	if (set->file_count > 0)
		qsort(set->files, set->file_count, sizeof *set->files, file_order);
	void *more = grown(references->sets, references->count, sizeof *references->sets);
	if (more == NULL)
		return ERR_FULL;
	references->sets = more;
	references->sets[references->count++] = *set;
	references->generation++;
	return ERR_NONE;
}

enum err references_revoke(struct references *references, const char *model, const char *firmware)
{
	bool found = false;

	for (size_t i = 0; i < references->count; i++) {
		struct reference *set = &references->sets[i];
		if (strcmp(set->model, model) != 0 || strcmp(set->firmware, firmware) != 0)
			continue;
		set->revoked = found = true;
	}
	references->generation += found;
	return found ? ERR_NONE : ERR_NOT_FOUND;
}

uint32_t reference_pcrs(const struct reference *reference)
{
	uint32_t pcrs = reference->file_count > 0 ? UINT32_C(1) << IMA_PCR : 0;

	for (size_t i = 0; i < reference->event_count; i++)
		pcrs |= UINT32_C(1) << reference->events[i].pcr;
	for (size_t i = 0; i < reference->pcr_count; i++)
		pcrs |= UINT32_C(1) << reference->pcrs[i].pcr;
	return pcrs;
}

bool reference_has_file(const struct reference *reference, struct bytes digest)
{
	struct reference_file key = { .len = (uint8_t)digest.len };

	if (digest.len > sizeof key.digest || reference->file_count == 0)
		return false;
	memcpy(key.digest, digest.at, digest.len);
	return bsearch(&key, reference->files, reference->file_count, sizeof key, file_order) !=
	       NULL;
}
