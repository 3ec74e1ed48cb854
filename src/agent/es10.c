/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of ES10a, ES10b and ES10c: one request, one answer each. */
#include "agent/es10.h"

#include "rsp/bpp.h"

#include <stdio.h>

enum { SMALL_MAX = 512 };

static enum err call_room(struct es10 *es10, ber_tag tag, const struct room *request,
                          struct room *store, struct bytes *answer)
{
	size_t before = store->len;

	if (request->full)
		return ERR_ROOM;
	TRY(es10_call(es10, room_used(request), store));
	*answer = (struct bytes){ store->at + before, store->len - before };
	if (answer->len > 0)
		return ERR_NONE;
	snprintf(es10->why, sizeof es10->why, "%s: the card answers nothing", es10_function(tag));
	return ERR_TRUNCATED;
}

static enum err malformed(struct es10 *es10, ber_tag tag, enum err err)
{
	if (err != ERR_NONE)
		snprintf(es10->why, sizeof es10->why, "%s: malformed answer, %s",
		         es10_function(tag), err_text(err));
	return err;
}

static enum err refused(struct es10 *es10, ber_tag tag, uint8_t result)
{
	es10->result = result;
	snprintf(es10->why, sizeof es10->why, "%s: %s (%u)", es10_function(tag),
	         es10_result_text(tag, result), result);
	return ERR_DENIED;
}

/* call_empty sends a request without content. */
static enum err call_empty(struct es10 *es10, ber_tag tag, struct room *store, struct bytes *answer)
{
	uint8_t octets[8];
	struct room request = ROOM(octets);

	ber_put(&request, tag, (struct bytes){ 0 });
	return call_room(es10, tag, &request, store, answer);
}

/* call_result sends a request whose answer is one number, 0 for success. */
static enum err call_result(struct es10 *es10, ber_tag tag, const struct room *request)
{
	uint8_t octets[SMALL_MAX], result;
	struct room store = ROOM(octets);
	struct bytes answer;

	TRY(call_room(es10, tag, request, &store, &answer));
	TRY(malformed(es10, tag, rsp_result_read(answer, tag, &result)));
	es10->result = result;
	return result == RESULT_OK ? ERR_NONE : refused(es10, tag, result);
}

enum err es10_configured_addresses(struct es10 *es10, struct room *store,
                                   struct configured_addresses *out)
{
	struct bytes answer;

	TRY(call_empty(es10, TAG_EUICC_CONFIGURED_ADDRESSES, store, &answer));
	return malformed(es10, TAG_EUICC_CONFIGURED_ADDRESSES,
	                 configured_addresses_read(answer, out));
}

enum err es10_set_default_dp_address(struct es10 *es10, struct bytes address)
{
	uint8_t octets[SMALL_MAX];
	struct room request = ROOM(octets);

	set_default_dp_address_put(&request, address);
	return call_result(es10, TAG_SET_DEFAULT_DP_ADDRESS, &request);
}

enum err es10_euicc_challenge(struct es10 *es10, struct room *store, struct bytes *challenge)
{
	struct bytes answer;

	TRY(call_empty(es10, TAG_GET_EUICC_CHALLENGE, store, &answer));
	return malformed(es10, TAG_GET_EUICC_CHALLENGE,
	                 get_euicc_challenge_response_read(answer, challenge));
}

enum err es10_euicc_info1(struct es10 *es10, struct room *store, struct bytes *whole)
{
	struct euicc_info1 info;
	struct bytes answer;

	TRY(call_empty(es10, TAG_GET_EUICC_INFO1, store, &answer));
	TRY(malformed(es10, TAG_GET_EUICC_INFO1, euicc_info1_read(answer, &info)));
	*whole = answer;
	return ERR_NONE;
}

enum err es10_euicc_info2(struct es10 *es10, struct room *store, struct euicc_info2 *out)
{
	struct bytes answer;

	TRY(call_empty(es10, TAG_GET_EUICC_INFO2, store, &answer));
	return malformed(es10, TAG_GET_EUICC_INFO2, euicc_info2_read(answer, out));
}

enum err es10_authenticate_server(struct es10 *es10,
                                  const struct authenticate_server_request *request,
                                  struct room *store, struct bytes *whole)
{
	static const ber_tag tag = TAG_AUTHENTICATE_SERVER;
	uint8_t octets[ES10_REQUEST_MAX];
	struct room out = ROOM(octets);
	struct authenticate_server_response response;
	struct bytes answer;

	authenticate_server_request_put(&out, request);
	TRY(call_room(es10, tag, &out, store, &answer));
	TRY(malformed(es10, tag, authenticate_server_response_read(answer, &response)));
	*whole = answer;
	return response.is_error ? refused(es10, tag, response.error) : ERR_NONE;
}

enum err es10_prepare_download(struct es10 *es10, const struct prepare_download_request *request,
                               struct room *store, struct bytes *whole)
{
	static const ber_tag tag = TAG_PREPARE_DOWNLOAD;
	uint8_t octets[ES10_REQUEST_MAX];
	struct room out = ROOM(octets);
	struct prepare_download_response response;
	struct bytes answer;

	prepare_download_request_put(&out, request);
	TRY(call_room(es10, tag, &out, store, &answer));
	TRY(malformed(es10, tag, prepare_download_response_read(answer, &response)));
	*whole = answer;
	return response.is_error ? refused(es10, tag, response.error) : ERR_NONE;
}

enum err es10_load_bpp(struct es10 *es10, struct bytes bpp, const struct es10_progress *progress,
                       struct room *store, struct bytes *result)
{
	struct bpp_segments segments;
	struct bytes segment;
	size_t before = store->len, done = 0;

	TRY(malformed(es10, TAG_BPP, bpp_segments_start(&segments, bpp)));
	/* SGP.22 3.1.3.3: segments go until the card answers one with data, the result. */
	while (store->len == before && bpp_segments_next(&segments, &segment) == ERR_NONE) {
		TRY(es10_call(es10, segment, store));
		done += segment.len;
		if (progress != NULL)
			progress->at(progress->ctx, done, bpp.len);
	}
	struct bytes answer = { store->at + before, store->len - before };
	struct installation_result whole;
	TRY(malformed(es10, TAG_BPP, installation_result_read(answer, &whole)));
	*result = answer;
	return ERR_NONE;
}

enum err es10_cancel_session(struct es10 *es10, struct bytes transaction_id, uint8_t reason,
                             struct room *store, struct bytes *whole)
{
	static const ber_tag tag = TAG_CANCEL_SESSION;
	struct cancel_session_request request = { .transaction_id = transaction_id,
		                                  .reason = reason };
	uint8_t octets[SMALL_MAX];
	struct room out = ROOM(octets);
	struct cancel_session_response response;
	struct bytes answer;

	cancel_session_request_put(&out, &request);
	TRY(call_room(es10, tag, &out, store, &answer));
	TRY(malformed(es10, tag, cancel_session_response_read(answer, &response)));
	if (response.is_error)
		return refused(es10, tag, response.error);
	*whole = answer;
	return ERR_NONE;
}

enum err es10_rules(struct es10 *es10, struct room *store, struct bytes *rules)
{
	struct bytes answer;

	TRY(call_empty(es10, TAG_GET_RAT, store, &answer));
	return malformed(es10, TAG_GET_RAT, get_rat_response_read(answer, rules));
}

enum err es10_list_notifications(struct es10 *es10, struct room *store, struct bytes *list)
{
	static const ber_tag tag = TAG_LIST_NOTIFICATION;
	struct bytes answer;

	TRY(call_empty(es10, tag, store, &answer));
	return malformed(es10, tag, list_notification_response_read(answer, list));
}

enum err es10_notification(struct es10 *es10, uint32_t seq_number, struct room *store,
                           struct bytes *pending)
{
	static const ber_tag tag = TAG_RETRIEVE_NOTIFICATIONS;
	struct retrieve_notifications_request request = { .by_seq_number = true,
		                                          .seq_number = seq_number };
	uint8_t octets[32];
	struct room out = ROOM(octets);
	struct bytes answer, list;

	retrieve_notifications_request_put(&out, &request);
	TRY(call_room(es10, tag, &out, store, &answer));
	enum err err = retrieve_notifications_response_read(answer, &list);
	if (err == ERR_NOT_FOUND || (err == ERR_NONE && list.len == 0))
		return ERR_NOT_FOUND;
	TRY(malformed(es10, tag, err));
	return malformed(es10, tag, pending_notification_next(&list, pending));
}

enum err es10_remove_notification(struct es10 *es10, uint32_t seq_number)
{
	uint8_t octets[32];
	struct room request = ROOM(octets);

	notification_sent_request_put(&request, seq_number);
	enum err err = call_result(es10, TAG_NOTIFICATION_SENT, &request);
	return err == ERR_DENIED && es10->result == NOTIFICATION_NOTHING_TO_DELETE ? ERR_NOT_FOUND
	                                                                           : err;
}

enum err es10_eid(struct es10 *es10, uint8_t eid[static EID_SIZE])
{
	uint8_t octets[SMALL_MAX], small[16];
	struct room request = ROOM(small), store = ROOM(octets);
	struct bytes answer, value;

	get_euicc_data_request_put(&request);
	TRY(call_room(es10, TAG_GET_EUICC_DATA, &request, &store, &answer));
	TRY(malformed(es10, TAG_GET_EUICC_DATA, get_euicc_data_response_read(answer, &value)));
	if (value.len != EID_SIZE)
		return malformed(es10, TAG_GET_EUICC_DATA, ERR_LENGTH);
	for (size_t i = 0; i < EID_SIZE; i++)
		eid[i] = value.at[i];
	return ERR_NONE;
}

enum err es10_profiles(struct es10 *es10, struct room *store, struct bytes *list)
{
	static const ber_tag tag = TAG_GET_PROFILES_INFO;
	/* The default list lacks owner and policy rules (SGP.22 5.7.15): ask for those too, icon apart. */
	static const uint8_t tags[] = { 0x5A, 0x4F, 0x9F, 0x70, 0x90, 0x91,
		                        0x92, 0x95, 0xB6, 0xB7, 0x99 };
	struct profile_info_request request = { .tag_list = BYTES(tags) };
	uint8_t octets[64], error = 0;
	struct room out = ROOM(octets);
	struct bytes answer;

	profile_info_request_put(&out, &request);
	TRY(call_room(es10, tag, &out, store, &answer));
	enum err err = profile_info_response_read(answer, list, &error);
	return err == ERR_VALUE && error != 0 ? refused(es10, tag, error)
	                                      : malformed(es10, tag, err);
}

enum err es10_switch(struct es10 *es10, ber_tag tag, const struct switch_profile *request)
{
	uint8_t octets[64];
	struct room out = ROOM(octets);

	switch_profile_put(&out, tag, request);
	return call_result(es10, tag, &out);
}

enum err es10_delete(struct es10 *es10, const struct profile_identifier *profile)
{
	uint8_t octets[64];
	struct room out = ROOM(octets);

	delete_profile_put(&out, profile);
	return call_result(es10, TAG_DELETE_PROFILE, &out);
}

enum err es10_set_nickname(struct es10 *es10, const struct set_nickname *request)
{
	uint8_t octets[128];
	struct room out = ROOM(octets);

	set_nickname_put(&out, request);
	return call_result(es10, TAG_SET_NICKNAME, &out);
}

enum err es10_memory_reset(struct es10 *es10, uint32_t options)
{
	uint8_t octets[32];
	struct room out = ROOM(octets);

	memory_reset_put(&out, options);
	return call_result(es10, TAG_EUICC_MEMORY_RESET, &out);
}
