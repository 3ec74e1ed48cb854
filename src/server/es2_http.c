/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON binding of ES2+, SGP.22 v2.5 6.5.2: one row a function. */
#include "server/es2.h"

#include "rsp/rsp.h"
#include "server/smdp_json.h"

struct turn {
	const struct smdp_ports *ports;
	const struct es2_caller *caller;
	const json_t *body;
	struct room *reply;
};

/* Absent and null are the same; anything but a string is malformed. */
static enum smdp_status optional(const struct turn *turn, const char *name, struct bytes *text)
{
	enum err err = json_text(turn->body, name, text);

	if (err == ERR_NOT_FOUND)
		*text = (struct bytes){ NULL, 0 };
	return err == ERR_NONE || err == ERR_NOT_FOUND ? SMDP_OK : SMDP_FORMAT_INVALID;
}

/* 6.5.1.3: who asks, and a name for this call. */
static enum smdp_status check_header(const struct turn *turn)
{
	const json_t *header = json_object_get(turn->body, "header");
	struct bytes text;

	if (!json_is_object(header))
		return header == NULL ? SMDP_ELEMENT_MISSING : SMDP_FORMAT_INVALID;
	if (json_text(header, "functionRequesterIdentifier", &text) != ERR_NONE || text.len == 0 ||
	    json_text(header, "functionCallIdentifier", &text) != ERR_NONE || text.len == 0)
		return SMDP_ELEMENT_MISSING;
	return SMDP_OK;
}

static enum smdp_status download_order(struct turn *turn)
{
	uint8_t iccid[ICCID_SIZE], store[2 * ICCID_SIZE];
	struct room text = ROOM(store);
	struct download_order in;

	SMDP_TRY(optional(turn, "eid", &in.eid));
	SMDP_TRY(optional(turn, "iccid", &in.iccid));
	SMDP_TRY(optional(turn, "profileType", &in.profile_type));
	SMDP_TRY(es2_download_order(turn->ports, turn->caller, &in, iccid));
	if (rsp_iccid_text(iccid, &text) != ERR_NONE)
		return SMDP_EXECUTION_ERROR;
	/* 6.5.2.1: 19 digits are padded with F. */
	if (text.len == 19)
		room_put_u8(&text, 'F');
	json_put_header(turn->reply, SMDP_OK);
	json_put_text(turn->reply, "iccid", room_used(&text));
	return SMDP_OK;
}

static enum smdp_status confirm_order(struct turn *turn)
{
	const json_t *release = json_object_get(turn->body, "releaseFlag");
	struct confirm_order in = { .expires_ms = 0 };
	struct confirm_order_ok ok;

	SMDP_TRY(optional(turn, "iccid", &in.iccid));
	SMDP_TRY(optional(turn, "eid", &in.eid));
	SMDP_TRY(optional(turn, "matchingId", &in.matching_id));
	SMDP_TRY(optional(turn, "confirmationCode", &in.confirmation_code));
	SMDP_TRY(optional(turn, "smdsAddress", &in.smds_address));
	if (release == NULL)
		return SMDP_ELEMENT_MISSING;
	if (!json_is_boolean(release))
		return SMDP_FORMAT_INVALID;
	in.release = json_is_true(release);
	SMDP_TRY(es2_confirm_order(turn->ports, turn->caller, &in, &ok));
	json_put_header(turn->reply, SMDP_OK);
	if (ok.has_eid)
		json_put_hex(turn->reply, "eid", BYTES(ok.eid));
	json_put_text(turn->reply, "matchingId",
	              (struct bytes){ ok.matching_id, ok.matching_id_len });
	json_put_text(turn->reply, "smdpAddress", turn->ports->address);
	return SMDP_OK;
}

static enum smdp_status cancel_order(struct turn *turn)
{
	struct cancel_order in;

	SMDP_TRY(optional(turn, "iccid", &in.iccid));
	SMDP_TRY(optional(turn, "eid", &in.eid));
	SMDP_TRY(optional(turn, "matchingId", &in.matching_id));
	SMDP_TRY(optional(turn, "finalProfileStatusIndicator", &in.final_status));
	SMDP_TRY(es2_cancel_order(turn->ports, turn->caller, &in));
	json_put_header(turn->reply, SMDP_OK);
	return SMDP_OK;
}

static enum smdp_status release_profile(struct turn *turn)
{
	struct bytes iccid;

	SMDP_TRY(optional(turn, "iccid", &iccid));
	SMDP_TRY(es2_release_profile(turn->ports, turn->caller, iccid));
	json_put_header(turn->reply, SMDP_OK);
	return SMDP_OK;
}

static const struct {
	const char *path;
	enum smdp_status (*run)(struct turn *turn);
} functions[] = {
	{"/gsma/rsp2/es2plus/downloadOrder",   download_order },
	{ "/gsma/rsp2/es2plus/confirmOrder",   confirm_order  },
	{ "/gsma/rsp2/es2plus/cancelOrder",    cancel_order   },
	{ "/gsma/rsp2/es2plus/releaseProfile", release_profile},
};

static enum smdp_status run(struct turn *turn, enum smdp_status (*function)(struct turn *turn))
{
	if (turn->body == NULL)
		return SMDP_FORMAT_INVALID;
	SMDP_TRY(check_header(turn));
	return function(turn);
}

unsigned es2_answer(const struct smdp_ports *ports, const struct es2_caller *caller,
                    struct bytes path, struct bytes body, struct room *reply)
{
	struct turn turn = { .ports = ports, .caller = caller, .reply = reply };

	for (size_t i = 0; i < COUNT(functions); i++) {
		struct bytes name = bytes_text(functions[i].path);
		if (!bytes_same(path, name))
			continue;
		json_t *object = json_body(body);
		turn.body = object;
		enum smdp_status status = run(&turn, functions[i].run);
		json_decref(object);
		if (status != SMDP_OK)
			json_put_header(reply, status);
		json_put_close(reply);
		return reply->full ? 500 : 200;
	}
	return 404;
}
