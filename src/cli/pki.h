/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test PKI: certificate issuer (CI), EUM, eUICCs, SM-DP+ and an operator's ES2+ ends, on NIST P-256
 * and brainpoolP256r1, in the manner of SGP.26 and with its file names. It is for trying and testing:
 * the CI's private key lies beside its certificate.
 *
 * DIR/CERT_CI_ECDSA_NIST.{der,pem}        SK_CI_ECDSA_NIST.pem          (and _BRP of each)
 * DIR/CERT_EUM_ECDSA_NIST.{der,pem}       SK_EUM_ECDSA_NIST.pem
 * DIR/CERT_EUICC_ECDSA_NIST.{der,pem}     SK_EUICC_ECDSA_NIST.pem
 * DIR/CERT_S_SM_DPauth_ECDSA_NIST.{...}   SK_S_SM_DPauth_ECDSA_NIST.pem
 * DIR/CERT_S_SM_DPpb_ECDSA_NIST.{...}     SK_S_SM_DPpb_ECDSA_NIST.pem
 * DIR/CERT_S_SM_DP_TLS_NIST.{...}         SK_S_SM_DP_TLS_NIST.pem
 * DIR/CERT_ES2_CA.{...}                   SK_ES2_CA.pem
 * DIR/CERT_ES2_SERVER.{...}               SK_ES2_SERVER.pem
 * DIR/CERT_ES2_OPERATOR.{...}             SK_ES2_OPERATOR.pem
 * DIR/CERT_TPM_CA.{...}                   SK_TPM_CA.pem, which endorses software TPMs
 * DIR/eid                                 32 digits: the EID of CERT_EUICC_*
 * DIR/cards/EID/CERT_EUICC_ECDSA_NIST.*   further cards, with their SK_
 */
#ifndef CLI_PKI_H
#define CLI_PKI_H

#include "base/check.h"

#include <stdbool.h>
#include <stdint.h>

/* What `assay pki new` can be told; NULL members take the default that pki_defaults gives. */
struct pki_choice {
	const char *eid;    /* of the first card, 32 digits */
	const char *host;   /* DNS name of the SM-DP+, as activation codes will spell it */
	const char *dp_oid; /* SM-DP+ OID, in the SAN of DPauth, DPpb and DPtls */
	const char *
		operator_name; /* common name of the operator's client certificate: its identity on ES2+ */
};

/* pki_eid_valid tells whether text is 32 digits whose check digits are right (SGP.29 4.2: mod 97 = 1). */
bool pki_eid_valid(const char *text);

/* pki_new makes the directory and all files. False, with a line on standard error, when the directory
 * already holds a PKI, or something could not be written. */
NODISCARD bool pki_new(const char *dir, const struct pki_choice *choice);

/* pki_card issues certificates on both curves for one more eUICC into `out` (a directory, made if
 * needed), signed by the EUM of `dir`. */
NODISCARD bool pki_card(const char *dir, const char *eid, const char *out);

/* pki_chip makes a software TPM in a file, with an endorsement key's certificate by the authority of `dir`, and gives
 * SHA-256 of that key as manifests of suppliers name it. Where something is there already nothing is overwritten. */
NODISCARD bool pki_chip(const char *dir, const char *path, uint8_t digest[static 32]);

#endif
