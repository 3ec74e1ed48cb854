/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <string.h>

void wipe(void *at, size_t n)
{
	memset(at, 0, n);
	/* The barrier makes the cleared memory look used. */
	__asm__ __volatile__("" : : "r"(at) : "memory");
}

void secret_clear(struct secret *secret)
{
	wipe(secret, sizeof *secret);
}

bool secret_from(struct secret *out, struct bytes in)
{
	if (in.len > SECRET_MAX)
		return false;
	wipe(out, sizeof *out);
	if (in.len > 0)
		memcpy(out->at, in.at, in.len);
	out->len = (uint8_t)in.len;
	return true;
}

bool secret_same(struct bytes a, struct bytes b)
{
	uint8_t differ = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		differ |= (uint8_t)(a.at[i] ^ b.at[i]);
	return differ == 0;
}
