/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the test PKI: one certificate from a description, with the extensions of SGP.22 4.5.2.1. */
#ifndef CLI_PKI_CERT_H
#define CLI_PKI_CERT_H

#include "base/check.h"

#include <stdbool.h>

#include <openssl/x509.h>

enum pki_curve { PKI_NIST, PKI_BRP, PKI_CURVES };

/* A certificate that holds what signs: NULL members until made or read. */
struct pki_pair {
	X509 *cert;
	EVP_PKEY *key;
};

/* What a certificate says. NULL: the attribute or extension is left out. */
struct pki_says {
	const char *country, *organization, *unit, *serial, *common; /* subject, in this order */
	const char *policy;                                          /* role OID */
	const char *key_usage; /* in OpenSSL's configuration language, as are the following */
	const char *extended_usage;
	const char *constraints;
	const char *alt_name;
	const char *crl;
	const char *permitted_organization, *permitted_serial; /* name constraints, EUM only */
	const char
		*tpm_model; /* of an endorsement key: who made the chip, in the alternative name */
	int days;
};

/* pki_make generates a key and a certificate for it, signed by `issuer`, or by itself when that is
 * NULL. On false nothing is to be freed. */
NODISCARD bool pki_make(struct pki_pair *out, enum pki_curve curve, const struct pki_says *says,
                        const struct pki_pair *issuer);

/* pki_issue makes a certificate for a key that is not ours; NULL when it could not. */
X509 *pki_issue(EVP_PKEY *key, const struct pki_says *says, const struct pki_pair *issuer);

/* pki_complain says on standard error what is wrong with which, and is false. */
bool pki_complain(const char *what, const char *which);

void pki_pair_free(struct pki_pair *pair);

/* pki_write puts DIR/CERT_<name>.der, DIR/CERT_<name>.pem and DIR/SK_<name>.pem (mode 0600). */
NODISCARD bool pki_write(const char *dir, const char *name, const struct pki_pair *pair);

/* pki_load reads CERT_<name>.der and SK_<name>.pem. On false nothing is to be freed. */
NODISCARD bool pki_load(const char *dir, const char *name, struct pki_pair *out);

#endif
