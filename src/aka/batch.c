/* SPDX-License-Identifier: Apache-2.0 */
/* Many vectors at once. */
#include "aka/functions.h"

enum err aka_vectors(const struct aka_request *requests, size_t count, struct aka_vector *out)
{
	enum err err = ERR_NONE;

	for (size_t i = 0; err == ERR_NONE && i < count; i++)
		err = aka_vector_make(&requests[i], &out[i]);
	if (err != ERR_NONE)
		wipe(out, count * sizeof *out);
	return err;
}
