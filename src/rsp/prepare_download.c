/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/prepare_download.h"

#include "port/crypto.h"

enum { TAG_PREPARE_DOWNLOAD = 0xBF21 };

static enum err read_hash_cc(struct bytes *in, struct bytes *hash_cc)
{
	return rsp_sized_optional(in, 0x04, RSP_HASH_CC_SIZE, RSP_HASH_CC_SIZE, hash_cc);
}

enum err smdp_signed2_read(struct bytes in, struct smdp_signed2 *out)
{
	struct smdp_signed2 value;
	struct bytes seq;

	TRY(ber_read(&in, 0x30, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read_bool(&seq, 0x01, &value.cc_required));
	TRY(rsp_sized_optional(&seq, TAG_ONE_TIME_KEY, RSP_POINT_SIZE, RSP_POINT_SIZE,
	                       &value.bpp_euicc_otpk));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void smdp_signed2_put(struct room *out, const struct smdp_signed2 *signed2)
{
	size_t mark = ber_open(out, 0x30);

	ber_put(out, 0x80, signed2->transaction_id);
	ber_put_bool(out, 0x01, signed2->cc_required);
	rsp_put_optional(out, TAG_ONE_TIME_KEY, signed2->bpp_euicc_otpk);
	room_put(out, signed2->extensions);
	ber_close(out, mark);
}

enum err prepare_download_request_read(struct bytes in, struct prepare_download_request *out)
{
	struct prepare_download_request value;
	struct bytes seq;

	TRY(ber_read(&in, TAG_PREPARE_DOWNLOAD, &seq));
	TRY(ber_end(in));
	TRY(ber_read_whole(&seq, 0x30, &value.smdp_signed2));
	TRY(rsp_signature_read(&seq, &value.smdp_signature2));
	TRY(read_hash_cc(&seq, &value.hash_cc));
	TRY(ber_read_whole(&seq, 0x30, &value.smdp_certificate));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void prepare_download_request_put(struct room *out, const struct prepare_download_request *request)
{
	size_t mark = ber_open(out, TAG_PREPARE_DOWNLOAD);

	room_put(out, request->smdp_signed2);
	ber_put(out, TAG_SIGNATURE, request->smdp_signature2);
	rsp_put_optional(out, 0x04, request->hash_cc);
	room_put(out, request->smdp_certificate);
	room_put(out, request->extensions);
	ber_close(out, mark);
}

enum err euicc_signed2_read(struct bytes in, struct euicc_signed2 *out)
{
	struct euicc_signed2 value;
	struct bytes seq;

	TRY(ber_read(&in, 0x30, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(rsp_sized_read(&seq, TAG_ONE_TIME_KEY, RSP_POINT_SIZE, RSP_POINT_SIZE,
	                   &value.euicc_otpk));
	TRY(read_hash_cc(&seq, &value.hash_cc));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void euicc_signed2_put(struct room *out, const struct euicc_signed2 *signed2)
{
	size_t mark = ber_open(out, 0x30);

	ber_put(out, 0x80, signed2->transaction_id);
	ber_put(out, TAG_ONE_TIME_KEY, signed2->euicc_otpk);
	rsp_put_optional(out, 0x04, signed2->hash_cc);
	room_put(out, signed2->extensions);
	ber_close(out, mark);
}

static enum err read_error(struct bytes seq, struct prepare_download_response *out)
{
	struct prepare_download_response value = { .is_error = true };
	uint64_t code;

	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read_uint(&seq, 0x02, UINT8_MAX, &code));
	TRY(rsp_extensions(seq, &value.extensions));
	value.error = (uint8_t)code;
	*out = value;
	return ERR_NONE;
}

static enum err read_ok(struct bytes seq, struct prepare_download_response *out)
{
	struct prepare_download_response value = { .is_error = false };

	TRY(ber_read_whole(&seq, 0x30, &value.euicc_signed2));
	TRY(rsp_signature_read(&seq, &value.euicc_signature2));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

enum err prepare_download_response_read(struct bytes in, struct prepare_download_response *out)
{
	struct bytes choice, seq;
	bool is_error;

	TRY(ber_read(&in, TAG_PREPARE_DOWNLOAD, &choice));
	TRY(ber_end(in));
	is_error = ber_is(choice, 0xA1);
	TRY(ber_read(&choice, is_error ? 0xA1 : 0xA0, &seq));
	TRY(ber_end(choice));
	return is_error ? read_error(seq, out) : read_ok(seq, out);
}

void prepare_download_response_put(struct room *out,
                                   const struct prepare_download_response *response)
{
	size_t mark = ber_open(out, TAG_PREPARE_DOWNLOAD);
	size_t inner = ber_open(out, response->is_error ? 0xA1 : 0xA0);

	if (response->is_error) {
		ber_put(out, 0x80, response->transaction_id);
		ber_put_uint(out, 0x02, response->error);
	} else {
		room_put(out, response->euicc_signed2);
		ber_put(out, TAG_SIGNATURE, response->euicc_signature2);
	}
	room_put(out, response->extensions);
	ber_close(out, inner);
	ber_close(out, mark);
}

enum err confirmation_code_hash(struct bytes code, uint8_t code_hash[static 32])
{
	return crypto_sha256(code_hash, &code, 1);
}

enum err hash_cc_derive(const uint8_t code_hash[static 32], struct bytes transaction_id,
                        uint8_t hash_cc[static RSP_HASH_CC_SIZE])
{
	struct bytes parts[] = {
		{code_hash, SHA256_SIZE},
                transaction_id
	};

	return crypto_sha256(hash_cc, parts, COUNT(parts));
}
