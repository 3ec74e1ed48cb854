/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_status.h"

static const struct {
	const char *subject, *reason, *message;
} rows[SMDP_STATUS_COUNT] = {
	[SMDP_OK] = { "", "", "" },
#define X(name, subject, reason, text) [name] = { subject, reason, text },
	SMDP_STATUS_LIST(X)
#undef X
};

const char *smdp_subject_code(enum smdp_status status)
{
	return rows[status].subject;
}

const char *smdp_reason_code(enum smdp_status status)
{
	return rows[status].reason;
}

const char *smdp_message(enum smdp_status status)
{
	return rows[status].message;
}
