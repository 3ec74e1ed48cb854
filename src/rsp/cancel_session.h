/* SPDX-License-Identifier: Apache-2.0 */
/* CancelSession (BF41), SGP.22 v2.5 5.7.14. */
#ifndef RSP_CANCEL_SESSION_H
#define RSP_CANCEL_SESSION_H

#include "rsp/rsp.h"

enum cancel_reason { /* CancelSessionReason */
	             CANCEL_END_USER_REJECTION = 0,
	             CANCEL_POSTPONED = 1,
	             CANCEL_TIMEOUT = 2,
	             CANCEL_PPR_NOT_ALLOWED = 3,
	             CANCEL_METADATA_MISMATCH = 4,
	             CANCEL_LOAD_BPP_EXECUTION_ERROR = 5,
	             CANCEL_UNDEFINED_REASON = 127,
};

enum { CANCEL_INVALID_TRANSACTION_ID = 5, CANCEL_UNDEFINED_ERROR = 127 };

struct cancel_session_request {
	struct bytes transaction_id;
	uint8_t reason; /* enum cancel_reason; others are tolerated */
	struct bytes extensions;
};

struct euicc_cancel_session_signed {
	struct bytes transaction_id;
	struct bytes smdp_oid; /* contents of the OBJECT IDENTIFIER in CERT.DPauth */
	uint8_t reason;
	struct bytes extensions;
};

struct cancel_session_response {
	bool is_error;
	uint8_t error;
	struct bytes signed_element; /* whole element 30 */
	struct bytes signature;      /* 64 octets */
};

NODISCARD enum err cancel_session_request_read(struct bytes in, struct cancel_session_request *out);
void cancel_session_request_put(struct room *out, const struct cancel_session_request *request);

NODISCARD enum err euicc_cancel_session_signed_read(struct bytes in,
                                                    struct euicc_cancel_session_signed *out);
void euicc_cancel_session_signed_put(struct room *out,
                                     const struct euicc_cancel_session_signed *value);

NODISCARD enum err cancel_session_response_read(struct bytes in,
                                                struct cancel_session_response *out);
void cancel_session_response_put(struct room *out, const struct cancel_session_response *response);

#endif
