/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The semi-autonomous statement: the equipment checked itself against signed reference values and
 * says in one short signed message what deviates. It is a COSE_Sign1 under the chip's attestation
 * key, with the session's binding as external data, so that the binding costs no octet on the air.
 * That key is restricted: the chip hashes the octets itself and signs none that begin as a quote does.
 *
 *     statement = [ reference, reset, restart, clock, deviations ]
 *     reference  = bstr     first 16 octets of the SHA-256 of the reference values checked against:
 *                           of what was signed, not of the signed message around it
 *     reset, restart, clock = uint    as in TPMS_CLOCK_INFO: what makes it newer than the last
 *     deviations = [ * ( pcr: uint, index: int, digest: bstr ) ]    first 16 octets of a digest
 *     index      = n        event n of the log, or entry n of the IMA list, is not expected: its digest
 *                  -1       an event that is expected did not happen: the digest it should have
 *                  -2       the PCR is not what is expected, or not what the log leads to: its value
 *
 * All PCRs are checked of which the reference values speak, so that nobody on the way can ask for fewer.
 * An intact machine sends an empty list. It proves less than a quote: the machine judged itself,
 * by software that could lie. A policy decides where that is enough.
 */
#ifndef EVIDENCE_STATEMENT_H
#define EVIDENCE_STATEMENT_H

#include "base/bytes.h"
#include "base/err.h"
#include "evidence/cose.h"
#include "evidence/tpm.h"

enum {
	STATEMENT_DEVIATIONS_MAX =
		8,           /* more do not change a decision: the count then says "at least" */
	STATEMENT_MAX = 384, /* octets of one with as many deviations as there may be, signed */
	STATEMENT_SHORT =
		16, /* octets of a shortened SHA-256: no collision can be steered usefully */
};

enum { DEVIATION_MISSING = -1, DEVIATION_VALUE = -2 };

struct deviation {
	uint32_t pcr;
	int64_t index; /* of an event, or DEVIATION_* */
	uint8_t digest[STATEMENT_SHORT];
};

struct statement {
	struct bytes reference; /* STATEMENT_SHORT octets */
	struct tpm_clock clock; /* `safe` is not carried */
	struct deviation deviation[STATEMENT_DEVIATIONS_MAX];
	size_t deviations;
};

/* statement_content_read takes what is signed, statement_content_put appends it (at most
 * STATEMENT_DEVIATIONS_MAX deviations): one encoding of one statement. */
NODISCARD enum err statement_content_read(struct bytes in, struct statement *out);
void statement_content_put(struct room *out, const struct statement *statement);

/* statement_put has it signed and appends it: causes of the signer. */
NODISCARD enum err statement_put(struct room *out, const struct cose_signer *signer,
                                 struct bytes binding, const struct statement *statement);

/* statement_read verifies under the key and for the binding, and reads: ERR_SIGNATURE for another
 * of either. */
NODISCARD enum err statement_read(struct bytes in, const struct attest_key *key,
                                  struct bytes binding, struct statement *out);

#endif
