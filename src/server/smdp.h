/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SM-DP+ as the LPA sees it: ES9+ of SGP.22 v2.5 (5.6 and 6.5). es9_answer takes the body of
 * an HTTP request and writes the body of its answer; below it are the functions themselves, on
 * octets.
 *
 * The engine does no I/O and owns no clock: everything comes through struct smdp_ports, and one
 * request makes one commit. What it refuses changes nothing, but for attempts that are counted.
 * It never holds a key.
 */
#ifndef SERVER_SMDP_H
#define SERVER_SMDP_H

#include "server/smdp_ports.h"
#include "server/smdp_status.h"

/* es9_answer serves POST `path` (from "/gsma/rsp2/es9plus/" on) and returns the HTTP status:
 * 200 with a JSON body (failures too, SGP.22 6.5.1.4), 204 without one, 404 for a path that is
 * none, 500 when `reply` cannot hold the answer (its capacity should be 4/3 of a profile
 * package and 8 KB). */
unsigned es9_answer(const struct smdp_ports *ports, struct bytes path, struct bytes body,
                    struct room *reply);

/* ES9+.InitiateAuthentication, 5.6.1. Views of answers live in the struct itself or in the
 * ports. */
struct initiate_authentication {
	struct bytes euicc_challenge, euicc_info1, smdp_address;
};

struct initiate_authentication_ok {
	uint8_t transaction_id[TRANSACTION_ID_MAX];
	uint8_t server_signed1_store[320], server_signature1[EC_SIGNATURE_SIZE];
	size_t server_signed1_len;
	const struct smdp_ci *root;   /* whose key the eUICC is to be certified under */
	const struct smdp_ci *server; /* whose CERT.DPauth is sent */
};

NODISCARD enum smdp_status smdp_initiate_authentication(const struct smdp_ports *ports,
                                                        const struct initiate_authentication *in,
                                                        struct initiate_authentication_ok *out);

/* ES9+.AuthenticateClient, 5.6.3. */
struct authenticate_client {
	struct bytes transaction_id, authenticate_server_response;
	struct bytes equipment_evidence; /* at == NULL: none */
	bool equipment_only; /* the machine is judged, and that is all: no profile is asked for */
};

struct authenticate_client_ok {
	struct bytes profile_metadata; /* StoreMetadataRequest, lives as long as the turn */
	uint8_t smdp_signed2_store[128], smdp_signature2[EC_SIGNATURE_SIZE];
	size_t smdp_signed2_len;
	const struct smdp_ci *server;     /* whose CERT.DPpb is sent */
	struct appraise_answer equipment; /* of equipment_only and of SMDP_EQUIPMENT_REFUSED */
};

/* With equipment_only SMDP_OK says that it was judged, whatever the decision. A session whose evidence was
 * refused is over, as is one of equipment_only: evidence is for one session, once (I7). */
NODISCARD enum smdp_status smdp_authenticate_client(const struct smdp_ports *ports,
                                                    const struct authenticate_client *in,
                                                    struct authenticate_client_ok *out);

/* ES9+.GetBoundProfilePackage, 5.6.2. `take` is handed the package once, before the commit that
 * decides whether it may leave; on a status other than SMDP_OK what it took is thrown away. */
struct get_bound_profile_package {
	struct bytes transaction_id, prepare_download_response;
	bool (*take)(void *ctx, struct bytes package); /* false: it does not fit */
	void *ctx;
};

NODISCARD enum smdp_status
smdp_get_bound_profile_package(const struct smdp_ports *ports,
                               const struct get_bound_profile_package *in);

/* ES9+.HandleNotification, 5.6.4: SMDP_OK also for what does not verify (there is no answer to
 * that), which then changed nothing; SMDP_FORMAT_INVALID when it is no PendingNotification. */
NODISCARD enum smdp_status smdp_handle_notification(const struct smdp_ports *ports,
                                                    struct bytes pending_notification);

/* ES9+.CancelSession, 5.6.5. */
struct cancel_session {
	struct bytes transaction_id, cancel_session_response;
};

NODISCARD enum smdp_status smdp_cancel_session(const struct smdp_ports *ports,
                                               const struct cancel_session *in);

#endif
