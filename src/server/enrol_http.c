/* SPDX-License-Identifier: Apache-2.0 */
#include "server/enrol_http.h"

#include "codec/hex.h"
#include "server/smdp_json.h"

#include <stdlib.h>
#include <string.h>

/* One request on its way: the decoded members live in `octets`. */
struct turn {
	const struct enrol_service *service;
	const json_t *body;
	struct room octets;
	struct room *reply;
	const char *member; /* that is missing or malformed */
};

static unsigned refused(struct room *reply, unsigned status, const char *reason, const char *says)
{
	json_put_open(reply, NULL);
	json_put_open(reply, "error");
	json_put_text(reply, "reason", bytes_text(reason));
	json_put_text(reply, "text", bytes_text(says));
	json_put_close(reply);
	json_put_close(reply);
	return reply->full ? 500 : status;
}

static enum err octets(struct turn *turn, const char *name, bool optional, struct bytes *out)
{
	enum err err = json_octets(turn->body, name, &turn->octets, out);

	if (err == ERR_NOT_FOUND && optional) {
		*out = (struct bytes){ NULL, 0 };
		return ERR_NONE;
	}
	if (err != ERR_NONE)
		turn->member = name;
	return err;
}

static enum err chars(struct turn *turn, const char *name, bool optional, struct bytes *out)
{
	enum err err = json_text(turn->body, name, out);

	if (err == ERR_NOT_FOUND && optional) {
		*out = (struct bytes){ NULL, 0 };
		return ERR_NONE;
	}
	if (err != ERR_NONE)
		turn->member = name;
	return err;
}

/* 32 digits, as people write an EID. */
static enum err eid(struct turn *turn, struct bytes *out)
{
	struct bytes digits;

	turn->member = "eid";
	TRY(json_text(turn->body, "eid", &digits));
	if (digits.len != 2 * EID_SIZE)
		return ERR_LENGTH;
	for (size_t i = 0; i < digits.len; i++)
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return ERR_VALUE;
	TRY(json_hex(turn->body, "eid", &turn->octets, out));
	turn->member = NULL;
	return ERR_NONE;
}

static enum err chain(struct turn *turn, struct enrol_begin *in)
{
	const json_t *array = json_object_get(turn->body, "ekChain");
	size_t count = json_array_size(array);

	for (size_t i = 0; i < ENROL_CHAIN_MAX; i++)
		in->chain[i] = (struct bytes){ NULL, 0 };
	if (array == NULL || json_is_null(array))
		return ERR_NONE;
	turn->member = "ekChain";
	if (!json_is_array(array) || count > ENROL_CHAIN_MAX)
		return ERR_LENGTH;
	for (size_t i = 0; i < count; i++) {
		json_t *one = json_pack("{s:O}", "c", json_array_get(array, i));
		enum err err = one == NULL ? ERR_FULL
		                           : json_octets(one, "c", &turn->octets, &in->chain[i]);
		json_decref(one);
		TRY(err);
	}
	turn->member = NULL;
	return ERR_NONE;
}

static enum err read_begin(struct turn *turn, struct enrol_begin *in)
{
	TRY(eid(turn, &in->eid));
	TRY(octets(turn, "ekPublic", false, &in->ek_public));
	TRY(octets(turn, "ekCertificate", true, &in->ek_certificate));
	TRY(chain(turn, in));
	TRY(octets(turn, "akPublic", false, &in->ak_public));
	TRY(octets(turn, "pairingPublic", true, &in->pairing_public));
	TRY(octets(turn, "certify", true, &in->certify));
	TRY(octets(turn, "certifySignature", true, &in->certify_signature));
	TRY(chars(turn, "imei", true, &in->imei));
	return chars(turn, "model", false, &in->model);
}

static unsigned malformed(struct turn *turn)
{
	char says[96] = "member is missing or malformed: ";

	strncat(says, turn->member, sizeof says - strlen(says) - 1);
	return refused(turn->reply, 400, "malformed", says);
}

static unsigned failed(struct room *reply, enum err err)
{
	if (err == ERR_BUSY || err == ERR_TIMEOUT)
		return refused(reply, 503, "busy", "try again later");
	return refused(reply, 500, "failed", err_text(err));
}

static unsigned begin(struct turn *turn)
{
	struct enrol_challenge out;
	struct enrol_begin in;

	if (read_begin(turn, &in) != ERR_NONE)
		return malformed(turn);
	enum err err = turn->service->begin(turn->service->ctx, &in, &out);
	if (err != ERR_NONE)
		return failed(turn->reply, err);
	if (out.refused.reason[0] != '\0')
		return refused(turn->reply, 403, out.refused.reason, out.refused.text);
	json_put_open(turn->reply, NULL);
	json_put_hex(turn->reply, "id", BYTES(out.id));
	json_put_base64(turn->reply, "credential", out.credential);
	json_put_base64(turn->reply, "secret", out.secret);
	json_put_close(turn->reply);
	return turn->reply->full ? 500 : 200;
}

static unsigned prove(struct turn *turn)
{
	static const char *const states[CHIP_STATES] = { "pending", "approved", "revoked" };
	struct enrol_outcome out;
	struct enrol_prove in;

	turn->member = "id";
	if (json_hex(turn->body, "id", &turn->octets, &in.id) != ERR_NONE ||
	    in.id.len != ENROL_ID_SIZE || octets(turn, "proof", false, &in.proof) != ERR_NONE)
		return malformed(turn);
	enum err err = turn->service->prove(turn->service->ctx, &in, &out);
	if (err != ERR_NONE)
		return failed(turn->reply, err);
	if (out.refused.reason[0] != '\0')
		return refused(turn->reply, 403, out.refused.reason, out.refused.text);
	json_put_open(turn->reply, NULL);
	json_put_text(turn->reply, "state", bytes_text(states[out.state]));
	json_put_hex(turn->reply, "chip", BYTES(out.chip));
	json_put_text(turn->reply, "how", out.how);
	json_put_close(turn->reply);
	return turn->reply->full ? 500 : 200;
}

unsigned enrol_answer(const struct enrol_service *service, struct bytes path, struct bytes body,
                      struct room *reply)
{
	unsigned (*run)(struct turn * turn) = bytes_same(path, bytes_text(ENROL_PATH)) ? begin
	                                      : bytes_same(path, bytes_text(ENROL_PATH "/prove"))
	                                              ? prove
	                                              : NULL;
	struct turn turn = { .service = service, .reply = reply, .member = "?" };
	unsigned status;

	if (run == NULL)
		return 404;
	uint8_t *store = malloc(body.len + 1); /* octets are fewer than the characters for them */
	json_t *object = json_body(body);
	turn.body = object;
	turn.octets = (struct room){ store, body.len, 0, false };
	if (store == NULL)
		status = refused(reply, 500, "failed", err_text(ERR_FULL));
	else if (object == NULL)
		status = refused(reply, 400, "malformed", "the body is no JSON object");
	else
		status = run(&turn);
	json_decref(object);
	free(store);
	return status;
}
