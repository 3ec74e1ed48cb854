/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON binding of ES9+, SGP.22 v2.5 6.5.2: one row a function. */
#include "server/smdp.h"

#include "server/smdp_json.h"

#include <stdlib.h>

/* One request on its way: the decoded members live in `octets`. */
struct turn {
	const struct smdp_ports *ports;
	const json_t *body;
	struct room octets;
	struct room *reply;
	struct appraise_answer equipment; /* of a refusal */
};

/* A member that is not there, and one that is not what it should be, have their own codes. */
static enum smdp_status missing_or_malformed(enum err err)
{
	if (err == ERR_NONE)
		return SMDP_OK;
	return err == ERR_NOT_FOUND ? SMDP_ELEMENT_MISSING : SMDP_FORMAT_INVALID;
}

static enum smdp_status octets(struct turn *turn, const char *name, struct bytes *out)
{
	return missing_or_malformed(json_octets(turn->body, name, &turn->octets, out));
}

static enum smdp_status transaction_id(struct turn *turn, struct bytes *out)
{
	return missing_or_malformed(json_hex(turn->body, "transactionId", &turn->octets, out));
}

static enum smdp_status initiate_authentication(struct turn *turn)
{
	struct initiate_authentication in;
	struct initiate_authentication_ok ok;
	struct room *reply = turn->reply;

	SMDP_TRY(octets(turn, "euiccChallenge", &in.euicc_challenge));
	SMDP_TRY(octets(turn, "euiccInfo1", &in.euicc_info1));
	SMDP_TRY(missing_or_malformed(json_text(turn->body, "smdpAddress", &in.smdp_address)));
	SMDP_TRY(smdp_initiate_authentication(turn->ports, &in, &ok));
	json_put_header(reply, SMDP_OK);
	json_put_hex(reply, "transactionId", BYTES(ok.transaction_id));
	json_put_base64(reply, "serverSigned1",
	                (struct bytes){ ok.server_signed1_store, ok.server_signed1_len });
	json_put_base64_element(reply, "serverSignature1", 0x5F37, BYTES(ok.server_signature1));
	json_put_base64_element(reply, "euiccCiPKIdToBeUsed", 0x04, ok.root->key_id);
	json_put_base64(reply, "serverCertificate", ok.server->dpauth);
	if (turn->ports->evidence_wanted.len > 0)
		json_put_value(reply, "equipmentEvidence", turn->ports->evidence_wanted);
	json_put_close(reply);
	return SMDP_OK;
}

/* What the appraiser decided, for the machine (docs/protocol.md). */
static void put_equipment_result(struct room *reply, const struct appraise_answer *answer)
{
	bool relied_upon = answer->decision != REFUSE;

	json_put_open(reply, "equipmentResult");
	json_put_literal(reply, "decision", decision_text(answer->decision));
	json_put_number(reply, "expires", relied_upon ? answer->expires_s : 0);
	json_put_literal(reply, "why", answer->why);
	if (answer->wants_log)
		json_put_value(reply, "wantsLog", BYTES_STR("true"));
	json_put_close(reply);
}

/* Members of our own: a machine that does not know them leaves them out. */
static enum smdp_status equipment(struct turn *turn, struct authenticate_client *in)
{
	const json_t *only = json_object_get(turn->body, "equipmentOnly");
	enum err err = json_octets(turn->body, "equipmentEvidence", &turn->octets,
	                           &in->equipment_evidence);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return SMDP_FORMAT_INVALID;
	if (only != NULL && !json_is_boolean(only))
		return SMDP_FORMAT_INVALID;
	in->equipment_only = json_is_true(only);
	return SMDP_OK;
}

static void put_offer(struct room *reply, const struct authenticate_client *in,
                      const struct authenticate_client_ok *ok)
{
	json_put_hex(reply, "transactionId", in->transaction_id);
	json_put_base64(reply, "profileMetadata", ok->profile_metadata);
	json_put_base64(reply, "smdpSigned2",
	                (struct bytes){ ok->smdp_signed2_store, ok->smdp_signed2_len });
	json_put_base64_element(reply, "smdpSignature2", 0x5F37, BYTES(ok->smdp_signature2));
	json_put_base64(reply, "smdpCertificate", ok->server->dppb);
}

static enum smdp_status authenticate_client(struct turn *turn)
{
	struct authenticate_client in = { .equipment_only = false };
	struct authenticate_client_ok ok;
	struct room *reply = turn->reply;

	SMDP_TRY(transaction_id(turn, &in.transaction_id));
	SMDP_TRY(octets(turn, "authenticateServerResponse", &in.authenticate_server_response));
	SMDP_TRY(equipment(turn, &in));
	enum smdp_status status = smdp_authenticate_client(turn->ports, &in, &ok);
	if (status == SMDP_EQUIPMENT_REFUSED)
		turn->equipment = ok.equipment;
	SMDP_TRY(status);
	json_put_header(reply, SMDP_OK);
	if (in.equipment_only)
		put_equipment_result(reply, &ok.equipment);
	else
		put_offer(reply, &in, &ok);
	json_put_close(reply);
	return SMDP_OK;
}

/* What does not fit must not be counted as handed out. */
static bool take_package(void *ctx, struct bytes package)
{
	struct room *reply = ctx;

	json_put_base64(reply, "boundProfilePackage", package);
	return !reply->full && room_left(reply) > 0; /* the closing brace */
}

static enum smdp_status get_bound_profile_package(struct turn *turn)
{
	struct room *reply = turn->reply;
	struct get_bound_profile_package in = { .take = take_package, .ctx = reply };

	SMDP_TRY(transaction_id(turn, &in.transaction_id));
	SMDP_TRY(octets(turn, "prepareDownloadResponse", &in.prepare_download_response));
	json_put_header(reply, SMDP_OK);
	json_put_hex(reply, "transactionId", in.transaction_id);
	SMDP_TRY(smdp_get_bound_profile_package(turn->ports, &in));
	json_put_close(reply);
	return SMDP_OK;
}

static enum smdp_status handle_notification(struct turn *turn)
{
	struct bytes pending;

	SMDP_TRY(octets(turn, "pendingNotification", &pending));
	return smdp_handle_notification(turn->ports, pending);
}

static enum smdp_status cancel_session(struct turn *turn)
{
	struct cancel_session in;

	SMDP_TRY(transaction_id(turn, &in.transaction_id));
	SMDP_TRY(octets(turn, "cancelSessionResponse", &in.cancel_session_response));
	SMDP_TRY(smdp_cancel_session(turn->ports, &in));
	json_put_header(turn->reply, SMDP_OK);
	json_put_close(turn->reply);
	return SMDP_OK;
}

static const struct {
	const char *path;
	enum smdp_status (*run)(struct turn *turn);
	unsigned success; /* HTTP status, 6.3: a notification is answered without a body */
} functions[] = {
	{"/gsma/rsp2/es9plus/initiateAuthentication",  initiate_authentication,   200},
	{ "/gsma/rsp2/es9plus/authenticateClient",     authenticate_client,       200},
	{ "/gsma/rsp2/es9plus/getBoundProfilePackage", get_bound_profile_package, 200},
	{ "/gsma/rsp2/es9plus/handleNotification",     handle_notification,       204},
	{ "/gsma/rsp2/es9plus/cancelSession",          cancel_session,            200},
};

static enum smdp_status run(struct turn *turn, struct bytes body,
                            enum smdp_status (*function)(struct turn *turn))
{
	enum smdp_status status = SMDP_FORMAT_INVALID;
	uint8_t *store =
		malloc(body.len + 1); /* octets are fewer than the digits that stand for them */
	json_t *object = json_body(body);

	turn->body = object;
	turn->octets = (struct room){ store, body.len, 0, false };
	if (store == NULL)
		status = SMDP_EXECUTION_ERROR;
	else if (object != NULL)
		status = function(turn);
	json_decref(object);
	free(store);
	return status;
}

static void put_refusal(const struct turn *turn, enum smdp_status status)
{
	bool equipment = status == SMDP_EQUIPMENT_REFUSED;

	json_put_header_as(turn->reply, status, equipment ? turn->equipment.why : NULL);
	if (equipment)
		put_equipment_result(turn->reply, &turn->equipment);
	json_put_close(turn->reply);
}

unsigned es9_answer(const struct smdp_ports *ports, struct bytes path, struct bytes body,
                    struct room *reply)
{
	struct turn turn = { .ports = ports, .reply = reply };
	size_t before = reply->len;
	enum smdp_status status;

	for (size_t i = 0; i < COUNT(functions); i++) {
		struct bytes name = bytes_text(functions[i].path);
		if (!bytes_same(path, name))
			continue;
		status = run(&turn, body, functions[i].run);
		if (status == SMDP_OK)
			return reply->full ? 500 : functions[i].success;
		/* Nothing of a refused answer leaves. */
		*reply = (struct room){ reply->at, reply->cap, before, false };
		put_refusal(&turn, status);
		return reply->full ? 500 : 200;
	}
	return 404;
}
