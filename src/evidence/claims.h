/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine says of itself (R10): an EAT claims-set (RFC 9711) that the chip signs by way of the
 * binding, in deterministic CBOR.
 *
 *     claims = {
 *     ? 256 : bstr .size 15    ueid (4.2.1) of type 03: the IMEI, 14 digits, an octet each, without check digit
 *     ? 270 : tstr             swname (4.2.6): the model whose firmware it is
 *     ? 271 : [ tstr ]         swversion (4.2.7) of that firmware; not without swname; a scheme is skipped
 *     }
 */
#ifndef EVIDENCE_CLAIMS_H
#define EVIDENCE_CLAIMS_H

#include "base/err.h"
#include "evidence/imei.h"

enum { CLAIM_TEXT_MAX = 64 /* a model's or version's name */ };

struct equipment_claims {
	char imei[IMEI_DIGITS + 1];   /* with its check digit; "" when absent */
	struct bytes model, firmware; /* at == NULL when absent */
};

/* equipment_claims_read skips claims that it does not know (6.3.1), in ascending order too. ERR_NOT_FOUND for a
 * version of no software. */
NODISCARD enum err equipment_claims_read(struct bytes in, struct equipment_claims *out);

/* equipment_claims_put appends. The IMEI must be one. */
void equipment_claims_put(struct room *out, const struct equipment_claims *claims);

/* equipment_claims_imei makes an IMEI a claim; an empty text is none. ERR_VALUE when it is not one: nothing changed. */
NODISCARD enum err equipment_claims_imei(struct equipment_claims *claims, struct bytes imei);

#endif
