/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_equipment.h"

#include "rsp/pairing.h"

enum { SIGNED1_MAX = 320 };

enum err smdp_equipment_read(const struct smdp_claims *claims, struct smdp_equipment *out)
{
	struct smdp_equipment read = { .imei_len = 0 };
	struct room imei = ROOM(read.imei);
	enum err err = ctx_params1_evidence_digest(&claims->params, &read.digest);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	/* What is no IMEI is none: the claim under the chip's signature is what counts (R10). */
	if (device_info_imei(&claims->params.device_info, &imei) == ERR_NONE)
		read.imei_len = imei.len;
	if (ber_find(claims->info.extensions, TAG_PAIRING_REPORT, &read.card_state) != ERR_NONE)
		read.card_state = (struct bytes){ NULL, 0 };
	*out = read;
	return ERR_NONE;
}

enum smdp_status smdp_equipment_judge(const struct smdp_ports *ports,
                                      const struct smdp_session *session,
                                      const struct smdp_claims *claims, struct bytes iccid,
                                      struct bytes evidence, struct appraise_answer *out)
{
	/* serverSigned1 as InitiateAuthentication had it signed: all of it is known again. */
	const struct server_signed1 opened = smdp_session_opened(ports, session);
	uint8_t signed_store[SIGNED1_MAX];
	struct room signed1 = ROOM(signed_store);

	server_signed1_put(&signed1, &opened);
	if (signed1.full)
		return SMDP_EXECUTION_ERROR;
	const struct appraise_request request = { .iccid = iccid,
		                                  .root = BYTES(session->root_key_id),
		                                  .session = room_used(&signed1),
		                                  .response = claims->whole,
		                                  .evidence = evidence };
	SMDP_TRY(smdp_failure(ports->appraise(ports->ctx, &request, out)));
	return out->card;
}
