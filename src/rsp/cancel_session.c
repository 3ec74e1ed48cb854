/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/cancel_session.h"

enum { TAG_CANCEL_SESSION = 0xBF41 };

enum err cancel_session_request_read(struct bytes in, struct cancel_session_request *out)
{
	struct cancel_session_request value;
	struct bytes seq;
	uint64_t reason;

	TRY(ber_read(&in, TAG_CANCEL_SESSION, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read_uint(&seq, 0x81, UINT8_MAX, &reason));
	TRY(rsp_extensions(seq, &value.extensions));
	value.reason = (uint8_t)reason;
	*out = value;
	return ERR_NONE;
}

void cancel_session_request_put(struct room *out, const struct cancel_session_request *request)
{
	size_t mark = ber_open(out, TAG_CANCEL_SESSION);

	ber_put(out, 0x80, request->transaction_id);
	ber_put_uint(out, 0x81, request->reason);
	room_put(out, request->extensions);
	ber_close(out, mark);
}

enum err euicc_cancel_session_signed_read(struct bytes in, struct euicc_cancel_session_signed *out)
{
	struct euicc_cancel_session_signed value;
	struct bytes seq;
	uint64_t reason;

	TRY(ber_read(&in, 0x30, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read(&seq, 0x81, &value.smdp_oid));
	TRY(ber_read_uint(&seq, 0x82, UINT8_MAX, &reason));
	TRY(rsp_extensions(seq, &value.extensions));
	value.reason = (uint8_t)reason;
	*out = value;
	return ERR_NONE;
}

void euicc_cancel_session_signed_put(struct room *out,
                                     const struct euicc_cancel_session_signed *value)
{
	size_t mark = ber_open(out, 0x30);

	ber_put(out, 0x80, value->transaction_id);
	ber_put(out, 0x81, value->smdp_oid);
	ber_put_uint(out, 0x82, value->reason);
	room_put(out, value->extensions);
	ber_close(out, mark);
}

static enum err read_ok(struct bytes choice, struct cancel_session_response *out)
{
	struct cancel_session_response value = { .is_error = false };
	struct bytes seq, extensions;

	TRY(ber_read(&choice, 0xA0, &seq));
	TRY(ber_end(choice));
	TRY(ber_read_whole(&seq, 0x30, &value.signed_element));
	TRY(rsp_signature_read(&seq, &value.signature));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

enum err cancel_session_response_read(struct bytes in, struct cancel_session_response *out)
{
	struct bytes choice;
	uint64_t error;

	TRY(ber_read(&in, TAG_CANCEL_SESSION, &choice));
	TRY(ber_end(in));
	if (!ber_is(choice, 0x81))
		return read_ok(choice, out);
	TRY(ber_read_uint(&choice, 0x81, UINT8_MAX, &error));
	TRY(ber_end(choice));
	*out = (struct cancel_session_response){ .is_error = true, .error = (uint8_t)error };
	return ERR_NONE;
}

void cancel_session_response_put(struct room *out, const struct cancel_session_response *response)
{
	size_t mark = ber_open(out, TAG_CANCEL_SESSION);

	if (response->is_error) {
		ber_put_uint(out, 0x81, response->error);
	} else {
		size_t inner = ber_open(out, 0xA0);
		room_put(out, response->signed_element);
		ber_put(out, TAG_SIGNATURE, response->signature);
		ber_close(out, inner);
	}
	ber_close(out, mark);
}
