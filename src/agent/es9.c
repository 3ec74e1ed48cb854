/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/es9.h"

#include "agent/address.h"
#include "agent/status.h"
#include "base/limits.h"

#include <stdio.h>

static enum err fail(struct es9 *es9, const char *path, enum err err, const char *words)
{
	snprintf(es9->why, sizeof es9->why, "%.*s%s: %s", (int)es9->host.len,
	         (const char *)es9->host.at, path, words);
	return err;
}

/* post sends a body and gives what came back. The answer lies behind the body in the scratch room. */
static enum err post(struct es9 *es9, const char *path, const struct es9_field *fields,
                     size_t count, unsigned *status, struct bytes *answer)
{
	struct room *body = &es9->body;

	/* Addresses come from activation codes and from the card, and become part of a URL. */
	if (!server_address_good(es9->host))
		return fail(es9, path, ERR_VALUE, "that is no server address");
	body->len = 0;
	body->full = false;
	es9_body_put(body, fields, count);
	if (body->full)
		return fail(es9, path, ERR_ROOM, "the request is too long");
	struct bytes request = room_used(body);
	struct room rest = { body->at + body->len, body->cap - body->len, 0, false };
	enum err err = es9->http->post(es9->http->ctx, es9->host, path, request, &rest, status);
	if (err != ERR_NONE)
		return fail(es9, path, err, es9->http->why(es9->http->ctx));
	*answer = room_used(&rest);
	return ERR_NONE;
}

/* SGP.22 6.3: a status other than 2xx is an answer of the HTTP layer, not of the function. */
static enum err status_check(struct es9 *es9, const char *path, unsigned status)
{
	char words[64];

	if (status >= 200 && status <= 299)
		return ERR_NONE;
	snprintf(words, sizeof words, "the server answers HTTP status %u", status);
	return fail(es9, path, status == 429 || status >= 500 ? ERR_BUSY : ERR_UNSUPPORTED, words);
}

struct members {
	const struct es9_field *at;
	size_t count;
};

static enum err call(struct es9 *es9, const char *path, struct members request,
                     struct members wanted, struct room *store)
{
	char words[STATUS_WORDS_MAX];
	struct bytes answer;
	unsigned status;

	TRY(post(es9, path, request.at, request.count, &status, &answer));
	TRY(status_check(es9, path, status));
	enum err err = es9_answer_read(answer, wanted.at, wanted.count, store, &es9->status);
	if (err == ERR_NONE)
		return ERR_NONE;
	if (err == ERR_DENIED) {
		status_words(&es9->status, words);
		return fail(es9, path, err, words);
	}
	snprintf(words, sizeof words, "malformed answer, %s", err_text(err));
	return fail(es9, path, err, words);
}

enum err es9_initiate_authentication(struct es9 *es9, struct bytes euicc_challenge,
                                     struct bytes euicc_info1, struct room *store,
                                     struct es9_session *out)
{
	const struct es9_field request[] = {
  /* SGP.22 6.5.2.6 */
		{"euiccChallenge", ES9_BASE64, &euicc_challenge},
		{ "euiccInfo1",    ES9_BASE64, &euicc_info1    },
		{ "smdpAddress",   ES9_TEXT,   &es9->host      },
	};
	const struct es9_field wanted[] = {
		{"transactionId",        ES9_HEX,    &out->transaction_id    },
		{ "serverSigned1",       ES9_BASE64, &out->server_signed1    },
		{ "serverSignature1",    ES9_BASE64, &out->server_signature1 },
		{ "euiccCiPKIdToBeUsed", ES9_BASE64, &out->ci_pkid           },
		{ "serverCertificate",   ES9_BASE64, &out->server_certificate},
		{ "equipmentEvidence",   ES9_OBJECT, &out->equipment         },
	};

	return call(es9, "/gsma/rsp2/es9plus/initiateAuthentication",
	            (struct members){ request, COUNT(request) },
	            (struct members){ wanted, COUNT(wanted) }, store);
}

static const char authenticate_client[] = "/gsma/rsp2/es9plus/authenticateClient";

enum err es9_authenticate_client(struct es9 *es9, struct bytes transaction_id,
                                 struct bytes response, struct bytes evidence, struct room *store,
                                 struct es9_offer *out)
{
	const struct es9_field request[] = {
  /* SGP.22 6.5.2.8, and a member of ours */
		{"transactionId",               ES9_HEX,    &transaction_id},
		{ "authenticateServerResponse", ES9_BASE64, &response      },
		{ "equipmentEvidence",          ES9_BASE64, &evidence      },
	};
	const struct es9_field wanted[] = {
		{"profileMetadata",  ES9_BASE64, &out->profile_metadata},
		{ "smdpSigned2",     ES9_BASE64, &out->smdp_signed2    },
		{ "smdpSignature2",  ES9_BASE64, &out->smdp_signature2 },
		{ "smdpCertificate", ES9_BASE64, &out->smdp_certificate},
	};

	return call(es9, authenticate_client, (struct members){ request, COUNT(request) },
	            (struct members){ wanted, COUNT(wanted) }, store);
}

enum err es9_attest(struct es9 *es9, struct bytes transaction_id, struct bytes response,
                    struct bytes evidence, struct room *store, struct bytes *result)
{
	struct bytes only = BYTES_STR("");
	const struct es9_field request[] = {
		{"transactionId",               ES9_HEX,    &transaction_id},
		{ "authenticateServerResponse", ES9_BASE64, &response      },
		{ "equipmentEvidence",          ES9_BASE64, &evidence      },
		{ "equipmentOnly",              ES9_TRUE,   &only          },
	};
	const struct es9_field wanted[] = {
		{"equipmentResult", ES9_OBJECT, result}
	};

	TRY(call(es9, authenticate_client, (struct members){ request, COUNT(request) },
	         (struct members){ wanted, COUNT(wanted) }, store));
	if (result->at == NULL)
		return fail(es9, authenticate_client, ERR_UNSUPPORTED,
		            "the server judges no equipment");
	return ERR_NONE;
}

enum err es9_get_bound_profile_package(struct es9 *es9, struct bytes transaction_id,
                                       struct bytes response, struct room *store, struct bytes *bpp)
{
	const struct es9_field request[] = {
  /* SGP.22 6.5.2.7 */
		{"transactionId",            ES9_HEX,    &transaction_id},
		{ "prepareDownloadResponse", ES9_BASE64, &response      },
	};
	const struct es9_field wanted[] = {
		{"boundProfilePackage", ES9_BASE64, bpp}
	};

	return call(es9, "/gsma/rsp2/es9plus/getBoundProfilePackage",
	            (struct members){ request, COUNT(request) },
	            (struct members){ wanted, COUNT(wanted) }, store);
}

enum err es9_handle_notification(struct es9 *es9, struct bytes pending)
{
	static const char path[] = "/gsma/rsp2/es9plus/handleNotification";
	const struct es9_field request[] = {
		{"pendingNotification", ES9_BASE64, &pending}
	};
	struct bytes answer;
	unsigned status;

	/* SGP.22 6.5.2.9: the answer has no body; 204 says that it has arrived. */
	TRY(post(es9, path, request, COUNT(request), &status, &answer));
	return status_check(es9, path, status);
}

enum err es9_cancel_session(struct es9 *es9, struct bytes transaction_id, struct bytes response)
{
	const struct es9_field request[] = {
  /* SGP.22 6.5.2.10 */
		{"transactionId",          ES9_HEX,    &transaction_id},
		{ "cancelSessionResponse", ES9_BASE64, &response      },
	};

	return call(es9, "/gsma/rsp2/es9plus/cancelSession",
	            (struct members){ request, COUNT(request) }, (struct members){ NULL, 0 },
	            &es9->body);
}

bool es9_worth_retrying(enum err err)
{
	return err == ERR_IO || err == ERR_TIMEOUT || err == ERR_BUSY;
}
