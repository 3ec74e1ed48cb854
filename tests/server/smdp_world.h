/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world for the SM-DP+ engines in one process: the ports answered from memory, keys and
 * certificates of a fresh test PKI, and software eUICCs that do the card's part with the real
 * messages, signatures and package protection of src/rsp.
 */
#ifndef TESTS_SERVER_SMDP_WORLD_H
#define TESTS_SERVER_SMDP_WORLD_H

#include "rsp/bsp.h"
#include "rsp/cert.h"
#include "rsp/rsp.h"
#include "server/smdp.h"
#include "server/smdp_card.h"
#include "tests/server/smdp_shown.h"

#include <jansson.h>

enum { WORLD_CURVES = 2, WORLD_ORDERS = 8, WORLD_SESSIONS = 16, WORLD_CALLBACKS = 32 };

/* A certificate with its private key. */
struct pair {
	uint8_t der[1024];
	size_t len;
	struct secret key;
};

struct stored_order {
	bool used;
	struct order order;
	uint8_t octets[4096];
	size_t len;
	uint8_t profile[4000]; /* what its package holds */
	size_t profile_len;
};

struct stored_session {
	bool used;
	uint8_t id[TRANSACTION_ID_MAX];
	uint64_t version, expires_ms;
	uint8_t body[512];
	size_t len;
};

struct world {
	struct smdp_ports ports;
	struct smdp_ci ci[WORLD_CURVES];
	struct pair ca[WORLD_CURVES], dpauth[WORLD_CURVES], dppb[WORLD_CURVES];
	uint64_t now_ms;
	struct stored_order orders[WORLD_ORDERS];
	struct stored_session sessions[WORLD_SESSIONS];
	char callbacks[WORLD_CALLBACKS][8192];
	size_t callback_count, commits, binds, verifications;
	double seconds;        /* of CPU that the engine has used */
	size_t octets, trips;  /* bodies there and back */
	enum err commit_fails; /* what every commit answers; ERR_NONE: they work */
	/* judge stands for the appraiser; NULL: everything is admitted. */
	enum err (*judge)(void *ctx, const struct shown *shown, struct appraise_answer *out);
	void *judge_ctx;
	unsigned judged;
	uint8_t permit[PERMIT_SIZE];         /* what was given last: bind wants to see it, ... */
	struct smdp_card admitted;           /* ... for this card */
	char audited[64], audit_detail[300]; /* the last line */
};

/* pair_load reads CERT_<name>_ECDSA_<curve>.der and its SK_ from a directory of the PKI; what
 * is not there stays empty. */
void pair_load(const char *dir, const char *name, enum ec_curve curve, struct pair *out);

/* world_init makes a world with the PKI of a directory that world_pki has filled. */
void world_pki(char *dir, size_t size);
void world_init(struct world *world, const char *dir);

/* world_profile puts a profile into the inventory and gives its row. */
struct stored_order *world_profile(struct world *world, const char *iccid,
                                   const char *operator_name, const char *type);

/* world_release orders, confirms and releases a profile for a matching id. */
void world_release(struct world *world, struct stored_order *row, const char *matching_id);

struct stored_order *world_order(struct world *world, const uint8_t *iccid);

/* A software eUICC. */
struct soft_card {
	struct pair euicc, eum;
	uint8_t ci_key_id[KEY_ID_SIZE], ci_point[EC_POINT_SIZE];
	enum ec_curve curve;
	uint8_t eid[EID_SIZE];
	struct secret otsk;
	uint8_t otpk[EC_POINT_SIZE];
	bool has_otpk;

	/* How the card or its LPA behaves. */
	uint32_t forbidden_pprs, free_flash;
	bool no_test_profiles;
	struct bytes evidence;        /* the machine's, sent beside; at == NULL: none */
	struct bytes signed_evidence; /* what the card signs the digest of; at == NULL: nothing */
	bool attest_only;
	const char *imei; /* of deviceInfo, 15 digits, or NULL */
	uint8_t svn_major;

	/* Of the running session. */
	uint8_t transaction_id[TRANSACTION_ID_MAX], challenge[RSP_CHALLENGE_SIZE];
	uint8_t server_signed1[320];
	size_t server_signed1_len;
	uint8_t signature1[EC_SIGNATURE_SIZE], smdp_signature2[EC_SIGNATURE_SIZE];
	bool cc_required;
	uint8_t installed[4000];
	size_t installed_len;
};

/* card_init makes the card of the PKI (`eid` NULL) or a further one, on one curve. */
void card_init(struct soft_card *card, const char *dir, const char *eid, enum ec_curve curve);

/* One call each: the request's body as JSON text. The answers are read by card_take_*, which
 * check what a card checks and are false when it would refuse. */
char *card_initiate(struct soft_card *card, const char *address);
bool card_take_initiate(struct soft_card *card, const json_t *answer, const char *matching_id,
                        struct room *authenticate_server_response);

/* card_show is called in card_take_initiate, once the session is known and before the card signs. */
typedef void card_show(struct soft_card *card);
extern card_show *card_shows;
bool card_take_authenticate(struct soft_card *card, const json_t *answer, const char *code,
                            struct room *prepare_download_response);
bool card_take_package(struct soft_card *card, const json_t *answer);

/* card_result makes the signed ProfileInstallationResult: reason 0 is success. */
void card_result(struct soft_card *card, uint8_t reason, struct room *out);
void card_other(struct soft_card *card, uint32_t event, const uint8_t *iccid, struct room *out);
void card_cancel(struct soft_card *card, uint8_t reason, struct bytes oid, struct room *out);

/* body_with makes {"transactionId":..., "name": base64}; body_pending only the second. */
char *body_with(const struct soft_card *card, const char *name, struct bytes octets);

/* body_offer makes the body of AuthenticateClient, with what the machine shows beside. */
char *body_offer(const struct soft_card *card, struct bytes authenticate_server_response);
char *body_pending(struct bytes octets);

/* call posts a body to an ES9+ function; the answer is to be released with json_decref, NULL
 * for 204. */
json_t *call(struct world *world, const char *function, char *body);

/* code is "8.1.1/3.8", "" for success, "-" for no answer. */
const char *code(const json_t *answer);

/* download runs a whole download and gives the code of the first call that failed. */
const char *download(struct world *world, struct soft_card *card, const char *matching_id,
                     const char *confirmation);

#endif
