/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CtxParams1, DeviceInfo and DeviceCapabilities (SGP.22 v2.5 4.2, 5.7.13): what the LPA says of
 * the device, under the eUICC's signature in euiccSigned1.
 *
 * ctxParamsForCommonAuthentication is extensible. This project adds one element to it, the
 * SHA-256 of the equipment's evidence (R5), under a tag of the private class that no version of
 * SGP.22 uses.
 */
#ifndef RSP_CTX_PARAMS_H
#define RSP_CTX_PARAMS_H

#include "rsp/rsp.h"

enum { CTX_EVIDENCE_DIGEST = 0xDF23 }; /* [PRIVATE 35] OCTET STRING (SIZE(32)) */

/* Releases by their position in DeviceCapabilities: context tag 80 + position. */
enum device_capability {
	CAP_GSM,
	CAP_UTRAN,
	CAP_CDMA2000_1X,
	CAP_CDMA2000_HRPD,
	CAP_CDMA2000_EHRPD,
	CAP_EUTRAN_EPC,
	CAP_CONTACTLESS,
	CAP_RSP_CRL,
	CAP_NR_EPC,
	CAP_NR_5GC,
	CAP_EUTRAN_5GC,
	CAP_LPA_SVN,
	CAP_COUNT,
};

struct device_info {
	struct bytes tac;                   /* 4 octets as v2.5 says; up to 8 are tolerated */
	struct bytes capability[CAP_COUNT]; /* 3 octets each, at == NULL when absent */
	struct bytes capability_extensions; /* catSupportedClasses [12] and later ones */
	struct bytes imei;                  /* 8 octets, at == NULL when absent */
	struct bytes extensions;
};

struct ctx_params1 {
	struct bytes matching_id; /* at == NULL when absent; may be empty */
	struct device_info device_info;
	struct bytes extensions;
};

/* ctx_params1_read takes the whole CHOICE element, A0 included. */
NODISCARD enum err ctx_params1_read(struct bytes in, struct ctx_params1 *out);
void ctx_params1_put(struct room *out, const struct ctx_params1 *params);

/* ctx_params1_evidence_put appends the element to extensions that are being written. */
void ctx_params1_evidence_put(struct room *extensions, struct bytes digest);

/* ctx_params1_evidence_digest gives the 32 octets, or ERR_NOT_FOUND; ERR_LENGTH when it has
 * another size, ERR_VALUE when there are two. */
NODISCARD enum err ctx_params1_evidence_digest(const struct ctx_params1 *params,
                                               struct bytes *digest);

NODISCARD enum err device_info_read(struct bytes value, struct device_info *out);
/* device_info_imei appends the IMEI's digits; ERR_NOT_FOUND when there is none, ERR_VALUE when it has other
 * digits than decimal ones. */
NODISCARD enum err device_info_imei(const struct device_info *info, struct room *digits);
void device_info_put(struct room *out, ber_tag tag, const struct device_info *info);

#endif
