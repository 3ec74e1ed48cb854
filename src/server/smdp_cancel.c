/* SPDX-License-Identifier: Apache-2.0 */
/* ES9+.CancelSession, SGP.22 v2.5 5.6.5. */
#include "server/smdp.h"

#include "rsp/cancel_session.h"
#include "server/es2_callback.h"
#include "server/smdp_chain.h"
#include "server/smdp_order.h"
#include "server/smdp_session.h"

#include <string.h>

/* What the reason means to the operator, and whether the order lives on (5.6.5: postponed,
 * timeout). */
static const struct {
	enum cancel_reason reason;
	enum smdp_status status;
	bool lives;
} reasons[] = {
	{CANCEL_END_USER_REJECTION,        SMDP_CANCEL_END_USER, false},
	{ CANCEL_POSTPONED,                SMDP_CANCEL_OTHER,    true },
	{ CANCEL_TIMEOUT,                  SMDP_CANCEL_OTHER,    true },
	{ CANCEL_PPR_NOT_ALLOWED,          SMDP_CANCEL_POLICY,   false},
	{ CANCEL_METADATA_MISMATCH,        SMDP_CANCEL_METADATA, false},
 /* A card that could not take the package will ask again: attempts are counted. */
	{ CANCEL_LOAD_BPP_EXECUTION_ERROR, SMDP_CANCEL_LOAD,     true },
	{ CANCEL_UNDEFINED_REASON,         SMDP_CANCEL_OTHER,    true },
};

/* 5.6.5: the OID is the one in our CERT.DPauth. */
static bool our_oid(const struct smdp_ports *ports, const struct smdp_session *session,
                    struct bytes oid)
{
	const struct smdp_ci *ci = smdp_ci_by_key(ports, session->server_key_id);
	struct x509 dpauth;
	struct bytes ours;

	return ci != NULL && x509_read(ci->dpauth, &dpauth) == ERR_NONE &&
	       x509_registered_id(&dpauth, &ours) == ERR_NONE && bytes_same(ours, oid);
}

static enum smdp_status verify(const struct smdp_ports *ports, const struct smdp_session *session,
                               const struct cancel_session_response *response,
                               struct euicc_cancel_session_signed *out)
{
	struct smdp_card card = { .curve = (enum ec_curve)session->curve };

	memcpy(card.point, session->euicc_point, EC_POINT_SIZE);
	SMDP_TRY(smdp_card_verify(&card, response->signed_element, response->signature));
	if (euicc_cancel_session_signed_read(response->signed_element, out) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	if (!bytes_same(out->transaction_id, BYTES(session->transaction_id)))
		return SMDP_TRANSACTION_UNKNOWN;
	return our_oid(ports, session, out->smdp_oid) ? SMDP_OK : SMDP_OID_INVALID;
}

/* Is the order still the one of this session, and with no other card? */
static bool same_order(const struct order *order, const struct smdp_session *session)
{
	uint8_t digest[SHA256_SIZE];

	return smdp_order_digest(order, digest) == ERR_NONE &&
	       bytes_same(BYTES(digest), BYTES(session->order_digest)) &&
	       (order->bound_eid.len == 0 || bytes_same(order->bound_eid, BYTES(session->eid)));
}

/* Whether the order lives on; the status is what its operator is told. */
static bool judge(uint8_t reason, enum smdp_status *status)
{
	for (size_t i = 0; i < COUNT(reasons); i++) {
		if (reasons[i].reason == reason) {
			*status = reasons[i].status;
			return reasons[i].lives;
		}
	}
	*status = SMDP_CANCEL_OTHER;
	return true;
}

static enum smdp_status apply(const struct smdp_ports *ports, struct smdp_session *session,
                              uint8_t reason)
{
	uint8_t store[SMDP_SESSION_SIZE], text[ES2_CALLBACK_MAX];
	struct session row;
	struct order order;
	struct callback callback;
	struct audit audit = { .event = BYTES_STR("download.cancelled"),
		               .iccid = BYTES(session->iccid),
		               .eid = BYTES(session->eid) };
	struct es2_event event = { .order = &order,
		                   .eid = BYTES(session->eid),
		                   .point = session->was == RSP_DELIVERED ? ES2_POINT_INSTALL
		                                                          : ES2_POINT_DOWNLOAD,
		                   .transaction_id = BYTES(session->transaction_id) };
	struct smdp_change change = { .session = &row, .audit = &audit, .callback = &callback };
	bool lives = judge(reason, &event.status);

	SMDP_TRY(smdp_failure(
		ports->order_find(ports->ctx, SMDP_BY_ICCID, BYTES(session->iccid), &order)));
	if (!lives && same_order(&order, session) &&
	    order_move(&order.state, ORDER_FAIL) == ERR_NONE)
		change.order = &order;
	smdp_session_change(session, 0, store, &row);
	es2_callback(ports, &event, text, &callback);
	return smdp_failure(ports->commit(ports->ctx, &change));
}

enum smdp_status smdp_cancel_session(const struct smdp_ports *ports,
                                     const struct cancel_session *in)
{
	struct cancel_session_response response;
	struct euicc_cancel_session_signed cancelled;
	struct smdp_session session;

	SMDP_TRY(smdp_session_load(ports, in->transaction_id, RSP_CANCEL, &session));
	if (cancel_session_response_read(in->cancel_session_response, &response) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	if (response.is_error)
		return SMDP_EUICC_UNVERIFIED;
	SMDP_TRY(verify(ports, &session, &response, &cancelled));
	return apply(ports, &session, cancelled.reason);
}
