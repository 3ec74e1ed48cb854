/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two state machines of the SM-DP+ as lists of lawful moves: a profile with its order (SGP.22
 * v2.5 3.1.6), and an RSP session. What is not in a list is refused and changes nothing.
 */
#ifndef SERVER_SMDP_STATE_H
#define SERVER_SMDP_STATE_H

#include "base/err.h"
#include "server/records.h"

enum order_event {
	ORDER_RESERVE,         /* DownloadOrder without EID */
	ORDER_LINK,            /* DownloadOrder with EID */
	ORDER_CONFIRM,         /* ConfirmOrder, releaseFlag false */
	ORDER_CONFIRM_RELEASE, /* ConfirmOrder, releaseFlag true */
	ORDER_RELEASE,         /* ReleaseProfile */
	ORDER_CANCEL,          /* CancelOrder, final status Available */
	ORDER_RETIRE,          /* CancelOrder, final status Unavailable */
	ORDER_DELIVER,         /* a bound package is handed out */
	ORDER_INSTALLED,       /* the eUICC said so */
	ORDER_RETRY,           /* it said that it failed, and may try again */
	ORDER_FAIL, /* it failed for good, or attempts are used up, or the user said no */
	ORDER_EVENTS
};

/* order_move gives the state after the event; ERR_ORDER, with `state` untouched, when it may
 * not be. */
NODISCARD enum err order_move(enum profile_state *state, enum order_event event);

/* "Released", as SGP.22 spells it. */
const char *order_state_name(enum profile_state state);

enum rsp_state {
	RSP_INITIATED,     /* the server has signed */
	RSP_AUTHENTICATED, /* the eUICC has, and knows the metadata */
	RSP_DELIVERED,     /* a bound package was handed out; its result is awaited */
	RSP_ENDED,         /* no session any more */
	RSP_STATES
};

enum rsp_event {
	RSP_AUTHENTICATE,
	RSP_DELIVER,
	RSP_REFUSE_CODE,
	RSP_RESULT,
	RSP_CANCEL,
	RSP_EVENTS
};

NODISCARD enum err rsp_move(enum rsp_state *state, enum rsp_event event);

#endif
