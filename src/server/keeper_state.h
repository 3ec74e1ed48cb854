/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the keeper process: its keys and the requests, each in the file of its subject. */
#ifndef SERVER_KEEPER_STATE_H
#define SERVER_KEEPER_STATE_H

#include "server/config.h"
#include "server/head_file.h"
#include "server/keeper.h"
#include "server/seal.h"

struct keeper_ci {
	enum ec_curve curve;
	bool has_dpauth, has_dppb;
	struct secret dpauth, dppb;
};

/* A permit that has been verified, with whom it is for: until it ends it need not be verified again. A
 * thousand requests a second for vectors bring few permits, and verifying one costs as much as eight vectors. */
enum { KEEPER_SEEN = 4096 };
struct keeper_seen {
	uint8_t imsi_size;
	uint8_t imsi[IMSI_DIGITS_MAX];
	uint64_t expires_s;
	enum decision decision;
	uint8_t permit[PERMIT_SIZE];
};

struct keeper_state {
	struct seal seal;
	struct keeper_ci ci[CI_MAX];
	size_t ci_count;
	struct bytes address; /* the SM-DP+'s, for serverSigned1 */
	uint64_t session_s;   /* how long sessions last */
	bool has_tls[KEEPER_TLS_SERVICES];
	enum ec_curve tls_curve[KEEPER_TLS_SERVICES];
	struct secret tls[KEEPER_TLS_SERVICES];
	struct keeper_seen seen[KEEPER_SEEN];
	uint64_t denied, complained_s; /* requests without a good permit, and when that was said last */
	bool has_notice;
	struct secret notice;
	uint8_t notice_point[EC_POINT_SIZE];
	bool has_audit, has_head, has_result;
	struct secret audit, result;
	uint8_t audit_point[EC_POINT_SIZE], result_point[EC_POINT_SIZE];
	struct audit_head head; /* signed last: in this process's life, or by the file */
	struct head_file head_file;
	struct room clear; /* PACKAGE_MAX octets for a package in clear; wiped after each request */
};

/* keeper_load reads what the configuration names; says what is wrong. */
NODISCARD enum err keeper_load(struct keeper_state *state, const struct config *config);
void keeper_clear(struct keeper_state *state);

/* keeper_answer does one request; `state->clear` is wiped whatever happens. */
NODISCARD enum err keeper_answer(struct keeper_state *state, uint16_t request, struct bytes in,
                                 struct room *out);

/* keeper_key_id gives the name of a key for who verifies: the first octets of SHA-256 of its point. */
enum { KEEPER_KEY_ID_SIZE = 8 };
NODISCARD enum err keeper_key_id(const uint8_t point[static EC_POINT_SIZE],
                                 uint8_t out[static KEEPER_KEY_ID_SIZE]);

typedef enum err keeper_fn(struct keeper_state *state, struct bytes in, struct room *out);
keeper_fn keeper_do_open, keeper_do_sign, keeper_do_bind, keeper_do_tls_sign, keeper_do_import, keeper_do_generate;
keeper_fn keeper_do_protect, keeper_do_permit, keeper_do_result, keeper_do_head_last, keeper_do_head_sign;
keeper_fn keeper_do_notice_sign, keeper_do_result_jwt;
keeper_fn keeper_do_vector, keeper_do_triplet, keeper_do_restricted_vector;
keeper_fn keeper_do_restricted_triplet, keeper_do_resync, keeper_do_permits_access;

#endif
