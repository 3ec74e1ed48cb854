/* SPDX-License-Identifier: Apache-2.0 */
/* The SM-DP+ as LPAs use it: downloads that succeed, are retried, counted, cancelled and
 * reported. */
#include "rsp/authenticate_server.h"
#include "server/es2.h"
#include "tests/server/smdp_world.h"
#include "tests/tap.h"

#include <sys/stat.h>

static struct world world;
static char dir[256];

static bool is(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		printf("# got '%s', want '%s'\n", got, want);
	return strcmp(got, want) == 0;
}

static bool last_callback(const char *text)
{
	const char *last = world.callbacks[(world.callback_count - 1) % WORLD_CALLBACKS];
	bool found = world.callback_count > 0 && strstr(last, text) != NULL;

	if (!found)
		printf("# the last call-back is %s\n", last);
	return found;
}

static void report(struct soft_card *card, uint8_t reason)
{
	uint8_t store[1024];
	struct room message = ROOM(store);

	card_result(card, reason, &message);
	json_t *answer = call(&world, "handleNotification", body_pending(room_used(&message)));
	ok(answer == NULL, "the result is taken with 204");
}

static void test_download(enum ec_curve curve, const char *says)
{
	struct soft_card card;
	struct stored_order *row;

	world_init(&world, dir);
	card_init(&card, dir, NULL, curve);
	row = world_profile(&world, "8949000000000000017", "op", "basic");
	world_release(&world, row, "AAAA-1");
	ok(is(download(&world, &card, "AAAA-1", NULL), ""), "R3: a download on %s", says);
	ok_bytes((struct bytes){ card.installed, card.installed_len },
	         (struct bytes){ row->profile, row->profile_len },
	         "... gives the card the profile");
	ok(row->order.state == PROFILE_DOWNLOADED, "... which is Downloaded");
	ok(last_callback("\"notificationPointId\":3"), "... and the operator is told");
	report(&card, 0);
	ok(row->order.state == PROFILE_INSTALLED, "... and Installed when the card says so");
	ok(last_callback("\"notificationPointId\":4") && last_callback("Executed-Success") &&
	           last_callback("\"iccid\":\"8949000000000000017\"") &&
	           last_callback("\"eid\":\"8904903"),
	   "... which the operator is told too");
	size_t commits = world.commits;
	report(&card, 0);
	ok(world.commits == commits, "the same result again changes nothing");
	ok(is(download(&world, &card, "AAAA-1", NULL), "8.2.6/3.8"),
	   "I1: the matching id is spent");
}

static void test_retry(void)
{
	struct soft_card card, other;
	struct stored_order *row;
	uint8_t otpk[EC_POINT_SIZE], first[64];

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	card_init(&other, dir, "89049032000000000000000000000260", EC_P256);
	row = world_profile(&world, "8949000000000000025", "op", "basic");
	world_release(&world, row, "RETRY-1");
	ok(is(download(&world, &card, "RETRY-1", NULL), ""), "a package is fetched, and lost");
	memcpy(otpk, card.otpk, sizeof otpk);
	memcpy(first, row->order.sealed_otsk.at, 32);
	ok(is(download(&world, &card, "RETRY-1", NULL), ""), "the card may fetch it again");
	ok(memcmp(otpk, card.otpk, sizeof otpk) == 0 &&
	           memcmp(first, row->order.sealed_otsk.at, 32) == 0,
	   "... bound to the same keys of card and server (SGP.22 3.1.3)");
	ok(is(download(&world, &other, "RETRY-1", NULL), "8.1.1/3.8"), "I1: another card may not");
	card.has_otpk = false;
	ok(is(download(&world, &card, "RETRY-1", NULL), ""),
	   "a card that lost its key gets it anew");
	ok(memcmp(otpk, card.otpk, sizeof otpk) != 0, "... bound to new keys");
	report(&card, 11);
	ok(row->order.state == PROFILE_RELEASED, "interrupted: it may be fetched again");
	ok(is(download(&world, &card, "RETRY-1", NULL), "8.8.5/6.4"),
	   "but not more often than the order allows");
	ok(row->order.state == PROFILE_ERROR, "then the order has failed");
	ok(last_callback("\"notificationPointId\":1") && last_callback("\"reasonCode\":\"6.4\""),
	   "and the operator knows why");
}

static const struct {
	const char *says;
	uint8_t reason;
	enum profile_state want;
	const char *same_card, *other_card;
} results[] = {
	{ "no memory: another card may have it", 10, PROFILE_RELEASED, "", "8.1.1/3.8" },
	{ "policy rules not allowed: another card may have it", 15, PROFILE_RELEASED, "",
	  "8.1.1/3.8" },
	{ "interrupted: it may be fetched again", 11, PROFILE_RELEASED, "", "8.1.1/3.8" },
	{ "damaged on its way: it may be fetched again", 8, PROFILE_RELEASED, "", "8.1.1/3.8" },
	{ "a package that it cannot process: nobody may", 12, PROFILE_ERROR, "8.2.6/3.8",
	  "8.2.6/3.8" },
	{ "ICCID is on the card already: nobody may", 9, PROFILE_ERROR, "8.2.6/3.8", "8.1.1/3.8" },
};

static void test_results(void)
{
	struct soft_card card, other;

	card_init(&card, dir, NULL, EC_P256);
	card_init(&other, dir, "89049032000000000000000000000260", EC_P256);
	for (size_t i = 0; i < COUNT(results); i++) {
		world_init(&world, dir);
		struct stored_order *row =
			world_profile(&world, "8949000000000000033", "op", "basic");
		world_release(&world, row, "RESULT");
		ok(is(download(&world, &card, "RESULT", NULL), ""), "%s", results[i].says);
		report(&card, results[i].reason);
		ok(row->order.state == results[i].want, "... state %d", results[i].want);
		ok(last_callback("\"status\":\"Failed\""), "... the operator is told");
		ok(is(download(&world, &card, "RESULT", NULL), results[i].same_card),
		   "... the same card again");
		ok(is(download(&world, &other, "RESULT", NULL), results[i].other_card),
		   "... then another");
	}
	world_init(&world, dir);
	struct stored_order *row = world_profile(&world, "8949000000000000033", "op", "basic");
	world_release(&world, row, "RESULT");
	ok(is(download(&world, &card, "RESULT", NULL), ""), "no memory on one card");
	report(&card, 10);
	ok(is(download(&world, &other, "RESULT", NULL), ""), "... and then on another with more");

	world_init(&world, dir);
	row = world_profile(&world, "8949000000000000033", "op", "basic");
	world_release(&world, row, "RESULT");
	ok(is(download(&world, &card, "RESULT", NULL), "") &&
	           is(download(&world, &card, "RESULT", NULL), ""),
	   "a card that has fetched two packages");
	report(&card, 10);
	ok(row->order.state == PROFILE_RELEASED &&
	           is(download(&world, &other, "RESULT", NULL), "8.1.1/3.8"),
	   "I1: the failure of the second says nothing of the first");
}

static void set_code(struct stored_order *row, const char *text, const char *matching_id)
{
	uint8_t store[20], iccid[ICCID_SIZE];
	struct room digits = ROOM(store);
	struct es2_caller caller = { .admin = true };
	struct confirm_order_ok out;

	(void)!rsp_iccid_text(row->order.iccid, &digits); /* it came from digits */
	struct download_order order = { .iccid = room_used(&digits) };
	struct confirm_order confirm = {
		.iccid = room_used(&digits),
		.matching_id = bytes_text(matching_id),
		.confirmation_code = bytes_text(text),
		.release = true,
		.download_attempts = 10,
	};
	ok(es2_download_order(&world.ports, &caller, &order, iccid) == SMDP_OK &&
	           es2_confirm_order(&world.ports, &caller, &confirm, &out) == SMDP_OK,
	   "an order with a confirmation code");
}

static void test_confirmation(void)
{
	struct soft_card card;
	struct stored_order *row;

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	row = world_profile(&world, "8949000000000000041", "op", "basic");
	set_code(row, "4711", "CODE-1");
	ok(is(download(&world, &card, "CODE-1", NULL), "8.2.7/2.2") && card.cc_required,
	   "the card is told to ask for it");
	ok(row->order.confirmations_left == 3, "... which costs no attempt");
	ok(is(download(&world, &card, "CODE-1", "4712"), "8.2.7/3.8"), "a wrong code");
	ok(last_callback("\"notificationPointId\":2"), "... the operator is told");
	ok(is(download(&world, &card, "CODE-1", "4711"), ""), "the right code");

	world_init(&world, dir);
	row = world_profile(&world, "8949000000000000041", "op", "basic");
	set_code(row, "4711", "CODE-2");
	ok(is(download(&world, &card, "CODE-2", "1"), "8.2.7/3.8"), "first wrong code");
	ok(is(download(&world, &card, "CODE-2", "2"), "8.2.7/3.8"), "second wrong code");
	ok(is(download(&world, &card, "CODE-2", "3"), "8.2.7/6.4"), "third wrong code: the last");
	ok(row->order.state == PROFILE_ERROR, "the order has failed");
	ok(is(download(&world, &card, "CODE-2", "4711"), "8.2.6/3.8"),
	   "the right code comes too late");
}

static void test_default_smdp(void)
{
	struct soft_card card, other;
	struct stored_order *row;
	uint8_t iccid[ICCID_SIZE];
	struct es2_caller caller = { .operator_name = BYTES_STR("op") };
	struct download_order order = { .eid = BYTES_STR("89049032000000000000000000000260"),
		                        .profile_type = BYTES_STR("basic") };
	struct confirm_order confirm = { .iccid = BYTES_STR("8949000000000000058"),
		                         .matching_id = BYTES_STR(""),
		                         .release = true };
	struct confirm_order_ok out;

	world_init(&world, dir);
	card_init(&card, dir, "89049032000000000000000000000260", EC_P256);
	card_init(&other, dir, NULL, EC_P256);
	row = world_profile(&world, "8949000000000000058", "op", "basic");
	ok(es2_download_order(&world.ports, &caller, &order, iccid) == SMDP_OK &&
	           row->order.state == PROFILE_LINKED,
	   "an order by type for one EID");
	ok(es2_confirm_order(&world.ports, &caller, &confirm, &out) == SMDP_OK && out.has_eid &&
	           out.matching_id_len == 0,
	   "with an empty matching id: default SM-DP+");
	ok(is(download(&world, &other, NULL, NULL), "8.1.1/3.8"), "another card finds nothing");
	ok(is(download(&world, &card, NULL, NULL), ""), "the card needs no matching id");
	ok(is(download(&world, &card, NULL, NULL), ""), "... and may fetch it again");
	row->order.expires_ms = world.now_ms - 1;
	ok(is(download(&world, &card, NULL, NULL), "8.8.5/4.10"), "until the order expires");
	ok(is(download(&world, &card, NULL, NULL), "8.1.1/3.8"), "which then makes way");
}

static void test_eligibility(void)
{
	struct soft_card card;
	struct stored_order *row;

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	row = world_profile(&world, "8949000000000000066", "op", "basic");
	world_release(&world, row, "ELIGIBLE");
	card.free_flash = 100;
	ok(is(download(&world, &card, "ELIGIBLE", NULL), "8.1/4.8"), "a card without memory");
	ok(last_callback("\"notificationPointId\":1") && last_callback("\"reasonCode\":\"4.8\""),
	   "... the operator is told");
	ok(row->order.downloads_left == 3, "... and no attempt is counted");
	card.free_flash = 100000;
	card.svn_major = 1;
	ok(is(download(&world, &card, "ELIGIBLE", NULL), "8.8.3/3.1"), "a card of version 1");
	card.svn_major = 3;
	ok(is(download(&world, &card, "ELIGIBLE", NULL), ""), "a card of version 3");
}

static void test_other_notifications(void)
{
	struct soft_card card, other;
	struct stored_order *row;
	uint8_t store[4096];
	struct room message = ROOM(store);

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	card_init(&other, dir, "89049032000000000000000000000260", EC_P256);
	row = world_profile(&world, "8949000000000000074", "op", "basic");
	world_release(&world, row, "NOTE");
	ok(is(download(&world, &card, "NOTE", NULL), ""), "a profile is installed");
	report(&card, 0);
	size_t before = world.callback_count;
	card_other(&card, 1u << 1, row->order.iccid, &message);
	ok(call(&world, "handleNotification", body_pending(room_used(&message))) == NULL &&
	           world.callback_count == before + 1 && last_callback(":101"),
	   "its card says that it was enabled");
	message.len = 0;
	card_other(&other, 1u << 3, row->order.iccid, &message);
	ok(call(&world, "handleNotification", body_pending(room_used(&message))) == NULL &&
	           world.callback_count == before + 1,
	   "what another card says of it is not passed on");
}

static const struct {
	const char *says;
	uint8_t reason;
	enum profile_state want;
	const char *reason_code;
} cancels[] = {
	{ "the end user rejects: the order has failed", 0, PROFILE_ERROR, "\"3.8\"" },
	{ "postponed: the order lives on", 1, PROFILE_RELEASED, "\"4.2\"" },
	{ "timeout: the order lives on", 2, PROFILE_RELEASED, "\"4.2\"" },
	{ "rules not allowed: the order has failed", 3, PROFILE_ERROR, "\"1.2\"" },
};

static void test_cancel(void)
{
	static const uint8_t oid[] = { 0x88, 0x37, 0x0A };
	static uint8_t store[8192];
	struct soft_card card;

	card_init(&card, dir, NULL, EC_P256);
	for (size_t i = 0; i < COUNT(cancels); i++) {
		struct room message = ROOM(store);
		world_init(&world, dir);
		struct stored_order *row =
			world_profile(&world, "8949000000000000082", "op", "basic");
		set_code(row, "1", "CANCEL");
		ok(is(download(&world, &card, "CANCEL", NULL), "8.2.7/2.2"), "up to the question");
		card_cancel(&card, cancels[i].reason, BYTES_STR("\x88\x37\x0B"), &message);
		json_t *answer =
			call(&world, "cancelSession",
		             body_with(&card, "cancelSessionResponse", room_used(&message)));
		ok(is(code(answer), "8.8/3.10"), "an OID that is not ours");
		json_decref(answer);
		message.len = 0;
		card_cancel(&card, cancels[i].reason, BYTES(oid), &message);
		answer = call(&world, "cancelSession",
		              body_with(&card, "cancelSessionResponse", room_used(&message)));
		ok(is(code(answer), ""), "%s", cancels[i].says);
		json_decref(answer);
		ok(row->order.state == cancels[i].want && last_callback(cancels[i].reason_code),
		   "... as the operator is told");
		answer = call(&world, "cancelSession",
		              body_with(&card, "cancelSessionResponse", room_used(&message)));
		ok(is(code(answer), "8.10.1/3.9"), "... once");
		json_decref(answer);
	}
}

/* A card that could not authenticate the server says so, unsigned: that ends the session, no
 * more. */
static void test_card_refuses(void)
{
	static uint8_t store[4096];
	struct room message = ROOM(store);
	struct soft_card card;
	struct authenticate_server_response response = { .is_error = true,
		                                         .error = AUTHENTICATE_CI_PK_UNKNOWN };

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	struct stored_order *row = world_profile(&world, "8949000000000000116", "op", "basic");
	world_release(&world, row, "NO");
	json_t *answer =
		call(&world, "initiateAuthentication", card_initiate(&card, "smdp.example.com"));
	ok(card_take_initiate(&card, answer, "NO", &message), "a session");
	json_decref(answer);
	message.len = 0;
	response.transaction_id = BYTES(card.transaction_id);
	authenticate_server_response_put(&message, &response);
	char *body = body_with(&card, "authenticateServerResponse", room_used(&message));
	answer = call(&world, "authenticateClient", body);
	ok(is(code(answer), "8.1/6.1"), "a card that refuses the server");
	json_decref(answer);
	answer = call(&world, "authenticateClient", body);
	ok(is(code(answer), "8.10.1/3.9"), "... has no session any more");
	json_decref(answer);
	ok(row->order.downloads_left == 3, "... and has used no attempt");
}

/* The test certificates of SGP.26 as GSMA published them: DPauth and DPpb under one CI
 * certificate, the EUM under an older one of the same key. */
static const struct {
	const char *from, *to;
} sgp26[] = {
	{ "ci.der", "CERT_CI_ECDSA_NIST.der" },
	{ "ci-2017.der",
	  "CERT_CI_ECDSA_BRP.der" }, /* the second CI of the world, whatever its curve */
	{ "dpauth.der", "CERT_S_SM_DPauth_ECDSA_NIST.der" },
	{ "dpauth-key.pem", "SK_S_SM_DPauth_ECDSA_NIST.pem" },
	{ "dppb.der", "CERT_S_SM_DPpb_ECDSA_NIST.der" },
	{ "dppb-key.pem", "SK_S_SM_DPpb_ECDSA_NIST.pem" },
	{ "eum.der", "CERT_EUM_ECDSA_NIST.der" },
	{ "euicc.der", "CERT_EUICC_ECDSA_NIST.der" },
	{ "euicc-key.pem", "SK_EUICC_ECDSA_NIST.pem" },
};

static bool copy_sgp26(const char *folder)
{
	for (size_t i = 0; i < COUNT(sgp26); i++) {
		char from[64], to[400];
		struct bytes octets;
		snprintf(from, sizeof from, "rsp/sgp26/%s", sgp26[i].from);
		snprintf(to, sizeof to, "%s/%s", folder, sgp26[i].to);
		if (!shared_file(from, &octets))
			return false;
		FILE *file = fopen(to, "wb");
		if (file == NULL || fwrite(octets.at, 1, octets.len, file) != octets.len)
			exit(EXIT_FAILURE);
		fclose(file);
	}
	return true;
}

static void test_sgp26(void)
{
	struct soft_card card;
	char folder[300];

	snprintf(folder, sizeof folder, "%s/sgp26", dir);
	if (mkdir(folder, 0700) != 0 || !copy_sgp26(folder)) {
		skip("the test certificates of SGP.26 are not here");
		return;
	}
	world_init(&world, folder);
	world.now_ms = 1788220800000; /* September 2026: all of them are valid */
	card_init(&card, folder, NULL, EC_P256);
	struct stored_order *row = world_profile(&world, "8949000000000000124", "op", "basic");
	world_release(&world, row, "SGP26");
	ok(is(download(&world, &card, "SGP26", NULL), ""), "a download under SGP.26 certificates");
	report(&card, 0);
	ok(row->order.state == PROFILE_INSTALLED, "... is installed");
	row->order.state = PROFILE_RELEASED;
	world.ports.ci_count = 1;
	ok(is(download(&world, &card, "SGP26", NULL), "8.1.2/6.1"),
	   "without the CI certificate that the EUM names");
}

/* What a download costs: counted, because time is measured elsewhere. */
static void test_economy(void)
{
	struct soft_card card;

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	struct stored_order *row = world_profile(&world, "8949000000000000090", "op", "basic");
	world_release(&world, row, "CHEAP");
	size_t commits = world.commits;
	ok(is(download(&world, &card, "CHEAP", NULL), ""), "one download");
	ok(world.verifications == 2, "checks two certificates, both through the memory of them");
	ok(world.commits == commits + 3 && world.binds == 1, "and commits once a call");
}

int main(void)
{
	world_pki(dir, sizeof dir);
	test_download(EC_P256, "P-256");
	test_download(EC_BRAINPOOL_P256R1, "brainpoolP256r1");
	test_retry();
	test_results();
	test_confirmation();
	test_default_smdp();
	test_eligibility();
	test_other_notifications();
	test_cancel();
	test_card_refuses();
	test_economy();
	test_sgp26();
	return done();
}
