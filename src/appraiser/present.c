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

static enum err order_check(const struct appraiser_state *state,
                            const struct presented_store *store)
{
	if (!store->known.has_order)
		return ERR_NOT_FOUND;
	return smdp_order_asked(&store->known.order, store->claims.params.matching_id,
	                        store->claims.card.eid,
	                        1000 * state->ports.now_s(state->ports.ctx)) == SMDP_OK
	               ? ERR_NONE
	               : ERR_DENIED;
}

/* Whose policy it is goes by the profile: a worker cannot choose a milder one. Without a profile it is that of whoever
 * last had to do with the card. */
static struct bytes policy_of(const struct appraise_request *request,
                              const struct card_facts *known)
{
	if (request->iccid.len > 0)
		return known->order.operator_name;
	return known->has_appraised ? known->appraised.operator_name : (struct bytes){ NULL, 0 };
}

enum err presented_read(const struct appraiser_state *state, const struct appraise_request *request,
                        struct presented_store *store, struct presented *out)
{
	const struct smdp_equipment *equipment = &store->equipment;

	TRY(state->ports.card_load(state->ports.ctx, BYTES(store->claims.card.eid), request->iccid,
	                           &store->known));
	if (request->iccid.len > 0)
		TRY(order_check(state, store));
	*out = (struct presented){
		.purpose = request->iccid.len > 0 ? PURPOSE_PROVISIONING : PURPOSE_ACCESS,
		.operator_name = policy_of(request, &store->known),
		.iccid = request->iccid,
		.card = &store->claims.card,
		.known = &store->known,
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
