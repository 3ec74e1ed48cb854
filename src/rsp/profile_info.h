/* SPDX-License-Identifier: Apache-2.0 */
/* ES10c GetProfilesInfo: ProfileInfoList (BF2D) and ProfileInfo (E3), SGP.22 v2.5 5.7.15. */
#ifndef RSP_PROFILE_INFO_H
#define RSP_PROFILE_INFO_H

#include "rsp/metadata.h"
#include "rsp/rsp.h"

enum {
	TAG_PROFILE_INFO = 0xE3,
	TAG_PROFILE_STATE = 0x9F70,
	PROFILE_INFO_INCORRECT_INPUT = 1,
	PROFILE_INFO_UNDEFINED_ERROR = 127,
};

enum profile_state { PROFILE_DISABLED = 0, PROFILE_ENABLED = 1 };

/* ProfileInfo fields that a tag list can ask for, in the order they are written. */
enum {
	INFO_ICCID = 1u << 0,            /* 5A */
	INFO_ISDP_AID = 1u << 1,         /* 4F */
	INFO_STATE = 1u << 2,            /* 9F70 */
	INFO_NICKNAME = 1u << 3,         /* 90 */
	INFO_SERVICE_PROVIDER = 1u << 4, /* 91 */
	INFO_NAME = 1u << 5,             /* 92 */
	INFO_ICON_TYPE = 1u << 6,        /* 93 */
	INFO_ICON = 1u << 7,             /* 94 */
	INFO_CLASS = 1u << 8,            /* 95 */
	INFO_NOTIFICATIONS = 1u << 9,    /* B6 */
	INFO_OWNER = 1u << 10,           /* B7 */
	INFO_DP_PROPRIETARY = 1u << 11,  /* B8 */
	INFO_PPRS = 1u << 12,            /* 99 */
	INFO_DEFAULT = 0x1FF,            /* 5.7.15: 5A, 4F, 9F70, 90, 91, 92, 93, 94, 95 */
};

struct profile_info_request {
	uint8_t search;        /* 0: all; or TAG_ISDP_AID, TAG_ICCID, 0x95 (profile class) */
	struct bytes wanted;   /* value of the search criterion */
	struct bytes tag_list; /* at == NULL: the default list */
	struct bytes extensions;
};

struct profile_info { /* a field is absent when its at is NULL or its has_ is false */
	struct bytes iccid, isdp_aid;
	bool has_state, has_class, has_owner, has_pprs;
	uint8_t state; /* enum profile_state */
	struct bytes nickname, service_provider_name, profile_name;
	uint8_t icon_type; /* ICON_NONE when absent */
	struct bytes icon;
	uint8_t profile_class;      /* CLASS_OPERATIONAL when absent */
	struct bytes notifications; /* value of B6 */
	struct operator_id owner;
	struct bytes dp_proprietary_data; /* value of B8 */
	uint32_t pprs;
	struct bytes extensions;
};

NODISCARD enum err profile_info_request_read(struct bytes in, struct profile_info_request *out);
void profile_info_request_put(struct room *out, const struct profile_info_request *request);

/* profile_info_tags turns a tag list into INFO_* bits; unknown tags are ignored (5.7.15), a
 * malformed list is ERR_TAG or ERR_TRUNCATED. An absent list gives the default. */
NODISCARD enum err profile_info_tags(struct bytes tag_list, uint32_t *fields);

/* profile_info_read takes a whole E3. */
NODISCARD enum err profile_info_read(struct bytes in, struct profile_info *out);

/* profile_info_put writes the present ones of the fields asked for as E3. */
void profile_info_put(struct room *out, const struct profile_info *info, uint32_t fields);

/* profile_info_response_read gives the list of E3 elements, or ERR_VALUE and *error. */
NODISCARD enum err profile_info_response_read(struct bytes in, struct bytes *list, uint8_t *error);

#endif
