/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 version 3 certificates as SGP.22 v2.5 4.5.2 and SGP.26 profile them: ECDSA with SHA-256
 * over P-256 or brainpoolP256r1, and the extensions that carry roles. A reader of DER, not a
 * general one: what the profile does not allow is ERR_UNSUPPORTED or ERR_CERTIFICATE. Who may
 * trust whom is in rsp/cert.h.
 */
#ifndef RSP_X509_H
#define RSP_X509_H

#include "port/crypto.h"
#include "rsp/rsp.h"

enum { /* KeyUsage, RFC 5280 4.2.1.3 */
       KEY_USAGE_DIGITAL_SIGNATURE = 1u << 0,
       KEY_USAGE_KEY_AGREEMENT = 1u << 4,
       KEY_USAGE_CERT_SIGN = 1u << 5,
       KEY_USAGE_CRL_SIGN = 1u << 6,
};

struct x509 {
	struct bytes whole;            /* the certificate, element 30 */
	struct bytes tbs;              /* what is signed, whole element 30 */
	struct bytes serial;           /* contents of the INTEGER */
	struct bytes issuer, subject;  /* whole Names */
	int64_t not_before, not_after; /* seconds since 1970 */
	enum ec_curve curve;
	struct bytes point; /* 65 octets */
	uint8_t signature[EC_SIGNATURE_SIZE];

	struct bytes subject_key_id, authority_key_id; /* at == NULL when absent */
	uint32_t key_usage;                            /* KEY_USAGE_*; 0 when absent */
	uint32_t roles; /* 1u << n for each policy 2.23.146.1.2.1.n, n < 32 */
	bool ca;
	int path_len;               /* -1 when absent */
	struct bytes alt_names;     /* GeneralName elements; at == NULL when absent */
	struct bytes permitted;     /* GeneralSubtree elements; at == NULL when absent */
	struct bytes policies;      /* PolicyInformation elements */
	struct bytes ext_key_usage; /* OBJECT IDENTIFIER elements */
	bool unknown_critical;      /* a critical extension that this reader does not know */
};

/* x509_read takes one whole certificate. */
NODISCARD enum err x509_read(struct bytes in, struct x509 *out);

/* x509_attribute finds an attribute of a Name by the contents of its OBJECT IDENTIFIER and
 * gives the contents of its string; ERR_NOT_FOUND. */
NODISCARD enum err x509_attribute(struct bytes name, struct bytes oid, struct bytes *value);

extern const uint8_t x509_oid_serial_number[3]; /* 2.5.4.5 */
extern const uint8_t x509_oid_organization[3];  /* 2.5.4.10 */
extern const uint8_t x509_oid_common_name[3];   /* 2.5.4.3 */

/* x509_registered_id gives the contents of the registeredID in subjectAltName: the SM-DP+ OID. */
NODISCARD enum err x509_registered_id(const struct x509 *certificate, struct bytes *oid);

/* x509_has_dns_name tells whether subjectAltName has this dNSName, case-insensitively. */
bool x509_has_dns_name(const struct x509 *certificate, struct bytes name);

/* ecdsa_signature_read turns an Ecdsa-Sig-Value (SEQUENCE of two INTEGERs) into r || s;
 * ERR_VALUE when one does not fit 32 octets. ecdsa_signature_put is its inverse. */
NODISCARD enum err ecdsa_signature_read(struct bytes der, uint8_t raw[static EC_SIGNATURE_SIZE]);
void ecdsa_signature_put(struct room *out, const uint8_t raw[static EC_SIGNATURE_SIZE]);

/* x509_time_read takes a UTCTime or GeneralizedTime in the form of RFC 5280 4.1.2.5. */
NODISCARD enum err x509_time_read(struct bytes *in, int64_t *seconds);

/* oid_text_put writes the contents of an OBJECT IDENTIFIER in dotted decimal; oid_text_read
 * reads it (arcs below 2^32). */
NODISCARD enum err oid_text_put(struct room *out, struct bytes oid);
NODISCARD enum err oid_text_read(struct bytes text, struct room *oid);

#endif
