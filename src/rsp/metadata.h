/* SPDX-License-Identifier: Apache-2.0 */
/* Profile metadata: StoreMetadata (BF25, SGP.22 v2.5 5.5.3), UpdateMetadata (BF2A, 5.4.1), and
 * the types they share with ProfileInfo: OperatorID, PprIds,
 * NotificationConfigurationInformation. */
#ifndef RSP_METADATA_H
#define RSP_METADATA_H

#include "rsp/rsp.h"

enum { /* PprIds */
       PPR_UPDATE_CONTROL = 1u << 0,
       PPR1_NO_DISABLE = 1u << 1,
       PPR2_NO_DELETE = 1u << 2,
       PPR3_DELETE_ON_DISABLE = 1u << 3,
};

enum { /* NotificationEvent */
       NOTIFY_INSTALL = 1u << 0,
       NOTIFY_ENABLE = 1u << 1,
       NOTIFY_DISABLE = 1u << 2,
       NOTIFY_DELETE = 1u << 3,
};

enum icon_type { ICON_JPG = 0, ICON_PNG = 1, ICON_NONE = 255 };
enum profile_class { CLASS_TEST = 0, CLASS_PROVISIONING = 1, CLASS_OPERATIONAL = 2 };

enum {
	PROFILE_NICKNAME_MAX = 64, /* SGP.22 annex H sizes */
	SERVICE_PROVIDER_NAME_MAX = 32,
	PROFILE_NAME_MAX = 64,
	ICON_MAX = 1024,
};

struct operator_id {
	struct bytes mcc_mnc;    /* 3 octets, TS 24.008 */
	struct bytes gid1, gid2; /* at == NULL when absent */
	struct bytes extensions;
};

struct notification_configuration {
	uint32_t events; /* NOTIFY_* */
	struct bytes address;
};

struct store_metadata {
	struct bytes iccid; /* 10 octets */
	struct bytes service_provider_name, profile_name;
	uint8_t icon_type; /* enum icon_type */
	struct bytes icon; /* at == NULL when absent */
	uint8_t profile_class;
	struct bytes notifications; /* value of B6: of 30 elements; at == NULL when absent */
	bool has_owner;
	struct operator_id owner;
	bool has_pprs;
	uint32_t pprs;           /* PPR_* */
	struct bytes extensions; /* serviceSpecificDataStoredInEuicc [34] (BF22) and later ones */
};

struct update_metadata { /* each at == NULL when it stays as it is */
	struct bytes service_provider_name, profile_name;
	uint8_t icon_type;
	struct bytes icon;
	bool has_pprs;
	uint32_t pprs;
	struct bytes extensions;
};

NODISCARD enum err store_metadata_read(struct bytes in, struct store_metadata *out);
void store_metadata_put(struct room *out, const struct store_metadata *metadata);

NODISCARD enum err update_metadata_read(struct bytes in, struct update_metadata *out);
void update_metadata_put(struct room *out, const struct update_metadata *update);

/* notification_configuration_next takes one 30 element off the list. */
NODISCARD enum err notification_configuration_next(struct bytes *list,
                                                   struct notification_configuration *out);
void notification_configuration_put(struct room *out,
                                    const struct notification_configuration *configuration);

/* operator_id_read takes the value of an OperatorID; operator_id_put writes it under `tag`. */
NODISCARD enum err operator_id_read(struct bytes value, struct operator_id *out);
void operator_id_put(struct room *out, ber_tag tag, const struct operator_id *owner);

/* mcc_mnc_put codes digits "26242" or "310410" as TS 24.008 10.5.1.3 (also "26242" padded with
 * F). */
NODISCARD enum err mcc_mnc_put(struct room *out, struct bytes mcc, struct bytes mnc);

#endif
