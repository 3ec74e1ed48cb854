/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the SM-DP+ engines (ES9+, ES2+) ask of the world. The engines do no I/O and own no clock;
 * they are handed decoded members (base64 and JSON are undone before) and this struct. In assayd
 * the functions reach keeper and store; in tests, memory.
 *
 * The functions look synchronous. In a worker each request runs on a stack of its own, which
 * sleeps while the store commits and lets others run; so between two calls the world may have
 * moved, and smdp_commit names the versions that the engine's decision was based on.
 *
 * One request makes its reads, decides, and then makes exactly one smdp_commit before it answers:
 * what was acknowledged is durable (I5), what was refused changed nothing unless counted
 * (attempts).
 */
#ifndef SERVER_SMDP_PORTS_H
#define SERVER_SMDP_PORTS_H

#include "base/err.h"
#include "port/crypto.h"
#include "server/appraiser.h"
#include "server/event.h"
#include "server/keeper.h"
#include "server/records.h"

/* One CI and our certificates under it, encoded and parsed once (from the configuration). */
struct smdp_ci {
	enum ec_curve curve;
	struct bytes key_id;      /* SubjectKeyIdentifier of the CI: euiccCiPKId */
	struct bytes certificate; /* CERT.CI, whole element: trust anchor of the EUM chain */
	struct bytes dpauth;      /* CERT.DPauth.ECDSA, whole element */
	struct bytes dppb;        /* CERT.DPpb.ECDSA, whole element; empty: none under this CI */
	uint8_t point[EC_POINT_SIZE]; /* the CI's public key */
};

enum smdp_find {
	SMDP_BY_ICCID,       /* 10 octets */
	SMDP_BY_MATCHING_ID, /* text, not empty */
	SMDP_BY_EID,         /* 16 octets: the oldest order with an empty matching id for this card
	                      * (default SM-DP+) that is released, or downloaded: a retry */
	SMDP_BY_TYPE, /* profile type: an available one of the asking operator; the operator's name,
	                       * a NUL octet, the type. ERR_ORDER: none is left; ERR_DENIED:
	                       * only other operators have that type; ERR_NOT_FOUND: nobody */
	SMDP_FINDS
};

/* One durable, atomic step. NULL members: nothing of that kind. */
struct smdp_change {
	const struct session *session; /* by version: 0 creates, an empty body deletes */
	const struct order *order;     /* by version; matching_id must stay unique (ERR_EXISTS) */
	const struct audit *audit;
	const struct callback *callback;
	const struct equipment_event *event; /* of equipment (R9): told to the operator and put into the log */
	struct bytes seen_card; /* EID of a card that has proved itself: noted in the registry */
	struct bytes seen_card_info; /* EUICCInfo2 as it sent it, or empty */
};

struct smdp_ports {
	void *ctx;
	uint64_t (*now_ms)(void *ctx); /* since 1970 */
	enum err (*random)(void *ctx, uint8_t *out, size_t len);

	/* session_load reads a session that has not expired; ERR_NOT_FOUND. */
	enum err (*session_load)(void *ctx, struct bytes transaction_id, struct session *out);

	/* order_find reads one order; ERR_NOT_FOUND. */
	enum err (*order_find)(void *ctx, enum smdp_find by, struct bytes key, struct order *out);

	/* package_load reads the sealed package of an ICCID, for `bind`; ERR_NOT_FOUND. */
	enum err (*package_load)(void *ctx, const uint8_t iccid[static ICCID_SIZE],
	                         struct bytes *sealed);

	/* commit makes one change durable. ERR_BUSY: a version has moved on, nothing was
	 * changed; the engine answers as for a temporary failure or starts over. ERR_EXISTS:
	 * matching id in use. */
	enum err (*commit)(void *ctx, const struct smdp_change *change);

	/* open, sign and bind are keeper_open_session, keeper_sign and keeper_bind. */
	enum err (*open)(void *ctx, uint8_t ci,
	                 const uint8_t euicc_challenge[static RSP_CHALLENGE_SIZE],
	                 struct room *signed1, uint8_t signature[static EC_SIGNATURE_SIZE]);
	enum err (*sign)(void *ctx, uint8_t ci, const struct bytes *parts, size_t count,
	                 uint8_t signature[static EC_SIGNATURE_SIZE]);
	enum err (*bind)(void *ctx, const struct keeper_bind *request, struct keeper_bound *out);

	/* verify is crypto_ecdsa_verify with a memory of what it has verified: for
	 * certificates, which come again with every card of a maker. */
	enum err (*verify)(void *ctx, enum ec_curve curve,
	                   const uint8_t point[static EC_POINT_SIZE], const struct bytes *parts,
	                   size_t count, const uint8_t signature[static EC_SIGNATURE_SIZE]);

	/* appraise asks what may be released to this card now; ERR_BUSY when nobody answers. */
	enum err (*appraise)(void *ctx, const struct appraise_request *request,
	                     struct appraise_answer *out);

	/* What is the same for every request. */
	struct bytes evidence_wanted; /* JSON value of the member equipmentEvidence; empty: none */
	struct bytes address;         /* what smdpAddress must be, without regard to case */
	const struct smdp_ci *ci;     /* in order of preference */
	size_t ci_count;
	uint64_t session_ms;        /* life of a session */
	uint32_t download_attempts; /* of a new order */
	uint32_t confirmation_attempts;
};

#endif
