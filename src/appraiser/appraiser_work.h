/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the appraiser process: what it holds, and its requests, each in the file of its subject. */
#ifndef APPRAISER_APPRAISER_WORK_H
#define APPRAISER_APPRAISER_WORK_H

#include "appraiser/enrol.h"
#include "server/appraiser.h"
#include "server/chip.h"
#include "server/counters.h"
#include "server/keeper.h"
#include "server/limits.h"
#include "server/records.h"
#include "server/smdp_chain.h"
#include "verifier/appraise.h"

/* What a decision needs of the world: store and keeper in assayd, the same without processes in tests. */
struct access_facts;
struct chip_change;
struct card_facts;
struct appraiser_ports {
	void *ctx;
	uint64_t (*now_s)(void *ctx); /* since 1970 */

	/* As in server/store_chips.h. */
	enum err (*chip_load)(void *ctx, struct bytes eid, uint64_t *generation, struct chip *out);
	enum err (*commit)(void *ctx, const struct chip_change *change);
	enum err (*log_load)(void *ctx, struct bytes digest, struct bytes *log);
	enum err (*card_load)(void *ctx, struct bytes eid, struct bytes iccid,
	                      struct card_facts *out);
	enum err (*access_load)(void *ctx, struct bytes imsi, struct access_facts *out);
	enum err (*items)(void *ctx, const struct item *after, struct bytes *reply);
	enum err (*appraisals)(void *ctx, struct bytes after_eid, struct bytes *reply);

	/* keeper_permit, and keeper_sign_result: ERR_NOT_FOUND where results are not signed. */
	enum err (*permit)(void *ctx, const struct permit *permit, struct bytes session,
	                   uint8_t out[static PERMIT_SIZE]);
	enum err (*sign_result)(void *ctx, struct bytes claims, struct room *out);
};

enum { POLICIES_MAX = OPERATOR_MAX + 1 };

struct appraiser_policy {
	char operator_name[NAME_SIZE]; /* "": of all who have none of their own */
	struct policy policy;
	uint8_t digest[SHA256_SIZE]; /* of its text */
};

/* Who may sign manifests and reference values. */
enum { SUPPLIERS_MAX = 64 };
struct appraiser_suppliers {
	size_t count;
	uint8_t point[SUPPLIERS_MAX][EC_POINT_SIZE];
};

struct appraiser_state {
	struct appraiser_ports ports;
	struct smdp_trust
		trust; /* whom cards are to be certified under; the time is that of the ports */
	struct verifier verifier;
	uint64_t generation; /* of the items that are in force; 0: none have been read */
	struct appraiser_policy policies[POLICIES_MAX];
	size_t policy_count;
	struct appraiser_suppliers suppliers;
	struct appraisal_result result; /* of the appraisal under way */
	struct enrol_state enrol;
	struct appraiser_counts counts;
};

/* appraiser_each_item calls `take` for all items, until it fails. */
NODISCARD enum err appraiser_each_item(struct appraiser_state *state,
                                       enum err (*take)(void *ctx, const struct item *item),
                                       void *ctx);

/* appraiser_point gives the point in the SubjectPublicKeyInfo of a P-256 or P-384 key, 65 or 97 octets; .at == NULL when it is
 * no such key, or compressed. */
struct bytes appraiser_point(struct bytes spki);

/* appraiser_supplier gives the P-256 point of a supplier's key, a SubjectPublicKeyInfo with an uncompressed point; NULL when
 * the item is none. */
const uint8_t *appraiser_supplier(const struct item *item);

NODISCARD enum err appraiser_suppliers_load(struct appraiser_state *state,
                                            struct appraiser_suppliers *out);

/* appraiser_reference adds the sets of an item that has reference values: bare ones as the operator gave them, signed
 * ones only under a supplier's key. ERR_SIGNATURE; otherwise the causes of references_add_*. */
NODISCARD enum err appraiser_reference(const struct appraiser_suppliers *suppliers,
                                       const struct item *item, struct references *references,
                                       uint32_t *line);

/* What there is to decide about: what a card has signed, once that is verified (appraiser/present.h). */
struct presented {
	enum purpose purpose;
	struct bytes
		operator_name; /* whose policy; empty: that of the card's last order, or the one for all */
	struct bytes iccid; /* of the profile, or empty */
	const struct smdp_card *card;
	const struct card_facts *known; /* what the store knows of it */
	struct bytes eid;
	struct bytes session;        /* serverSigned1, whole */
	struct bytes transaction_id; /* of the session */
	struct bytes digest;         /* what the card signed in ctxParams1; .at NULL: nothing */
	struct bytes evidence;       /* the bundle; empty: none came */
	struct bytes device_imei;    /* deviceInfo's, digits; or empty */
	struct bytes card_state;     /* content of DF22 in EUICCInfo2; or empty */
};

/* appraiser_refresh reads policies and reference values again when `generation` is another than that of
 * those in force. On error nothing may be decided. */
NODISCARD enum err appraiser_refresh(struct appraiser_state *state, uint64_t generation);

/* appraiser_revoke marks a firmware: "MODEL", a NUL octet, "VERSION", at most CLAIM_TEXT_MAX octets each, else ERR_VALUE. One of
 * which nothing is known may be revoked, too. */
NODISCARD enum err appraiser_revoke(struct references *references, struct bytes name);

/* appraiser_policy gives the policy of an operator; the built-in one, "none", where nobody gave one. */
const struct appraiser_policy *appraiser_policy(const struct appraiser_state *state,
                                                struct bytes operator_name);

/* appraiser_asks tells whether the policy is somebody's, and not the built-in one, which looks at no evidence. */
bool appraiser_asks(const struct appraiser_policy *policy);

/* appraiser_unasked puts into `why`, where a machine is admitted because nobody's policy asks, that it is so. */
void appraiser_unasked(const struct appraiser_policy *policy, enum decision decision,
                       char why[static APPRAISE_WHY_MAX]);

/* appraiser_wanted writes what evidence any policy wants before it provisions, as the value of the JSON
 * member equipmentEvidence; nothing when none does. */
void appraiser_wanted(const struct appraiser_state *state, struct room *out);

/* The requests, as on the link. */
typedef enum err appraiser_fn(struct appraiser_state *state, struct bytes in, struct room *out);
appraiser_fn appraiser_do_appraise, appraiser_do_explain, appraiser_do_wanted;
appraiser_fn appraiser_do_check, appraiser_do_try;
appraiser_fn appraiser_do_enrol_begin, appraiser_do_enrol_prove, appraiser_do_manifest;
appraiser_fn appraiser_do_enrol_psa;

/* appraiser_why puts the first finding that stands against admission into one line, and gives its cause: FINDINGS when
 * there is none. */
enum finding_cause appraiser_why(const struct policy_rule *rule, const struct findings *findings,
                                 char out[static APPRAISE_WHY_MAX]);

/* appraiser_count counts a decision that is on record. */
void appraiser_count(struct appraiser_state *state, enum purpose purpose, enum decision decision,
                     enum finding_cause cause);

/* appraiser_detail writes the detail of an audit line: what was decided for what, by which policy;
 * appraiser_digests names that policy, the evidence and the result to the octet (I4, R8). */
struct appraiser_record {
	enum purpose purpose;
	enum decision decision;
	const struct appraiser_policy *policy;
	struct bytes evidence_digest; /* empty: there was none */
	struct bytes result_digest;
	const char *why;
};
void appraiser_detail(const struct appraiser_record *record, struct room *out);
void appraiser_digests(const struct appraiser_record *record, struct audit *audit);

#endif
