/* SPDX-License-Identifier: Apache-2.0 */
/* ES9+.GetBoundProfilePackage, SGP.22 v2.5 5.6.2. */
#include "server/smdp.h"

#include "base/secret.h"
#include "rsp/prepare_download.h"
#include "server/es2_callback.h"
#include "server/smdp_card.h"
#include "server/smdp_order.h"
#include "server/smdp_session.h"

#include <string.h>

/* How long the result of an installation is waited for: a machine may be switched off in
 * between. */
enum { RESULT_DAYS = 60 };

/* hostId of the key derivation: any value of 1 to 16 octets (annex G). */
static const uint8_t host_id[] = { 'a', 's', 's', 'a', 'y' };

static struct smdp_card card_of(const struct smdp_session *session)
{
	struct smdp_card card = { .curve = (enum ec_curve)session->curve };

	memcpy(card.eid, session->eid, EID_SIZE);
	memcpy(card.point, session->euicc_point, EC_POINT_SIZE);
	return card;
}

/* The order of the session, if it still is the same and may still be had. */
static enum smdp_status load_order(const struct smdp_ports *ports,
                                   const struct smdp_session *session, struct order *order)
{
	uint8_t digest[SHA256_SIZE];
	enum smdp_status status;
	enum err err = ports->order_find(ports->ctx, SMDP_BY_ICCID, BYTES(session->iccid), order);

	if (err == ERR_NONE)
		err = smdp_order_digest(order, digest);
	if (err == ERR_NOT_FOUND)
		return SMDP_BINDING_UNAVAILABLE;
	SMDP_TRY(smdp_failure(err));
	if (!bytes_same(BYTES(digest), BYTES(session->order_digest)))
		return SMDP_BINDING_UNAVAILABLE;
	status = smdp_order_check(order, session->eid, ports->now_ms(ports->ctx));
	return status == SMDP_OK || status == SMDP_ORDER_EXPIRED ? status
	                                                         : SMDP_BINDING_UNAVAILABLE;
}

static enum smdp_status commit(const struct smdp_ports *ports, const struct smdp_session *session,
                               const struct order *order, const struct session *row,
                               enum es2_point point, enum smdp_status status)
{
	uint8_t store[ES2_CALLBACK_MAX];
	struct callback callback;
	struct audit audit = {
		.event = status == SMDP_OK ? BYTES_STR("download.delivered")
		                           : BYTES_STR("download.refused"),
		.iccid = BYTES(order->iccid),
		.eid = BYTES(session->eid),
		.detail = bytes_text(smdp_message(status))
	};
	struct es2_event event = { .order = order,
		                   .eid = BYTES(session->eid),
		                   .point = point,
		                   .status = status,
		                   .transaction_id = BYTES(session->transaction_id) };
	struct smdp_change change = {
		.session = row, .order = order, .audit = &audit, .callback = &callback
	};

	es2_callback(ports, &event, store, &callback);
	SMDP_TRY(smdp_failure(ports->commit(ports->ctx, &change)));
	return status;
}

/* 5.6.2: a wrong code is counted; with the last one the order ends. */
static enum smdp_status wrong_code(const struct smdp_ports *ports,
                                   const struct smdp_session *session, struct order *order)
{
	enum smdp_status status = SMDP_CODE_REFUSED;

	if (order->confirmations_left > 0)
		order->confirmations_left--;
	if (order->confirmations_left == 0) {
		if (order_move(&order->state, ORDER_FAIL) != ERR_NONE)
			return SMDP_EXECUTION_ERROR;
		status = SMDP_CODE_ATTEMPTS;
	}
	return commit(ports, session, order, NULL, ES2_POINT_CONFIRMATION, status);
}

static enum smdp_status check_code(const struct smdp_ports *ports,
                                   const struct smdp_session *session,
                                   const struct prepare_download_response *response,
                                   const struct euicc_signed2 *signed2, struct order *order)
{
	const struct smdp_card card = card_of(session);
	uint8_t hash[RSP_HASH_CC_SIZE];

	if (order->confirmation.len != SHA256_SIZE)
		return order->confirmation.len == 0 ? SMDP_OK : SMDP_EXECUTION_ERROR;
	/* The keeper verifies before it binds; but what is counted here must be the card's own word. */
	SMDP_TRY(smdp_card_verify_signed2(&card, response->euicc_signed2,
	                                  BYTES(session->smdp_signature2),
	                                  response->euicc_signature2));
	if (signed2->hash_cc.at == NULL)
		return SMDP_CODE_MISSING;
	SMDP_TRY(smdp_failure(
		hash_cc_derive(order->confirmation.at, BYTES(session->transaction_id), hash)));
	return secret_same(BYTES(hash), signed2->hash_cc) ? SMDP_OK
	                                                  : wrong_code(ports, session, order);
}

static enum smdp_status bind(const struct smdp_ports *ports, const struct smdp_session *session,
                             const struct prepare_download_response *response,
                             const struct euicc_signed2 *signed2, const struct order *order,
                             struct keeper_bound *bound)
{
	const struct smdp_ci *ci = smdp_ci_by_key(ports, session->server_key_id);
	struct keeper_bind request = {
		.permit = BYTES(session->permit),
		.card = card_of(session),
		.euicc_signed2 = response->euicc_signed2,
		.euicc_signature2 = response->euicc_signature2,
		.smdp_signature2 = BYTES(session->smdp_signature2),
		.host_id = BYTES(host_id),
		.iccid = BYTES(order->iccid),
		.metadata = order->metadata,
		.sealed_ppk = order->sealed_ppk,
	};

	if (ci == NULL)
		return SMDP_TRANSACTION_UNKNOWN;
	request.ci = (uint8_t)(ci - ports->ci);
	/* 3.1.3: the same key of the card again means the same key of ours and the same package. */
	if (bytes_same(order->euicc_otpk, signed2->euicc_otpk))
		request.sealed_otsk = order->sealed_otsk;
	SMDP_TRY(smdp_failure(
		ports->package_load(ports->ctx, order->iccid, &request.sealed_package)));
	enum err err = ports->bind(ports->ctx, &request, bound);
	/* The permit has expired meanwhile: the card is to authenticate again. */
	if (err == ERR_DENIED)
		return SMDP_TRANSACTION_UNKNOWN;
	/* Not signed by the card, or a one-time key that is no point of the curve. */
	return err == ERR_SIGNATURE || err == ERR_VALUE ? SMDP_EUICC_UNVERIFIED : smdp_failure(err);
}

static enum smdp_status deliver(const struct smdp_ports *ports,
                                const struct get_bound_profile_package *in,
                                const struct smdp_session *session,
                                const struct prepare_download_response *response,
                                const struct euicc_signed2 *signed2, struct order *order)
{
	uint64_t wait_ms = (uint64_t)RESULT_DAYS * 24 * 3600 * 1000;
	uint8_t store[SMDP_SESSION_SIZE];
	struct keeper_bound bound;
	struct session row;

	SMDP_TRY(bind(ports, session, response, signed2, order, &bound));
	if (order_move(&order->state, ORDER_DELIVER) != ERR_NONE)
		return SMDP_BINDING_UNAVAILABLE;
	if (!in->take(in->ctx, bound.package))
		return SMDP_EXECUTION_ERROR;
	/* I1: with a second package out, the failure of one says nothing of the other. */
	order->bound_transaction = order->bound_eid.len > 0 ? (struct bytes){ NULL, 0 }
	                                                    : BYTES(session->transaction_id);
	order->bound_eid = BYTES(session->eid);
	order->euicc_otpk = signed2->euicc_otpk;
	order->sealed_otsk = bound.sealed_otsk;
	smdp_session_change(session, ports->now_ms(ports->ctx) + wait_ms, store, &row);
	return commit(ports, session, order, &row, ES2_POINT_DOWNLOAD, SMDP_OK);
}

enum smdp_status smdp_get_bound_profile_package(const struct smdp_ports *ports,
                                                const struct get_bound_profile_package *in)
{
	struct prepare_download_response response;
	struct euicc_signed2 signed2;
	struct smdp_session session;
	struct order order;

	SMDP_TRY(smdp_session_load(ports, in->transaction_id, RSP_DELIVER, &session));
	if (prepare_download_response_read(in->prepare_download_response, &response) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	if (response.is_error)
		return SMDP_EUICC_UNVERIFIED; /* unsigned: the session stays for the right one */
	if (euicc_signed2_read(response.euicc_signed2, &signed2) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	if (!bytes_same(signed2.transaction_id, BYTES(session.transaction_id)))
		return SMDP_TRANSACTION_UNKNOWN;
	SMDP_TRY(load_order(ports, &session, &order));
	SMDP_TRY(check_code(ports, &session, &response, &signed2, &order));
	return deliver(ports, in, &session, &response, &signed2, &order);
}
