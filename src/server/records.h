/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store keeps, as the engines see it. Views (struct bytes) of a record that was read live until
 * the engine's turn ends; views of one that is written need to live only for the call.
 *
 * A profile and what has been ordered of it are one record, keyed by ICCID: SGP.22 3.1 gives a profile
 * its states, and an order never exists without one. Sealed blobs (the package, subscriber keys) lie in
 * tables beside it, so that a change of state does not move them.
 */
#ifndef SERVER_RECORDS_H
#define SERVER_RECORDS_H

#include "base/bytes.h"
#include "base/limits.h"
#include "server/limits.h"

/* SGP.22 3.1.6: states of a profile at the SM-DP+, in the order of its life. */
enum profile_state {
	PROFILE_AVAILABLE,   /* in the inventory */
	PROFILE_ALLOCATED,   /* DownloadOrder without EID */
	PROFILE_LINKED,      /* DownloadOrder with EID */
	PROFILE_CONFIRMED,   /* ConfirmOrder, release flag false */
	PROFILE_RELEASED,    /* may be downloaded */
	PROFILE_DOWNLOADED,  /* a bound package has been handed out */
	PROFILE_INSTALLED,   /* the eUICC said so */
	PROFILE_ERROR,       /* the eUICC said that it failed for good, or attempts are used up */
	PROFILE_UNAVAILABLE, /* order cancelled, profile not to be used again */
	PROFILE_STATES
};

struct order {
	uint64_t version;          /* of the row: a change names the version that it was based on */
	uint8_t iccid[ICCID_SIZE]; /* as in EF.ICCID: swapped nibbles */
	enum profile_state state;
	struct bytes operator_name; /* name of [operator ...]: whose it is */
	struct bytes profile_type; /* text; may be empty */
	struct bytes imsi;         /* digits; empty when the package has no USIM */
	struct bytes metadata;     /* StoreMetadataRequest BF25, ready to send */

	struct bytes matching_id;  /* text; at == NULL: none yet. Empty: default SM-DP+ or SM-DS */
	struct bytes eid;          /* 16 octets when bound to one, else empty */
	struct bytes confirmation; /* SHA-256 of the confirmation code, or empty */
	struct bytes smds_address; /* text, or empty */
	uint32_t confirmations_left; /* wrong confirmation codes that are still forgiven */
	uint32_t downloads_left;     /* bound packages that may still be handed out */
	uint64_t expires_ms;         /* 0: never. Of the order as a whole */
	struct bytes sealed_ppk;     /* profile protection keys for keeper_bind, or empty */

	/* The last bound package, for a retry by the same card (SGP.22 3.1.3, 5.6.2). */
	struct bytes bound_eid; /* 16 octets, or empty */
	struct bytes
		bound_transaction; /* of the only package handed out; empty: none, or several */
	struct bytes euicc_otpk;   /* 65 octets, or empty */
	struct bytes sealed_otsk;  /* or empty */
};

/* An RSP session: what one HTTPS request leaves for the next. The engine's own encoding. */
struct session {
	struct bytes transaction_id; /* 16 octets, random */
	uint64_t version;            /* 0: does not exist yet */
	uint64_t expires_ms;
	struct bytes body; /* empty in a change: the session is deleted */
};

/* Something to tell the operator: one POST to its ES2+ address, tried until it was taken. */
struct callback {
	struct bytes operator_name; /* name of [operator ...]; empty: no callback */
	struct bytes function; /* "handleDownloadProgressInfo": last part of the path */
	struct bytes body;     /* JSON, header included */
};

/* A line of the audit log (R8). Never a secret. */
struct audit {
	struct bytes event;      /* "download.authenticated"; empty: no line */
	struct bytes iccid, eid; /* or empty */
	struct bytes detail;     /* text, or empty */

	/* SHA-256 of what the decision rested on, and of what came of it; each may be empty (I4). */
	struct bytes evidence, policy, result;
};

/* A subscription: who the AuC may answer for. */
struct subscription {
	struct bytes imsi; /* digits */
	uint8_t iccid[ICCID_SIZE];
	struct bytes sealed; /* K, OPc, ...: opens only in the keeper */
	bool barred;
};

#endif
