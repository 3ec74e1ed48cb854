/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications in a package: security domains with their keys, remote file management, and code for a
 * run-time environment (TCA 2.3.1, 8.6 to 8.8).
 */
#ifndef PROFILE_APPS_H
#define PROFILE_APPS_H

#include "base/secret.h"
#include "profile/pe.h"

struct aid {
	uint8_t len; /* 0: none, else 5 to 16 */
	uint8_t at[16];
};

/* ApplicationInstance: what this project makes use of, the rest is only checked. */
struct app_instance {
	struct aid package, class, instance, domain;
	uint8_t privileges_len, privileges[3];
	uint8_t life_cycle;
	struct element specific; /* applicationSpecificParametersC9 */
};

/* KeyObject with its first component; every package in the field has just one. */
struct domain_key {
	uint8_t usage_len, usage[2]; /* keyUsageQualifier */
	uint8_t access, identifier, version;
	uint8_t type; /* keyType: 80 DES, 88 AES ... */
	uint8_t mac_len;
	struct secret value;
};

struct security_domain {
	struct app_instance instance;
	struct cursor keys; /* for domain_key_next; at the end when there are none */
	bool has_personalisation;
	struct element personalisation; /* sdPersoData */
};

/* security_domain_read takes the body of a PE-SecurityDomain. */
NODISCARD enum err security_domain_read(const struct pe *pe, struct security_domain *out);

/* domain_key_next takes one key. ERR_UNSUPPORTED for several components. On error `out` is wiped. */
NODISCARD enum err domain_key_next(struct cursor *keys, struct domain_key *out);

/* security_domain_put appends a whole PE-SecurityDomain: `specific` is the value of C9 and
 * `personalisation` one sdPersoData, empty for none. */
void security_domain_put(struct room *out, bool mandated, uint16_t identification,
                         const struct app_instance *instance, struct bytes specific,
                         const struct domain_key *keys, size_t count, struct bytes personalisation);

enum { RFM_TARS_MAX = 8, RFM_ACCESS_MAX = 24 };

struct access_domain {
	uint8_t len, at[RFM_ACCESS_MAX]; /* TS 102 226 8.2.1.3.2 */
};

struct rfm {
	struct aid instance, domain;
	uint8_t tars;
	uint8_t tar[RFM_TARS_MAX][3];
	uint8_t security_level; /* minimumSecurityLevel: first octet of SPI */
	struct access_domain access, admin;
	struct aid adf; /* none: the MF is where scripts begin */
	struct access_domain adf_access, adf_admin;
};

/* rfm_read takes the body of a PE-RFM; rfm_put appends a whole one. */
NODISCARD enum err rfm_read(const struct pe *pe, struct rfm *out);
void rfm_put(struct room *out, bool mandated, uint16_t identification, const struct rfm *rfm);

/* application_check sees that a PE-Application is well formed: load package and instances. */
NODISCARD enum err application_check(const struct pe *pe);

/* cdma_check does so for a PE-CDMAParameter, non_standard_check for a PE-NonStandard. */
NODISCARD enum err cdma_check(const struct pe *pe);
NODISCARD enum err non_standard_check(const struct pe *pe);

#endif
