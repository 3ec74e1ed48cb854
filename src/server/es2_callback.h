/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the SM-DP+ tells an operator by itself: ES2+.HandleDownloadProgressInfo, SGP.22 v2.5
 * 5.3.5. The message is made here, stored with the change that it tells of, and delivered by
 * whoever drains that queue.
 */
#ifndef SERVER_ES2_CALLBACK_H
#define SERVER_ES2_CALLBACK_H

#include "server/smdp_ports.h"
#include "server/smdp_status.h"

/* notificationPointId. The last three, for what the card's other notifications say, are seen
 * in use; v2.5 has no numbers for them. */
enum es2_point {
	ES2_POINT_ELIGIBILITY = 1,  /* eligibility and retry limit check */
	ES2_POINT_CONFIRMATION = 2, /* confirmation code failure */
	ES2_POINT_DOWNLOAD = 3,     /* bound profile package handed out */
	ES2_POINT_INSTALL = 4,      /* result of the installation */
	ES2_POINT_DELETED = 5,
	ES2_POINT_ENABLED = 101,
	ES2_POINT_DISABLED = 102,
};

enum { ES2_CALLBACK_MAX = 6144, ES2_RESULT_MAX = 3072 };

struct es2_event {
	const struct order *order;
	struct bytes eid; /* 16 octets */
	enum es2_point point;
	enum smdp_status status;
	const char *message; /* in place of the status's own; NULL: that */
	struct bytes result; /* resultData, or empty; left out when longer than ES2_RESULT_MAX */
	struct bytes transaction_id; /* makes the functionCallIdentifier */
};

/* es2_callback writes the message into `store` and points `callback` at it. When it would not
 * fit, the result data is what is missing. */
void es2_callback(const struct smdp_ports *ports, const struct es2_event *event,
                  uint8_t store[static ES2_CALLBACK_MAX], struct callback *callback);

#endif
