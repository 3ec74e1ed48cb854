/* SPDX-License-Identifier: Apache-2.0 */
/* ES2+ functions, SGP.22 v2.5 5.3.1 to 5.3.4. */
#include "server/es2.h"

#include "rsp/prepare_download.h"
#include "rsp/rsp.h"
#include "server/smdp_order.h"
#include "server/smdp_session.h"

#include <string.h>

enum { PICKS_MAX = 8 }; /* how often another caller may take the profile that we were about to */

/* Octets that an order's views point at while it is changed. */
struct texts {
	uint8_t eid[EID_SIZE];
	uint8_t confirmation[SHA256_SIZE];
};

static enum smdp_status read_eid(struct bytes text, uint8_t eid[static EID_SIZE])
{
	return rsp_eid_read(text, eid) == ERR_NONE ? SMDP_OK : SMDP_ELEMENT_INVALID;
}

static enum smdp_status find(const struct smdp_ports *ports, const struct es2_caller *caller,
                             struct bytes iccid_text, struct order *order)
{
	uint8_t iccid[ICCID_SIZE];
	enum err err;

	if (iccid_text.at == NULL)
		return SMDP_ICCID_MISSING;
	if (rsp_iccid_read(iccid_text, iccid) != ERR_NONE)
		return SMDP_ELEMENT_INVALID;
	err = ports->order_find(ports->ctx, SMDP_BY_ICCID, BYTES(iccid), order);
	if (err == ERR_NOT_FOUND)
		return SMDP_ICCID_UNKNOWN;
	SMDP_TRY(smdp_failure(err));
	if (!caller->admin && !bytes_same(order->operator_name, caller->operator_name))
		return SMDP_ICCID_FORBIDDEN;
	return SMDP_OK;
}

static enum err commit(const struct smdp_ports *ports, const struct order *order,
                       struct bytes event)
{
	struct audit audit = { .event = event, .iccid = BYTES(order->iccid), .eid = order->eid };
	struct smdp_change change = { .order = order, .audit = &audit };

	return ports->commit(ports->ctx, &change);
}

static enum smdp_status find_by_type(const struct smdp_ports *ports,
                                     const struct es2_caller *caller, struct bytes type,
                                     struct order *order)
{
	uint8_t store[2 * NAME_SIZE];
	struct room key = ROOM(store);
	enum err err;

	room_put(&key, caller->operator_name);
	room_put_u8(&key, 0);
	room_put(&key, type);
	if (key.full)
		return SMDP_ELEMENT_INVALID;
	err = ports->order_find(ports->ctx, SMDP_BY_TYPE, room_used(&key), order);
	if (err == ERR_NOT_FOUND)
		return SMDP_TYPE_UNKNOWN;
	if (err == ERR_DENIED)
		return SMDP_TYPE_FORBIDDEN;
	return err == ERR_ORDER ? SMDP_TYPE_UNAVAILABLE : smdp_failure(err);
}

/* 5.3.1: a given ICCID must be free and of the type asked for. */
static enum smdp_status pick(const struct smdp_ports *ports, const struct es2_caller *caller,
                             const struct download_order *in, struct order *order)
{
	if (in->iccid.at == NULL)
		return find_by_type(ports, caller, in->profile_type, order);
	SMDP_TRY(find(ports, caller, in->iccid, order));
	if (order->state != PROFILE_AVAILABLE)
		return SMDP_ICCID_IN_USE;
	if (in->profile_type.at != NULL && !bytes_same(in->profile_type, order->profile_type))
		return SMDP_TYPE_REFUSED;
	return SMDP_OK;
}

enum smdp_status es2_download_order(const struct smdp_ports *ports, const struct es2_caller *caller,
                                    const struct download_order *in,
                                    uint8_t iccid[static ICCID_SIZE])
{
	struct texts texts;
	struct order order;
	enum err err = ERR_BUSY;

	if (in->iccid.at == NULL && in->profile_type.at == NULL)
		return SMDP_ELEMENT_MISSING;
	if (in->eid.at != NULL)
		SMDP_TRY(read_eid(in->eid, texts.eid));
	for (size_t i = 0; i < PICKS_MAX && err == ERR_BUSY; i++) {
		SMDP_TRY(pick(ports, caller, in, &order));
		if (order_move(&order.state, in->eid.at != NULL ? ORDER_LINK : ORDER_RESERVE) !=
		    ERR_NONE)
			return SMDP_ICCID_IN_USE;
		order.eid = in->eid.at != NULL ? BYTES(texts.eid) : (struct bytes){ NULL, 0 };
		err = commit(ports, &order, BYTES_STR("order.reserved"));
	}
	SMDP_TRY(smdp_failure(err));
	memcpy(iccid, order.iccid, ICCID_SIZE);
	return SMDP_OK;
}

/* 4.1.1: what may stand in an activation code. */
static bool good_matching_id(struct bytes text)
{
	if (text.len > MATCHING_ID_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-'))
			return false;
	}
	return true;
}

/* A hundred random bits as XXXXX-XXXXX-XXXXX-XXXXX, without letters that look like digits. */
static enum smdp_status make_matching_id(const struct smdp_ports *ports,
                                         struct confirm_order_ok *out)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t bits[20];

	SMDP_TRY(smdp_failure(ports->random(ports->ctx, bits, sizeof bits)));
	out->matching_id_len = 0;
	for (size_t i = 0; i < sizeof bits; i++) {
		if (i > 0 && i % 5 == 0)
			out->matching_id[out->matching_id_len++] = '-';
		out->matching_id[out->matching_id_len++] = (uint8_t)letters[bits[i] & 31];
	}
	return SMDP_OK;
}

/* 5.3.2: an EID is kept; without a matching id's secret (empty: default SM-DP+, or SM-DS) the
 * order is found by EID only, so there must be one. */
static enum smdp_status confirm_eid(const struct confirm_order *in, struct order *order,
                                    struct texts *texts)
{
	if (in->eid.at != NULL) {
		SMDP_TRY(read_eid(in->eid, texts->eid));
		if (order->eid.len > 0 && !bytes_same(order->eid, BYTES(texts->eid)))
			return SMDP_EID_ASSOCIATION;
		order->eid = BYTES(texts->eid);
	}
	if (order->eid.len == 0 && (in->smds_address.at != NULL ||
	                            (in->matching_id.at != NULL && in->matching_id.len == 0)))
		return SMDP_EID_MISSING;
	/* ES12 is not spoken: no event could be registered there. */
	return in->smds_address.len > 0 ? SMDP_SMDS_INACCESSIBLE : SMDP_OK;
}

static enum smdp_status confirm_matching_id(const struct smdp_ports *ports,
                                            const struct confirm_order *in, struct order *order,
                                            struct confirm_order_ok *out)
{
	if (in->matching_id.at == NULL) {
		SMDP_TRY(make_matching_id(ports, out));
	} else {
		if (!good_matching_id(in->matching_id))
			return SMDP_MATCHING_ID_INVALID;
		memcpy(out->matching_id, in->matching_id.at, in->matching_id.len);
		out->matching_id_len = in->matching_id.len;
	}
	order->matching_id = (struct bytes){ out->matching_id, out->matching_id_len };
	return SMDP_OK;
}

static enum smdp_status confirm_code(const struct smdp_ports *ports, const struct confirm_order *in,
                                     struct order *order, struct texts *texts)
{
	order->confirmation = (struct bytes){ NULL, 0 };
	if (in->confirmation_code.len > 0) {
		SMDP_TRY(smdp_failure(
			confirmation_code_hash(in->confirmation_code, texts->confirmation)));
		order->confirmation = BYTES(texts->confirmation);
	}
	order->confirmations_left = in->confirmation_attempts != 0 ? in->confirmation_attempts
	                                                           : ports->confirmation_attempts;
	order->downloads_left =
		in->download_attempts != 0 ? in->download_attempts : ports->download_attempts;
	order->expires_ms = in->expires_ms;
	return SMDP_OK;
}

enum smdp_status es2_confirm_order(const struct smdp_ports *ports, const struct es2_caller *caller,
                                   const struct confirm_order *in, struct confirm_order_ok *out)
{
	struct texts texts;
	struct order order;
	enum err err;

	SMDP_TRY(find(ports, caller, in->iccid, &order));
	if (order_move(&order.state, in->release ? ORDER_CONFIRM_RELEASE : ORDER_CONFIRM) !=
	    ERR_NONE)
		return SMDP_ICCID_IN_USE;
	SMDP_TRY(confirm_eid(in, &order, &texts));
	SMDP_TRY(confirm_matching_id(ports, in, &order, out));
	SMDP_TRY(confirm_code(ports, in, &order, &texts));
	smdp_order_unbind(&order);
	out->has_eid = order.eid.len == EID_SIZE;
	if (out->has_eid)
		memcpy(out->eid, order.eid.at, EID_SIZE);
	err = commit(ports, &order,
	             in->release ? BYTES_STR("order.released") : BYTES_STR("order.confirmed"));
	return err == ERR_EXISTS ? SMDP_MATCHING_ID_IN_USE : smdp_failure(err);
}

/* 5.3.3: what the caller says of the order must be so. */
static enum smdp_status check_association(const struct cancel_order *in, const struct order *order)
{
	uint8_t eid[EID_SIZE];

	if (in->eid.at != NULL) {
		SMDP_TRY(read_eid(in->eid, eid));
		if (!bytes_same(order->eid, BYTES(eid)))
			return SMDP_ICCID_ASSOCIATION;
	}
	if (in->matching_id.at != NULL &&
	    (order->matching_id.at == NULL || !bytes_same(order->matching_id, in->matching_id)))
		return SMDP_MATCHING_ID_ASSOCIATION;
	return SMDP_OK;
}

/* All that the order added to the profile. */
static void forget_order(struct order *order)
{
	order->matching_id = (struct bytes){ NULL, 0 };
	order->eid = (struct bytes){ NULL, 0 };
	order->confirmation = (struct bytes){ NULL, 0 };
	order->confirmations_left = 0;
	order->downloads_left = 0;
	order->expires_ms = 0;
}

enum smdp_status es2_cancel_order(const struct smdp_ports *ports, const struct es2_caller *caller,
                                  const struct cancel_order *in)
{
	struct order order;
	bool retire;

	if (in->iccid.at == NULL || in->final_status.at == NULL)
		return SMDP_ICCID_MISSING;
	retire = bytes_same(in->final_status, BYTES_STR("Unavailable"));
	if (!retire && !bytes_same(in->final_status, BYTES_STR("Available")))
		return SMDP_ELEMENT_INVALID;
	SMDP_TRY(find(ports, caller, in->iccid, &order));
	SMDP_TRY(check_association(in, &order));
	/* I1: a package that may have been installed binds the profile to its card for good. */
	if (!retire && order.bound_eid.len > 0)
		return SMDP_ICCID_IN_USE;
	if (order_move(&order.state, retire ? ORDER_RETIRE : ORDER_CANCEL) != ERR_NONE)
		return SMDP_ICCID_IN_USE;
	forget_order(&order);
	return smdp_failure(commit(ports, &order, BYTES_STR("order.cancelled")));
}

enum smdp_status es2_release_profile(const struct smdp_ports *ports,
                                     const struct es2_caller *caller, struct bytes iccid)
{
	struct order order;

	SMDP_TRY(find(ports, caller, iccid, &order));
	if (order_move(&order.state, ORDER_RELEASE) != ERR_NONE)
		return SMDP_ICCID_TRANSITION;
	return smdp_failure(commit(ports, &order, BYTES_STR("order.released")));
}
