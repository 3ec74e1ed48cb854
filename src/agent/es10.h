/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ISD-R of a card as its client sees it: opens a logical channel, selects it, sends requests in STORE
 * DATA blocks, reads answers, and gives the functions of ES10a, ES10b and ES10c their names (SGP.22 v2.5
 * 5.7). It keeps nothing but the channel; answers are appended to the caller's store, where results point.
 *
 * When the card refuses a function with a result code, the function returns ERR_DENIED and `result` and
 * `why` tell which. With a status word that is no success it returns the cause nearest to it.
 */
#ifndef AGENT_ES10_H
#define AGENT_ES10_H

#include "agent/link.h"
#include "base/limits.h"
#include "rsp/authenticate_server.h"
#include "rsp/cancel_session.h"
#include "rsp/local_management.h"
#include "rsp/notification.h"
#include "rsp/prepare_download.h"
#include "rsp/profile_info.h"

enum { ES10_WHY_MAX = 160, ES10_REQUEST_MAX = 8192 };

struct es10 {
	const struct card_link *link;
	uint8_t channel; /* 0 when none is open: the ISD-R is never used on the basic channel */
	uint16_t sw;     /* last status word */
	uint8_t result;  /* last result code of a function that has one */
	char why[ES10_WHY_MAX];
};

/* es10_open says what the terminal can do, opens a channel and selects the ISD-R there. */
NODISCARD enum err es10_open(struct es10 *es10, const struct card_link *link);
void es10_close(struct es10 *es10);

/* es10_refresh ends the card session as REFRESH asks for (TS 102 223 6.4.7): answers a proactive command
 * that is waiting, resets the card and opens the ISD-R again. Wanted after every switch of profiles. */
NODISCARD enum err es10_refresh(struct es10 *es10);

/* es10_call sends one request and appends the answer. */
NODISCARD enum err es10_call(struct es10 *es10, struct bytes request, struct room *reply);

/* ES10a */
NODISCARD enum err es10_configured_addresses(struct es10 *es10, struct room *store,
                                             struct configured_addresses *out);
NODISCARD enum err es10_set_default_dp_address(struct es10 *es10, struct bytes address);

/* ES10b */
NODISCARD enum err es10_euicc_challenge(struct es10 *es10, struct room *store,
                                        struct bytes *challenge);
NODISCARD enum err es10_euicc_info1(struct es10 *es10, struct room *store, struct bytes *whole);
NODISCARD enum err es10_euicc_info2(struct es10 *es10, struct room *store, struct euicc_info2 *out);

/* es10_authenticate_server and es10_prepare_download give the whole answer, as the server wants it, also
 * when it is an error of the card: then they return ERR_DENIED and `whole` is set. */
NODISCARD enum err es10_authenticate_server(struct es10 *es10,
                                            const struct authenticate_server_request *request,
                                            struct room *store, struct bytes *whole);
NODISCARD enum err es10_prepare_download(struct es10 *es10,
                                         const struct prepare_download_request *request,
                                         struct room *store, struct bytes *whole);

/* es10_load_bpp sends the package segment by segment. ERR_NONE means that the card has answered with a
 * ProfileInstallationResult, good or bad, given as a whole element. `progress` (may be NULL) is told octets. */
struct es10_progress {
	void *ctx;
	void (*at)(void *ctx, size_t done, size_t total);
};
NODISCARD enum err es10_load_bpp(struct es10 *es10, struct bytes bpp,
                                 const struct es10_progress *progress, struct room *store,
                                 struct bytes *result);

NODISCARD enum err es10_cancel_session(struct es10 *es10, struct bytes transaction_id,
                                       uint8_t reason, struct room *store, struct bytes *whole);
NODISCARD enum err es10_rules(struct es10 *es10, struct room *store, struct bytes *rules);

/* es10_list_notifications gives BF2F elements, es10_notification one PendingNotification;
 * es10_remove_notification takes it off the card's list. ERR_NOT_FOUND when the card has no such. */
NODISCARD enum err es10_list_notifications(struct es10 *es10, struct room *store,
                                           struct bytes *list);
NODISCARD enum err es10_notification(struct es10 *es10, uint32_t seq_number, struct room *store,
                                     struct bytes *pending);
NODISCARD enum err es10_remove_notification(struct es10 *es10, uint32_t seq_number);

/* ES10c. es10_profiles gives E3 elements. es10_switch enables or disables, by tag. */
NODISCARD enum err es10_eid(struct es10 *es10, uint8_t eid[static EID_SIZE]);
NODISCARD enum err es10_profiles(struct es10 *es10, struct room *store, struct bytes *list);
NODISCARD enum err es10_switch(struct es10 *es10, ber_tag tag,
                               const struct switch_profile *request);
NODISCARD enum err es10_delete(struct es10 *es10, const struct profile_identifier *profile);
NODISCARD enum err es10_set_nickname(struct es10 *es10, const struct set_nickname *request);
NODISCARD enum err es10_memory_reset(struct es10 *es10, uint32_t options);

/* es10_function names a function by its tag ("EnableProfile"); es10_result_text says what its result code
 * means. Never NULL. */
const char *es10_function(ber_tag tag);
const char *es10_result_text(ber_tag tag, uint8_t result);

#endif
