/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The appraiser as its clients see it: the one process that hands evidence to the verifier. It reads what is
 * known of a chip and what policy is in force from the store itself, writes the outcome there before it
 * answers, and answers with a decision and, unless it refuses, a permit of the keeper's.
 *
 * Workers ask from tasks: a call lets others run while it waits. ERR_BUSY when the appraiser could not be
 * reached in time; then nothing is released.
 */
#ifndef SERVER_APPRAISER_H
#define SERVER_APPRAISER_H

#include "base/err.h"
#include "server/permit.h"

#include <stdbool.h>

enum { APPRAISE_WHY_MAX = 256, APPRAISE_WANTED_MAX = 512 };

/* What evidence in ES9+ is bound to, beside session, card and claims: evidence_binding. */
#define APPRAISE_LABEL "assay provisioning v1"

enum appraiser_role {
	APPRAISER_FOR_WORKER,
	APPRAISER_FOR_ADMIN,
	APPRAISER_FOR_AUC,
	APPRAISER_ROLES
};

enum appraiser_request {
	APPRAISER_APPRAISE, /* evidence of a session, or that none came */
	APPRAISER_ACCESS,   /* may this subscriber have vectors? */
	APPRAISER_WANTED,   /* what evidence do policies want? */
	APPRAISER_CHECK,    /* is this well formed? */
	APPRAISER_TRY,      /* whom would a policy concern? */
	APPRAISER_EXPLAIN,  /* how is a subscriber's access ruled, and why? */
	APPRAISER_ENROL_BEGIN, /* a chip wants to be known (server/enrol.h) */
	APPRAISER_ENROL_PROVE,
	APPRAISER_MANIFEST, /* a supplier's list of chips and cards */
	APPRAISER_ENROL_PSA, /* an operator names a PSA root of trust */
	APPRAISER_REQUESTS
};

/* What came with a card's authentication. Of the card the appraiser believes what the card has signed, of the session
 * what the keeper made, and of the order what the store says: a worker is a messenger. Views live for the
 * call. */
struct appraise_request {
	struct bytes iccid;    /* of the profile that is to be provisioned, 10 octets; empty: none is, the machine
	                        * only shows itself for its access to the network */
	struct bytes root;     /* key identifier of the CI that the card was asked to be certified under */
	struct bytes session;  /* serverSigned1, whole */
	struct bytes response; /* AuthenticateServerResponse BF38, whole */
	struct bytes evidence; /* the bundle; empty: none came */
};

struct appraise_answer {
	enum smdp_status card; /* why the card is not believed, as it is told: then nothing was decided. SMDP_OK: it is */
	enum decision decision;
	uint8_t permit[PERMIT_SIZE]; /* for ADMIT and RESTRICT */
	uint64_t expires_s;          /* of the permit */
	bool wants_log; /* refused because it sends less than is needed here (FINDING_LOG_UNKNOWN,
	                 * FINDING_IMA_GAP, a statement): the machine shall quote, its logs whole */
	char why[APPRAISE_WHY_MAX]; /* for people, one line; empty when there is nothing to say */
};

/* The messages of a link. On error `out` is untouched. */
void appraise_request_put(struct room *out, const struct appraise_request *request);
NODISCARD enum err appraise_request_read(struct bytes in, struct appraise_request *out);
void appraise_answer_put(struct room *out, const struct appraise_answer *answer);
NODISCARD enum err appraise_answer_read(struct bytes in, struct appraise_answer *out);

/* A client, opened and pumped like that of the store (server/store.h). NULL: no memory. */
struct appraiser;
struct links;
struct appraiser *appraiser_open(struct links *links, bool waits_as_task);
int appraiser_fd(const struct appraiser *appraiser);
void appraiser_pump(struct appraiser *appraiser);

/* appraiser_wait_ms is after how long to pump even if nothing has come, lest the appraiser has become silent; -1:
 * never. */
int appraiser_wait_ms(const struct appraiser *appraiser);

/* appraiser_asker is the client's end of the link, for the other files of the client. */
struct asker *appraiser_asker(struct appraiser *appraiser);

/* appraiser_appraise waits for the decision about a card's session. */
NODISCARD enum err appraiser_appraise(struct appraiser *appraiser,
                                      const struct appraise_request *request,
                                      struct appraise_answer *out);

/* appraiser_ask_wanted writes the value of the JSON member equipmentEvidence: nothing when no policy wants
 * any. */
NODISCARD enum err appraiser_ask_wanted(struct appraiser *appraiser, struct room *out);

/* appraiser_check tells whether an item can be put in force beside what is: `why` its error, `line` where in a text, or else
 * `says` what is wrong with it, for people; empty when the error says it. `name` is what reference values are for,
 * "MODEL VERSION". The views live as those of store_client's calls. */
struct item;
struct appraiser_checked {
	enum err why;
	uint32_t line;
	struct bytes says, name;
};
NODISCARD enum err appraiser_check(struct appraiser *appraiser, const struct item *item,
                                   struct appraiser_checked *out);

/* appraiser_try asks how the cards on record would fare under a policy; rows are taken with
 * appraiser_try_next, ERR_NOT_FOUND after the last. */
struct appraiser_tried {
	struct bytes eid, why;
	enum purpose purpose;
	enum decision now, then;
};
NODISCARD enum err appraiser_try(struct appraiser *appraiser, struct bytes operator_name,
                                 struct bytes policy, struct appraiser_checked *checked,
                                 struct bytes *rows);
NODISCARD enum err appraiser_try_next(struct bytes *rows, struct appraiser_tried *out);

/* appraiser_explain tells how a subscriber's access is ruled at present, and by what: no permit, no line in the
 * audit log. Views live as those of store_client's calls. */
struct appraiser_explained {
	enum decision decision;
	struct bytes policy, why;   /* names and words for people; `why` may be empty */
	uint64_t since_s;           /* when what it rests upon came to be so; 0: not known */
	uint64_t until_s;           /* when it changes if nothing new is heard; 0: not by itself */
	uint64_t appraised_s;       /* when its machine was appraised last; 0: never */
	struct bytes result_digest; /* SHA-256 of what came of that; empty: nothing */
};
NODISCARD enum err appraiser_explain(struct appraiser *appraiser, struct bytes imsi,
                                     struct appraiser_explained *out);

/* appraiser_ask_access asks whether a subscriber may have vectors, and is told later, with what
 * appraise_answer_read takes. */
typedef void appraiser_later(void *ctx, enum err err, struct bytes reply);
NODISCARD enum err appraiser_ask_access(struct appraiser *appraiser, struct bytes imsi,
                                        appraiser_later *then, void *ctx);

#endif
