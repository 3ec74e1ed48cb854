/* SPDX-License-Identifier: Apache-2.0 */
/* What one ES9+ request leaves for the next, and how it lies in the store. Holds no secret. */
#ifndef SERVER_SMDP_SESSION_H
#define SERVER_SMDP_SESSION_H

#include "rsp/authenticate_server.h"
#include "rsp/cert.h"
#include "rsp/rsp.h"
#include "server/smdp_ports.h"
#include "server/smdp_state.h"
#include "server/smdp_status.h"

enum {
	SMDP_SESSION_SIZE = 2 + 2 * KEY_ID_SIZE + RSP_CHALLENGE_SIZE + EID_SIZE + ICCID_SIZE +
	                    EC_POINT_SIZE + EC_SIGNATURE_SIZE + SHA256_SIZE + 1 +
	                    RSP_CHALLENGE_SIZE + PERMIT_SIZE
};

struct smdp_session {
	uint8_t transaction_id[TRANSACTION_ID_MAX];
	uint64_t version;                   /* of the row */
	enum rsp_state state, was;          /* after and before the event it was loaded for */
	uint8_t root_key_id[KEY_ID_SIZE];   /* CI that the eUICC is to be certified under */
	uint8_t server_key_id[KEY_ID_SIZE]; /* CI of our certificates */
	uint8_t server_challenge[RSP_CHALLENGE_SIZE];
	uint8_t euicc_challenge[RSP_CHALLENGE_SIZE]; /* serverSigned1 is made again from it */

	/* From AuthenticateClient on: */
	uint8_t eid[EID_SIZE];
	uint8_t iccid[ICCID_SIZE];
	uint8_t curve; /* enum ec_curve of the eUICC's key */
	uint8_t euicc_point[EC_POINT_SIZE];
	uint8_t smdp_signature2[EC_SIGNATURE_SIZE];
	uint8_t order_digest[SHA256_SIZE]; /* of the matching id: it must still be the same order */
	bool cc_required;
	uint8_t permit[PERMIT_SIZE]; /* for the package (I4) */
};

/* smdp_session_load reads a session that can do `event` next; SMDP_TRANSACTION_UNKNOWN
 * otherwise. The session's state is then already the one after the event. */
NODISCARD enum smdp_status smdp_session_load(const struct smdp_ports *ports,
                                             struct bytes transaction_id, enum rsp_event event,
                                             struct smdp_session *out);

/* smdp_session_opened is the serverSigned1 that opened it; views are of both arguments. */
struct server_signed1 smdp_session_opened(const struct smdp_ports *ports,
                                          const struct smdp_session *session);

/* smdp_session_change makes the row that stores it, in the caller's memory; a session in
 * RSP_ENDED is deleted. */
void smdp_session_change(const struct smdp_session *session, uint64_t expires_ms,
                         uint8_t store[static SMDP_SESSION_SIZE], struct session *row);

/* smdp_ci_by_key finds a configured CI by its key identifier; NULL when it is gone. */
const struct smdp_ci *smdp_ci_by_key(const struct smdp_ports *ports,
                                     const uint8_t key_id[static KEY_ID_SIZE]);

/* smdp_order_digest is the SHA-256 of an order's matching id. */
NODISCARD enum err smdp_order_digest(const struct order *order, uint8_t digest[static SHA256_SIZE]);

/* smdp_failure turns a port's failure into what the other side is told. */
enum smdp_status smdp_failure(enum err err);

#endif
