/* SPDX-License-Identifier: Apache-2.0 */
/* The activation code, `LPA:1$SM-DP+ address$token[$OID[$1]]`, SGP.22 v2.5 4.1. */
#ifndef RSP_ACTIVATION_CODE_H
#define RSP_ACTIVATION_CODE_H

#include "rsp/rsp.h"

enum { ACTIVATION_CODE_MAX = 255 }; /* 4.1: the code without its prefix is at most 255 characters */

struct activation_code {
	struct bytes smdp_address; /* FQDN, a port is tolerated */
	struct bytes matching_id;  /* AC_Token; may be empty */
	struct bytes smdp_oid;     /* dotted decimal, at == NULL when absent */
	bool confirmation_code_required;
};

/* activation_code_read takes the text with or without its `LPA:` prefix (4.1: letters of the
 * prefix in any case). ERR_UNSUPPORTED for another format than 1. */
NODISCARD enum err activation_code_read(struct bytes text, struct activation_code *out);
void activation_code_put(struct room *out, const struct activation_code *code);

#endif
