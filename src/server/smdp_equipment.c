/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_equipment.h"

#include "rsp/pairing.h"

enum { SIGNED1_MAX = 320, IMEI_DIGITS_MAX = 16 };

/* serverSigned1 as InitiateAuthentication signed it: all of it is known again. */
static enum err server_signed1(const struct smdp_ports *ports, const struct smdp_session *session,
                               struct room *out)
{
	const struct server_signed1 value = {
		.transaction_id = BYTES(session->transaction_id),
		.euicc_challenge = BYTES(session->euicc_challenge),
		.server_address = ports->address,
		.server_challenge = BYTES(session->server_challenge),
	};

	server_signed1_put(out, &value);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum smdp_status smdp_equipment_judge(const struct smdp_ports *ports,
                                      const struct smdp_session *session, enum purpose purpose,
                                      struct bytes operator_name, const struct smdp_shown *shown,
                                      struct appraise_answer *out)
{
	uint8_t signed_store[SIGNED1_MAX], imei_store[IMEI_DIGITS_MAX];
	struct room signed1 = ROOM(signed_store), imei = ROOM(imei_store);
	struct appraise_request request = { .purpose = purpose,
		                            .operator_name = operator_name,
		                            .eid = { shown->eid, EID_SIZE },
		                            .transaction_id = BYTES(session->transaction_id),
		                            .evidence = shown->evidence };
	enum err err = ctx_params1_evidence_digest(shown->params, &request.digest);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return SMDP_FORMAT_INVALID;
	SMDP_TRY(smdp_failure(server_signed1(ports, session, &signed1)));
	request.session = room_used(&signed1);
	/* What is no IMEI is none: the claim under the chip's signature is what counts (R10). */
	if (device_info_imei(&shown->params->device_info, &imei) == ERR_NONE)
		request.device_imei = room_used(&imei);
	if (ber_find(shown->info->extensions, TAG_PAIRING_REPORT, &request.card_state) != ERR_NONE)
		request.card_state = (struct bytes){ NULL, 0 };
	return smdp_failure(ports->appraise(ports->ctx, &request, out));
}
