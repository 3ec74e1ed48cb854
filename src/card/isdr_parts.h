/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the ISD-R share and nobody else uses. A handler gets a whole request, tag included,
 * and a room for its answer; it returns an error only where SGP.22 has no result code for the case,
 * and the error becomes a status word.
 */
#ifndef CARD_ISDR_PARTS_H
#define CARD_ISDR_PARTS_H

#include "card/card.h"
#include "card/isdr.h"
#include "card/isdr_window.h"
#include "rsp/metadata.h"
#include "rsp/notification.h"

typedef enum err isdr_fn(struct card *card, struct bytes request, struct room *out);

/* Where the parts of an answer come from. */
enum isdr_reply_kind {
	REPLY_NONE,
	REPLY_BUFFER,        /* the part in the buffer is all */
	REPLY_AUTHENTICATED, /* AuthenticateResponseOk: the part in the buffer, then two certificates */
	REPLY_PROFILES,      /* a list of ProfileInfo */
	REPLY_METADATA,      /* a list of NotificationMetadata */
	REPLY_NOTIFICATIONS, /* a list of PendingNotification */
};

/* --- isdr_load.c: what comes next in a bound profile package (SGP.22 2.5.4) --- */
enum load_step {
	LOAD_PACKAGE,    /* BF36 */
	LOAD_INITIALISE, /* BF23 */
	LOAD_FIRST_87,   /* A0 with ConfigureISDP */
	LOAD_METADATA,   /* A1 with StoreMetadata */
	LOAD_SECOND_87,  /* A2 with ReplaceSessionKeys, or A3 */
	LOAD_PROFILE,    /* A3 with the profile */
	LOAD_STEPS
};

isdr_fn isdr_load_package;

/* --- isdr_install.c --- */

/* isdr_metadata_view gives the parts of the metadata in the buffer: what B8 and BF25 hold. */
NODISCARD enum err isdr_metadata_view(const struct isdr *isdr, struct store_metadata *metadata);

/* isdr_metadata_check makes the verifications of StoreMetadata (SGP.22 5.5.3); 0 or an ErrorReason. */
uint8_t isdr_metadata_check(struct card *card);

/* isdr_install makes a profile of what was staged, and answers with the signed result, which is also
 * kept as a notification. The session is over afterwards. */
NODISCARD enum err isdr_install(struct card *card, struct room *out);

/* isdr_refuse answers with a signed error result, kept as a notification, and ends the session. */
NODISCARD enum err isdr_refuse(struct card *card, uint8_t command, uint8_t reason,
                               struct bytes sima_response, struct room *out);

/* --- isdr_policy.c --- */

/* isdr_policy_admits tells whether the rules authorisation table and the profiles that are here let a
 * profile with these policy rules in (SGP.22 2.9.2). */
NODISCARD enum err isdr_policy_admits(struct card *card, const struct store_metadata *metadata,
                                      bool *admits);

/* isdr_settle ends the transaction under way: commits after ERR_NONE, else aborts; gives the cause. */
NODISCARD enum err isdr_settle(struct card *card, enum err err);

/* --- isdr_session.c, isdr_prepare.c --- */

/* isdr_session_end wipes the session and what was staged for it. */
void isdr_session_end(struct card *card);
isdr_fn isdr_get_challenge, isdr_authenticate_server, isdr_prepare_download, isdr_cancel_session;

/* --- isdr_info.c --- */
isdr_fn isdr_get_info1, isdr_get_info2, isdr_get_eid, isdr_get_rat, isdr_get_addresses;
isdr_fn isdr_set_default_address;
extern const uint8_t isdr_svn[3];

/* isdr_put_info2 appends EUICCInfo2, for GetEUICCInfo2 and for euiccSigned1. */
NODISCARD enum err isdr_put_info2(struct card *card, struct room *out);

/* --- isdr_manage.c, isdr_memory_reset.c: what the user does with profiles --- */
isdr_fn isdr_enable, isdr_disable, isdr_delete, isdr_set_nickname, isdr_memory_reset;

/* isdr_delete_in_transaction removes a disabled profile and all that belongs to it. */
NODISCARD enum err isdr_delete_in_transaction(struct card *card, uint8_t slot);

/* isdr_memory_reset_finish does what a power cut interrupted. */
NODISCARD enum err isdr_memory_reset_finish(struct card *card);

/* --- isdr_list.c --- */
isdr_fn isdr_profiles_info;
/* isdr_metadata_find locates the value of a metadata field of a slot in its record. ERR_NOT_FOUND. */
NODISCARD enum err isdr_metadata_find(struct card *card, uint8_t slot, ber_tag tag, size_t *at,
                                      size_t *len);

NODISCARD enum err isdr_profile_window(struct card *card, uint8_t slot, uint32_t fields,
                                       struct window *window);

/* --- isdr_notify.c --- */

/* NotificationConfigurationInformation as it is read back from flash: two headers, events, address. */
enum { CONFIGURATION_MAX = SERVER_ADDRESS_MAX + 32 };

/* isdr_notify signs and keeps a notification, inside a transaction. */
NODISCARD enum err isdr_notify(struct card *card, const struct notification_metadata *metadata,
                               uint8_t credential);

/* isdr_notify_result does so with a ProfileInstallationResult: its sequence number is set, and the
 * signed BF37 is left in `out` (emptied before). */
NODISCARD enum err isdr_notify_result(struct card *card, struct installation_result_data *data,
                                      uint8_t credential, struct room *out);

/* isdr_notify_profile keeps one notification for each address that the profile's metadata names for the
 * event (SGP.22 3.5), inside a transaction. */
NODISCARD enum err isdr_notify_profile(struct card *card, uint8_t slot, uint32_t event);

isdr_fn isdr_list_notifications, isdr_retrieve_notifications, isdr_notification_sent;
NODISCARD enum err isdr_notification_window(struct card *card, uint8_t number, bool whole,
                                            struct window *window);

/* --- isdr_reply.c --- */

/* isdr_reply_list prepares a list whose items are set: sizes are counted. */
NODISCARD enum err isdr_reply_list(struct card *card, enum isdr_reply_kind kind, uint16_t outer);

/* isdr_reply_put produces the whole answer; without a room it counts. */
NODISCARD enum err isdr_reply_put(struct card *card, struct window *window);

/* isdr_stored_window produces a part of a record. */
NODISCARD enum err isdr_stored_window(struct card *card, uint16_t key, size_t at, size_t len,
                                      struct window *window);

/* Flags of a profile head: class, policy rules, and the credential of its notifications. */
static inline uint8_t isdr_flags(uint8_t profile_class, uint32_t pprs, uint8_t credential)
{
	return (uint8_t)(profile_class | (pprs & 0x0F) << 2 | (uint32_t)credential << 6);
}

static inline uint8_t isdr_class(uint8_t flags)
{
	return flags & 0x03;
}

static inline uint32_t isdr_pprs(uint8_t flags)
{
	return (uint32_t)flags >> 2 & 0x0F;
}

static inline uint8_t isdr_credential(uint8_t flags)
{
	return (uint8_t)(flags >> 6);
}

#endif
