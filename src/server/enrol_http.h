/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of enrolment, docs/protocol.md "Enrolment": two paths beside ES9+. */
#ifndef SERVER_ENROL_HTTP_H
#define SERVER_ENROL_HTTP_H

#include "server/enrol.h"

#define ENROL_PATH "/assay/v1/enrol"

/* As appraiser_enrol_begin and appraiser_enrol_prove, whose first argument is ctx. */
struct enrol_service {
	void *ctx;
	enum err (*begin)(void *ctx, const struct enrol_begin *begin, struct enrol_challenge *out);
	enum err (*prove)(void *ctx, const struct enrol_prove *prove, struct enrol_outcome *out);
};

/* enrol_answer writes the answer's body and returns the HTTP status: 200; 400 for a body that is not what it
 * should be; 403 with reason and text when the chip is refused; 404 for another path; 503 when it should be asked
 * again later. */
unsigned enrol_answer(const struct enrol_service *service, struct bytes path, struct bytes body,
                      struct room *reply);

#endif
