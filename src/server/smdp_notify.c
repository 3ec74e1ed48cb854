/* SPDX-License-Identifier: Apache-2.0 */
/* ES9+.HandleNotification, SGP.22 v2.5 5.6.4. */
#include "server/smdp.h"

#include "rsp/notification.h"
#include "server/es2_callback.h"
#include "server/smdp_chain.h"
#include "server/smdp_order.h"
#include "server/smdp_session.h"

#include <string.h>

/* Failures after which the profile may be asked for again: damaged on its way, cut off, or not
 * wanted by this card where another might take it. After any other it would only fail once
 * more. */
static const enum install_error passing[] = {
	INSTALL_INVALID_SIGNATURE,   INSTALL_INVALID_TRANSACTION_ID,
	INSTALL_BSP_STRUCTURE_ERROR, INSTALL_BSP_SECURITY_ERROR,
	INSTALL_INTERRUPTION,        INSTALL_INSUFFICIENT_MEMORY,
	INSTALL_PPR_NOT_ALLOWED,     INSTALL_UNSUPPORTED_PROFILE_CLASS,
};

static bool may_again(uint8_t reason)
{
	for (size_t i = 0; i < COUNT(passing); i++) {
		if (passing[i] == reason)
			return true;
	}
	return false;
}

/* I1: the profile is free for another card only when the one package that was handed out is
 * known not to have been installed. "ICCID already exists" says the opposite. */
static bool certainly_absent(const struct installation_result_data *data, const struct order *order)
{
	return data->reason != INSTALL_ICCID_ALREADY_EXISTS &&
	       bytes_same(order->bound_transaction, data->transaction_id);
}

static enum err apply_result(const struct installation_result_data *data, struct order *order)
{
	if (data->success)
		return order_move(&order->state, ORDER_INSTALLED);
	if (certainly_absent(data, order))
		smdp_order_unbind(order);
	else
		order->sealed_otsk = (struct bytes){ NULL, 0 }; /* next time with new keys */
	return order_move(&order->state, may_again(data->reason) ? ORDER_RETRY : ORDER_FAIL);
}

static enum smdp_status status_of(const struct installation_result_data *data)
{
	if (data->success)
		return SMDP_OK;
	return data->reason == INSTALL_INSUFFICIENT_MEMORY ? SMDP_EUICC_MEMORY : SMDP_CANCEL_LOAD;
}

static enum smdp_status commit(const struct smdp_ports *ports, const struct es2_event *event,
                               struct bytes name, const struct order *order,
                               const struct session *row)
{
	uint8_t store[ES2_CALLBACK_MAX];
	struct callback callback;
	struct audit audit = { .event = name,
		               .iccid = BYTES(event->order->iccid),
		               .eid = event->eid };
	struct smdp_change change = { .session = row,
		                      .order = order,
		                      .audit = &audit,
		                      .callback = &callback,
		                      .seen_card = event->eid };

	es2_callback(ports, event, store, &callback);
	return smdp_failure(ports->commit(ports->ctx, &change));
}

/* The session knows the card: the result comes without certificates. */
static enum smdp_status apply_installation(const struct smdp_ports *ports,
                                           struct smdp_session *session,
                                           const struct installation_result_data *data,
                                           struct bytes whole)
{
	uint8_t store[SMDP_SESSION_SIZE];
	struct session row;
	struct order order;
	struct es2_event event = { .order = &order,
		                   .eid = BYTES(session->eid),
		                   .point = ES2_POINT_INSTALL,
		                   .status = status_of(data),
		                   .result = whole,
		                   .transaction_id = data->transaction_id };
	enum err err = ports->order_find(ports->ctx, SMDP_BY_ICCID, BYTES(session->iccid), &order);
	bool ours;

	if (err == ERR_NOT_FOUND)
		return SMDP_OK;
	SMDP_TRY(smdp_failure(err));
	/* A result of a package that has since been bound to another card changes no state. */
	ours = bytes_same(order.bound_eid, BYTES(session->eid)) &&
	       apply_result(data, &order) == ERR_NONE;
	smdp_session_change(session, 0, store, &row);
	return commit(ports, &event,
	              data->success ? BYTES_STR("profile.installed")
	                            : BYTES_STR("profile.not_installed"),
	              ours ? &order : NULL, &row);
}

static enum smdp_status installation(const struct smdp_ports *ports, struct bytes pending)
{
	struct smdp_card card = { .curve = EC_P256 };
	struct installation_result result;
	struct installation_result_data data;
	struct smdp_session session;
	enum smdp_status status;

	if (installation_result_read(pending, &result) != ERR_NONE ||
	    installation_result_data_read(result.data, &data) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	status = smdp_session_load(ports, data.transaction_id, RSP_RESULT, &session);
	if (status == SMDP_TRANSACTION_UNKNOWN)
		return SMDP_OK; /* told already, or too late: the card shall forget it */
	SMDP_TRY(status);
	card.curve = (enum ec_curve)session.curve;
	memcpy(card.point, session.euicc_point, EC_POINT_SIZE);
	if (smdp_card_verify(&card, result.data, result.signature) != SMDP_OK)
		return SMDP_OK;
	return apply_installation(ports, &session, &data, pending);
}

static const struct {
	uint32_t event;
	enum es2_point point;
	const char *name; /* of the line in the audit log */
} others[] = {
	{NOTIFY_ENABLE,   ES2_POINT_ENABLED,  "profile.enabled" },
	{ NOTIFY_DISABLE, ES2_POINT_DISABLED, "profile.disabled"},
	{ NOTIFY_DELETE,  ES2_POINT_DELETED,  "profile.deleted" },
};

static enum smdp_status apply_other(const struct smdp_ports *ports, const struct smdp_card *card,
                                    const struct notification_metadata *metadata)
{
	uint8_t sequence[4] = { (uint8_t)(metadata->seq_number >> 24),
		                (uint8_t)(metadata->seq_number >> 16),
		                (uint8_t)(metadata->seq_number >> 8),
		                (uint8_t)metadata->seq_number };
	struct order order;
	enum err err;

	if (metadata->iccid.at == NULL)
		return SMDP_OK;
	err = ports->order_find(ports->ctx, SMDP_BY_ICCID, metadata->iccid, &order);
	if (err == ERR_NOT_FOUND)
		return SMDP_OK;
	SMDP_TRY(smdp_failure(err));
	if (!bytes_same(order.bound_eid, BYTES(card->eid)))
		return SMDP_OK; /* not the card that has this profile */
	for (size_t i = 0; i < COUNT(others); i++) {
		struct es2_event event = { .order = &order,
			                   .eid = BYTES(card->eid),
			                   .point = others[i].point,
			                   .status = SMDP_OK,
			                   .transaction_id = BYTES(sequence) };
		if (others[i].event == metadata->event)
			return commit(ports, &event, bytes_text(others[i].name), NULL, NULL);
	}
	return SMDP_OK;
}

static enum smdp_status other(const struct smdp_ports *ports, struct bytes pending)
{
	struct other_notification notification;
	const struct smdp_trust trust = smdp_trust(ports);
	struct notification_metadata metadata;
	struct smdp_card card;

	if (other_notification_read(pending, &notification) != ERR_NONE ||
	    notification_metadata_read(notification.tbs, &metadata) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	if (smdp_chain_verify(&trust, NULL, notification.euicc_certificate,
	                      notification.eum_certificate, &card) != SMDP_OK ||
	    smdp_card_verify(&card, notification.tbs, notification.signature) != SMDP_OK)
		return SMDP_OK;
	return apply_other(ports, &card, &metadata);
}

enum smdp_status smdp_handle_notification(const struct smdp_ports *ports,
                                          struct bytes pending_notification)
{
	if (ber_is(pending_notification, TAG_INSTALLATION_RESULT))
		return installation(ports, pending_notification);
	return other(ports, pending_notification);
}
