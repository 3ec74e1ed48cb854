/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON bodies of ES9+ (SGP.22 v2.5 6.5.2): objects whose members are text, hexadecimal or Base64,
 * described by rows, so that reading and writing share one description. Answers begin with a header that
 * says whether the function was executed, and if not, why.
 *
 * Members of our own (docs/protocol.md, "Evidence inside ES9+") are objects or true.
 */
#ifndef AGENT_ES9_JSON_H
#define AGENT_ES9_JSON_H

#include "base/bytes.h"
#include "base/err.h"

enum { ES9_CODE_MAX = 16, ES9_TEXT_MAX = 512, ES9_FIELDS_MAX = 8 };

enum es9_kind {
	ES9_TEXT,
	ES9_HEX,
	ES9_BASE64,
	ES9_OBJECT, /* read only: its JSON text; at == NULL when the answer lacks it */
	ES9_TRUE,   /* written only, its value says nothing */
};

struct es9_field {
	const char *name;
	enum es9_kind kind;
	struct bytes *value;
};

/* What the server said of its execution. Texts are the server's, cut and cleaned of control characters. */
struct es9_status {
	char subject[ES9_CODE_MAX]; /* "8.2.6", or "" when it was executed */
	char reason[ES9_CODE_MAX];
	char identifier[ES9_TEXT_MAX];
	char message[ES9_TEXT_MAX];
	bool wants_log; /* equipmentResult.wantsLog: it does not know the log that was named */
};

/* es9_answer_read takes one whole answer. Decoded values are appended to `store`, where the fields' views
 * point. ERR_DENIED when the header says that it was not executed (then `status` says why); ERR_VALUE when
 * it is not a JSON object, the header is missing, or a member has another type or coding; ERR_NOT_FOUND
 * when a member is missing; ERR_ROOM. On error `store` and the fields are as before. */
NODISCARD enum err es9_answer_read(struct bytes json, const struct es9_field *fields, size_t count,
                                   struct room *store, struct es9_status *status);

/* es9_body_put writes the members as one object, but for those with at == NULL. Text must need no escapes. */
void es9_body_put(struct room *out, const struct es9_field *fields, size_t count);

#endif
