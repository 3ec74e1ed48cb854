/* SPDX-License-Identifier: Apache-2.0 */
/* What the appraiser of the tests has verified of a session, for whoever judges in its place. */
#ifndef TESTS_SERVER_SMDP_SHOWN_H
#define TESTS_SERVER_SMDP_SHOWN_H

#include "server/appraiser.h"

struct shown {
	enum purpose purpose;
	struct bytes operator_name, session, eid, digest, evidence, device_imei;
};

#endif
