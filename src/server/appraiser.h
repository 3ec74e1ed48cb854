/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The appraiser as its clients see it: the one process that hands evidence to the verifier. It reads what is
 * known of a chip and what policy is in force from the store itself, writes the outcome there before it
 * answers, and answers with a decision and, unless it refuses, a permit of the keeper's.
 *
 * Workers ask from tasks: a call lets others run while it waits. ERR_BUSY when the appraiser could not be
 * reached in time; then nothing is released.
 */
#ifndef SERVER_APPRAISER_H
#define SERVER_APPRAISER_H

#include "base/err.h"
#include "server/permit.h"

#include <stdbool.h>

enum { APPRAISE_WHY_MAX = 256 };

enum appraiser_request {
	APPRAISER_APPRAISE, /* evidence of a session, or that none came */
	APPRAISER_ACCESS,   /* may this subscriber have vectors? */
	APPRAISER_REQUESTS
};

/* What came with a card's authentication. Views live for the call. */
struct appraise_request {
	enum purpose purpose;
	struct bytes operator;       /* whose policy; empty: the one for all */
	struct bytes eid;            /* of the card that has authenticated, 16 octets */
	struct bytes session;        /* serverSigned1, whole */
	struct bytes transaction_id; /* of the session */
	struct bytes digest;         /* what the card signed in ctxParams1; .at NULL: nothing */
	struct bytes evidence;       /* the bundle; empty: none came */
	struct bytes device_imei;    /* deviceInfo's, digits; or empty */
	struct bytes card_state;     /* content of DF22 in EUICCInfo2; or empty */
};

struct appraise_answer {
	enum decision decision;
	uint8_t permit[PERMIT_SIZE]; /* for ADMIT and RESTRICT */
	uint64_t expires_s;          /* of the permit */
	bool wants_log; /* refused because it names its log by a digest that is not known here
	                              * (FINDING_LOG_UNKNOWN): the machine shall send it whole */
	char why[APPRAISE_WHY_MAX]; /* for people, one line; empty when there is nothing to say */
};

#endif
