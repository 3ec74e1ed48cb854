/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/notification.h"

enum err notification_metadata_read(struct bytes in, struct notification_metadata *out)
{
	struct notification_metadata value;
	struct bytes seq;
	uint64_t seq_number;

	TRY(ber_read(&in, TAG_NOTIFICATION_METADATA, &seq));
	TRY(ber_end(in));
	TRY(ber_read_uint(&seq, 0x80, UINT32_MAX, &seq_number));
	value.seq_number = (uint32_t)seq_number;
	TRY(rsp_bits_read(&seq, 0x81, &value.event));
	/* 5.7.9: only one bit is set. */
	if (value.event == 0 || (value.event & (value.event - 1)) != 0)
		return ERR_VALUE;
	TRY(rsp_utf8_read(&seq, 0x0C, SERVER_ADDRESS_MAX, &value.address));
	TRY(rsp_sized_optional(&seq, TAG_ICCID, ICCID_SIZE, ICCID_SIZE, &value.iccid));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void notification_metadata_put(struct room *out, const struct notification_metadata *metadata)
{
	size_t mark = ber_open(out, TAG_NOTIFICATION_METADATA);

	ber_put_uint(out, 0x80, metadata->seq_number);
	rsp_bits_put(out, 0x81, metadata->event);
	ber_put(out, 0x0C, metadata->address);
	rsp_put_optional(out, TAG_ICCID, metadata->iccid);
	room_put(out, metadata->extensions);
	ber_close(out, mark);
}

static enum err read_success(struct bytes seq, struct installation_result_data *out)
{
	struct bytes extensions;

	out->success = true;
	out->command = 0;
	out->reason = 0;
	TRY(rsp_sized_read(&seq, TAG_ISDP_AID, AID_MIN, AID_MAX, &out->isdp_aid));
	TRY(ber_read(&seq, 0x04, &out->sima_response));
	return rsp_extensions(seq, &extensions);
}

static enum err read_failure(struct bytes seq, struct installation_result_data *out)
{
	struct bytes extensions;
	uint64_t command, reason;

	out->success = false;
	out->isdp_aid = (struct bytes){ NULL, 0 };
	TRY(ber_read_uint(&seq, 0x80, UINT8_MAX, &command));
	TRY(ber_read_uint(&seq, 0x81, UINT8_MAX, &reason));
	TRY(ber_read_optional(&seq, 0x82, &out->sima_response));
	out->command = (uint8_t)command;
	out->reason = (uint8_t)reason;
	return rsp_extensions(seq, &extensions);
}

static enum err read_final_result(struct bytes *in, struct installation_result_data *out)
{
	struct bytes choice, seq;
	bool success;

	TRY(ber_read(in, 0xA2, &choice));
	success = ber_is(choice, 0xA0);
	TRY(ber_read(&choice, success ? 0xA0 : 0xA1, &seq));
	TRY(ber_end(choice));
	return success ? read_success(seq, out) : read_failure(seq, out);
}

enum err installation_result_data_read(struct bytes in, struct installation_result_data *out)
{
	struct installation_result_data value;
	struct bytes seq, notification;

	TRY(ber_read(&in, TAG_INSTALLATION_RESULT_DATA, &seq));
	TRY(ber_end(in));
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read_whole(&seq, TAG_NOTIFICATION_METADATA, &notification));
	TRY(notification_metadata_read(notification, &value.notification));
	TRY(ber_read_optional(&seq, 0x06, &value.smdp_oid));
	TRY(read_final_result(&seq, &value));
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

static void put_final_result(struct room *out, const struct installation_result_data *data)
{
	size_t choice = ber_open(out, 0xA2);
	size_t mark = ber_open(out, data->success ? 0xA0 : 0xA1);

	if (data->success) {
		ber_put(out, TAG_ISDP_AID, data->isdp_aid);
		ber_put(out, 0x04, data->sima_response);
	} else {
		ber_put_uint(out, 0x80, data->command);
		ber_put_uint(out, 0x81, data->reason);
		rsp_put_optional(out, 0x82, data->sima_response);
	}
	ber_close(out, mark);
	ber_close(out, choice);
}

void installation_result_data_put(struct room *out, const struct installation_result_data *data)
{
	size_t mark = ber_open(out, TAG_INSTALLATION_RESULT_DATA);

	ber_put(out, 0x80, data->transaction_id);
	notification_metadata_put(out, &data->notification);
	rsp_put_optional(out, 0x06, data->smdp_oid);
	put_final_result(out, data);
	room_put(out, data->extensions);
	ber_close(out, mark);
}

enum err installation_result_read(struct bytes in, struct installation_result *out)
{
	struct installation_result value;
	struct bytes seq, extensions;

	TRY(ber_read(&in, TAG_INSTALLATION_RESULT, &seq));
	TRY(ber_end(in));
	TRY(ber_read_whole(&seq, TAG_INSTALLATION_RESULT_DATA, &value.data));
	TRY(rsp_signature_read(&seq, &value.signature));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void installation_result_put(struct room *out, const struct installation_result *result)
{
	size_t mark = ber_open(out, TAG_INSTALLATION_RESULT);

	room_put(out, result->data);
	ber_put(out, TAG_SIGNATURE, result->signature);
	ber_close(out, mark);
}

enum err other_notification_read(struct bytes in, struct other_notification *out)
{
	struct other_notification value;
	struct bytes seq, extensions;

	TRY(ber_read(&in, 0x30, &seq));
	TRY(ber_end(in));
	TRY(ber_read_whole(&seq, TAG_NOTIFICATION_METADATA, &value.tbs));
	TRY(rsp_signature_read(&seq, &value.signature));
	TRY(ber_read_whole(&seq, 0x30, &value.euicc_certificate));
	TRY(ber_read_whole(&seq, 0x30, &value.eum_certificate));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void other_notification_put(struct room *out, const struct other_notification *notification)
{
	size_t mark = ber_open(out, 0x30);

	room_put(out, notification->tbs);
	ber_put(out, TAG_SIGNATURE, notification->signature);
	room_put(out, notification->euicc_certificate);
	room_put(out, notification->eum_certificate);
	ber_close(out, mark);
}

enum err pending_notification_metadata(struct bytes pending, struct notification_metadata *out)
{
	struct installation_result result;
	struct installation_result_data data;
	struct other_notification other;

	if (!ber_is(pending, TAG_INSTALLATION_RESULT)) {
		TRY(other_notification_read(pending, &other));
		return notification_metadata_read(other.tbs, out);
	}
	TRY(installation_result_read(pending, &result));
	TRY(installation_result_data_read(result.data, &data));
	*out = data.notification;
	return ERR_NONE;
}

enum err pending_notification_next(struct bytes *list, struct bytes *pending)
{
	if (ber_is(*list, TAG_INSTALLATION_RESULT))
		return ber_read_whole(list, TAG_INSTALLATION_RESULT, pending);
	return ber_read_whole(list, 0x30, pending);
}
