/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "tests/tap.h"

int main(void)
{
	for (int e = 0; e < ERR_COUNT; e++) {
		const char *text = err_text((enum err)e);
		ok(strlen(text) > 0 && text[strlen(text) - 1] != '.', "%s: %s",
		   err_name((enum err)e), text);
	}
	ok(strcmp(err_text(ERR_COUNT), "unknown error") == 0, "a number beyond has a text");
	return done();
}
