/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/authenticate_server.h"

enum { TAG_AUTHENTICATE_SERVER = 0xBF38 };

static enum err read_challenge(struct bytes *in, ber_tag tag, struct bytes *challenge)
{
	return rsp_sized_read(in, tag, RSP_CHALLENGE_SIZE, RSP_CHALLENGE_SIZE, challenge);
}

enum err server_signed1_read(struct bytes in, struct server_signed1 *out)
{
	struct server_signed1 value;
	struct bytes seq;

	TRY(ber_read(&in, 0x30, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(read_challenge(&seq, 0x81, &value.euicc_challenge));
	TRY(rsp_utf8_read(&seq, 0x83, SERVER_ADDRESS_MAX, &value.server_address));
	TRY(read_challenge(&seq, 0x84, &value.server_challenge));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void server_signed1_put(struct room *out, const struct server_signed1 *signed1)
{
	size_t mark = ber_open(out, 0x30);

	ber_put(out, 0x80, signed1->transaction_id);
	ber_put(out, 0x81, signed1->euicc_challenge);
	ber_put(out, 0x83, signed1->server_address);
	ber_put(out, 0x84, signed1->server_challenge);
	room_put(out, signed1->extensions);
	ber_close(out, mark);
}

enum err authenticate_server_request_read(struct bytes in, struct authenticate_server_request *out)
{
	struct authenticate_server_request value;
	struct bytes seq;

	TRY(ber_read(&in, TAG_AUTHENTICATE_SERVER, &seq));
	TRY(ber_end(in));
	TRY(ber_read_whole(&seq, 0x30, &value.server_signed1));
	TRY(rsp_signature_read(&seq, &value.server_signature1));
	TRY(ber_read(&seq, 0x04, &value.ci_pkid_to_be_used));
	TRY(ber_read_whole(&seq, 0x30, &value.server_certificate));
	TRY(ber_read_whole(&seq, 0xA0, &value.ctx_params1));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void authenticate_server_request_put(struct room *out,
                                     const struct authenticate_server_request *request)
{
	size_t mark = ber_open(out, TAG_AUTHENTICATE_SERVER);

	room_put(out, request->server_signed1);
	ber_put(out, TAG_SIGNATURE, request->server_signature1);
	ber_put(out, 0x04, request->ci_pkid_to_be_used);
	room_put(out, request->server_certificate);
	room_put(out, request->ctx_params1);
	room_put(out, request->extensions);
	ber_close(out, mark);
}

enum err euicc_signed1_read(struct bytes in, struct euicc_signed1 *out)
{
	struct euicc_signed1 value;
	struct bytes seq;

	TRY(ber_read(&in, 0x30, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(rsp_utf8_read(&seq, 0x83, SERVER_ADDRESS_MAX, &value.server_address));
	TRY(read_challenge(&seq, 0x84, &value.server_challenge));
	TRY(ber_read_whole(&seq, 0xBF22, &value.euicc_info2));
	TRY(ber_read_whole(&seq, 0xA0, &value.ctx_params1));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void euicc_signed1_put(struct room *out, const struct euicc_signed1 *signed1)
{
	size_t mark = ber_open(out, 0x30);

	ber_put(out, 0x80, signed1->transaction_id);
	ber_put(out, 0x83, signed1->server_address);
	ber_put(out, 0x84, signed1->server_challenge);
	room_put(out, signed1->euicc_info2);
	room_put(out, signed1->ctx_params1);
	room_put(out, signed1->extensions);
	ber_close(out, mark);
}

static enum err read_error(struct bytes seq, struct authenticate_server_response *out)
{
	struct authenticate_server_response value = { .is_error = true };
	uint64_t code;

	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read_uint(&seq, 0x02, UINT8_MAX, &code));
	TRY(rsp_extensions(seq, &value.extensions));
	value.error = (uint8_t)code;
	*out = value;
	return ERR_NONE;
}

static enum err read_ok(struct bytes seq, struct authenticate_server_response *out)
{
	struct authenticate_server_response value = { .is_error = false };

	TRY(ber_read_whole(&seq, 0x30, &value.euicc_signed1));
	TRY(rsp_signature_read(&seq, &value.euicc_signature1));
	TRY(ber_read_whole(&seq, 0x30, &value.euicc_certificate));
	TRY(ber_read_whole(&seq, 0x30, &value.eum_certificate));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

enum err authenticate_server_response_read(struct bytes in,
                                           struct authenticate_server_response *out)
{
	struct bytes choice, seq;
	bool is_error;

	TRY(ber_read(&in, TAG_AUTHENTICATE_SERVER, &choice));
	TRY(ber_end(in));
	is_error = ber_is(choice, 0xA1);
	TRY(ber_read(&choice, is_error ? 0xA1 : 0xA0, &seq));
	TRY(ber_end(choice));
	return is_error ? read_error(seq, out) : read_ok(seq, out);
}

void authenticate_server_response_put(struct room *out,
                                      const struct authenticate_server_response *response)
{
	size_t mark = ber_open(out, TAG_AUTHENTICATE_SERVER);
	size_t inner = ber_open(out, response->is_error ? 0xA1 : 0xA0);

	if (response->is_error) {
		ber_put(out, 0x80, response->transaction_id);
		ber_put_uint(out, 0x02, response->error);
	} else {
		room_put(out, response->euicc_signed1);
		ber_put(out, TAG_SIGNATURE, response->euicc_signature1);
		room_put(out, response->euicc_certificate);
		room_put(out, response->eum_certificate);
	}
	room_put(out, response->extensions);
	ber_close(out, inner);
	ber_close(out, mark);
}
