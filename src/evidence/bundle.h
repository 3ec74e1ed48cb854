/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the equipment sends: evidence and the claims it covers, in one CBOR map. The card signs the
 * SHA-256 of these octets; the chip signs the binding, which covers the session, the card and the
 * claims.
 *
 *     evidence = {
 *       1 : 1 (TPM) / 2 (PSA token) / 3 (statement)
 *       2 : bstr .cbor claims
 *     ? 3 : bstr                   TPMS_ATTEST of a quote                        TPM
 *     ? 4 : bstr                   TPMT_SIGNATURE over it                        TPM
 *     ? 5 : bstr                   event log, whole                              TPM
 *     ? 6 : bstr                   or SHA-256 of a log that the verifier has     TPM
 *     ? 7 : { * pcr: uint => bstr} values that no log here explains              TPM
 *     ? 8 : [ 0 ascii / 1 binary, first: uint, bstr ]   IMA list from entry `first` on
 *     ? 9 : bstr                   PSA token, or semi-autonomous statement
 *     }
 *
 * The claims are those of evidence/claims.h.
 *
 * Keys are in ascending order, so that equal evidence is equal octets.
 */
#ifndef EVIDENCE_BUNDLE_H
#define EVIDENCE_BUNDLE_H

#include "base/bytes.h"
#include "base/err.h"
#include "evidence/claims.h"
#include "evidence/ima.h"
#include "evidence/tpm.h"

enum evidence_format {
	EVIDENCE_NONE,
	EVIDENCE_TPM,
	EVIDENCE_PSA,
	EVIDENCE_STATEMENT,
	EVIDENCE_FORMATS,
};

enum { BINDING_SIZE = 32 };

struct evidence {
	enum evidence_format format;
	struct bytes claims; /* the octets that the binding covers */
	struct bytes attest, signature;
	struct bytes log;        /* at == NULL when absent */
	struct bytes log_digest; /* at == NULL when absent */
	struct {
		uint32_t known;
		struct bytes value[TPM_PCRS];
	} pcr;
	bool has_ima;
	enum ima_form ima_form;
	uint64_t ima_first;
	struct bytes ima;
	struct bytes token;
};

/* evidence_read takes a whole bundle. ERR_NOT_FOUND when its format lacks what it needs; ERR_VALUE
 * for keys out of order or of another format. */
NODISCARD enum err evidence_read(struct bytes in, struct evidence *out);
void evidence_put(struct room *out, const struct evidence *evidence);

/* evidence_binding computes SHA-256(label || SHA-256(session) || EID || SHA-256(claims)). The label
 * says for which exchange; `session` is what the network gave to it (serverSigned1, an epoch
 * nonce). */
NODISCARD enum err evidence_binding(struct bytes label, struct bytes session, struct bytes eid,
                                    struct bytes claims, uint8_t out[static BINDING_SIZE]);

#endif
