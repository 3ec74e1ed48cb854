/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_claims.h"

static enum smdp_status read_signed(struct bytes in, struct smdp_claims *out)
{
	if (euicc_signed1_read(in, &out->signed1) != ERR_NONE ||
	    euicc_info2_read(out->signed1.euicc_info2, &out->info) != ERR_NONE ||
	    ctx_params1_read(out->signed1.ctx_params1, &out->params) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	return SMDP_OK;
}

enum smdp_status smdp_claims_read(struct bytes in, struct smdp_claims *out)
{
	out->whole = in;
	if (authenticate_server_response_read(in, &out->response) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	if (out->response.is_error)
		return SMDP_OK;
	SMDP_TRY(smdp_card_read(out->response.euicc_certificate, &out->card));
	return read_signed(out->response.euicc_signed1, out);
}

enum smdp_status smdp_claims_verify(const struct smdp_trust *trust, const uint8_t *root,
                                    const struct server_signed1 *session,
                                    const struct smdp_claims *claims)
{
	const struct authenticate_server_response *response = &claims->response;
	struct smdp_card card;

	SMDP_TRY(smdp_chain_verify(trust, root, response->euicc_certificate,
	                           response->eum_certificate, &card));
	SMDP_TRY(smdp_card_verify(&card, response->euicc_signed1, response->euicc_signature1));
	if (!bytes_same(claims->signed1.transaction_id, session->transaction_id))
		return SMDP_TRANSACTION_UNKNOWN;
	if (!bytes_same(claims->signed1.server_challenge, session->server_challenge))
		return SMDP_EUICC_UNVERIFIED;
	return SMDP_OK;
}
