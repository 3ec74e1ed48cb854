/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of the machine inside ES9+ (R2, R5, R10, R12, I4, I7): card and machine with real keys, the engine, and
 * the real verifier behind its port. Each attack is refused at its step, in words, and changes nothing. */
#include "tests/server/smdp_machine.h"
#include "tests/server/smdp_world.h"
#include "tests/tap.h"

#define RULES  "formats tpm\nbanks sha256\npcrs 0 2 4 7 9\nmax-age 3600\npairing enforce\n"
#define STRICT "assay-policy 1\nname \"t/1\"\npurpose provisioning\n" RULES "purpose access\n" RULES
#define LENIENT                                                                \
	"assay-policy 1\nname \"t/2\"\npurpose provisioning\n" RULES           \
	"admit no-evidence\nrestrict event-unexpected\npurpose access\n" RULES \
	"restrict event-unexpected\n"

#define IMEI       "490154203237518"
#define OTHER_IMEI "356938035643809"

static struct world world;
static struct soft_card card;
static char dir[256];

/* --- what the machine shows, and when --- */

static struct bytes earlier; /* of another session */
static const char *claimed;
static enum machine_log log_form;

static struct bytes session_of(const struct soft_card *c)
{
	return (struct bytes){ c->server_signed1, c->server_signed1_len };
}

static void honest(struct soft_card *c)
{
	c->evidence = machine_show(session_of(c), c->eid, claimed, log_form);
	c->signed_evidence = c->evidence;
}

static void nothing(struct soft_card *c)
{
	c->evidence = c->signed_evidence = (struct bytes){ NULL, 0 };
}

/* The machine was tampered with, and shows what it showed before. */
static void old(struct soft_card *c)
{
	c->evidence = c->signed_evidence = earlier;
}

/* Good evidence in place of that which the card signed. */
static void swapped(struct soft_card *c)
{
	honest(c);
	c->evidence = machine_show(session_of(c), c->eid, claimed, log_form);
}

static void stripped(struct soft_card *c)
{
	honest(c);
	c->evidence = (struct bytes){ NULL, 0 };
}

/* The card never saw a digest: evidence is put beside by somebody else. */
static void unsigned_(struct soft_card *c)
{
	honest(c);
	c->signed_evidence = (struct bytes){ NULL, 0 };
}

static void other_eid(struct soft_card *c)
{
	uint8_t eid[EID_SIZE];

	memcpy(eid, c->eid, sizeof eid);
	eid[15] ^= 1;
	c->evidence = c->signed_evidence = machine_show(session_of(c), eid, claimed, log_form);
}

static void garbage(struct soft_card *c)
{
	c->evidence = c->signed_evidence = BYTES_STR("\xA1\x01");
}

static struct stored_order *fresh(const char *policy)
{
	struct stored_order *row;

	world_init(&world, dir);
	card_init(&card, dir, NULL, EC_P256);
	world.judge = machine_judge;
	machine_init(card.eid, policy);
	card_shows = honest;
	claimed = NULL;
	log_form = MACHINE_LOG_WHOLE;
	row = world_profile(&world, "8949000000000000017", "op", "basic");
	world_release(&world, row, "AAAA-1");
	return row;
}

/* --- one AuthenticateClient at a time --- */

static json_t *offer(struct room *message)
{
	json_t *answer =
		call(&world, "initiateAuthentication", card_initiate(&card, "smdp.example.com"));

	message->len = 0;
	if (!card_take_initiate(&card, answer, "AAAA-1", message)) {
		printf("Bail out! the card refuses\n");
		exit(EXIT_FAILURE);
	}
	json_decref(answer);
	return call(&world, "authenticateClient", body_offer(&card, room_used(message)));
}

static const char *message_of(json_t *answer)
{
	const char *text = "";

	(void)!json_unpack(answer, "{s:{s:{s:{s:s}}}}", "header", "functionExecutionStatus",
	                   "statusCodeData", "message", &text);
	return text;
}

static bool is(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		printf("# got '%s', want '%s'\n", got, want);
	return strcmp(got, want) == 0;
}

static bool says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		printf("# '%s' lacks '%s'\n", text, part);
	return strstr(text, part) != NULL;
}

static const struct {
	const char *says;
	card_show *shows;
	const char *claimed, *device; /* IMEI in the claims, and in deviceInfo */
	bool strange;                 /* what runs on the machine */
	uint32_t pcr;                 /* extended behind the log's back; 0: none */
	const char *why;
} attacks[] = {
	{"R2: other software than expected",                      honest,    NULL,       NULL,       true,  0,
         "event is not expected"																	 },
	{ "R2: a PCR extended behind the log's back",             honest,    NULL,       NULL,       false, 4,
         "log is not what the chip quoted"															       },
	{ "I7: evidence of another session",                      old,       NULL,       NULL,       false, 0,
         "made for another session, card or claims"														      },
	{ "R5: evidence swapped after the card signed",           swapped,   NULL,       NULL,       false, 0,
         "the card signed the digest of other evidence"														  },
	{ "R5: evidence stripped after the card signed",          stripped,  NULL,       NULL,       false, 0,
         "no evidence came"																	      },
	{ "R5: evidence that the card has not signed",            unsigned_, NULL,       NULL,       false, 0, "digest"                                                  },
	{ "R5: no evidence at all, and none signed",              nothing,   NULL,       NULL,       false, 0,
         "no evidence came"																	      },
	{ "R12: evidence for another card",                       other_eid, NULL,       NULL,       false, 0,
         "made for another session, card or claims"														      },
	{ "R10: an IMEI that is not the registered one",          honest,    OTHER_IMEI, NULL,       false, 0,
         "claimed IMEI is not the registered one"															},
	{ "R10: an IMEI in deviceInfo that is not the machine's", honest,    NULL,       OTHER_IMEI, false,
         0,												    "in deviceInfo 356938035643809 instead of 490154203237518"},
	{ "R10: the same wrong IMEI in both",                     honest,    OTHER_IMEI, OTHER_IMEI, false, 0,
         "claimed IMEI is not the registered one"															},
	{ "octets that are no evidence",                          garbage,   NULL,       NULL,       false, 0,
         "evidence is not well formed"																   },
};

static void refused(size_t i)
{
	static uint8_t store[8192];
	struct room message = ROOM(store);
	struct stored_order *row = fresh(STRICT);
	uint32_t left = row->order.downloads_left;

	json_decref(offer(&message)); /* once, as it should be: what is old comes from there */
	earlier = card.evidence;
	left = row->order.downloads_left;
	machine_boot(attacks[i].strange);
	if (attacks[i].pcr != 0)
		machine_extend(attacks[i].pcr);
	card_shows = attacks[i].shows;
	claimed = attacks[i].claimed;
	card.imei = attacks[i].device;
	json_t *answer = offer(&message);
	ok(is(code(answer), "8.2.5/4.3"), "%s is refused", attacks[i].says);
	ok(says(message_of(answer), attacks[i].why), "... because: %s", message_of(answer));
	const char *decision = json_string_value(
		json_object_get(json_object_get(answer, "equipmentResult"), "decision"));
	ok(decision != NULL && is(decision, "refuse") && is(world.audited, "download.refused") &&
	           says(world.audit_detail, attacks[i].why),
	   "R8: ... and audited with the reason");
	ok(row->order.downloads_left == left && row->order.state == PROFILE_RELEASED &&
	           world.binds == 0,
	   "I4: ... the order is as it was, nothing was bound");
	json_decref(answer);
	machine_boot(false);
	answer = call(&world, "authenticateClient", body_offer(&card, room_used(&message)));
	ok(is(code(answer), "8.10.1/3.9"), "I7: ... the session is over");
	json_decref(answer);
	card_shows = honest;
	claimed = NULL;
	card.imei = NULL;
	ok(is(download(&world, &card, "AAAA-1", NULL), ""), "... the intact machine gets it");
}

static void admitted(void)
{
	struct stored_order *row = fresh(STRICT);

	world.ports.evidence_wanted = BYTES_STR("{\"formats\":[\"tpm\"]}");
	json_t *answer =
		call(&world, "initiateAuthentication", card_initiate(&card, "smdp.example.com"));
	ok(json_is_object(json_object_get(answer, "equipmentEvidence")),
	   "R5: the server says what it wants of the machine");
	json_decref(answer);
	card.imei = IMEI;
	ok(is(download(&world, &card, "AAAA-1", NULL), ""),
	   "R2, R5: an intact machine with its card is provisioned");
	ok(world.judged == 1 && world.binds == 1 && row->order.state == PROFILE_DOWNLOADED,
	   "I4: ... judged once, then bound");
	ok(is(machine_asked_operator, "op") && is(machine_asked_imei, IMEI) &&
	           machine_asked_purpose == PURPOSE_PROVISIONING,
	   "... under the operator's policy, with the IMEI of deviceInfo");
	log_form = MACHINE_LOG_DIGEST;
	card.has_otpk = true;
	ok(is(download(&world, &card, "AAAA-1", NULL), ""), "R11: ... with its log's digest too");
}

static void standard_lpa(void)
{
	fresh(LENIENT);
	card_shows = nothing;
	ok(is(download(&world, &card, "AAAA-1", NULL), ""),
	   "a standard LPA is served where the policy says so");
	fresh(LENIENT);
	card_shows = honest;
	machine_boot(true);
	ok(is(download(&world, &card, "AAAA-1", NULL), "") && world.judged == 1,
	   "a deviation that the policy restricts does not keep from provisioning");
}

static bool wants_log(const json_t *answer)
{
	return json_is_true(
		json_object_get(json_object_get(answer, "equipmentResult"), "wantsLog"));
}

static void forgotten_log(void)
{
	static uint8_t store[8192];
	struct room message = ROOM(store);

	fresh(STRICT);
	log_form = MACHINE_LOG_OTHER_DIGEST;
	json_t *answer = offer(&message);
	ok(is(code(answer), "8.2.5/4.3") && wants_log(answer),
	   "R11: a log that the server does not know is asked for");
	json_decref(answer);
	log_form = MACHINE_LOG_WHOLE;
	ok(is(download(&world, &card, "AAAA-1", NULL), ""), "... and taken");
}

static void attest(const char *policy, bool strange, const char *want, const char *event)
{
	static uint8_t store[8192];
	struct room message = ROOM(store);
	struct stored_order *row = fresh(policy);
	uint32_t left = row->order.downloads_left;
	json_int_t expires = -1;
	const char *decision = "", *why = "";

	machine_boot(strange);
	card.attest_only = true;
	json_t *answer = offer(&message);
	bool told = json_unpack(answer, "{s:{s:s, s:I, s:s}}", "equipmentResult", "decision",
	                        &decision, "expires", &expires, "why", &why) == 0;
	ok(told && is(code(answer), "") && is(decision, want), "R2: attest: %s%s%s", decision,
	   why[0] ? ", " : "", why);
	ok((expires > 0) == (strcmp(want, "refuse") != 0) && is(world.audited, event) &&
	           machine_asked_purpose == PURPOSE_ACCESS,
	   "... until %lld, audited as %s", (long long)expires, event);
	ok(row->order.downloads_left == left && json_object_get(answer, "smdpSigned2") == NULL,
	   "... and no profile comes of it");
	json_decref(answer);
	answer = call(&world, "authenticateClient", body_offer(&card, room_used(&message)));
	ok(is(code(answer), "8.10.1/3.9"), "I7: ... the session is over");
	json_decref(answer);
}

static enum err nobody(void *ctx, const struct shown *shown, struct appraise_answer *out)
{
	(void)ctx;
	(void)shown;
	(void)out;
	return ERR_BUSY;
}

static void no_appraiser(void)
{
	static uint8_t store[8192];
	struct room message = ROOM(store);

	fresh(STRICT);
	world.judge = nobody;
	json_t *answer = offer(&message);
	ok(is(code(answer), "1.6/4.2"), "I4: without an appraiser nothing is released");
	json_decref(answer);
	world.judge = machine_judge;
	answer = call(&world, "authenticateClient", body_offer(&card, room_used(&message)));
	ok(is(code(answer), ""), "... and once it is back the same session goes on");
	json_decref(answer);
}

static void malformed(void)
{
	static uint8_t store[8192];
	struct room message = ROOM(store);
	char body[16384];

	fresh(STRICT);
	json_decref(offer(&message));
	const char *tail[] = { ",\"equipmentEvidence\":5}", ",\"equipmentEvidence\":\"*\"}",
		               ",\"equipmentOnly\":\"yes\"}" };
	for (size_t i = 0; i < COUNT(tail); i++) {
		card.evidence = (struct bytes){ NULL, 0 };
		char *good = body_offer(&card, room_used(&message));
		snprintf(body, sizeof body, "%.*s%s", (int)strlen(good) - 1, good, tail[i]);
		json_t *answer = call(&world, "authenticateClient", body);
		ok(is(code(answer), "1.3.1/2.1"), "malformed: %s", tail[i]);
		json_decref(answer);
	}
}

int main(void)
{
	world_pki(dir, sizeof dir);
	admitted();
	for (size_t i = 0; i < COUNT(attacks); i++)
		refused(i);
	standard_lpa();
	forgotten_log();
	attest(STRICT, false, "admit", "equipment.attested");
	attest(LENIENT, true, "restrict", "equipment.attested");
	attest(STRICT, true, "refuse", "equipment.refused");
	no_appraiser();
	malformed();
	return done();
}
