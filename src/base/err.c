/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stddef.h>

static const char *const texts[] = {
	[ERR_NONE] = "no error",
#define X(name, text) [name] = (text),
	ERR_LIST(X)
#undef X
};

static const char *const names[] = {
	[ERR_NONE] = "ERR_NONE",
#define X(name, text) [name] = #name,
	ERR_LIST(X)
#undef X
};

const char *err_text(enum err err)
{
	return (size_t)err < COUNT(texts) ? texts[err] : "unknown error";
}

const char *err_name(enum err err)
{
	return (size_t)err < COUNT(names) ? names[err] : "ERR_UNKNOWN";
}
