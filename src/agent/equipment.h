/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What server and machine say to each other of the machine, inside ES9+ (docs/protocol.md, "Evidence inside
 * ES9+"; R5): what the server wants, what the machine shows, and what the server made of it. Who gathers the
 * evidence is behind a port: the sensitive chip, or in tests something else.
 */
#ifndef AGENT_EQUIPMENT_H
#define AGENT_EQUIPMENT_H

#include "agent/es9_json.h"
#include "evidence/bundle.h"
#include "evidence/decision.h"

enum { EQUIPMENT_EVIDENCE_MAX = 160 << 10 }; /* octets of a bundle: servers take bodies of 256 KB */

/* equipmentEvidence of InitiateAuthentication. Bits of what is not known here are not set. */
struct equipment_wanted {
	uint32_t formats; /* bit n: enum evidence_format n */
	uint32_t banks;   /* bit n: enum attest_hash n */
	uint32_t pcrs;
};

/* equipment_wanted_read takes its JSON text. ERR_VALUE. */
NODISCARD enum err equipment_wanted_read(struct bytes json, struct equipment_wanted *out);

/* equipmentResult of AuthenticateClient. */
struct equipment_result {
	enum decision decision;
	uint64_t
		expires; /* seconds since 1970 until which the decision may be relied upon; 0: not */
	bool wants_log; /* it refuses because it was sent less than it needs: it wants a quote, logs whole */
	char why[ES9_TEXT_MAX];
};

NODISCARD enum err equipment_result_read(struct bytes json, struct equipment_result *out);

/* One session of one card with one server. */
struct equipment_session {
	struct bytes host, server_signed1, eid;
	struct equipment_wanted wanted;
};

struct equipment_prover {
	void *ctx;
	/* prove appends evidence for this session. `whole`: a log is sent itself, though the server took it
	 * before. ERR_UNSUPPORTED when nothing that the server wants can be shown. */
	enum err (*prove)(void *ctx, const struct equipment_session *session, bool whole,
	                  struct room *out);
	/* taken tells that the server did not refuse what was shown last: it has the log now. */
	void (*taken)(void *ctx, const struct equipment_session *session);
	const char *(*why)(void *ctx); /* of the last failure, in words */
};

#endif
