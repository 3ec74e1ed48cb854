/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent tells a server of the machine: DeviceInfo of SGP.22 v2.5 4.2. */
#ifndef CLI_AGENT_DEVICE_H
#define CLI_AGENT_DEVICE_H

#include "rsp/ctx_params.h"

struct device_octets { /* what a device_info made here points to */
	uint8_t tac[4], imei[8], eutran[3], svn[3];
};

/* device_info_make fills in DeviceInfo from an IMEI of 15 digits, or, with NULL, without one and with a
 * type allocation code of the range for test equipment. ERR_LENGTH, or ERR_VALUE when a character is no
 * digit or the check digit is wrong. */
NODISCARD enum err device_info_make(const char *imei, struct device_octets *octets,
                                    struct device_info *out);

#endif
