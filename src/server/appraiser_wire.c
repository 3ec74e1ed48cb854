/* SPDX-License-Identifier: Apache-2.0 */
/* What goes over links to the appraiser: _put and _read of one thing together. */
#include "server/appraiser.h"

#include "rsp/cert.h"
#include "server/pack.h"

#include <string.h>

void appraise_request_put(struct room *out, const struct appraise_request *request)
{
	pack_bytes(out, request->iccid);
	pack_bytes(out, request->root);
	pack_bytes(out, request->session);
	pack_bytes(out, request->response);
	pack_bytes(out, request->evidence);
}

enum err appraise_request_read(struct bytes in, struct appraise_request *out)
{
	struct appraise_request read;

	TRY(unpack_bytes(&in, &read.iccid));
	TRY(unpack_bytes(&in, &read.root));
	TRY(unpack_bytes(&in, &read.session));
	TRY(unpack_bytes(&in, &read.response));
	TRY(unpack_bytes(&in, &read.evidence));
	if ((read.iccid.len != 0 && read.iccid.len != ICCID_SIZE) || read.root.len != KEY_ID_SIZE)
		return ERR_LENGTH;
	if (in.len > 0)
		return ERR_TRAILING;
	*out = read;
	return ERR_NONE;
}

void appraise_answer_put(struct room *out, const struct appraise_answer *answer)
{
	room_put_u64(out, answer->card);
	room_put_u64(out, answer->decision);
	room_put_u64(out, answer->expires_s);
	room_put_u64(out, answer->wants_log);
	pack_bytes(out,
	           answer->decision == REFUSE ? (struct bytes){ NULL, 0 } : BYTES(answer->permit));
	pack_bytes(out, bytes_text(answer->why));
}

enum err appraise_answer_read(struct bytes in, struct appraise_answer *out)
{
	struct appraise_answer read = { .why = "" };
	struct bytes permit, why;
	uint64_t card, decision, wants_log;

	TRY(unpack_u64(&in, &card));
	TRY(unpack_u64(&in, &decision));
	TRY(unpack_u64(&in, &read.expires_s));
	TRY(unpack_u64(&in, &wants_log));
	TRY(unpack_bytes(&in, &permit));
	TRY(unpack_bytes(&in, &why));
	if (card >= SMDP_STATUS_COUNT || decision >= DECISIONS || wants_log > 1)
		return ERR_VALUE;
	if (why.len >= sizeof read.why || permit.len != (decision == REFUSE ? 0 : PERMIT_SIZE))
		return ERR_LENGTH;
	if (why.at == NULL || memchr(why.at, '\0', why.len) != NULL ||
	    (permit.at == NULL) != (decision == REFUSE))
		return ERR_VALUE;
	if (in.len > 0)
		return ERR_TRAILING;
	if (card != SMDP_OK && decision != REFUSE)
		return ERR_VALUE;
	read.card = (enum smdp_status)card;
	read.decision = (enum decision)decision;
	read.wants_log = wants_log == 1;
	if (permit.len > 0)
		memcpy(read.permit, permit.at, permit.len);
	if (why.len > 0)
		memcpy(read.why, why.at, why.len);
	*out = read;
	return ERR_NONE;
}
