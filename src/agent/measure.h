/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measurements of our own: a PCR of the chip is extended and the event written to a log in the crypto-agile form (TCG
 * PC Client Platform Firmware Profile, clause 10.2), which verifiers replay like that of the firmware. The log belongs
 * into memory that is lost with the PCRs (/run): after a restart both begin anew.
 */
#ifndef AGENT_MEASURE_H
#define AGENT_MEASURE_H

#include "base/err.h"
#include "port/trust.h"

/* measure_event writes the event, durably, and then extends. When the chip does not, the log is as before. A log
 * that is empty or not there is begun with its header; one that follows a firmware's needs none and is told so by
 * `continues`. ERR_IO for the file, else the chip's cause. */
NODISCARD enum err measure_event(struct trust *trust, const char *log, bool continues, unsigned pcr,
                                 const uint8_t digest[static SHA256_SIZE], struct bytes what);

/* measure_put appends one event; measure_put_header the header event. */
void measure_put(struct room *out, unsigned pcr, const uint8_t digest[static SHA256_SIZE],
                 struct bytes what);
void measure_put_header(struct room *out);

#endif
