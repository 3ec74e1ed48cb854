/* SPDX-License-Identifier: Apache-2.0 */
#include "appraiser/present.h"

#include "server/smdp_order.h"

enum smdp_status presented_verify(const struct appraiser_state *state,
                                  const struct appraise_request *request,
                                  struct presented_store *store)
{
	struct smdp_trust trust = state->trust;

	trust.now = (int64_t)state->ports.now_s(state->ports.ctx);
	if (server_signed1_read(request->session, &store->session) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	SMDP_TRY(smdp_claims_read(request->response, &store->claims));
	if (store->claims.response.is_error)
		return SMDP_EUICC_UNVERIFIED;
	SMDP_TRY(smdp_claims_verify(&trust, request->root.at, &store->session, &store->claims));
	return smdp_equipment_read(&store->claims, &store->equipment) == ERR_NONE
	               ? SMDP_OK
	               : SMDP_FORMAT_INVALID;
}

/* Whose policy it is goes by the profile: a worker cannot choose a milder one. */
static enum err order_read(const struct appraiser_state *state, struct bytes iccid,
                           struct presented_store *store)
{
	TRY(state->ports.order_find(state->ports.ctx, iccid, &store->order));
	return smdp_order_asked(&store->order, store->claims.params.matching_id,
	                        store->claims.card.eid,
	                        1000 * state->ports.now_s(state->ports.ctx)) == SMDP_OK
	               ? ERR_NONE
	               : ERR_DENIED;
}

enum err presented_read(const struct appraiser_state *state, const struct appraise_request *request,
                        struct presented_store *store, struct presented *out)
{
	const struct smdp_equipment *equipment = &store->equipment;

	store->order.operator_name = (struct bytes){ NULL, 0 };
	if (request->iccid.len > 0)
		TRY(order_read(state, request->iccid, store));
	*out = (struct presented){
		.purpose = request->iccid.len > 0 ? PURPOSE_PROVISIONING : PURPOSE_ACCESS,
		.operator_name = store->order.operator_name,
		.iccid = request->iccid,
		.card = &store->claims.card,
		.eid = BYTES(store->claims.card.eid),
		.session = request->session,
		.transaction_id = store->session.transaction_id,
		.evidence = request->evidence,
		.digest = equipment->digest,
		.device_imei = {equipment->imei, equipment->imei_len},
		.card_state = equipment->card_state,
	};
	return ERR_NONE;
}
