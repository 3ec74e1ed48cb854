/* SPDX-License-Identifier: Apache-2.0 */
/* What an eUICC says of itself: EUICCInfo1 (BF20) and EUICCInfo2 (BF22), SGP.22 v2.5 5.7.8. */
#ifndef RSP_EUICC_INFO_H
#define RSP_EUICC_INFO_H

#include "rsp/rsp.h"

struct euicc_info1 {
	struct bytes svn;                       /* VersionType, 3 octets */
	struct bytes ci_pkids_for_verification; /* of 04 elements, most preferred first */
	struct bytes ci_pkids_for_signing;
	struct bytes extensions;
};

enum { /* RspCapability */
       RSP_ADDITIONAL_PROFILE = 1u << 0,
       RSP_CRL_SUPPORT = 1u << 1,
       RSP_RPM_SUPPORT = 1u << 2,
       RSP_TEST_PROFILE_SUPPORT = 1u << 3,
       RSP_DEVICE_INFO_EXTENSIBILITY = 1u << 4,
       RSP_SERVICE_SPECIFIC_DATA = 1u << 5,
};

enum { /* UICCCapability, as PEDefinitions numbers ServicesList */
       UICC_CONTACTLESS = 1u << 0,
       UICC_USIM = 1u << 1,
       UICC_ISIM = 1u << 2,
       UICC_CSIM = 1u << 3,
       UICC_AKA_MILENAGE = 1u << 4,
       UICC_AKA_CAVE = 1u << 5,
       UICC_AKA_TUAK128 = 1u << 6,
       UICC_AKA_TUAK256 = 1u << 7,
       UICC_GBA_USIM = 1u << 10,
       UICC_GBA_ISIM = 1u << 11,
       UICC_MBMS = 1u << 12,
       UICC_EAP = 1u << 13,
       UICC_JAVACARD = 1u << 14,
       UICC_MULTOS = 1u << 15,
       UICC_MULTIPLE_USIM = 1u << 16,
       UICC_MULTIPLE_ISIM = 1u << 17,
       UICC_MULTIPLE_CSIM = 1u << 18,
       UICC_BER_TLV_FILES = 1u << 19,
       UICC_DF_LINK = 1u << 20,
       UICC_CAT_TP = 1u << 21,
       UICC_GET_IDENTITY = 1u << 22,
};

struct euicc_info2 {
	struct bytes profile_version, svn, firmware_version; /* 3 octets each */
	struct bytes ext_card_resource;                      /* TS 102 226: 81, 82, 83 */
	uint32_t uicc_capability;
	struct bytes javacard_version, globalplatform_version; /* at == NULL when absent */
	uint32_t rsp_capability;
	struct bytes ci_pkids_for_verification, ci_pkids_for_signing;
	bool has_category;
	uint8_t category;
	bool has_forbidden_pprs;
	uint32_t forbidden_pprs; /* PPR_* of rsp/metadata.h */
	struct bytes pp_version;
	struct bytes sas_accreditation_number;
	struct bytes certification_data; /* value of AC, at == NULL when absent */
	struct bytes extensions;         /* of v2.3 and later: treProperties [13] and so on */
};

NODISCARD enum err euicc_info1_read(struct bytes in, struct euicc_info1 *out);
void euicc_info1_put(struct room *out, const struct euicc_info1 *info);

NODISCARD enum err euicc_info2_read(struct bytes in, struct euicc_info2 *out);
void euicc_info2_put(struct room *out, const struct euicc_info2 *info);

/* ext_card_resource_read gives number of applications, free non-volatile and free volatile
 * memory in octets (TS 102 226 8.2.1.7.2: tags 81, 82, 83); absent ones are 0. */
NODISCARD enum err ext_card_resource_read(struct bytes value, uint32_t *applications,
                                          uint32_t *free_flash, uint32_t *free_ram);
void ext_card_resource_put(struct room *out, uint32_t applications, uint32_t free_flash,
                           uint32_t free_ram);

/* ci_pkids_next takes one key identifier off a list of 04 elements. */
NODISCARD enum err ci_pkids_next(struct bytes *list, struct bytes *id);
bool ci_pkids_have(struct bytes list, struct bytes id);

#endif
