/* SPDX-License-Identifier: Apache-2.0 */
/* Common mutual authentication, SGP.22 v2.5 5.7.13: serverSigned1, AuthenticateServer (BF38) and
 * euiccSigned1. Signed elements are kept whole: a signature is checked over what was received. */
#ifndef RSP_AUTHENTICATE_SERVER_H
#define RSP_AUTHENTICATE_SERVER_H

#include "rsp/ctx_params.h"
#include "rsp/euicc_info.h"
#include "rsp/rsp.h"

struct server_signed1 {
	struct bytes transaction_id;   /* 1 to 16 octets */
	struct bytes euicc_challenge;  /* 16 */
	struct bytes server_address;   /* FQDN */
	struct bytes server_challenge; /* 16 */
	struct bytes extensions;
};

struct authenticate_server_request {
	struct bytes server_signed1;     /* whole element 30 */
	struct bytes server_signature1;  /* 64 octets */
	struct bytes ci_pkid_to_be_used; /* key identifier, without its 04 header; may be empty */
	struct bytes server_certificate; /* whole element 30 */
	struct bytes ctx_params1;        /* whole element A0 */
	struct bytes extensions;
};

struct euicc_signed1 {
	struct bytes transaction_id;
	struct bytes server_address;
	struct bytes server_challenge;
	struct bytes euicc_info2; /* whole element BF22 */
	struct bytes ctx_params1; /* whole element A0 */
	struct bytes extensions;
};

enum authenticate_error { /* AuthenticateErrorCode */
	                  AUTHENTICATE_INVALID_CERTIFICATE = 1,
	                  AUTHENTICATE_INVALID_SIGNATURE = 2,
	                  AUTHENTICATE_UNSUPPORTED_CURVE = 3,
	                  AUTHENTICATE_NO_SESSION_CONTEXT = 4,
	                  AUTHENTICATE_INVALID_OID = 5,
	                  AUTHENTICATE_CHALLENGE_MISMATCH = 6,
	                  AUTHENTICATE_CI_PK_UNKNOWN = 7,
	                  AUTHENTICATE_UNDEFINED_ERROR = 127,
};

struct authenticate_server_response {
	bool is_error;
	struct bytes transaction_id;    /* of an error */
	uint8_t error;                  /* enum authenticate_error */
	struct bytes euicc_signed1;     /* whole element 30 */
	struct bytes euicc_signature1;  /* 64 octets */
	struct bytes euicc_certificate; /* whole element 30 */
	struct bytes eum_certificate;   /* whole element 30 */
	struct bytes extensions;
};

NODISCARD enum err server_signed1_read(struct bytes in, struct server_signed1 *out);
void server_signed1_put(struct room *out, const struct server_signed1 *signed1);

NODISCARD enum err authenticate_server_request_read(struct bytes in,
                                                    struct authenticate_server_request *out);
void authenticate_server_request_put(struct room *out,
                                     const struct authenticate_server_request *request);

NODISCARD enum err euicc_signed1_read(struct bytes in, struct euicc_signed1 *out);
void euicc_signed1_put(struct room *out, const struct euicc_signed1 *signed1);

NODISCARD enum err authenticate_server_response_read(struct bytes in,
                                                     struct authenticate_server_response *out);
void authenticate_server_response_put(struct room *out,
                                      const struct authenticate_server_response *response);

#endif
