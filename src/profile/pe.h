/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile elements: the members of the CHOICE ProfileElement (TCA 2.3.1, annex "PEDefinitions",
 * automatic tags), their common header, and the package's own header, the first of them.
 */
#ifndef PROFILE_PE_H
#define PROFILE_PE_H

#include "profile/source.h"

/* The CHOICE's members by their automatic tag number; each tag is context specific, constructed. */
enum pe_kind {
	PE_HEADER,
	PE_GENERIC_FILE_MANAGEMENT,
	PE_PIN_CODES,
	PE_PUK_CODES,
	PE_AKA_PARAMETER,
	PE_CDMA_PARAMETER,
	PE_SECURITY_DOMAIN,
	PE_RFM,
	PE_APPLICATION,
	PE_NON_STANDARD,
	PE_END,
	PE_RFU1,
	PE_RFU5 = 15,
	PE_MF,
	PE_CD,
	PE_TELECOM,
	PE_USIM,
	PE_OPT_USIM,
	PE_ISIM,
	PE_OPT_ISIM,
	PE_PHONEBOOK,
	PE_GSM_ACCESS,
	PE_CSIM,
	PE_OPT_CSIM,
	PE_EAP,
	PE_DF_5GS,
	PE_DF_SAIP,
	PE_DF_SNPN,
	PE_DF_5GPROSE,
	PE_IOT,
	PE_OPT_IOT,
	PE_KINDS
};

/* pe_tag is the element's tag on the wire. */
ber_tag pe_tag(enum pe_kind kind);

/* tag_number is the tag of an automatic, context-specific number: A0 or 80 and up. */
ber_tag tag_number(unsigned number, bool constructed);

struct pe {
	enum pe_kind kind; /* PE_KINDS: one that this room does not know */
	bool mandated;
	bool identified; /* the package's header and unknown elements bear no identification */
	uint16_t identification;
	struct element whole;
	struct cursor body; /* what follows the element's header */
};

/* pe_next takes one profile element off the package with its header. On error nothing moved. */
NODISCARD enum err pe_next(struct cursor *package, struct pe *pe);

/* pe_is_files tells whether the element is a header, a template's OID and files. */
bool pe_is_files(enum pe_kind kind);

/* pe_open begins an element with its header; pe_close, which is ber_close, ends it. */
NODISCARD size_t pe_open(struct room *out, enum pe_kind kind, bool mandated,
                         uint16_t identification);

/* eUICC-Mandatory-services (TCA 2.3.1, 8.2; numbers up to 30 in 3.3.1): bit n for member n. */
enum service {
	SERVICE_CONTACTLESS,
	SERVICE_USIM,
	SERVICE_ISIM,
	SERVICE_CSIM,
	SERVICE_MILENAGE,
	SERVICE_TUAK128,
	SERVICE_CAVE,
	SERVICE_GBA_USIM,
	SERVICE_GBA_ISIM,
	SERVICE_MBMS,
	SERVICE_EAP,
	SERVICE_JAVACARD,
	SERVICE_MULTOS,
	SERVICE_MULTIPLE_USIM,
	SERVICE_MULTIPLE_ISIM,
	SERVICE_MULTIPLE_CSIM,
	SERVICE_TUAK256,
	SERVICE_USIM_TEST_ALGORITHM,
	SERVICE_BER_TLV,
	SERVICE_DF_LINK,
	SERVICE_CAT_TP,
	SERVICE_GET_IDENTITY,
	SERVICE_PROFILE_A_X25519,
	SERVICE_PROFILE_B_P256,
	SERVICE_SUCI_CALCULATOR_API,
	SERVICE_DNS_RESOLUTION,
	SERVICE_SCP11AC,
	SERVICE_SCP11C_AUTHORIZATION,
	SERVICE_S16_MODE,
	SERVICE_EAKA,
	SERVICES
};

#define SERVICE_BIT(service) (1u << (service))

enum { PROFILE_TYPE_MAX = 100, PROFILE_ICCID_SIZE = 10 };

struct profile_header {
	uint8_t major, minor;
	uint8_t type_len;                  /* 0: absent */
	uint8_t type[PROFILE_TYPE_MAX];    /* UTF-8 */
	uint8_t iccid[PROFILE_ICCID_SIZE]; /* one digit a nibble, as printed; F where it ends */
	uint32_t services;                 /* SERVICE_BIT of each that is mandatory */
	struct element templates;          /* OIDs of the file templates that must be known */
	bool has_pol, has_connectivity, has_aids;
	struct element pol, connectivity, aids;
};

/* profile_header_read takes a header's body. An unknown mandatory service is ERR_UNSUPPORTED. */
NODISCARD enum err profile_header_read(const struct pe *pe, struct profile_header *out);

#endif
