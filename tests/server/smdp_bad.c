/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SM-DP+ must refuse: malformed, out of order, replayed, of another session, signed by
 * the wrong key, expired. Each row has the status of SGP.22, and leaves sessions and orders as
 * they were.
 */
#include "codec/base64.h"
#include "rsp/authenticate_server.h"
#include "rsp/prepare_download.h"
#include "server/es2.h"
#include "server/smdp_json.h"
#include "tests/server/smdp_world.h"
#include "tests/tap.h"

static struct world world;
static struct soft_card card, stranger;
static struct stored_order *row;
static char dir[256], other_dir[256];

/* The message that the card would send next, to be spoilt. */
static uint8_t store[8192];
static struct room message;

enum stage { NOTHING, INITIATED, AUTHENTICATED, DELIVERED };

static void advance(enum stage stage)
{
	static const char *const functions[] = { "initiateAuthentication", "authenticateClient",
		                                 "getBoundProfilePackage" };
	static const char *const members[] = { "", "authenticateServerResponse",
		                               "prepareDownloadResponse" };

	for (unsigned at = NOTHING; at < stage; at++) {
		char *body = at == NOTHING ? card_initiate(&card, "smdp.example.com")
		                           : body_with(&card, members[at], room_used(&message));
		json_t *answer = call(&world, functions[at], body);
		message.len = 0;
		bool good = code(answer)[0] == 0;
		if (good && at == NOTHING)
			good = card_take_initiate(&card, answer, "BAD", &message);
		else if (good && at == INITIATED)
			good = card_take_authenticate(&card, answer, NULL, &message);
		if (!good) {
			printf("Bail out! stage %u answers %s\n", at, code(answer));
			exit(EXIT_FAILURE);
		}
		json_decref(answer);
	}
}

static void begin(enum stage stage)
{
	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	row = world_profile(&world, "8949000000000000108", "op", "basic");
	world_release(&world, row, "BAD");
	message = ROOM(store);
	advance(stage);
}

static const char *answer_to(const char *function, char *body)
{
	static char text[64];
	json_t *answer = call(&world, function, body);

	snprintf(text, sizeof text, "%s", code(answer));
	if (answer != NULL && text[0] != 0 && json_object_size(answer) != 1)
		snprintf(text, sizeof text, "a refusal with more than its header");
	json_decref(answer);
	return text;
}

/* --- InitiateAuthentication ------------------------------------------------------------------- */

static const char *initiate(const char *member, const char *value)
{
	json_t *body = json_loads(card_initiate(&card, "smdp.example.com"), 0, NULL);
	static char text[2048];

	if (value == NULL)
		json_object_del(body, member);
	else
		json_object_set_new(body, member, json_string(value));
	char *dump = json_dumps(body, 0);
	snprintf(text, sizeof text, "%s", dump);
	free(dump);
	json_decref(body);
	return answer_to("initiateAuthentication", text);
}

static const char *no_json(void)
{
	char text[] = "{\"euiccChallenge\":";

	return answer_to("initiateAuthentication", text);
}

static const char *array(void)
{
	char text[] = "[]";

	return answer_to("initiateAuthentication", text);
}

static const char *twice(void)
{
	char text[] = "{\"smdpAddress\":\"a\",\"smdpAddress\":\"b\"}";

	return answer_to("initiateAuthentication", text);
}

static const char *deep(void)
{
	static char text[100001];

	memset(text, '[', sizeof text - 1);
	return answer_to("initiateAuthentication", text);
}

static const char *no_address(void)
{
	return initiate("smdpAddress", NULL);
}

static const char *other_address(void)
{
	return initiate("smdpAddress", "smdp.example.org");
}

static const char *no_base64(void)
{
	return initiate("euiccChallenge", "****");
}

static const char *short_challenge(void)
{
	return initiate("euiccChallenge", "AAAA");
}

static const char *no_info(void)
{
	return initiate("euiccInfo1", "vyAA");
}

static const char *unknown_ci(void)
{
	card.ci_key_id[3] ^= 1;
	return answer_to("initiateAuthentication", card_initiate(&card, "smdp.example.com"));
}

static const char *number_for_text(void)
{
	char text[] = "{\"smdpAddress\":1,\"euiccChallenge\":\"\",\"euiccInfo1\":\"\"}";

	return answer_to("initiateAuthentication", text);
}

/* --- AuthenticateClient ----------------------------------------------------------------------- */

static const char *authenticate(void)
{
	return answer_to("authenticateClient",
	                 body_with(&card, "authenticateServerResponse", room_used(&message)));
}

static const char *unknown_transaction(void)
{
	card.transaction_id[0] ^= 1;
	return authenticate();
}

static const char *short_transaction(void)
{
	char text[] = "{\"transactionId\":\"00\",\"authenticateServerResponse\":\"\"}";

	return answer_to("authenticateClient", text);
}

static const char *no_transaction(void)
{
	char text[] = "{\"authenticateServerResponse\":\"\"}";

	return answer_to("authenticateClient", text);
}

static const char *malformed_response(void)
{
	message.len--;
	return authenticate();
}

static struct authenticate_server_response parts_of_message(void)
{
	static uint8_t copy[8192];
	struct authenticate_server_response response;

	memcpy(copy, message.at, message.len);
	if (authenticate_server_response_read((struct bytes){ copy, message.len }, &response) !=
	    ERR_NONE)
		exit(EXIT_FAILURE);
	return response;
}

static const char *with(const struct authenticate_server_response *response)
{
	message.len = 0;
	authenticate_server_response_put(&message, response);
	return authenticate();
}

static const char *changed_signature(void)
{
	struct authenticate_server_response response = parts_of_message();
	uint8_t signature[64];

	memcpy(signature, response.euicc_signature1.at, 64);
	signature[40] ^= 1;
	response.euicc_signature1 = BYTES(signature);
	return with(&response);
}

static const char *changed_claims(void)
{
	struct authenticate_server_response response = parts_of_message();
	uint8_t *at = (uint8_t *)(uintptr_t)response.euicc_signed1.at;

	at[response.euicc_signed1.len - 3] ^= 1; /* the device's TAC */
	return with(&response);
}

static const char *signed_by_stranger(void)
{
	struct authenticate_server_response response = parts_of_message();
	uint8_t signature[64];

	if (crypto_ecdsa_sign(EC_P256, &stranger.euicc.key, &response.euicc_signed1, 1,
	                      signature) != ERR_NONE)
		return "sign";
	response.euicc_signature1 = BYTES(signature);
	return with(&response);
}

/* Who is no card learns nothing of orders. */
static const char *no_order_for_stranger(void)
{
	world.orders[0].order.state = PROFILE_UNAVAILABLE;
	return signed_by_stranger();
}

/* A well signed response with one field of euiccSigned1 replaced. */
static const char *claiming(struct bytes challenge, struct bytes transaction_id)
{
	struct authenticate_server_response response = parts_of_message();
	struct euicc_signed1 signed1;
	static uint8_t element_store[1024];
	struct room element = ROOM(element_store);
	uint8_t signature[64];

	if (euicc_signed1_read(response.euicc_signed1, &signed1) != ERR_NONE)
		return "read";
	if (challenge.at != NULL)
		signed1.server_challenge = challenge;
	if (transaction_id.at != NULL)
		signed1.transaction_id = transaction_id;
	euicc_signed1_put(&element, &signed1);
	response.euicc_signed1 = room_used(&element);
	if (crypto_ecdsa_sign(EC_P256, &card.euicc.key, &response.euicc_signed1, 1, signature) !=
	    ERR_NONE)
		return "sign";
	response.euicc_signature1 = BYTES(signature);
	return with(&response);
}

static const uint8_t sixteen[16] = { 1 };

static const char *other_challenge(void)
{
	return claiming(BYTES(sixteen), (struct bytes){ NULL, 0 });
}

static const char *other_session(void)
{
	return claiming((struct bytes){ NULL, 0 }, BYTES(sixteen));
}

static const char *other_ci(void)
{
	struct authenticate_server_response response = parts_of_message();
	struct soft_card foreign;

	card_init(&foreign, other_dir, NULL, EC_P256);
	response.eum_certificate = (struct bytes){ foreign.eum.der, foreign.eum.len };
	return with(&response);
}

static const char *changed_eum(void)
{
	struct authenticate_server_response response = parts_of_message();
	uint8_t *at = (uint8_t *)(uintptr_t)response.eum_certificate.at;

	at[response.eum_certificate.len - 1] ^= 1;
	return with(&response);
}

static const char *changed_euicc(void)
{
	struct authenticate_server_response response = parts_of_message();
	uint8_t *at = (uint8_t *)(uintptr_t)response.euicc_certificate.at;

	at[response.euicc_certificate.len - 1] ^= 1;
	return with(&response);
}

static const char *eum_as_euicc(void)
{
	struct authenticate_server_response response = parts_of_message();

	response.euicc_certificate = response.eum_certificate;
	return with(&response);
}

static const char *no_certificate(void)
{
	struct authenticate_server_response response = parts_of_message();

	response.eum_certificate = response.euicc_signed1;
	return with(&response);
}

static const char *in_a_hundred_years(void)
{
	world.sessions[0].expires_ms = UINT64_MAX;
	world.now_ms += (uint64_t)100 * 365 * 86400 * 1000;
	return authenticate();
}

static const char *session_expired(void)
{
	world.now_ms += world.ports.session_ms;
	return authenticate();
}

static const char *ci_removed(void)
{
	world.ports.ci_count = 0;
	return authenticate();
}

/* --- states of the order
 * ----------------------------------------------------------------------- */

static const char *in_state(enum profile_state state)
{
	row->order.state = state;
	return authenticate();
}

static const char *not_released(void)
{
	return in_state(PROFILE_CONFIRMED);
}

static const char *installed(void)
{
	return in_state(PROFILE_INSTALLED);
}

static const char *order_expired(void)
{
	row->order.expires_ms = world.now_ms - 1;
	return authenticate();
}

static const char *other_eid(void)
{
	row->order.eid = BYTES(stranger.eid);
	return authenticate();
}

static const char *other_matching_id(void)
{
	row->order.matching_id = BYTES_STR("GOOD");
	return authenticate();
}

/* --- out of order ----------------------------------------------------------------------------- */

static const char *bind_message(void)
{
	return answer_to("getBoundProfilePackage",
	                 body_with(&card, "prepareDownloadResponse", room_used(&message)));
}

static const char *cancel_message(void)
{
	static const uint8_t oid[] = { 0x88, 0x37, 0x0A };

	message.len = 0;
	card_cancel(&card, 0, BYTES(oid), &message);
	return answer_to("cancelSession",
	                 body_with(&card, "cancelSessionResponse", room_used(&message)));
}

/* --- GetBoundProfilePackage ------------------------------------------------------------------- */

static const char *prepare(const uint8_t *point, const struct secret *key, bool other_id)
{
	static uint8_t element_store[256], ours_store[70];
	struct room element = ROOM(element_store), ours = ROOM(ours_store);
	uint8_t signature[64];
	struct euicc_signed2 signed2 = { .transaction_id = other_id ? BYTES(sixteen)
		                                                    : BYTES(card.transaction_id),
		                         .euicc_otpk = { point, EC_POINT_SIZE } };

	euicc_signed2_put(&element, &signed2);
	ber_put(&ours, TAG_SIGNATURE, BYTES(card.smdp_signature2));
	struct bytes parts[] = { room_used(&element), room_used(&ours) };
	if (crypto_ecdsa_sign(EC_P256, key, parts, 2, signature) != ERR_NONE)
		return "sign";
	struct prepare_download_response response = { .euicc_signed2 = room_used(&element),
		                                      .euicc_signature2 = BYTES(signature) };
	message.len = 0;
	prepare_download_response_put(&message, &response);
	return bind_message();
}

static const char *bind_by_stranger(void)
{
	return prepare(card.otpk, &stranger.euicc.key, false);
}

static const char *bind_other_session(void)
{
	return prepare(card.otpk, &card.euicc.key, true);
}

static const char *bind_no_point(void)
{
	uint8_t point[EC_POINT_SIZE];

	memcpy(point, card.otpk, sizeof point);
	point[64] ^= 1;
	return prepare(point, &card.euicc.key, false);
}

static const char *bind_malformed(void)
{
	message.len -= 2;
	return bind_message();
}

static const char *bind_error(void)
{
	struct prepare_download_response response = { .is_error = true,
		                                      .transaction_id = BYTES(card.transaction_id),
		                                      .error = DOWNLOAD_INVALID_SIGNATURE };

	message.len = 0;
	prepare_download_response_put(&message, &response);
	return bind_message();
}

static const char *bind_cancelled_order(void)
{
	row->order.state = PROFILE_AVAILABLE;
	return bind_message();
}

static const char *bind_other_order(void)
{
	row->order.matching_id = BYTES_STR("NEWER");
	return bind_message();
}

static const char *bind_taken(void)
{
	row->order.bound_eid = BYTES(stranger.eid);
	row->order.state = PROFILE_DOWNLOADED;
	return bind_message();
}

static const char *bind_no_package(void)
{
	row->order.iccid[0] ^= 0x10;
	return bind_message();
}

/* An answer that has no place for the package. */
static const char *bind_no_room(void)
{
	static uint8_t small[2000];
	struct room reply = ROOM(small);
	char *body = body_with(&card, "prepareDownloadResponse", room_used(&message));
	unsigned status =
		es9_answer(&world.ports, BYTES_STR("/gsma/rsp2/es9plus/getBoundProfilePackage"),
	                   (struct bytes){ (uint8_t *)body, strlen(body) }, &reply);
	static char text[32];
	json_t *answer = json_loadb((char *)reply.at, reply.len, 0, NULL);

	snprintf(text, sizeof text, "%.30s", status == 200 ? code(answer) : "HTTP status");
	json_decref(answer);
	return text;
}

static const char *bind_store_fails(void)
{
	world.commit_fails = ERR_IO;
	return bind_message();
}

/* --- HandleNotification
 * ------------------------------------------------------------------------ */

static const char *notify(void)
{
	return answer_to("handleNotification", body_pending(room_used(&message)));
}

static const char *result_changed(void)
{
	message.len = 0;
	card_result(&card, 0, &message);
	message.at[20] ^= 1;
	return notify();
}

static const char *result_by_stranger(void)
{
	memcpy(stranger.transaction_id, card.transaction_id, sizeof stranger.transaction_id);
	message.len = 0;
	card_result(&stranger, 0, &message);
	return notify();
}

static const char *result_too_early(void)
{
	message.len = 0;
	card_result(&card, 0, &message);
	return notify();
}

static const char *notification_of_other_ci(void)
{
	struct soft_card foreign;

	card_init(&foreign, other_dir, NULL, EC_P256);
	message.len = 0;
	card_other(&foreign, 1u << 3, row->order.iccid, &message);
	return notify();
}

static const char *notification_malformed(void)
{
	message.len = 0;
	room_put(&message, BYTES_STR("\x30\x00"));
	return notify();
}

static const char *cancel_by_stranger(void)
{
	static const uint8_t oid[] = { 0x88, 0x37, 0x0A };

	memcpy(stranger.transaction_id, card.transaction_id, sizeof stranger.transaction_id);
	message.len = 0;
	card_cancel(&stranger, 0, BYTES(oid), &message);
	return answer_to("cancelSession",
	                 body_with(&card, "cancelSessionResponse", room_used(&message)));
}

static const struct {
	const char *says;
	enum stage stage;
	const char *(*run)(void);
	const char *want;
} rows[] = {
	{ "a body that is no JSON", NOTHING, no_json, "1.3.1/2.1" },
	{ "a body that is an array", NOTHING, array, "1.3.1/2.1" },
	{ "a member given twice", NOTHING, twice, "1.3.1/2.1" },
	{ "a hundred thousand brackets", NOTHING, deep, "1.3.1/2.1" },
	{ "a number where text belongs", NOTHING, number_for_text, "1.3.1/2.1" },
	{ "no address", NOTHING, no_address, "1.6/2.2" },
	{ "another server's address", NOTHING, other_address, "8.8.1/3.8" },
	{ "a challenge that is no base64", NOTHING, no_base64, "1.3.1/2.1" },
	{ "a challenge of three octets", NOTHING, short_challenge, "1.3.1/2.1" },
	{ "an empty EUICCInfo1", NOTHING, no_info, "1.3.1/2.1" },
	{ "a card under a CI that is not ours", NOTHING, unknown_ci, "8.8.4/3.7" },

	{ "an unknown transaction", INITIATED, unknown_transaction, "8.10.1/3.9" },
	{ "a transaction id of one octet", INITIATED, short_transaction, "8.10.1/3.9" },
	{ "no transaction id", INITIATED, no_transaction, "1.6/2.2" },
	{ "a response that is cut off", INITIATED, malformed_response, "1.3.1/2.1" },
	{ "a changed bit of the signature", INITIATED, changed_signature, "8.1/6.1" },
	{ "a changed bit of what is signed", INITIATED, changed_claims, "8.1/6.1" },
	{ "signed with another card's key", INITIATED, signed_by_stranger, "8.1/6.1" },
	{ "the same, for an order that is none", INITIATED, no_order_for_stranger, "8.1/6.1" },
	{ "another server challenge, well signed", INITIATED, other_challenge, "8.1/6.1" },
	{ "another session's response, well signed", INITIATED, other_session, "8.10.1/3.9" },
	{ "an EUM of another CI", INITIATED, other_ci, "8.11.1/3.9" },
	{ "an EUM certificate with a changed signature", INITIATED, changed_eum, "8.1.2/6.1" },
	{ "an eUICC certificate with a changed signature", INITIATED, changed_euicc, "8.1.3/6.1" },
	{ "the EUM's certificate as the card's", INITIATED, eum_as_euicc, "8.1.3/6.1" },
	{ "something else instead of a certificate", INITIATED, no_certificate, "8.1.2/6.1" },
	{ "an expired EUM certificate", INITIATED, in_a_hundred_years, "8.1.2/6.3" },
	{ "an expired session", INITIATED, session_expired, "8.10.1/3.9" },
	{ "a CI that is no longer configured", INITIATED, ci_removed, "8.11.1/3.9" },
	{ "an unknown matching id", INITIATED, other_matching_id, "8.2.6/3.8" },
	{ "an order for another EID", INITIATED, other_eid, "8.1.1/3.8" },
	{ "an order that is not released", INITIATED, not_released, "8.2/1.2" },
	{ "a profile that is installed", INITIATED, installed, "8.2.6/3.8" },
	{ "an expired order", INITIATED, order_expired, "8.8.5/4.10" },
	{ "a package asked for before authentication", INITIATED, bind_message, "8.10.1/3.9" },
	{ "a cancellation before authentication", INITIATED, cancel_message, "8.10.1/3.9" },

	{ "authentication twice", AUTHENTICATED, authenticate, "8.10.1/3.9" },
	{ "signed with another card's key", AUTHENTICATED, bind_by_stranger, "8.1/6.1" },
	{ "another session's id, well signed", AUTHENTICATED, bind_other_session, "8.10.1/3.9" },
	{ "a one-time key that is no point", AUTHENTICATED, bind_no_point, "8.1/6.1" },
	{ "a response that is cut off", AUTHENTICATED, bind_malformed, "1.3.1/2.1" },
	{ "a card that says no", AUTHENTICATED, bind_error, "8.1/6.1" },
	{ "an order cancelled meanwhile", AUTHENTICATED, bind_cancelled_order, "8.2/3.7" },
	{ "another order of the same profile", AUTHENTICATED, bind_other_order, "8.2/3.7" },
	{ "I1: a package handed to another card meanwhile", AUTHENTICATED, bind_taken, "8.2/3.7" },
	{ "a profile that is gone", AUTHENTICATED, bind_no_package, "8.2/3.7" },
	{ "I5: a store that fails: no package leaves", AUTHENTICATED, bind_store_fails, "1.6/4.2" },
	{ "a package that does not fit the answer", AUTHENTICATED, bind_no_room, "1.6/4.2" },
	{ "a result before there is a package", AUTHENTICATED, result_too_early, "-" },
	{ "another card's cancellation", AUTHENTICATED, cancel_by_stranger, "8.1/6.1" },

	{ "the same package asked for again", DELIVERED, bind_message, "8.10.1/3.9" },
	{ "a changed bit of the result", DELIVERED, result_changed, "-" },
	{ "another card's result", DELIVERED, result_by_stranger, "-" },
	{ "a notification under another CI", DELIVERED, notification_of_other_ci, "-" },
	{ "a notification that is none", DELIVERED, notification_malformed, "1.3.1/2.1" },
};

int main(void)
{
	world_pki(dir, sizeof dir);
	world_pki(other_dir, sizeof other_dir);
	card_init(&stranger, dir, "89049032000000000000000000000260", EC_P256);
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(rows[i].stage);
		size_t commits = world.commits;
		const char *got = rows[i].run();
		bool same = strcmp(got, rows[i].want) == 0;
		ok(same, "%s: %s", rows[i].says, got);
		if (!same)
			printf("# want '%s'\n", rows[i].want);
		ok(world.commits == commits, "... and nothing is written");
	}
	return done();
}
