/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrolment of the machine's chip with a server (docs/protocol.md, "Enrolment"): certificate and keys go out, a
 * credential comes back, the chip opens it, and the proof decides. Slow on a real chip: seconds.
 */
#ifndef AGENT_ENROL_H
#define AGENT_ENROL_H

#include "agent/http.h"
#include "base/limits.h"
#include "port/trust.h"

enum { ENROL_WHY_MAX = 320, ENROL_WORD_MAX = 48, ENROL_BODY_MAX = 32 << 10 };

enum enrol_step { ENROL_KEYS, ENROL_ASK, ENROL_OPEN, ENROL_PROVE, ENROL_STEPS };

struct enrolment_request {
	const struct http *http;
	struct trust *trust;
	const struct trust_policy *pairing; /* of the pairing key to enrol; NULL: none */
	struct bytes host;
	uint8_t eid[EID_SIZE];
	struct bytes imei, model; /* text; IMEI may be empty */
	struct room body;         /* scratch: 2 * ENROL_BODY_MAX */

	void *ctx;
	void (*progress)(void *ctx, enum enrol_step step); /* or NULL */
};

struct enrolment_outcome {
	char state[ENROL_WORD_MAX];  /* "approved", "pending" */
	char chip[ENROL_WORD_MAX];   /* the server's name for the chip */
	char how[ENROL_WHY_MAX];     /* what it rests on, or why it waits */
	char reason[ENROL_WORD_MAX]; /* of a refusal: one word */
	char why[ENROL_WHY_MAX];     /* what went wrong, for people */
};

/* enrol_machine does all of it. ERR_DENIED when the server refuses; ERR_NOT_FOUND when the chip has no certificate;
 * ERR_MAC when the chip cannot open what the server made; the causes of struct http and trust.h. `out->why` says it
 * in words. */
NODISCARD enum err enrol_machine(struct enrolment_request *request, struct enrolment_outcome *out);

#endif
