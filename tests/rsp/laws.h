/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The law of every message of the room: what is read can be put, what was put reads again, and
 * putting that gives the same octets. A message in its canonical form therefore comes back as it
 * was; the only freedom is in bit strings with trailing zeros and in values equal to their
 * default. On error the result is untouched.
 */
#ifndef TESTS_RSP_LAWS_H
#define TESTS_RSP_LAWS_H

#include "base/bytes.h"
#include "base/err.h"
#include "rsp/authenticate_server.h"
#include "rsp/bpp.h"
#include "rsp/cancel_session.h"
#include "rsp/local_management.h"
#include "rsp/metadata.h"
#include "rsp/notification.h"
#include "rsp/prepare_download.h"
#include "rsp/profile_info.h"

#include <stdlib.h>
#include <string.h>

/* again reads a message and puts it; a result that moved on error stops the program. */
#define AGAIN(name, type, read, put)                                    \
	static enum err again_##name(struct bytes in, struct room *out) \
	{                                                               \
		type value, before;                                     \
		memset(&value, 0xA5, sizeof value);                     \
		memset(&before, 0xA5, sizeof before);                   \
		enum err err = read;                                    \
		if (err == ERR_NONE)                                    \
			put;                                            \
		else if (memcmp(&value, &before, sizeof value) != 0)    \
			abort();                                        \
		return err;                                             \
	}

#define AGAIN_STRUCT(name) \
	AGAIN(name, struct name, name##_read(in, &value), name##_put(out, &value))

AGAIN_STRUCT(euicc_info1)
AGAIN_STRUCT(euicc_info2)
AGAIN_STRUCT(ctx_params1)
AGAIN_STRUCT(server_signed1)
AGAIN_STRUCT(authenticate_server_request)
AGAIN_STRUCT(authenticate_server_response)
AGAIN_STRUCT(euicc_signed1)
AGAIN_STRUCT(smdp_signed2)
AGAIN_STRUCT(prepare_download_request)
AGAIN_STRUCT(prepare_download_response)
AGAIN_STRUCT(euicc_signed2)
AGAIN_STRUCT(store_metadata)
AGAIN_STRUCT(update_metadata)
AGAIN_STRUCT(notification_metadata)
AGAIN_STRUCT(installation_result_data)
AGAIN_STRUCT(installation_result)
AGAIN_STRUCT(other_notification)
AGAIN_STRUCT(cancel_session_request)
AGAIN_STRUCT(cancel_session_response)
AGAIN_STRUCT(euicc_cancel_session_signed)
AGAIN_STRUCT(initialise_secure_channel)
AGAIN_STRUCT(configure_isdp)
AGAIN_STRUCT(replace_session_keys)
AGAIN_STRUCT(profile_info_request)
AGAIN_STRUCT(retrieve_notifications_request)
AGAIN_STRUCT(set_nickname)
AGAIN_STRUCT(configured_addresses)
AGAIN(profile_info, struct profile_info, profile_info_read(in, &value),
      profile_info_put(out, &value, UINT32_MAX))
AGAIN(enable_profile, struct switch_profile, switch_profile_read(in, 0xBF31, &value),
      switch_profile_put(out, 0xBF31, &value))
AGAIN(delete_profile, struct profile_identifier, delete_profile_read(in, &value),
      delete_profile_put(out, &value))
AGAIN(list_notification, uint32_t, list_notification_request_read(in, &value),
      list_notification_request_put(out, value))
AGAIN(notification_sent, uint32_t, notification_sent_request_read(in, &value),
      notification_sent_request_put(out, value))
AGAIN(memory_reset, uint32_t, memory_reset_read(in, &value), memory_reset_put(out, value))
AGAIN(euicc_data, struct bytes, get_euicc_data_response_read(in, &value),
      get_euicc_data_response_put(out, value))
AGAIN(euicc_challenge, struct bytes, get_euicc_challenge_response_read(in, &value),
      get_euicc_challenge_response_put(out, value))
AGAIN(default_dp_address, struct bytes, set_default_dp_address_read(in, &value),
      set_default_dp_address_put(out, value))
AGAIN(rat, struct bytes, get_rat_response_read(in, &value), get_rat_response_put(out, value))
AGAIN(result, uint8_t, rsp_result_read(in, 0xBF31, &value), rsp_result_put(out, 0xBF31, value))

#define LAW_ROW(name)               \
	{                           \
#name, again_##name \
	}

static const struct law {
	const char *name;
	enum err (*again)(struct bytes in, struct room *out);
} laws[] = {
	LAW_ROW(euicc_info1),
	LAW_ROW(euicc_info2),
	LAW_ROW(ctx_params1),
	LAW_ROW(server_signed1),
	LAW_ROW(authenticate_server_request),
	LAW_ROW(authenticate_server_response),
	LAW_ROW(euicc_signed1),
	LAW_ROW(smdp_signed2),
	LAW_ROW(prepare_download_request),
	LAW_ROW(prepare_download_response),
	LAW_ROW(euicc_signed2),
	LAW_ROW(store_metadata),
	LAW_ROW(update_metadata),
	LAW_ROW(notification_metadata),
	LAW_ROW(installation_result_data),
	LAW_ROW(installation_result),
	LAW_ROW(other_notification),
	LAW_ROW(cancel_session_request),
	LAW_ROW(cancel_session_response),
	LAW_ROW(euicc_cancel_session_signed),
	LAW_ROW(initialise_secure_channel),
	LAW_ROW(configure_isdp),
	LAW_ROW(replace_session_keys),
	LAW_ROW(profile_info_request),
	LAW_ROW(retrieve_notifications_request),
	LAW_ROW(set_nickname),
	LAW_ROW(configured_addresses),
	LAW_ROW(profile_info),
	LAW_ROW(enable_profile),
	LAW_ROW(delete_profile),
	LAW_ROW(list_notification),
	LAW_ROW(notification_sent),
	LAW_ROW(memory_reset),
	LAW_ROW(euicc_data),
	LAW_ROW(euicc_challenge),
	LAW_ROW(default_dp_address),
	LAW_ROW(rat),
	LAW_ROW(result),
};

/* law_holds is true when the message is refused, or obeys; `canonical` tells whether it came
 * back as it was. */
static bool law_holds(const struct law *law, struct bytes in, enum err *err, bool *canonical)
{
	static uint8_t first[1 << 17], second[1 << 17];
	struct room one = ROOM(first), two = ROOM(second);

	*canonical = false;
	*err = law->again(in, &one);
	if (*err != ERR_NONE)
		return true;
	*canonical = bytes_same(room_used(&one), in);
	return !one.full && one.len <= in.len + 8 &&
	       law->again(room_used(&one), &two) == ERR_NONE && !two.full &&
	       bytes_same(room_used(&one), room_used(&two));
}

#endif
