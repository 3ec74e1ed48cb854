/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include "tests/tap.h"

static void hold(struct secret *out_copy)
{
	SECRET key = { { 0 }, 0 };

	if (!secret_from(&key, BYTES_STR("0123456789abcdef")))
		return;
	*out_copy = key;
}

int main(void)
{
	struct secret copy = { { 0 }, 0 };
	uint8_t long_key[SECRET_MAX + 1] = { 0 };

	hold(&copy);
	ok(copy.len == 16 && copy.at[0] == '0', "R7: a secret holds what it was given");
	ok(!secret_from(&copy, BYTES(long_key)) && copy.len == 16, "too long is refused, untouched");
	secret_clear(&copy);
	bool clear = copy.len == 0;
	for (size_t i = 0; i < SECRET_MAX; i++)
		clear = clear && copy.at[i] == 0;
	ok(clear, "R7: a cleared secret is all zero");
	ok(secret_same(BYTES_STR("abc"), BYTES_STR("abc")), "same");
	ok(!secret_same(BYTES_STR("abc"), BYTES_STR("abd")), "last octet differs");
	ok(!secret_same(BYTES_STR("abc"), BYTES_STR("ab")), "length differs");
	return done();
}
