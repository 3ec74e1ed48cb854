/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot event logs (TCG PC Client Platform Firmware Profile, clause 10): the old form with SHA-1
 * alone and the crypto-agile one, read event by event and replayed to PCRs. A log proves nothing by
 * itself; what it replays to is compared with what the chip quoted.
 *
 * Not trusted: any octet. Event data is not even then trusted when the replay agrees, unless its
 * own hash is the digest that was extended (event_data_measured).
 */
#ifndef EVIDENCE_EVENTLOG_H
#define EVIDENCE_EVENTLOG_H

#include "base/bytes.h"
#include "base/err.h"
#include "evidence/tpm.h"

enum {
	EVENT_ALGORITHMS_MAX = 8, /* banks a log may name; the port knows four of them */

	EV_PREBOOT_CERT = 0x00, /* clause 10.4.1 */
	EV_POST_CODE = 0x01,
	EV_NO_ACTION = 0x03,
	EV_SEPARATOR = 0x04,
	EV_ACTION = 0x05,
	EV_EVENT_TAG = 0x06,
	EV_S_CRTM_CONTENTS = 0x07,
	EV_S_CRTM_VERSION = 0x08,
	EV_IPL = 0x0D,
};

struct event {
	uint32_t index; /* from 0; the header event of an agile log is not counted */
	uint32_t pcr;
	uint32_t type;
	struct {
		uint16_t hash; /* TPM_ALG_ID */
		struct bytes value;
	} digest[EVENT_ALGORITHMS_MAX];
	uint32_t digests;
	struct bytes data;
};

struct eventlog {
	struct bytes rest;
	bool agile;
	bool measured; /* PCR 0 has been extended: a locality told from now on is too late */
	uint32_t next;
	uint32_t algorithms;
	struct {
		uint16_t hash, size;
	} algorithm[EVENT_ALGORITHMS_MAX];
};

/* eventlog_open reads the header event of a crypto-agile log; without one the log is of the old
 * form. */
NODISCARD enum err eventlog_open(struct bytes in, struct eventlog *out);

/* eventlog_done tells whether nothing is left but padding (all 00 or all FF). */
NODISCARD bool eventlog_done(const struct eventlog *log);

/* eventlog_next takes one event. On error the log stands where it was. */
NODISCARD enum err eventlog_next(struct eventlog *log, struct event *out);

/* event_digest gives the digest for a bank; ERR_NOT_FOUND when the event has none. */
NODISCARD enum err event_digest(const struct event *event, enum attest_hash hash,
                                struct bytes *out);

/* event_locality tells whether the event says from which locality the TPM was started (clause
 * 10.4.5.3). */
NODISCARD bool event_locality(const struct event *event, uint8_t *out);

/* event_data_measured tells whether the digest is the hash of the event's own data. */
NODISCARD bool event_data_measured(const struct event *event, enum attest_hash hash);

/* event_type_text is the type's name as the profile spells it, or "unknown type". */
const char *event_type_text(uint32_t type);

/* eventlog_extend applies one event to a bank and marks its PCR known. EV_NO_ACTION extends
 * nothing, but a locality sets PCR 0; ERR_ORDER when that comes after PCR 0 was extended. ERR_VALUE
 * for a PCR that no TPM has; ERR_NOT_FOUND when there is no digest for the bank. */
NODISCARD enum err eventlog_extend(struct eventlog *log, const struct event *event,
                                   struct tpm_bank *bank);

struct eventlog_count {
	uint32_t events, no_action;
};

/* eventlog_replay replays a whole log into a bank that it resets first, and counts its events. On
 * error the bank holds what was replayed so far, and `count` how far that was. */
NODISCARD enum err eventlog_replay(struct bytes in, enum attest_hash hash, struct tpm_bank *bank,
                                   struct eventlog_count *count);

#endif
