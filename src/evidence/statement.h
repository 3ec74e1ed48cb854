/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The semi-autonomous statement: the equipment checked itself against signed reference values and
 * says in one short signed message what deviates. It is a COSE_Sign1 under the chip's
 * attestation-bound key, with the session's binding as external data, so that the binding costs no
 * octet on the air.
 *
 *     statement = [ reference, reset, restart, clock, deviations ]
 *     reference  = bstr     first 16 octets of the SHA-256 of the reference values checked against
 *     reset, restart, clock = uint    as in TPMS_CLOCK_INFO: what makes it newer than the last
 *     deviations = [ * ( pcr: uint, index: uint, digest: bstr ) ]    first 16 octets of each found
 *
 * An intact machine sends an empty list. It proves less than a quote (the machine judged itself),
 * and a policy decides where that is enough.
 */
#ifndef EVIDENCE_STATEMENT_H
#define EVIDENCE_STATEMENT_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "evidence/tpm.h"

enum {
	STATEMENT_DEVIATIONS_MAX =
		8, /* more do not change a decision: the count then says "at least" */
	STATEMENT_SHORT =
		16, /* octets of a shortened SHA-256: no collision can be steered usefully */
};

struct deviation {
	uint32_t pcr, index;
	struct bytes digest; /* STATEMENT_SHORT octets */
};

struct statement {
	struct bytes reference; /* STATEMENT_SHORT octets */
	struct tpm_clock clock; /* `safe` is not carried */
	struct deviation deviation[STATEMENT_DEVIATIONS_MAX];
	size_t deviations;
};

/* statement_put signs and appends. */
NODISCARD enum err statement_put(struct room *out, const struct secret *scalar,
                                 struct bytes binding, const struct statement *statement);

/* statement_read verifies under the key and for the binding, and reads: ERR_SIGNATURE for another
 * of either. */
NODISCARD enum err statement_read(struct bytes in, const struct attest_key *key,
                                  struct bytes binding, struct statement *out);

#endif
