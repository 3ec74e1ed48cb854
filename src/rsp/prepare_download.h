/* SPDX-License-Identifier: Apache-2.0 */
/* Download preparation, SGP.22 v2.5 5.7.5: smdpSigned2, PrepareDownload (BF21), euiccSigned2. */
#ifndef RSP_PREPARE_DOWNLOAD_H
#define RSP_PREPARE_DOWNLOAD_H

#include "rsp/rsp.h"

struct smdp_signed2 {
	struct bytes transaction_id;
	bool cc_required;
	struct bytes bpp_euicc_otpk; /* 65 octets, at == NULL unless bound already */
	struct bytes extensions;
};

struct prepare_download_request {
	struct bytes smdp_signed2;     /* whole element 30 */
	struct bytes smdp_signature2;  /* 64 octets */
	struct bytes hash_cc;          /* 32 octets, at == NULL when absent */
	struct bytes smdp_certificate; /* whole element 30: CERT.DPpb.ECDSA */
	struct bytes extensions;
};

struct euicc_signed2 {
	struct bytes transaction_id;
	struct bytes euicc_otpk; /* 65 octets */
	struct bytes hash_cc;    /* 32 octets, at == NULL when absent */
	struct bytes extensions;
};

enum download_error { /* DownloadErrorCode */
	              DOWNLOAD_INVALID_CERTIFICATE = 1,
	              DOWNLOAD_INVALID_SIGNATURE = 2,
	              DOWNLOAD_UNSUPPORTED_CURVE = 3,
	              DOWNLOAD_NO_SESSION_CONTEXT = 4,
	              DOWNLOAD_INVALID_TRANSACTION_ID = 5,
	              DOWNLOAD_UNDEFINED_ERROR = 127,
};

struct prepare_download_response {
	bool is_error;
	struct bytes transaction_id;   /* of an error */
	uint8_t error;                 /* enum download_error */
	struct bytes euicc_signed2;    /* whole element 30 */
	struct bytes euicc_signature2; /* 64 octets */
	struct bytes extensions;
};

NODISCARD enum err smdp_signed2_read(struct bytes in, struct smdp_signed2 *out);
void smdp_signed2_put(struct room *out, const struct smdp_signed2 *signed2);

NODISCARD enum err prepare_download_request_read(struct bytes in,
                                                 struct prepare_download_request *out);
void prepare_download_request_put(struct room *out, const struct prepare_download_request *request);

NODISCARD enum err euicc_signed2_read(struct bytes in, struct euicc_signed2 *out);
void euicc_signed2_put(struct room *out, const struct euicc_signed2 *signed2);

NODISCARD enum err prepare_download_response_read(struct bytes in,
                                                  struct prepare_download_response *out);
void prepare_download_response_put(struct room *out,
                                   const struct prepare_download_response *response);

/* hash_cc_derive computes SHA-256(SHA-256(code) || transactionId), SGP.22 3.1.3.2. `code_hash`
 * is the inner hash, all that the server keeps of a code. */
NODISCARD enum err confirmation_code_hash(struct bytes code, uint8_t code_hash[static 32]);
NODISCARD enum err hash_cc_derive(const uint8_t code_hash[static 32], struct bytes transaction_id,
                                  uint8_t hash_cc[static RSP_HASH_CC_SIZE]);

#endif
