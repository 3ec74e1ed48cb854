/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of an SM-DP+ as its client sees them: ES9+ over JSON (SGP.22 v2.5 5.6, 6.5). Answers are
 * decoded into the caller's store, where results point.
 *
 * When the server refuses, the function returns ERR_DENIED and `status` tells why. ERR_BUSY means that it
 * answered with an HTTP status that asks to come back (429, 5xx); other causes are those of struct http
 * and of es9_answer_read. `why` says it in words.
 */
#ifndef AGENT_ES9_H
#define AGENT_ES9_H

#include "agent/es9_json.h"
#include "agent/http.h"

enum {
	ES9_WHY_MAX = 960,
	ES9_BODY_MAX =
		4 << 20, /* of one body: a profile of 2 MB in Base64, with room for its frame */
};

struct es9 {
	const struct http *http;
	struct bytes host; /* SM-DP+ address */
	struct room
		body; /* scratch for one body and its answer: 2 * ES9_BODY_MAX holds everything */
	struct es9_status status;
	char why[ES9_WHY_MAX];
};

struct es9_session { /* what InitiateAuthentication answers */
	struct bytes transaction_id;
	struct bytes server_signed1;    /* whole element 30 */
	struct bytes server_signature1; /* whole element 5F37 */
	struct bytes ci_pkid;           /* whole element 04 */
	struct bytes server_certificate;
	struct bytes
		equipment; /* JSON text of equipmentEvidence; at == NULL: no evidence is wanted */
};

struct es9_offer {                     /* what AuthenticateClient answers */
	struct bytes profile_metadata; /* whole element BF25 */
	struct bytes smdp_signed2;     /* whole element 30 */
	struct bytes smdp_signature2;  /* whole element 5F37 */
	struct bytes smdp_certificate;
};

NODISCARD enum err es9_initiate_authentication(struct es9 *es9, struct bytes euicc_challenge,
                                               struct bytes euicc_info1, struct room *store,
                                               struct es9_session *out);
/* `evidence` is what the machine says of itself; at == NULL: nothing. */
NODISCARD enum err es9_authenticate_client(struct es9 *es9, struct bytes transaction_id,
                                           struct bytes response, struct bytes evidence,
                                           struct room *store, struct es9_offer *out);

/* es9_attest is AuthenticateClient of a machine that shows its evidence and wants no profile. `result` is the
 * JSON text of equipmentResult; ERR_UNSUPPORTED when the server answers without. */
NODISCARD enum err es9_attest(struct es9 *es9, struct bytes transaction_id, struct bytes response,
                              struct bytes evidence, struct room *store, struct bytes *result);
NODISCARD enum err es9_get_bound_profile_package(struct es9 *es9, struct bytes transaction_id,
                                                 struct bytes response, struct room *store,
                                                 struct bytes *bpp);
NODISCARD enum err es9_handle_notification(struct es9 *es9, struct bytes pending);
NODISCARD enum err es9_cancel_session(struct es9 *es9, struct bytes transaction_id,
                                      struct bytes response);

/* es9_worth_retrying tells whether the cause may be gone when asked again. */
bool es9_worth_retrying(enum err err);

#endif
