/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what any reader of the room takes, its writer puts so that it reads to the same again;
 * on error the result is untouched. */
#include "tests/rsp/laws.h"

#include "fuzz/law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	bool canonical;
	enum err err;

	if (size > 1 << 16)
		return 0;
	for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++)
		LAW(law_holds(&laws[i], in, &err, &canonical));
	return 0;
}
