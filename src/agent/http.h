/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent asks of the way to a server: post one body, get one answer. Backend: curl.h. */
#ifndef AGENT_HTTP_H
#define AGENT_HTTP_H

#include "base/bytes.h"
#include "base/err.h"

struct http {
	void *ctx;
	/* post sends `body` to https://HOST/PATH and appends the answer's body. ERR_NONE means that the
	 * server answered, with whatever status; ERR_IO, ERR_TIMEOUT or ERR_CERTIFICATE that it did not;
	 * ERR_LIMIT that the answer does not fit. */
	enum err (*post)(void *ctx, struct bytes host, const char *path, struct bytes body,
	                 struct room *answer, unsigned *status);
	const char *(*why)(void *ctx); /* what went wrong last, in words; never NULL */
};

#endif
