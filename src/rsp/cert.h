/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate roles and chains, SGP.22 v2.5 4.5.2 and 2.6.6: CI signs EUM and the server
 * certificates, EUM signs eUICC. Roots are public keys found by their key identifier. No clock:
 * time is an argument, and CERT_NO_TIME (the card has none) leaves validity unchecked.
 */
#ifndef RSP_CERT_H
#define RSP_CERT_H

#include "rsp/x509.h"

enum cert_role { /* last arc of id-rspRole, 2.23.146.1.2.1.n */
	         ROLE_CI = 0,
	         ROLE_EUICC = 1,
	         ROLE_EUM = 2,
	         ROLE_DP_TLS = 3,
	         ROLE_DP_AUTH = 4,
	         ROLE_DP_PB = 5,
	         ROLE_DS_TLS = 6,
	         ROLE_DS_AUTH = 7,
};

enum { KEY_ID_SIZE = 20 };

#define CERT_NO_TIME ((int64_t)-1)

struct trust_anchor {
	uint8_t key_id[KEY_ID_SIZE];
	enum ec_curve curve;
	uint8_t point[EC_POINT_SIZE];
	struct bytes name; /* subject of the root; at == NULL: issuer names are not compared */
};

/* trust_anchor_read takes a self-signed CI certificate and checks it (4.5.2.1.0.1), its own
 * signature too. `out->name` is a view into `der`. */
NODISCARD enum err trust_anchor_read(struct bytes der, struct trust_anchor *out);

/* cert_has_role checks policy, key usage, basic constraints and critical extensions of a
 * certificate for a role: ERR_CERTIFICATE when one is not as 4.5.2 says. */
NODISCARD enum err cert_has_role(const struct x509 *certificate, enum cert_role role);

/* cert_in_time is ERR_EXPIRED outside of the validity; ERR_NONE for CERT_NO_TIME. */
NODISCARD enum err cert_in_time(const struct x509 *certificate, int64_t now);

/* cert_names_anchor and cert_names_issuer check key identifiers and names, without the signature:
 * ERR_CERTIFICATE. For those who remember signatures that they have verified. */
NODISCARD enum err cert_names_anchor(const struct x509 *certificate,
                                     const struct trust_anchor *anchor);
NODISCARD enum err cert_names_issuer(const struct x509 *certificate, const struct x509 *issuer);

/* cert_signed_by_anchor and cert_signed_by check that and the signature: ERR_CERTIFICATE or
 * ERR_SIGNATURE. */
NODISCARD enum err cert_signed_by_anchor(const struct x509 *certificate,
                                         const struct trust_anchor *anchor);
NODISCARD enum err cert_signed_by(const struct x509 *certificate, const struct x509 *issuer);

/* cert_eid gives the EID in the subject of an eUICC certificate. */
NODISCARD enum err cert_eid(const struct x509 *euicc, uint8_t eid[static EID_SIZE]);

/* cert_eum_permits checks the eUICC's subject against the EUM's name constraints (4.5.2.1.0.2): the
 * organization is equal and the EID begins with the permitted number. */
NODISCARD enum err cert_eum_permits(const struct x509 *eum, const struct x509 *euicc);

/* cert_check_server is the card's and the LPA's check of CERT.DPauth, DPpb or DPtls: role,
 * time, CI. */
NODISCARD enum err cert_check_server(const struct x509 *certificate, enum cert_role role,
                                     const struct trust_anchor *anchor, int64_t now);

/* cert_check_eum and cert_check_euicc are the two steps of the server's check. The first is worth
 * remembering: EUMs are few, eUICCs many. */
NODISCARD enum err cert_check_eum(const struct x509 *eum, const struct trust_anchor *anchor,
                                  int64_t now);
NODISCARD enum err cert_check_euicc(const struct x509 *euicc, const struct x509 *eum, int64_t now,
                                    uint8_t eid[static EID_SIZE]);

#endif
