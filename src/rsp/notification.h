/* SPDX-License-Identifier: Apache-2.0 */
/* NotificationMetadata (BF2F), ProfileInstallationResult (BF37), OtherSignedNotification and
 * the pending notifications, SGP.22 v2.5 2.5.6, 5.6.4, 5.7.9 to 5.7.11. */
#ifndef RSP_NOTIFICATION_H
#define RSP_NOTIFICATION_H

#include "rsp/metadata.h"
#include "rsp/rsp.h"

enum {
	TAG_NOTIFICATION_METADATA = 0xBF2F,
	TAG_INSTALLATION_RESULT = 0xBF37,
	TAG_INSTALLATION_RESULT_DATA = 0xBF27,
	TAG_LIST_NOTIFICATION = 0xBF28,
	TAG_RETRIEVE_NOTIFICATIONS = 0xBF2B,
	TAG_NOTIFICATION_SENT = 0xBF30,
};

struct notification_metadata {
	uint32_t seq_number;
	uint32_t event; /* exactly one of NOTIFY_* */
	struct bytes address;
	struct bytes iccid; /* 10 octets, at == NULL when absent */
	struct bytes extensions;
};

enum bpp_command { /* BppCommandId */
	           BPP_INITIALISE_SECURE_CHANNEL = 0,
	           BPP_CONFIGURE_ISDP = 1,
	           BPP_STORE_METADATA = 2,
	           BPP_STORE_METADATA2 = 3,
	           BPP_REPLACE_SESSION_KEYS = 4,
	           BPP_LOAD_PROFILE_ELEMENTS = 5,
};

enum install_error { /* ErrorReason */
	             INSTALL_INCORRECT_INPUT_VALUES = 1,
	             INSTALL_INVALID_SIGNATURE = 2,
	             INSTALL_INVALID_TRANSACTION_ID = 3,
	             INSTALL_UNSUPPORTED_CRT_VALUES = 4,
	             INSTALL_UNSUPPORTED_REMOTE_OPERATION = 5,
	             INSTALL_UNSUPPORTED_PROFILE_CLASS = 6,
	             INSTALL_BSP_STRUCTURE_ERROR = 7,
	             INSTALL_BSP_SECURITY_ERROR = 8,
	             INSTALL_ICCID_ALREADY_EXISTS = 9,
	             INSTALL_INSUFFICIENT_MEMORY = 10,
	             INSTALL_INTERRUPTION = 11,
	             INSTALL_PE_PROCESSING_ERROR = 12,
	             INSTALL_ICCID_MISMATCH = 13,
	             INSTALL_TEST_INVALID_NAA_KEY = 14,
	             INSTALL_PPR_NOT_ALLOWED = 15,
	             INSTALL_UNKNOWN_ERROR = 127,
};

struct installation_result_data {
	struct bytes transaction_id;
	struct notification_metadata notification;
	struct bytes smdp_oid; /* contents of the OBJECT IDENTIFIER, at == NULL when absent */
	bool success;
	struct bytes isdp_aid;      /* of a success */
	uint8_t command, reason;    /* of an error */
	struct bytes sima_response; /* EUICCResponse elements; at == NULL when an error has none */
	struct bytes extensions;
};

struct installation_result {
	struct bytes data;      /* whole element BF27: what is signed */
	struct bytes signature; /* 64 octets */
};

struct other_notification {
	struct bytes tbs;               /* whole element BF2F: what is signed */
	struct bytes signature;         /* 64 octets */
	struct bytes euicc_certificate; /* whole element 30 */
	struct bytes eum_certificate;   /* whole element 30 */
};

/* notification_metadata_read takes a whole BF2F; ERR_VALUE when event has not exactly one bit. */
NODISCARD enum err notification_metadata_read(struct bytes in, struct notification_metadata *out);
void notification_metadata_put(struct room *out, const struct notification_metadata *metadata);

NODISCARD enum err installation_result_data_read(struct bytes in,
                                                 struct installation_result_data *out);
void installation_result_data_put(struct room *out, const struct installation_result_data *data);

NODISCARD enum err installation_result_read(struct bytes in, struct installation_result *out);
void installation_result_put(struct room *out, const struct installation_result *result);

NODISCARD enum err other_notification_read(struct bytes in, struct other_notification *out);
void other_notification_put(struct room *out, const struct other_notification *notification);

/* pending_notification_metadata gives the BF2F inside a PendingNotification of either kind. */
NODISCARD enum err pending_notification_metadata(struct bytes pending,
                                                 struct notification_metadata *out);

/* ListNotification (BF28). A request without filter asks for all events. A response is a list
 * of whole BF2F elements, or an error number. */
NODISCARD enum err list_notification_request_read(struct bytes in, uint32_t *events);
void list_notification_request_put(struct room *out, uint32_t events);
NODISCARD enum err list_notification_response_read(struct bytes in, struct bytes *list);

/* RetrieveNotificationsList (BF2B): by number, by event, or all when neither is set. A
 * response is a list of PendingNotification elements; ERR_NOT_FOUND stands for
 * noResultAvailable(1). */
struct retrieve_notifications_request {
	bool by_seq_number;
	uint32_t seq_number;
	uint32_t events; /* 0: all */
};
NODISCARD enum err retrieve_notifications_request_read(struct bytes in,
                                                       struct retrieve_notifications_request *out);
void retrieve_notifications_request_put(struct room *out,
                                        const struct retrieve_notifications_request *request);
NODISCARD enum err retrieve_notifications_response_read(struct bytes in, struct bytes *list);

/* pending_notification_next takes one whole element (BF37 or 30) off a list. */
NODISCARD enum err pending_notification_next(struct bytes *list, struct bytes *pending);

/* NotificationSent (BF30); the answer is an rsp_result: ok(0), nothingToDelete(1). */
NODISCARD enum err notification_sent_request_read(struct bytes in, uint32_t *seq_number);
void notification_sent_request_put(struct room *out, uint32_t seq_number);

#endif
