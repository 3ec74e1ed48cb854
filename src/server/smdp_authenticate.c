/* SPDX-License-Identifier: Apache-2.0 */
/* ES9+.AuthenticateClient, SGP.22 v2.5 5.6.3. */
#include "server/smdp.h"

#include "rsp/prepare_download.h"
#include "server/es2_callback.h"
#include "server/smdp_equipment.h"
#include "server/smdp_order.h"
#include "server/smdp_session.h"

#include <string.h>

/* The row of a session that is over. */
static void ended(struct smdp_session *session, uint8_t store[static SMDP_SESSION_SIZE],
                  struct session *row)
{
	session->state = RSP_ENDED;
	smdp_session_change(session, 0, store, row);
}

/* An eUICC that could not authenticate the server ends the session. */
static enum smdp_status end_session(const struct smdp_ports *ports, struct smdp_session *session)
{
	uint8_t store[SMDP_SESSION_SIZE];
	struct session row;
	struct smdp_change change = { .session = &row };

	ended(session, store, &row);
	SMDP_TRY(smdp_failure(ports->commit(ports->ctx, &change)));
	return SMDP_EUICC_UNVERIFIED;
}

/* A change that concerns an order, tells its operator, and may end in a refusal all the same. `why` stands in
 * for the status's own phrase, unless it is NULL or empty. */
static enum smdp_status commit_order_as(const struct smdp_ports *ports,
                                        const struct smdp_claims *claims, const struct order *order,
                                        bool changed, const struct session *row,
                                        enum smdp_status status, const char *why)
{
	const char *message = why != NULL && why[0] != '\0' ? why : smdp_message(status);
	uint8_t store[ES2_CALLBACK_MAX];
	struct callback callback;
	struct audit audit = {
		.event = status == SMDP_OK ? BYTES_STR("download.authenticated")
		                           : BYTES_STR("download.refused"),
		.iccid = BYTES(order->iccid),
		.eid = BYTES(claims->card.eid),
		.detail = bytes_text(message),
	};
	struct es2_event event = { .order = order,
		                   .eid = BYTES(claims->card.eid),
		                   .point = ES2_POINT_ELIGIBILITY,
		                   .status = status,
		                   .message = message,
		                   .transaction_id = claims->signed1.transaction_id };
	struct smdp_change change = { .session = row,
		                      .order = changed ? order : NULL,
		                      .audit = &audit,
		                      .callback = &callback,
		                      .seen_card = BYTES(claims->card.eid),
		                      .seen_card_info = claims->signed1.euicc_info2 };

	es2_callback(ports, &event, store, &callback);
	SMDP_TRY(smdp_failure(ports->commit(ports->ctx, &change)));
	return status;
}

static enum smdp_status commit_order(const struct smdp_ports *ports,
                                     const struct smdp_claims *claims, const struct order *order,
                                     bool changed, const struct session *row,
                                     enum smdp_status status)
{
	return commit_order_as(ports, claims, order, changed, row, status, NULL);
}

static enum smdp_status judge(const struct smdp_ports *ports, const struct smdp_claims *claims,
                              const struct smdp_session *session, struct bytes iccid,
                              struct bytes evidence, struct appraise_answer *out)
{
	SMDP_TRY(smdp_equipment_judge(ports, session, claims, iccid, evidence, out));
	/* It becomes part of JSON, logs and what people see. */
	for (char *at = out->why; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || (unsigned char)*at > 0x7E)
			*at = '?';
	}
	return SMDP_OK;
}

/* I4, R2: before anything is counted or signed. A refusal ends the session (I7) and changes nothing else. */
static enum smdp_status admit(const struct smdp_ports *ports, const struct smdp_claims *claims,
                              const struct order *order, struct bytes evidence,
                              struct smdp_session *session, struct authenticate_client_ok *out)
{
	uint8_t store[SMDP_SESSION_SIZE];
	struct session row;

	SMDP_TRY(judge(ports, claims, session, BYTES(order->iccid), evidence, &out->equipment));
	if (out->equipment.decision != REFUSE) {
		memcpy(session->permit, out->equipment.permit, PERMIT_SIZE);
		return SMDP_OK;
	}
	ended(session, store, &row);
	return commit_order_as(ports, claims, order, false, &row, SMDP_EQUIPMENT_REFUSED,
	                       out->equipment.why);
}

/* A machine that only wants to be judged, so that what is known of it is fresh. */
static enum smdp_status judge_only(const struct smdp_ports *ports, const struct smdp_claims *claims,
                                   struct bytes evidence, struct smdp_session *session,
                                   struct authenticate_client_ok *out)
{
	uint8_t store[SMDP_SESSION_SIZE];
	struct session row;
	struct audit audit = { .eid = BYTES(claims->card.eid) };
	struct smdp_change change = { .session = &row,
		                      .audit = &audit,
		                      .seen_card = BYTES(claims->card.eid),
		                      .seen_card_info = claims->signed1.euicc_info2 };

	SMDP_TRY(judge(ports, claims, session, (struct bytes){ NULL, 0 }, evidence,
	               &out->equipment));
	audit.event = out->equipment.decision == REFUSE ? BYTES_STR("equipment.refused")
	                                                : BYTES_STR("equipment.attested");
	audit.detail = bytes_text(out->equipment.why);
	ended(session, store, &row);
	return smdp_failure(ports->commit(ports->ctx, &change));
}

/* 5.6.3: the attempt is counted; when there are none left, the order ends. */
static enum smdp_status count_attempt(const struct smdp_ports *ports,
                                      const struct smdp_claims *claims, struct order *order)
{
	if (order->downloads_left > 0) {
		order->downloads_left--;
		return SMDP_OK;
	}
	if (order_move(&order->state, ORDER_FAIL) != ERR_NONE)
		return SMDP_EXECUTION_ERROR;
	return commit_order(ports, claims, order, true, NULL, SMDP_ORDER_ATTEMPTS);
}

/* smdpSigned2, and its signature over itself and the eUICC's signature (5.7.5). */
static enum smdp_status sign(const struct smdp_ports *ports, const struct smdp_claims *claims,
                             const struct order *order, struct smdp_session *session,
                             struct authenticate_client_ok *out)
{
	uint8_t store[3 + EC_SIGNATURE_SIZE];
	struct room element = ROOM(out->smdp_signed2_store), signature = ROOM(store);
	struct smdp_signed2 signed2 = {
		.transaction_id = BYTES(session->transaction_id),
		.cc_required = session->cc_required,
	};

	/* 3.1.3: tell the card which key its earlier package was bound to, so that it uses it
	 * again. */
	if (order->sealed_otsk.len > 0 && order->euicc_otpk.len == RSP_POINT_SIZE)
		signed2.bpp_euicc_otpk = order->euicc_otpk;
	smdp_signed2_put(&element, &signed2);
	ber_put(&signature, TAG_SIGNATURE, claims->response.euicc_signature1);
	if (element.full || signature.full)
		return SMDP_EXECUTION_ERROR;
	out->smdp_signed2_len = element.len;
	struct bytes parts[] = { room_used(&element), room_used(&signature) };
	SMDP_TRY(smdp_failure(ports->sign(ports->ctx, (uint8_t)(out->server - ports->ci), parts,
	                                  COUNT(parts), out->smdp_signature2)));
	memcpy(session->smdp_signature2, out->smdp_signature2, EC_SIGNATURE_SIZE);
	return SMDP_OK;
}

static enum smdp_status fill_session(const struct smdp_claims *claims, const struct order *order,
                                     struct smdp_session *session)
{
	memcpy(session->eid, claims->card.eid, EID_SIZE);
	memcpy(session->iccid, order->iccid, ICCID_SIZE);
	memcpy(session->euicc_point, claims->card.point, EC_POINT_SIZE);
	session->curve = (uint8_t)claims->card.curve;
	session->cc_required = order->confirmation.len > 0;
	return smdp_failure(smdp_order_digest(order, session->order_digest));
}

/* The appraiser verifies a card before it admits it. What is done without asking it wants a look here. */
static enum smdp_status verify(const struct smdp_ports *ports, const struct smdp_session *session,
                               const struct smdp_claims *claims)
{
	const struct server_signed1 opened = smdp_session_opened(ports, session);
	const struct smdp_trust trust = smdp_trust(ports);

	return smdp_claims_verify(&trust, session->root_key_id, &opened, claims);
}

static enum smdp_status authenticated(const struct smdp_ports *ports, struct smdp_claims *claims,
                                      struct bytes evidence, struct smdp_session *session,
                                      struct authenticate_client_ok *out)
{
	uint8_t store[SMDP_SESSION_SIZE];
	enum smdp_status found, eligible;
	struct session row;
	struct order order;

	found = smdp_order_for(ports, claims->params.matching_id, claims->card.eid, &order);
	if (found != SMDP_OK)
		SMDP_TRY(verify(ports, session, claims));
	/* Found by its EID, an expired order would for ever stand before the next one. */
	if (found == SMDP_ORDER_EXPIRED && claims->params.matching_id.len == 0 &&
	    order_move(&order.state, ORDER_FAIL) == ERR_NONE)
		return commit_order(ports, claims, &order, true, NULL, found);
	SMDP_TRY(found);
	eligible = smdp_order_eligible(&order, &claims->info);
	if (eligible != SMDP_OK) {
		SMDP_TRY(verify(ports, session, claims));
		return commit_order(ports, claims, &order, false, NULL, eligible);
	}
	SMDP_TRY(admit(ports, claims, &order, evidence, session, out));
	SMDP_TRY(count_attempt(ports, claims, &order));
	out->server = smdp_ci_by_key(ports, session->server_key_id);
	if (out->server == NULL)
		return SMDP_TRANSACTION_UNKNOWN; /* the configuration has changed meanwhile */
	SMDP_TRY(fill_session(claims, &order, session));
	SMDP_TRY(sign(ports, claims, &order, session, out));
	out->profile_metadata = order.metadata;
	smdp_session_change(session, ports->now_ms(ports->ctx) + ports->session_ms, store, &row);
	return commit_order(ports, claims, &order, true, &row, SMDP_OK);
}

enum smdp_status smdp_authenticate_client(const struct smdp_ports *ports,
                                          const struct authenticate_client *in,
                                          struct authenticate_client_ok *out)
{
	struct smdp_session session;
	struct smdp_claims claims;

	SMDP_TRY(smdp_session_load(ports, in->transaction_id, RSP_AUTHENTICATE, &session));
	SMDP_TRY(smdp_claims_read(in->authenticate_server_response, &claims));
	if (claims.response.is_error)
		return end_session(ports, &session);
	if (in->equipment_only)
		return judge_only(ports, &claims, in->equipment_evidence, &session, out);
	return authenticated(ports, &claims, in->equipment_evidence, &session, out);
}
