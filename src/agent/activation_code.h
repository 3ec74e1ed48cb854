/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activation codes, SGP.22 v2.5 4.1: what a person types or a QR code says.
 *
 *     LPA:1$SMDP.EXAMPLE.COM$MATCHING-ID$1.3.6.1.4.1.31746$1
 */
#ifndef AGENT_ACTIVATION_CODE_H
#define AGENT_ACTIVATION_CODE_H

#include "base/bytes.h"
#include "base/err.h"

enum { OID_TEXT_MAX = 64, ACTIVATION_CODE_MAX = 255 }; /* SGP.22 4.1: at most 255 characters */

struct activation_code {
	struct bytes address;     /* FQDN of the SM-DP+, perhaps with a port */
	struct bytes matching_id; /* perhaps empty */
	struct bytes smdp_oid;    /* perhaps empty */
	bool confirmation_code_required;
};

/* activation_code_read takes the text with or without "LPA:"; white space around it is ignored. Views
 * point into the text. ERR_UNSUPPORTED for another format than 1, ERR_TRUNCATED when a field that must
 * be there is not, ERR_VALUE when a field holds what it may not, ERR_LIMIT when it is too long. On
 * error `out` is untouched. Fields behind the fifth belong to later versions and are ignored. */
NODISCARD enum err activation_code_read(struct bytes text, struct activation_code *out);

/* activation_code_put writes it with "LPA:", without fields that say nothing. */
void activation_code_put(struct room *out, const struct activation_code *code);

/* server_address_good tells whether the text is a host name or IPv4 address with an optional port. */
bool server_address_good(struct bytes text);

#endif
