/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/enrol.h"

#include "codec/base64.h"
#include "codec/hex.h"
#include "evidence/credential.h"
#include "evidence/enrolment.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char path_begin[] = "/assay/v1/enrol", path_prove[] = "/assay/v1/enrol/prove";

/* What the chip shows of itself. */
struct shown {
	uint8_t ek[TRUST_BLOB_MAX], certificate[TRUST_CERTIFICATE_MAX], ak[TRUST_BLOB_MAX];
	uint8_t pairing[TRUST_BLOB_MAX], certify[TPM_ATTEST_MAX], signature[TPM_SIGNATURE_MAX];
	struct room rooms[6];
};

static const char *const members[] = { "ekPublic",      "ekCertificate", "akPublic",
	                               "pairingPublic", "certify",       "certifySignature" };

static enum err fail(struct enrolment_outcome *out, enum err err, const char *what)
{
	snprintf(out->why, sizeof out->why, "%s: %s", what, err_text(err));
	return err;
}

static void at_step(const struct enrolment_request *request, enum enrol_step step)
{
	if (request->progress != NULL)
		request->progress(request->ctx, step);
}

static enum err show(const struct enrolment_request *request, struct shown *shown,
                     struct enrolment_outcome *out)
{
	struct room *rooms = shown->rooms;

	rooms[0] = (struct room){ shown->ek, sizeof shown->ek, 0, false };
	rooms[1] = (struct room){ shown->certificate, sizeof shown->certificate, 0, false };
	rooms[2] = (struct room){ shown->ak, sizeof shown->ak, 0, false };
	rooms[3] = (struct room){ shown->pairing, sizeof shown->pairing, 0, false };
	rooms[4] = (struct room){ shown->certify, sizeof shown->certify, 0, false };
	rooms[5] = (struct room){ shown->signature, sizeof shown->signature, 0, false };
	enum err err = trust_endorsement(request->trust, &rooms[0], &rooms[1]);
	if (err == ERR_NOT_FOUND)
		return fail(out, err, "the chip has no certificate of its maker");
	if (err != ERR_NONE)
		return fail(out, err, "the chip's endorsement key");
	err = trust_attestation_public(request->trust, &rooms[2]);
	if (err != ERR_NONE)
		return fail(out, err, "the chip's attestation key");
	if (request->pairing == NULL)
		return ERR_NONE;
	err = trust_pairing_certify(request->trust, request->pairing, &rooms[3], &rooms[4],
	                            &rooms[5]);
	return err == ERR_NONE ? err : fail(out, err, "the chip's pairing key");
}

static json_t *text_of(struct bytes text)
{
	return json_stringn((const char *)text.at, text.len);
}

static json_t *base64_of(struct bytes octets)
{
	size_t cap = 4 * (octets.len / 3 + 1);
	char *text = malloc(cap);
	struct room room = { (uint8_t *)text, cap, 0, false };
	json_t *value = NULL;

	if (text != NULL) {
		base64_put(&room, octets);
		value = json_stringn(text, room.len);
	}
	free(text);
	return value;
}

static json_t *hex_of(struct bytes octets)
{
	char text[64];
	struct room room = ROOM(text);

	hex_put_upper(&room, octets);
	return json_stringn(text, room.len);
}

/* What the server says goes to a terminal: control characters do not. */
static void copy(char *to, size_t cap, const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	snprintf(to, cap, "%s", text == NULL ? "" : text);
	for (char *at = to; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F)
			*at = '?';
}

static enum err refused(const json_t *answer, unsigned status, struct enrolment_outcome *out)
{
	const json_t *error = json_object_get(answer, "error");

	copy(out->reason, sizeof out->reason, error, "reason");
	copy(out->why, sizeof out->why, error, "text");
	if (out->why[0] == '\0')
		snprintf(out->why, sizeof out->why, "the server answered with HTTP status %u%s",
		         status, status == 404 ? ": it enrols no machines" : "");
	return status == 429 || status >= 500 ? ERR_BUSY : ERR_DENIED;
}

/* post sends an object, which it releases, and gives the answer's. */
static enum err post(struct enrolment_request *request, const char *path, json_t *body,
                     json_t **answer, struct enrolment_outcome *out)
{
	struct room received = { request->body.at, request->body.cap, 0, false };
	char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	unsigned status = 0;

	json_decref(body);
	if (text == NULL)
		return fail(out, ERR_FULL, "memory");
	enum err err = request->http->post(request->http->ctx, request->host, path,
	                                   bytes_text(text), &received, &status);
	free(text);
	if (err != ERR_NONE) {
		snprintf(out->why, sizeof out->why, "%s", request->http->why(request->http->ctx));
		return err;
	}
	*answer = json_loadb((const char *)received.at, received.len, JSON_REJECT_DUPLICATES, NULL);
	if (status == 200 && json_is_object(*answer))
		return ERR_NONE;
	err = status == 200 ? fail(out, ERR_VALUE, "the server's answer")
	                    : refused(*answer, status, out);
	json_decref(*answer);
	*answer = NULL;
	return err;
}

static json_t *begin_body(const struct enrolment_request *request, const struct shown *shown)
{
	json_t *body = json_pack("{s:o, s:o}", "eid", hex_of(BYTES(request->eid)), "model",
	                         text_of(request->model));

	if (body != NULL && request->imei.len > 0)
		json_object_set_new(body, "imei", text_of(request->imei));
	for (size_t i = 0; body != NULL && i < COUNT(members); i++)
		if (shown->rooms[i].len > 0)
			json_object_set_new(body, members[i],
			                    base64_of(room_used(&shown->rooms[i])));
	return body;
}

static enum err octets(const json_t *object, const char *member, struct room *out)
{
	const char *text = json_string_value(json_object_get(object, member));

	if (text == NULL)
		return ERR_NOT_FOUND;
	return base64_read(bytes_text(text), out);
}

/* activate has the chip open the credential. */
static enum err activate(struct enrolment_request *request, const json_t *challenge,
                         struct secret *secret, struct enrolment_outcome *out)
{
	uint8_t object[CREDENTIAL_OBJECT_MAX], seed[CREDENTIAL_ENCRYPTED_MAX];
	struct room credential = ROOM(object), encrypted = ROOM(seed);

	if (octets(challenge, "credential", &credential) != ERR_NONE ||
	    octets(challenge, "secret", &encrypted) != ERR_NONE ||
	    json_string_value(json_object_get(challenge, "id")) == NULL)
		return fail(out, ERR_VALUE, "the server's challenge");
	at_step(request, ENROL_OPEN);
	enum err err = trust_activate(request->trust, room_used(&credential), room_used(&encrypted),
	                              secret);
	return err == ERR_NONE ? err : fail(out, err, "the chip does not open the challenge");
}

static enum err prove(struct enrolment_request *request, const struct shown *shown,
                      const json_t *challenge, const struct secret *secret,
                      struct enrolment_outcome *out)
{
	uint8_t proof[SHA256_SIZE];
	json_t *answer = NULL;

	enum err err = enrol_proof(secret, BYTES(request->eid), room_used(&shown->rooms[2]),
	                           request->imei, request->model, proof);
	if (err != ERR_NONE)
		return fail(out, err, "proof");
	at_step(request, ENROL_PROVE);
	TRY(post(request, path_prove,
	         json_pack("{s:O, s:o}", "id", json_object_get(challenge, "id"), "proof",
	                   base64_of(BYTES(proof))),
	         &answer, out));
	copy(out->state, sizeof out->state, answer, "state");
	copy(out->chip, sizeof out->chip, answer, "chip");
	copy(out->how, sizeof out->how, answer, "how");
	json_decref(answer);
	return out->state[0] != '\0' ? ERR_NONE : fail(out, ERR_VALUE, "the server's answer");
}

enum err enrol_machine(struct enrolment_request *request, struct enrolment_outcome *out)
{
	static struct shown shown;
	json_t *challenge = NULL;
	SECRET secret = { .len = 0 };

	*out = (struct enrolment_outcome){ .why = "" };
	at_step(request, ENROL_KEYS);
	TRY(show(request, &shown, out));
	at_step(request, ENROL_ASK);
	TRY(post(request, path_begin, begin_body(request, &shown), &challenge, out));
	enum err err = activate(request, challenge, &secret, out);
	if (err == ERR_NONE)
		err = prove(request, &shown, challenge, &secret, out);
	json_decref(challenge);
	return err;
}
