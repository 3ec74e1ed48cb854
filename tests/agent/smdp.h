/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SM-DP+ in the test's own process: ES9+ bodies in, ES9+ bodies out, with real certificates, signatures
 * and bound packages, and knobs to make it fail where a test wants. And the real card core as a link.
 */
#ifndef TESTS_AGENT_SMDP_H
#define TESTS_AGENT_SMDP_H

#include "agent/es9_json.h"
#include "agent/http.h"
#include "agent/link.h"
#include "codec/base64.h"
#include "rsp/cancel_session.h"
#include "tests/card/dp.h"
#include "tests/card/lpa.h"
#include "tests/card/package.h"

#include <jansson.h>

enum { SMDP_NOTES = 16, SMDP_OCTETS = 1 << 19 };

struct smdp {
	struct dp dp;
	uint8_t number;   /* of the profile that is offered */
	uint32_t pprs;    /* its policy rules */
	const char *code; /* confirmation code, or NULL */
	/* what goes wrong */
	const char *fail_at; /* end of the path of a function that fails */
	unsigned fail_times;
	enum err fail_as; /* ERR_NONE: with the HTTP status */
	unsigned fail_status;
	const char *subject, *reason; /* a refusal, at fail_at, instead */
	bool other_address;
	/* evidence of the machine */
	const char *wanted; /* equipmentEvidence, or NULL */
	const char *result; /* equipmentResult, sent with an answer to attest and with a refusal */
	/* what it has seen */
	unsigned sessions, packages, cancels;
	uint8_t cancel_reason;
	uint8_t signed1[512], evidence[4096], response[8192]; /* of the last session */
	size_t signed1_len, evidence_len, response_len;
	bool equipment_only;
	struct notification_metadata notes[SMDP_NOTES];
	size_t note_count;
};

static struct bytes smdp_member(const char *name, struct bytes body, uint8_t *store, size_t cap)
{
	json_t *object = json_loadb((const char *)body.at, body.len, 0, NULL);
	const char *text = json_string_value(json_object_get(object, name));
	struct room out = { store, cap, 0, false };

	if (text == NULL || base64_read(bytes_text(text), &out) != ERR_NONE) {
		printf("Bail out! the agent sends no %s\n", name);
		exit(EXIT_FAILURE);
	}
	json_decref(object);
	return room_used(&out);
}

/* smdp_add_object adds a member that is an object to an answer that is whole. */
static void smdp_add_object(struct room *answer, const char *name, const char *text)
{
	if (text == NULL)
		return;
	answer->len--; /* the closing brace */
	room_put(answer, BYTES_STR(",\""));
	room_put(answer, bytes_text(name));
	room_put(answer, BYTES_STR("\":"));
	room_put(answer, bytes_text(text));
	room_put_u8(answer, '}');
}

static void smdp_answer(struct room *answer, const struct es9_field *fields, size_t count)
{
	room_put(answer, BYTES_STR("{\"header\":{\"functionExecutionStatus\":"
	                           "{\"status\":\"Executed-Success\"}}"));
	if (count == 0) {
		room_put_u8(answer, '}');
		return;
	}
	size_t mark = answer->len;
	es9_body_put(answer, fields, count);
	answer->at[mark] = ',';
}

static void smdp_refuse(const struct smdp *s, struct room *answer)
{
	char text[256];
	int len = snprintf(text, sizeof text,
	                   "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Failed\","
	                   "\"statusCodeData\":{\"subjectCode\":\"%s\",\"reasonCode\":\"%s\"}}}}",
	                   s->subject, s->reason);

	room_put(answer, (struct bytes){ (const uint8_t *)text, (size_t)len });
	smdp_add_object(answer, "equipmentResult", s->result);
}

static struct bytes smdp_whole(ber_tag tag, struct bytes value, uint8_t *store, size_t cap)
{
	struct room out = { store, cap, 0, false };

	ber_put(&out, tag, value);
	return room_used(&out);
}

static void smdp_initiate(struct smdp *s, struct bytes body, struct room *answer)
{
	uint8_t challenge[64], octets[4096], a[80], b[32], signed_octets[256];
	struct room out = ROOM(octets), signed_room = ROOM(signed_octets);
	struct authenticate_server_request request;
	struct bytes wanted = smdp_member("euiccChallenge", body, challenge, sizeof challenge);
	struct server_signed1 signed1;

	dp_start(&s->dp, s->dp.pki);
	s->sessions++;
	dp_authenticate(&s->dp, wanted, &out);
	dp_must(authenticate_server_request_read(room_used(&out), &request), "request");
	if (s->other_address) {
		dp_must(server_signed1_read(request.server_signed1, &signed1), "signed1");
		signed1.server_address = BYTES_STR("other.example.com");
		server_signed1_put(&signed_room, &signed1);
		request.server_signed1 = room_used(&signed_room);
	}
	struct bytes id = BYTES(s->dp.transaction_id);
	struct bytes signature = smdp_whole(TAG_SIGNATURE, request.server_signature1, a, sizeof a);
	struct bytes key = smdp_whole(0x04, request.ci_pkid_to_be_used, b, sizeof b);
	const struct es9_field fields[] = {
		{"transactionId",        ES9_HEX,    &id                        },
		{ "serverSigned1",       ES9_BASE64, &request.server_signed1    },
		{ "serverSignature1",    ES9_BASE64, &signature                 },
		{ "euiccCiPKIdToBeUsed", ES9_BASE64, &key                       },
		{ "serverCertificate",   ES9_BASE64, &request.server_certificate},
	};
	smdp_answer(answer, fields, COUNT(fields));
	smdp_add_object(answer, "equipmentEvidence", s->wanted);
	memcpy(s->signed1, request.server_signed1.at, request.server_signed1.len);
	s->signed1_len = request.server_signed1.len;
}

/* What the agent sends of its machine. */
static void smdp_note_evidence(struct smdp *s, struct bytes body)
{
	json_t *object = json_loadb((const char *)body.at, body.len, 0, NULL);
	struct bytes octets = { NULL, 0 };

	s->equipment_only = json_is_true(json_object_get(object, "equipmentOnly"));
	if (json_object_get(object, "equipmentEvidence") != NULL)
		octets = smdp_member("equipmentEvidence", body, s->evidence, sizeof s->evidence);
	s->evidence_len = octets.len;
	octets = smdp_member("authenticateServerResponse", body, s->response, sizeof s->response);
	s->response_len = octets.len;
	json_decref(object);
}

static struct bytes smdp_metadata(const struct smdp *s, uint8_t *store, size_t cap)
{
	struct room out = { store, cap, 0, false };
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, s->number);
	package_metadata(&out, iccid, CLASS_OPERATIONAL, s->pprs, true);
	return room_used(&out);
}

static void smdp_offer(struct smdp *s, struct bytes body, struct room *answer)
{
	static uint8_t response[8192], octets[4096], meta[2048];
	uint8_t a[80];
	struct room out = ROOM(octets);
	struct prepare_download_request request;
	struct bytes signed1 =
		smdp_member("authenticateServerResponse", body, response, sizeof response);

	dp_must(dp_accept(&s->dp, signed1), "the card's authentication");
	if (s->equipment_only) {
		smdp_answer(answer, NULL, 0);
		smdp_add_object(answer, "equipmentResult", s->result);
		return;
	}
	s->dp.cc_required = s->code != NULL;
	dp_prepare(&s->dp, &out);
	dp_must(prepare_download_request_read(room_used(&out), &request), "request");
	struct bytes id = BYTES(s->dp.transaction_id);
	struct bytes metadata = smdp_metadata(s, meta, sizeof meta);
	struct bytes signature = smdp_whole(TAG_SIGNATURE, request.smdp_signature2, a, sizeof a);
	const struct es9_field fields[] = {
		{"transactionId",    ES9_HEX,    &id                      },
		{ "profileMetadata", ES9_BASE64, &metadata                },
		{ "smdpSigned2",     ES9_BASE64, &request.smdp_signed2    },
		{ "smdpSignature2",  ES9_BASE64, &signature               },
		{ "smdpCertificate", ES9_BASE64, &request.smdp_certificate},
	};
	smdp_answer(answer, fields, COUNT(fields));
}

/* smdp_code_good checks hashCc as SGP.22 3.1.3.2 defines it. */
static bool smdp_code_good(const struct smdp *s, struct bytes prepared)
{
	struct prepare_download_response response;
	struct euicc_signed2 signed2;
	uint8_t inner[32], want[32];

	if (s->code == NULL)
		return true;
	dp_must(prepare_download_response_read(prepared, &response), "answer");
	dp_must(euicc_signed2_read(response.euicc_signed2, &signed2), "euiccSigned2");
	dp_must(confirmation_code_hash(bytes_text(s->code), inner), "hash");
	dp_must(hash_cc_derive(inner, BYTES(s->dp.transaction_id), want), "hash");
	return bytes_same(signed2.hash_cc, BYTES(want));
}

static void smdp_package(struct smdp *s, struct bytes body, struct room *answer)
{
	static uint8_t response[4096], meta[2048], octets[SMDP_OCTETS];
	struct room bpp = ROOM(octets);
	uint8_t iccid[ICCID_SIZE];
	struct bytes prepared =
		smdp_member("prepareDownloadResponse", body, response, sizeof response);
	enum err err = dp_accept_key(&s->dp, prepared);

	if (err != ERR_NONE || !smdp_code_good(s, prepared)) {
		s->subject = err != ERR_NONE ? "8.1" : "8.2.7";
		s->reason = err != ERR_NONE ? "6.1" : "3.8";
		smdp_refuse(s, answer);
		return;
	}
	s->packages++;
	package_iccid(iccid, s->number);
	dp_bind(&s->dp, smdp_metadata(s, meta, sizeof meta), package_profile(iccid), &bpp);
	struct bytes id = BYTES(s->dp.transaction_id), whole = room_used(&bpp);
	const struct es9_field fields[] = {
		{"transactionId",        ES9_HEX,    &id   },
                { "boundProfilePackage", ES9_BASE64, &whole}
	};
	smdp_answer(answer, fields, COUNT(fields));
}

static void smdp_note(struct smdp *s, struct bytes body)
{
	static uint8_t octets[SMDP_NOTES][8192];

	if (s->note_count == SMDP_NOTES) {
		printf("Bail out! more notifications than a test expects\n");
		exit(EXIT_FAILURE);
	}
	struct bytes pending =
		smdp_member("pendingNotification", body, octets[s->note_count], 8192);
	dp_must(pending_notification_metadata(pending, &s->notes[s->note_count]), "notification");
	s->note_count++;
}

static void smdp_cancel(struct smdp *s, struct bytes body, struct room *answer)
{
	uint8_t octets[1024];
	struct cancel_session_response response;
	struct euicc_cancel_session_signed value;

	dp_must(cancel_session_response_read(
			smdp_member("cancelSessionResponse", body, octets, sizeof octets),
			&response),
	        "cancelSessionResponse");
	dp_must(euicc_cancel_session_signed_read(response.signed_element, &value), "cancellation");
	s->cancels++;
	s->cancel_reason = value.reason;
	smdp_answer(answer, NULL, 0);
}

static bool smdp_ends(const char *path, const char *name)
{
	size_t a = strlen(path), b = strlen(name);

	return a >= b && strcmp(path + a - b, name) == 0;
}

static enum err smdp_post(void *ctx, struct bytes host, const char *path, struct bytes body,
                          struct room *answer, unsigned *status)
{
	struct smdp *s = ctx;

	(void)host;
	*status = 200;
	if (smdp_ends(path, "authenticateClient"))
		smdp_note_evidence(s, body);
	if (s->fail_at != NULL && smdp_ends(path, s->fail_at) && s->fail_times > 0) {
		s->fail_times--;
		*status = s->fail_status;
		if (s->subject != NULL)
			smdp_refuse(s, answer);
		return s->fail_as;
	}
	if (smdp_ends(path, "initiateAuthentication"))
		smdp_initiate(s, body, answer);
	else if (smdp_ends(path, "authenticateClient"))
		smdp_offer(s, body, answer);
	else if (smdp_ends(path, "getBoundProfilePackage"))
		smdp_package(s, body, answer);
	else if (smdp_ends(path, "cancelSession"))
		smdp_cancel(s, body, answer);
	else if (smdp_ends(path, "handleNotification"))
		smdp_note(s, body);
	else
		*status = 404;
	if (smdp_ends(path, "handleNotification"))
		*status = 204;
	return answer->full ? ERR_LIMIT : ERR_NONE;
}

static const char *smdp_why(void *ctx)
{
	(void)ctx;
	return "the test says so";
}

/* --- the card core as a link --- */

struct core {
	struct lpa *lpa;
	long silent_after;             /* APDUs until it falls silent; -1: never */
	bool silent, runs_when_silent; /* the command at which it falls silent still runs */
};

static enum err core_transmit(void *ctx, struct bytes command, struct room *reply)
{
	struct core *core = ctx;

	uint8_t octets[APDU_REPLY_MAX];
	struct room lost = ROOM(octets);

	if (core->silent)
		return ERR_IO;
	core->silent = core->silent_after == 0;
	if (core->silent_after > 0)
		core->silent_after--;
	if (core->silent && core->runs_when_silent)
		card_run(&core->lpa->card, command, &lost);
	if (core->silent)
		return ERR_IO;
	card_run(&core->lpa->card, command, reply);
	return ERR_NONE;
}

/* A reset that takes the power away: the card lives on in its flash only. */
static enum err core_reset(void *ctx)
{
	struct core *core = ctx;
	struct card_ports ports = { mem_port(&core->lpa->flash), NULL };

	core->silent = false;
	core->silent_after = -1;
	TRY(card_init(&core->lpa->card, &ports));
	(void)!card_reset(&core->lpa->card).len; /* no reader wants the answer to reset */
	return ERR_NONE;
}

#endif
