/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API about the last appraisal of a card's machine: what came of it, why, and the attestation result that
 * others can rely on. */
#include "server/admin.h"

#include "codec/base64.h"
#include "server/keeper.h"
#include "server/store_chips.h"

#include <string.h>

enum { RESULT_TEXT_MAX = 4096 };

static json_t *base64_json(struct bytes octets)
{
	uint8_t text[RESULT_TEXT_MAX];
	struct room room = ROOM(text);

	base64_put(&room, octets);
	return room.full ? json_null() : admin_json_text(room_used(&room));
}

static const char *format_text(enum evidence_format format)
{
	static const char *const texts[EVIDENCE_FORMATS] = { [EVIDENCE_NONE] = "none",
		                                             [EVIDENCE_TPM] = "tpm",
		                                             [EVIDENCE_PSA] = "psa",
		                                             [EVIDENCE_STATEMENT] = "statement" };

	return texts[format];
}

enum err admin_result(struct admin *admin, struct http_request *request, const char *rest,
                      json_t *body, struct admin_answer *answer)
{
	const char *form = http_query(request, "form");
	bool jwt = form != NULL && strcmp(form, "jwt") == 0;
	uint8_t octets[RESULT_TEXT_MAX], eid[EID_SIZE];
	struct room token = ROOM(octets);
	struct appraised appraised;

	(void)body;
	answer->detail = "form";
	if (form != NULL && !jwt && strcmp(form, "cwt") != 0)
		return ERR_VALUE;
	answer->detail = "eid";
	TRY(admin_eid(rest, eid));
	answer->detail = "no appraisal of this card's machine is on record";
	TRY(store_appraised_load(admin->loop.store, BYTES(eid), &appraised));
	if (jwt) {
		answer->detail = "there is no result-key, or the result is older than it";
		TRY(keeper_result_jwt(admin->loop.keeper, appraised.result, &token));
	}
	answer->body = json_pack(
		"{s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "eid",
		admin_json_digits(appraised.eid), "time", admin_json_time(1000 * appraised.time_s),
		"purpose", purpose_text(appraised.purpose), "decision",
		decision_text(appraised.decision), "format", format_text(appraised.format),
		"operator", admin_json_text(appraised.operator_name), "policy",
		admin_json_text(appraised.policy), "explanation",
		admin_json_text(appraised.explanation), "result",
		jwt ? admin_json_text(room_used(&token)) : base64_json(appraised.result));
	return ERR_NONE;
}
