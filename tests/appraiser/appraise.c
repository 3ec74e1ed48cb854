/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The appraiser without its process: a machine with a software root of trust, the real verifier, the real
 * store on a file, permits made and checked as the keeper does. What is admitted, what is refused
 * and by which word, and what the store knows afterwards.
 */
#include "appraiser/appraiser_work.h"
#include "appraiser/rulings.h"
#include "rsp/authenticate_server.h"
#include "server/link.h"
#include "server/opening.h"
#include "server/pack.h"
#include "server/serve.h"
#include "server/store_chips.h"
#include "server/store_enrol.h"
#include "server/store_events.h"
#include "server/store_ops.h"

#include "tests/appraiser/card.h"
#include "tests/verifier/world.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char policy_text[] =
	"assay-policy 1\nname \"fleet/1\"\n"
	"purpose provisioning\nformats tpm\nbanks sha256\npcrs 0 2 4 7 9\nmax-age 600\npairing "
	"enforce\n"
	"purpose access\nformats tpm\nbanks sha256\npcrs 0 2 4 7 9\nmax-age 600\npairing enforce\n"
	"restrict event-changed\n";
static const char lenient_text[] = "assay-policy 1\nname \"lenient/1\"\n"
				   "purpose provisioning\nformats tpm\nbanks sha256\npcrs 0\n"
				   "restrict no-evidence\n";

enum { SESSION_LIFE_S = 600, SIGNED1_MAX = 320 };

static struct {
	struct links links;
	struct store_client *store;
	struct secret key, opening; /* of permits, and of sessions */
	uint64_t now;
	bool commit_fails, signs;
	struct smdp_ci ci;
	struct secret result_key;
	uint8_t result_point[EC_POINT_SIZE];
} net;
static struct appraiser_state state;
static struct verifier own; /* the machine's world wants one; the appraiser has another */
static struct world world;
static struct appraise_answer answer;

/* --- a store in a process of its own --------------------------------------------------------- */

/* One clock for the appraiser and, in memory that both see, for the store. */
static uint64_t *store_clock;

static void pass(uint64_t seconds)
{
	net.now += seconds;
	*store_clock = 1000 * net.now;
}

static uint64_t store_now(void)
{
	return *store_clock;
}

static char path[] = "/tmp/assay-appraiser-XXXXXX";
static pid_t store_pid;
static int store_control;

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	(void)role; /* the test is appraiser and administrator at once */
	return code < STORE_REQUESTS;
}

static enum err serve_answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	return store_answer(ctx, code, request, reply);
}

static enum err begin(void *ctx)
{
	return db_begin(ctx);
}

static enum err end(void *ctx)
{
	return db_end(ctx);
}

static int store_child(int control)
{
	static struct db db;
	char file[64];

	snprintf(file, sizeof file, "%s/db", path);
	if (db_open(&db, file) != ERR_NONE)
		return 1;
	db.now_ms = store_now;
	return serve_run(&(struct serve){ .ctx = &db,
	                                  .permits = permits,
	                                  .answer = serve_answer,
	                                  .begin = begin,
	                                  .end = end },
	                 control) == ERR_NONE
	               ? 0
	               : 1;
}

static void store_start(void)
{
	int control[2], client[2], pair[2];

	if (mkdtemp(path) == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, client) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		exit(1);
	store_pid = fork();
	if (store_pid == 0) {
		close(control[0]);
		close(pair[0]);
		close(pair[1]);
		_exit(store_child(control[1]));
	}
	net.links =
		(struct links){ .control = client[1], .keeper = -1, .store = -1, .appraiser = -1 };
	if (link_offer_send(control[0], &(struct link_offer){ LINK_FROM_CLIENT, 0, pair[0] }) !=
	            ERR_NONE ||
	    link_offer_send(client[0], &(struct link_offer){ LINK_TO_STORE, 0, pair[1] }) !=
	            ERR_NONE)
		exit(1);
	close(pair[0]);
	close(pair[1]);
	links_take(&net.links);
	net.store = store_open(&net.links, false);
	close(control[1]);
	store_control = control[0];
}

static void store_stop(void)
{
	static const char *const names[] = { "db", "db-wal", "db-shm" };
	char file[64];

	store_close(net.store);
	close(store_control);
	waitpid(store_pid, NULL, 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(file, sizeof file, "%s/%s", path, names[i]);
		(void)!unlink(file); /* some are gone when the store has closed */
	}
	ok(rmdir(path) == 0, "nothing stays behind");
}

/* --- ports ------------------------------------------------------------------------------------ */

static uint64_t now_s(void *ctx)
{
	(void)ctx;
	return net.now;
}

static enum err chip_load(void *ctx, struct bytes eid, uint64_t *generation, struct chip *out)
{
	(void)ctx;
	return store_chip_load(net.store, CHIP_BY_EID, eid, generation, out);
}

static enum err commit(void *ctx, const struct chip_change *change)
{
	(void)ctx;
	return net.commit_fails ? ERR_FULL : store_chip_commit(net.store, change);
}

static enum err log_load(void *ctx, struct bytes digest, struct bytes *log)
{
	(void)ctx;
	return store_log_load(net.store, digest, log);
}

static enum err card_load(void *ctx, struct bytes eid, struct bytes of, struct card_facts *out)
{
	(void)ctx;
	return store_card_load(net.store, eid, of, out);
}

static enum err access_load(void *ctx, struct bytes imsi, struct access_facts *out)
{
	(void)ctx;
	return store_access_load(net.store, imsi, out);
}

static enum err items(void *ctx, const struct item *after, struct bytes *reply)
{
	(void)ctx;
	return store_items(net.store, after, 2, reply);
}

static enum err appraisals(void *ctx, struct bytes after_eid, struct bytes *reply)
{
	(void)ctx;
	return store_appraisals(net.store, after_eid, 1, reply);
}

static enum err verify(void *ctx, enum ec_curve curve, const uint8_t point[static EC_POINT_SIZE],
                       const struct bytes *parts, size_t count,
                       const uint8_t signature[static EC_SIGNATURE_SIZE])
{
	(void)ctx;
	return crypto_ecdsa_verify(curve, point, parts, count, signature);
}

/* As the keeper does it. */
static enum err permit(void *ctx, const struct permit *what, struct bytes of_session,
                       uint8_t out[static PERMIT_SIZE])
{
	(void)ctx;
	TRY(opening_check(&net.opening, of_session, net.now, SESSION_LIFE_S));
	return what->decision == REFUSE ? ERR_NONE : permit_make(&net.key, what, out);
}

static enum err sign_result(void *ctx, struct bytes claims, struct room *out)
{
	struct ear ear;

	(void)ctx;
	if (!net.signs)
		return ERR_NOT_FOUND;
	TRY(ear_claims_read(claims, &ear));
	return ear_cwt_put(out, &net.result_key, (struct bytes){ NULL, 0 }, &ear);
}

static void state_start(void)
{
	state.ports = (struct appraiser_ports){ .now_s = now_s,
		                                .chip_load = chip_load,
		                                .commit = commit,
		                                .log_load = log_load,
		                                .card_load = card_load,
		                                .access_load = access_load,
		                                .items = items,
		                                .appraisals = appraisals,
		                                .permit = permit,
		                                .sign_result = sign_result };
	if (verifier_init(&state.verifier, 16) != ERR_NONE)
		exit(1);
	state.verifier.accept_test_chips = true;
	state.generation = 0;
	state.trust = (struct smdp_trust){ .ci = &net.ci, .ci_count = 1, .verify = verify };
}

/* --- what the tests say ----------------------------------------------------------------------- */

static enum err set(enum item_kind kind, const char *name, struct bytes body)
{
	const struct item item = { kind, bytes_text(name), body };

	return store_item_set(net.store, &item);
}

static uint8_t reference_octets[1 << 16];

static enum err reference_text(struct bytes *out)
{
	struct room text = ROOM(reference_octets);
	const struct learn learn = { .model = world.say.model,
		                     .firmware = world.say.firmware,
		                     .bank = ATTEST_SHA256,
		                     .pcrs = 0x0295,
		                     .log = room_used(&world.log) };

	TRY(learn_put(&text, &learn));
	*out = room_used(&text);
	return ERR_NONE;
}

static enum err learn_reference(void)
{
	struct bytes text;

	TRY(reference_text(&text));
	return set(ITEM_REFERENCE, "M1 1.0", text);
}

static enum err enrol(uint64_t version, enum chip_state chip_state)
{
	struct chip chip = { .version = version,
		             .id = { 7 },
		             .format = EVIDENCE_TPM,
		             .state = chip_state,
		             .test = true,
		             .eid = BYTES(world_eid),
		             .key = world.enrolment.key,
		             .imei = BYTES_STR(WORLD_IMEI),
		             .model = world.say.model };

	return store_chip_commit(net.store, &(struct chip_change){ .chip = &chip });
}

static uint64_t chip_version(void)
{
	static const uint8_t id[CHIP_ID_SIZE] = { 7 };
	uint64_t generation;
	struct chip chip;

	/* By its id: while it waits for approval it holds no card. */
	return store_chip_load(net.store, CHIP_BY_ID, BYTES(id), &generation, &chip) ==
	                       ERR_NONE
	               ? chip.version
	               : 0;
}

/* --- the card, and its session ------------------------------------------------------------------ */

static const uint8_t iccid[ICCID_SIZE] = { 0x89, 1 };
static uint8_t opened_octets[SIGNED1_MAX], transaction_id[TRANSACTION_ID_MAX];
static struct bytes signed1; /* serverSigned1 */

/* session_open opens one as the keeper does. */
static void session_open(void)
{
	uint8_t challenge[RSP_CHALLENGE_SIZE];
	static const uint8_t of_card[RSP_CHALLENGE_SIZE];
	struct room room = ROOM(opened_octets);
	const struct server_signed1 value = { .transaction_id = BYTES(transaction_id),
		                              .euicc_challenge = BYTES(of_card),
		                              .server_address = BYTES_STR("smdp.example.com"),
		                              .server_challenge = BYTES(challenge) };

	transaction_id[0]++;
	if (opening_challenge(&net.opening, net.now, &value, challenge) != ERR_NONE)
		exit(1);
	server_signed1_put(&room, &value);
	signed1 = room_used(&room);
}

static void order_make(const uint8_t *of, const char *operator_name, const char *matching_id,
                       struct bytes eid)
{
	struct order order = { .state = PROFILE_RELEASED,
		               .operator_name = bytes_text(operator_name),
		               .eid = eid,
		               .matching_id = bytes_text(matching_id) };

	memcpy(order.iccid, of, ICCID_SIZE);
	ok_err(store_profile_add(net.store, &order, BYTES_STR("package"), NULL), ERR_NONE,
	       "a profile is ordered");
}

/* label_bound makes the world's evidence as ES9+ wants it. */
static void label_bound(struct world *w, enum stage s)
{
	if (s == STAGE_QUOTE)
		(void)!evidence_binding(bytes_text(APPRAISE_LABEL), signed1, BYTES(world_eid),
		                        room_used(&w->claims), w->nonce);
}

static attack_fn *attack_now;

static void bound_and_attacked(struct world *w, enum stage s)
{
	label_bound(w, s);
	if (attack_now != NULL)
		attack_now(w, s);
}

static struct bytes said_imei, said_card; /* what deviceInfo and EUICCInfo2 say */

static enum err asked(const struct appraise_request *request)
{
	static uint8_t in_octets[1 << 16], out_octets[4096];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);

	appraise_request_put(&in, request);
	TRY(appraiser_do_appraise(&state, room_used(&in), &out));
	return appraise_answer_read(room_used(&out), &answer);
}

static enum err ask_with(const struct said *said, struct bytes evidence)
{
	static uint8_t octets[4096];
	struct room response = ROOM(octets);

	card_says(said, &response);
	return asked(&(struct appraise_request){ .iccid = BYTES(iccid),
	                                         .root = net.ci.key_id,
	                                         .session = signed1,
	                                         .response = room_used(&response),
	                                         .evidence = evidence });
}

static enum err ask(struct bytes evidence, struct bytes digest)
{
	return ask_with(&(struct said){ .session = signed1,
	                                .digest = digest,
	                                .imei = said_imei,
	                                .report = said_card,
	                                .matching_id = "M-1" },
	                evidence);
}

/* The machine starts, quotes and sends, with something done to it. */
static enum err session(attack_fn *attack)
{
	attack_now = attack;
	session_open();
	(void)!world_run(&world, bound_and_attacked);
	return ask(world.appraisal.evidence, BYTES(world.digest));
}

static bool permitted(void)
{
	uint8_t subject[PERMIT_SUBJECT_SIZE];
	struct permit read;

	return permit_subject_provisioning(card_key(), BYTES(transaction_id), iccid, subject) ==
	               ERR_NONE &&
	       permit_check(&net.key, BYTES(answer.permit), PURPOSE_PROVISIONING, subject, net.now,
	                    &read) == ERR_NONE;
}

static void no_policy(void)
{
	ok_err(ask(BYTES_STR(""), (struct bytes){ NULL, 0 }), ERR_NONE, "without a policy");
	ok(answer.decision == ADMIT && permitted(), "I4: a card is admitted, and has a permit");
	struct appraised appraised;
	struct ear ear;
	ok_err(store_appraised_load(net.store, BYTES(world_eid), &appraised), ERR_NONE,
	       "and that it was is on record");
	ok(bytes_same(appraised.policy, BYTES_STR("none")), "... under the policy that is none");
	ok(ear_claims_read(appraised.result, &ear) == ERR_NONE && ear.status == EAR_NONE,
	   "R5: nobody is told that such a machine was looked at");
	store_forget(net.store);
}

static void wanted(void)
{
	uint8_t octets[APPRAISE_WANTED_MAX];
	struct room out = ROOM(octets);

	ok_err(appraiser_do_wanted(&state, BYTES_STR(""), &out), ERR_NONE, "what is wanted");
	ok_bytes(room_used(&out),
	         BYTES_STR("{\"formats\":[\"tpm\"],\"banks\":[\"sha256\"],\"pcrs\":[0,2,4,7,9]}"),
	         "is what the policies want");
}

static void kernel_changed(struct world *w, enum stage s)
{
	if (s == STAGE_BOOT)
		snprintf(w->event[9].data, sizeof w->event[9].data, "evil kernel");
}

static void known_log(struct world *w, enum stage s)
{
	static uint8_t digest[SHA256_SIZE];
	struct bytes log = room_used(&w->log);

	if (s != STAGE_BUNDLE)
		return;
	(void)!crypto_sha256(digest, &log, 1);
	w->evidence.log = (struct bytes){ NULL, 0 };
	w->evidence.log_digest = BYTES(digest);
}

static void refused(enum err err, const char *word, const char *says)
{
	ok(err == ERR_NONE && answer.decision == REFUSE && strstr(answer.why, word) != NULL,
	   "%s: refused, \"%s\"", says, answer.why);
}

/* The result that is kept, as whoever relies on it sees it. */
static bool result_verifies(void)
{
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(net.result_point) };
	struct appraised appraised;
	struct ear ear;
	bool good = store_appraised_load(net.store, BYTES(world_eid), &appraised) == ERR_NONE &&
	            ear_cwt_read(appraised.result, &key, appraised.operator_name, (int64_t)net.now,
	                         &ear) == ERR_NONE &&
	            ear.status == EAR_AFFIRMING && bytes_same(ear.policy, BYTES_STR("fleet/1"));

	store_forget(net.store);
	return good;
}

static void attested(void)
{
	refused(ask(BYTES_STR(""), (struct bytes){ NULL, 0 }), "no evidence came",
	        "R2: a card without evidence");
	refused(session(NULL), "not enrolled", "R2: a chip that nobody enrolled");
	ok_err(enrol(0, CHIP_PENDING), ERR_NONE, "it enrols");
	refused(session(NULL), "not enrolled", "R2: ... and waits for approval");
	ok_err(enrol(chip_version(), CHIP_APPROVED), ERR_NONE, "it is approved");
	ok_err(session(NULL), ERR_NONE, "an intact machine");
	ok(answer.decision == ADMIT && permitted(), "R2, R5: is admitted (%s)", answer.why);
	ok(!result_verifies(), "its result is not signed while there is no key for results");
	net.signs = true;
	ok_err(session(NULL), ERR_NONE, "when there is one");
	ok(answer.decision == ADMIT && result_verifies(), "R5: others can rely on it");
	refused(ask(world.appraisal.evidence, BYTES(world.digest)), "not newer",
	        "I7: the same evidence again");
	refused(session(kernel_changed), "event differs", "R9: a changed kernel");
	ok_err(session(known_log), ERR_NONE, "R11: a log that is named by its digest");
	ok(answer.decision == ADMIT, "... is known (%s)", answer.why);
	world.digest[0] ^= 1;
	refused(ask(world.appraisal.evidence, BYTES(world.digest)), "the card signed",
	        "R5: evidence swapped after the card signed");
	refused(ask(world.appraisal.evidence, (struct bytes){ NULL, 0 }), "the card signed",
	        "R5: evidence that the card did not sign");
}

/* --- a worker that was taken over ---------------------------------------------------------------- */

/* What it passes on. Views are of `octets`, which it may change. */
static struct {
	uint8_t octets[4096];
	struct said said;
	struct appraise_request request;
} worker;

static const uint8_t others[ICCID_SIZE] = { 0x89, 2 }, linked[ICCID_SIZE] = { 0x89, 3 },
		     own_eid[ICCID_SIZE] = { 0x89, 4 }, mild[ICCID_SIZE] = { 0x89, 5 },
		     unknown[ICCID_SIZE] = { 0x89, 6 };

static void worker_passes_on(void)
{
	struct room response = ROOM(worker.octets);

	card_says(&worker.said, &response);
	worker.request.response = room_used(&response);
}

static void worker_honest(void)
{
	session_open();
	worker.said = (struct said){ .session = signed1, .matching_id = "M-1" };
	worker.request = (struct appraise_request){ .iccid = BYTES(iccid),
		                                    .root = net.ci.key_id,
		                                    .session = signed1 };
	worker_passes_on();
}

static void signed_by_stranger(void)
{
	worker.said.signer = SIGNER_STRANGER;
	worker_passes_on();
}

static void certified_elsewhere(void)
{
	worker.said.signer = SIGNER_FOREIGNER;
	worker_passes_on();
}

static void one_bit(void)
{
	struct authenticate_server_response read;

	if (authenticate_server_response_read(worker.request.response, &read) != ERR_NONE)
		exit(1);
	worker.octets[read.euicc_signed1.at + read.euicc_signed1.len - 3 - worker.octets] ^= 1; /* of the TAC */
}

static void of_another_session(void)
{
	session_open(); /* the card has answered the one before */
	worker.request.session = signed1;
}

static void of_an_earlier_challenge(void)
{
	transaction_id[0]--; /* the same name again */
	pass(1);
	session_open();
	worker.request.session = signed1;
}

/* It has a card answer a session of its own making. */
static void never_opened(void)
{
	opened_octets[signed1.len - 1] ^= 1; /* of serverChallenge */
	worker_passes_on();
}

static void kept_until_now(void)
{
	pass(SESSION_LIFE_S + 1);
}

static void error_for_an_answer(void)
{
	struct room response = ROOM(worker.octets);

	authenticate_server_response_put(&response,
	                                 &(struct authenticate_server_response){
						 .is_error = true,
						 .transaction_id = BYTES(transaction_id),
						 .error = AUTHENTICATE_UNDEFINED_ERROR });
	worker.request.response = room_used(&response);
}

static void of_another_order(void)
{
	worker.request.iccid = BYTES(others);
}

static void of_another_card(void)
{
	worker.request.iccid = BYTES(linked);
	worker.said.matching_id = "M-3";
	worker_passes_on();
}

static void named_by_nobody(void)
{
	worker.said.matching_id = "";
	worker_passes_on();
}

static void of_none(void)
{
	worker.request.iccid = BYTES(unknown);
}

static const struct {
	const char *says;
	void (*lies)(void);
	enum smdp_status card; /* as it is told to the card */
	enum err err;
} lies[] = {
	{ "an euiccSigned1 that another card has signed", signed_by_stranger, SMDP_EUICC_UNVERIFIED,
          ERR_NONE },
	{ "a certificate with this EID under a CI that is none of ours", certified_elsewhere,
          SMDP_CI_UNKNOWN, ERR_NONE },
	{ "an euiccSigned1 of which one bit differs", one_bit, SMDP_EUICC_UNVERIFIED, ERR_NONE },
	{ "an euiccSigned1 of another session", of_another_session, SMDP_TRANSACTION_UNKNOWN,
          ERR_NONE },
	{ "an euiccSigned1 of another session by the same name", of_an_earlier_challenge,
          SMDP_EUICC_UNVERIFIED, ERR_NONE },
	{ "an error instead of an answer", error_for_an_answer, SMDP_EUICC_UNVERIFIED, ERR_NONE },
	{ "a session that the keeper never opened", never_opened, SMDP_OK, ERR_EXPIRED },
	{ "a session that was kept until now", kept_until_now, SMDP_OK, ERR_EXPIRED },
	{ "a profile that the card did not ask for", of_another_order, SMDP_OK, ERR_DENIED },
	{ "a profile that is for another card", of_another_card, SMDP_OK, ERR_DENIED },
	{ "a profile with a matching id, which the card did not name", named_by_nobody, SMDP_OK,
          ERR_DENIED },
	{ "a profile that is none", of_none, SMDP_OK, ERR_NOT_FOUND },
};

static uint64_t last_appraised(void)
{
	struct appraised appraised;
	uint64_t at = store_appraised_load(net.store, BYTES(world_eid), &appraised) == ERR_NONE
	                      ? appraised.time_s
	                      : 0;

	store_forget(net.store);
	return at;
}

/* R7, I4, I7: it can pass on what a card, the keeper and the store have said, and nothing of its own. */
static void believes_no_worker(void)
{
	static const uint8_t other_card[EID_SIZE] = { 0x89, 4 };
	uint64_t last;

	order_make(others, "acme", "M-2", (struct bytes){ NULL, 0 });
	order_make(linked, "acme", "M-3", BYTES(other_card));
	order_make(own_eid, "acme", "", BYTES(world_eid));
	order_make(mild, "mild", "M-5", (struct bytes){ NULL, 0 });
	worker_honest();
	ok(asked(&worker.request) == ERR_NONE, "what is passed on as it came is judged");
	last = last_appraised();
	pass(1);
	for (size_t i = 0; i < COUNT(lies); i++) {
		worker_honest();
		lies[i].lies();
		answer = (struct appraise_answer){ .decision = REFUSE };
		ok(asked(&worker.request) == lies[i].err && answer.card == lies[i].card &&
		           answer.decision == REFUSE && last_appraised() == last,
		   "I4, I7: not believed, and not put on record: %s", lies[i].says);
	}
	worker_honest();
	worker.request.iccid = BYTES(own_eid);
	worker.said.matching_id = "";
	worker_passes_on();
	ok_err(asked(&worker.request), ERR_NONE, "a profile that waits for this very card");
	ok_err(set(ITEM_POLICY, "mild", bytes_text(lenient_text)), ERR_NONE,
	       "an operator whose policy asks for less");
	worker_honest();
	refused(asked(&worker.request), "no evidence came", "I4: acme's profile goes by acme's policy");
	worker.request.iccid = BYTES(mild);
	worker.said.matching_id = "M-5";
	worker_passes_on();
	ok(asked(&worker.request) == ERR_NONE && answer.decision == RESTRICT,
	   "I4: ... and its own by the milder one");
	ok_err(set(ITEM_POLICY, "mild", BYTES_STR("")), ERR_NONE, "it is taken away");
}

/* Who would have been refused? */
static void tried(void)
{
	uint8_t in_octets[1024], out_octets[4096];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);
	struct appraiser_tried row;
	struct bytes rows;
	uint64_t number;

	ok_err(session(kernel_changed), ERR_NONE, "a changed kernel, on record");
	pack_bytes(&in, BYTES_STR(""));
	pack_bytes(&in, BYTES_STR("assay-policy 1\nname \"softer/1\"\npurpose access\nformats tpm\n"
	                          "banks sha256\npcrs 0\nmax-age 600\nadmit event-changed\n"));
	ok_err(appraiser_do_try(&state, room_used(&in), &out), ERR_NONE, "R8: a policy is tried");
	rows = room_used(&out);
	ok(unpack_u64(&rows, &number) == ERR_NONE && number == ERR_NONE, "it is well formed");
	ok_err(unpack_u64(&rows, &number), ERR_NONE, "no line is wrong");
	ok(appraiser_try_next(&rows, &row) == ERR_NONE && row.purpose == PURPOSE_PROVISIONING &&
	           row.now == REFUSE && row.then == REFUSE,
	   "without a rule for provisioning nothing is provisioned");
	ok(appraiser_try_next(&rows, &row) == ERR_NONE && row.purpose == PURPOSE_ACCESS &&
	           row.now == RESTRICT && row.then == ADMIT,
	   "who is restricted would be admitted");
	ok_err(appraiser_try_next(&rows, &row), ERR_NOT_FOUND, "and that are all");
	in = ROOM(in_octets);
	out = ROOM(out_octets);
	pack_bytes(&in, BYTES_STR(""));
	pack_bytes(&in, BYTES_STR("assay-policy 1\nname \"x\"\nadmit signature\n"));
	ok_err(appraiser_do_try(&state, room_used(&in), &out), ERR_NONE,
	       "one that is none is tried");
	rows = room_used(&out);
	ok(unpack_u64(&rows, &number) == ERR_NONE && number != ERR_NONE &&
	           unpack_u64(&rows, &number) == ERR_NONE && number == 3,
	   "and told by its line");
}

static void restarted(void)
{
	verifier_clear(&state.verifier);
	state_start();
	ok_err(session(known_log), ERR_NONE, "R11: after a restart of the appraiser");
	ok(answer.decision == ADMIT, "the log is known all the same (%s)", answer.why);
}

/* --- reference values under a supplier's signature, and machines that check themselves against them --- */

static uint8_t reference_digest[SHA256_SIZE];

static void self_judged(struct world *w, enum stage s)
{
	struct statement say = { .deviations = 0 };

	if (s == STAGE_BUNDLE)
		world_state(w, &say, reference_digest);
}

static void self_accused(struct world *w, enum stage s)
{
	struct statement say = { .deviations = 1, .deviation = { { 4, 9, { 0xBA, 0xD0 } } } };

	if (s == STAGE_BUNDLE)
		world_state(w, &say, reference_digest);
}

static void checked_by_old_values(struct world *w, enum stage s)
{
	static const uint8_t old[STATEMENT_SHORT];
	struct statement say = { .deviations = 0 };

	if (s == STAGE_BUNDLE)
		world_state(w, &say, old);
}

static enum err supplier(const uint8_t point[static EC_POINT_SIZE])
{
	static const uint8_t head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
		                        0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
		                        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
	uint8_t octets[sizeof head + EC_POINT_SIZE];

	memcpy(octets, head, sizeof head);
	memcpy(octets + sizeof head, point, EC_POINT_SIZE);
	return set(ITEM_SUPPLIER, "acme", BYTES(octets));
}

static void admitted(attack_fn *attack, const char *says)
{
	enum err err = session(attack);

	ok(err == ERR_NONE && answer.decision == ADMIT, "%s (%s)", says, answer.why);
}

static void stated(void)
{
	static const char text[] = "assay-policy 1\nname \"self/1\"\npurpose provisioning\n"
				   "formats tpm statement\nbanks sha256\npcrs 0 2 4 7 9\n"
				   "max-age 600\npairing enforce\n";

	refused(session(self_judged), "does not take this format",
	        "R2: a statement where the policy wants a quote");
	ok(answer.wants_log, "... and a quote is asked for");
	ok_err(set(ITEM_POLICY, "", bytes_text(text)), ERR_NONE, "a policy that takes statements");
	admitted(self_judged, "R11: a machine that found itself intact");
	refused(session(self_accused), "reports a deviation, event 9, PCR 4, found bad000",
	        "R9: a machine that found a deviation");
	ok(!answer.wants_log, "... which a quote would not change");
	refused(session(checked_by_old_values), "not in force",
	        "R2: a machine that has old reference values");
	ok(answer.wants_log, "... whose quote may tell more");
	admitted(NULL, "R2: a quote is still taken");
	admitted(known_log, "R11: ... with its log named, as before the statements");
}

static void suppliers(void)
{
	static uint8_t signed_octets[1 << 16];
	uint8_t point[EC_POINT_SIZE];
	struct room file = ROOM(signed_octets);
	struct bytes text = { NULL, 0 };
	SECRET key;

	ok(crypto_ec_generate(EC_P256, &key, point) == ERR_NONE &&
	           reference_text(&text) == ERR_NONE &&
	           references_sign(&file, &key, BYTES_STR("acme"), text) == ERR_NONE &&
	           crypto_sha256(reference_digest, &text, 1) == ERR_NONE &&
	           set(ITEM_REFERENCE, "M1 1.0", room_used(&file)) == ERR_NONE,
	   "reference values are signed");
	refused(session(NULL), "no supplier in force", "R2: by nobody who is known here");
	ok_err(supplier(point), ERR_NONE, "the supplier's key is made known");
	admitted(NULL, "R2: now they are in force");
	stated();
	ok_err(set(ITEM_SUPPLIER, "acme", BYTES_STR("")), ERR_NONE,
	       "the supplier's key is revoked");
	refused(session(NULL), "no supplier in force", "R2: a quote");
	refused(session(self_judged), "no supplier in force", "R2: a statement");
	ok(set(ITEM_REFERENCE, "M1 1.0", text) == ERR_NONE &&
	           set(ITEM_POLICY, "", bytes_text(policy_text)) == ERR_NONE,
	   "the operator vouches for them himself");
	admitted(NULL, "... and they are in force again");
}

static void durable(void)
{
	net.commit_fails = true;
	ok_err(session(NULL), ERR_FULL, "I5: a full disk");
	net.commit_fails = false;
	ok_err(ask(world.appraisal.evidence, BYTES(world.digest)), ERR_NONE,
	       "the same evidence, which nothing was told of");
	ok(answer.decision == ADMIT, "is admitted then");
}

/* --- network access --------------------------------------------------------------------------- */

#define IMSI "001010000000001"

static void subscribe(void)
{
	const struct order order = { .iccid = { 0x98 },
		                     .state = PROFILE_INSTALLED,
		                     .operator_name = BYTES_STR("acme"),
		                     .imsi = BYTES_STR(IMSI),
		                     .bound_eid = BYTES(world_eid) };
	const struct subscription subscription = { .imsi = BYTES_STR(IMSI),
		                                   .iccid = { 0x98 },
		                                   .sealed = BYTES_STR("sealed") };

	ok_err(store_profile_add(net.store, &order, BYTES_STR("package"), &subscription), ERR_NONE,
	       "a subscription is in that card");
}

/* Rulings as the process makes them, over the same store; `holds`: what it says of the audit lines is kept back. */
static struct {
	struct rulings rulings;
	uint32_t slot[RULINGS_MAX];
	bool holds, fails;
	size_t held, loads, records, questions, permits;
	struct ruling_told {
		bool told;
		enum err err;
		struct appraise_answer answer;
	} told[RULINGS_MAX];
} many;

static void many_loaded(void *ctx, enum err err, struct bytes reply)
{
	rulings_loaded(&many.rulings, *(const uint32_t *)ctx, err, reply);
}

static void many_recorded(void *ctx, enum err err, struct bytes reply)
{
	(void)reply;
	if (many.holds)
		many.held++;
	else
		rulings_recorded(&many.rulings, *(const uint32_t *)ctx, err);
}

static uint32_t *many_slot(uint32_t slot)
{
	many.slot[slot] = slot;
	return &many.slot[slot];
}

static enum err many_load(void *ctx, uint32_t slot, struct bytes imsi)
{
	(void)ctx;
	many.loads++;
	return store_ask_access(net.store, imsi, many_loaded, many_slot(slot));
}

static enum err many_record(void *ctx, uint32_t slot, const struct chip_change *change)
{
	(void)ctx;
	many.records++;
	return many.fails ? ERR_FULL
	                  : store_ask_chip_commit(net.store, change, many_recorded,
	                                          many_slot(slot));
}

static enum err many_permits(void *ctx, const struct permit *permits_for, size_t count,
                             uint8_t (*out)[PERMIT_SIZE])
{
	(void)ctx;
	many.questions++;
	many.permits += count;
	for (size_t i = 0; i < count; i++)
		TRY(permit_make(&net.key, &permits_for[i], out[i]));
	return ERR_NONE;
}

static void many_answer(void *ctx, const struct serve_ticket *ticket, enum err err,
                        struct bytes reply)
{
	struct ruling_told *told = &many.told[ticket->request];

	(void)ctx;
	told->told = true;
	told->err = err == ERR_NONE ? appraise_answer_read(reply, &told->answer) : err;
}

static void many_begin(void)
{
	rulings_begin(&many.rulings, &state,
	              &(struct ruling_ports){ .load = many_load,
	                                      .record = many_record,
	                                      .permits = many_permits,
	                                      .answer = many_answer });
}

static bool many_ask(uint32_t number, const char *imsi)
{
	many.told[number].told = false;
	return rulings_ask(&many.rulings, bytes_text(imsi), &(struct serve_ticket){ 1, number });
}

/* Goes on until so many lines are held back; 0: until all has been answered. */
static void many_go_on(size_t held)
{
	struct pollfd one = { .fd = store_fd(net.store), .events = POLLIN };

	rulings_turn(&many.rulings);
	while ((held > 0 ? many.held < held : many.rulings.under_way > 0) &&
	       poll(&one, 1, 20000) > 0) {
		store_pump(net.store);
		rulings_turn(&many.rulings);
	}
	store_forget(net.store);
}

/* What is ruled now; ADMIT and RESTRICT with a permit for that subscriber until `expires`. */
static enum err access_ruled(const char *imsi, struct permit *permit_read)
{
	uint8_t subject[PERMIT_SUBJECT_SIZE];

	if (!many_ask(0, imsi))
		return ERR_ORDER;
	many_go_on(0);
	if (!many.told[0].told)
		return ERR_ORDER;
	TRY(many.told[0].err);
	answer = many.told[0].answer;
	if (answer.decision == REFUSE)
		return ERR_NONE;
	TRY(permit_subject_access(bytes_text(imsi), subject));
	return permit_check(&net.key, BYTES(answer.permit), PURPOSE_ACCESS, subject, net.now,
	                    permit_read);
}

static void ruled(enum decision decision, const char *word, const char *says)
{
	struct permit read = { .decision = REFUSE };
	enum err err = access_ruled(IMSI, &read);

	ok(err == ERR_NONE && answer.decision == decision && read.decision == decision &&
	           strstr(answer.why, word) != NULL,
	   "R2: %s: %s, \"%s\"", says, decision_text(answer.decision), answer.why);
}

/* What the store gives the AuC along with a subscription. */
static uint64_t basis(void)
{
	struct subscription subscription;
	uint64_t out = 0;

	ok_err(store_subscription_load(net.store, BYTES_STR(IMSI), &subscription, &out), ERR_NONE,
	       "the subscription is read");
	store_forget(net.store);
	return out;
}

/* What people are told: by which policy, since when, until when. */
static bool tells(enum decision decision, const char *by, uint64_t since, uint64_t until)
{
	static uint8_t octets[4096];
	struct room out = ROOM(octets);
	struct bytes in, policy, why;
	uint64_t decided, since_s, until_s;

	if (appraiser_do_explain(&state, BYTES_STR(IMSI), &out) != ERR_NONE)
		return false;
	in = room_used(&out);
	if (unpack_u64(&in, &decided) != ERR_NONE || unpack_bytes(&in, &policy) != ERR_NONE ||
	    unpack_bytes(&in, &why) != ERR_NONE || unpack_u64(&in, &since_s) != ERR_NONE ||
	    unpack_u64(&in, &until_s) != ERR_NONE)
		return false;
	printf("# %s since %lld until %lld, now %lld\n", decision_text((enum decision)decided),
	       (long long)since_s, (long long)until_s, (long long)net.now);
	return decided == decision && bytes_same(policy, bytes_text(by)) &&
	       (why.len > 0 || decision == ADMIT) && since_s == since && until_s == until;
}

static void explained(void)
{
	static uint8_t octets[4096];
	struct room out = ROOM(octets);

	ok(tells(RESTRICT, "fleet/1", net.now, net.now + 601),
	   "R2: by that policy, in words, since it was found, until the evidence is too old");
	ok_err(appraiser_do_explain(&state, BYTES_STR("999999999999999"), &out), ERR_NOT_FOUND,
	       "a stranger is not explained");
}

static enum err revoked_by_hand(void)
{
	static const uint8_t id[CHIP_ID_SIZE] = { 7 };
	struct chip chip;

	return store_chip_decide(net.store, id, CHIP_REVOKED, BYTES_STR("by hand"), &chip);
}

static void access_follows(void)
{
	struct permit read = { .decision = REFUSE };
	uint64_t before;

	subscribe();
	ok_err(session(NULL), ERR_NONE, "an intact machine");
	ruled(ADMIT, "", "its subscriber");
	ok(access_ruled(IMSI, &read) == ERR_NONE && read.expires_s == net.now + 300,
	   "I4: the permit is short");
	before = basis();
	ok(basis() == before, "nothing happens: the basis is the same");
	ok_err(session(kernel_changed), ERR_NONE, "its kernel changes");
	ok(basis() != before, "R2: the AuC is told that there is something to ask");
	ruled(RESTRICT, "event differs", "its subscriber");
	explained();
	before = basis();
	pass(7);
	ok_err(set(ITEM_POLICY, "acme", bytes_text(lenient_text)), ERR_NONE, "another policy");
	ok(basis() != before, "so it is now");
	ruled(REFUSE, "", "a policy that has no rule for access");
	ok(tells(REFUSE, "lenient/1", net.now, 0), "... since then, and not until any time");
	ok_err(set(ITEM_POLICY, "acme", BYTES_STR("")), ERR_NONE, "the old one");
	ok_err(session(NULL), ERR_NONE, "the machine is intact again");
	pass(400);
	ruled(ADMIT, "", "a result of 400 seconds ago");
	ok(tells(ADMIT, "fleet/1", net.now - 400, net.now + 201),
	   "... admits since then, for 201 more");
	ok(access_ruled(IMSI, &read) == ERR_NONE && read.expires_s == net.now + 201,
	   "I4: the permit lasts no longer than the result");
	pass(201);
	ruled(REFUSE, "old", "R2: a result of more than 600 seconds ago");
	ok(tells(REFUSE, "fleet/1", net.now, 0),
	   "... since it is too old, until it proves itself again");
	pass(5);
	ok(tells(REFUSE, "fleet/1", net.now - 5, 0), "... and five seconds later still since then");
	ok_err(session(NULL), ERR_NONE, "it proves itself again");
	ruled(ADMIT, "", "its subscriber");
	ok_err(access_ruled("999999999999999", &read), ERR_NOT_FOUND,
	       "a stranger is not ruled about");
	before = basis();
	pass(9);
	ok_err(revoked_by_hand(), ERR_NONE, "the chip is revoked");
	ok(basis() != before, "R2: the AuC is told");
	ruled(REFUSE, "revoked", "its subscriber, though nobody has appraised since");
	ok(tells(REFUSE, "fleet/1", net.now, 0), "... since it was");
	ok_err(enrol(chip_version(), CHIP_APPROVED), ERR_NONE, "it is approved again");
}

static size_t told_well(uint32_t first, uint32_t count)
{
	size_t good = 0;

	for (uint32_t i = first; i < first + count; i++)
		good += many.told[i].told && many.told[i].err == ERR_NONE &&
		        many.told[i].answer.decision == ADMIT;
	return good;
}

static size_t told_at_all(uint32_t first, uint32_t count)
{
	size_t told = 0;

	for (uint32_t i = first; i < first + count; i++)
		told += many.told[i].told;
	return told;
}

/* A fleet that comes back at once (R11): the appraiser waits for no line of the audit log before it goes on. */
static void many_at_once(void)
{
	enum { FLEET = 200 };
	size_t loads = many.loads, questions = many.questions;
	uint32_t i;

	ok_err(session(NULL), ERR_NONE, "an intact machine");
	many.holds = true;
	for (i = 0; i < FLEET; i++)
		if (!many_ask(i, IMSI))
			break;
	ok(i == FLEET && many.loads == loads + FLEET, "R11: all are under way at once");
	many.held = 0;
	many_go_on(FLEET);
	ok(many.held == FLEET, "their lines are in the audit log");
	ok(told_at_all(0, FLEET) == 0 && many.questions == questions,
	   "I4, I5: nobody has a permit before it is known that they are");
	ok_err(session(kernel_changed), ERR_NONE, "an appraisal meanwhile waits for none of them");
	ok_err(session(NULL), ERR_NONE, "nor does the next");
	for (uint32_t slot = 0, at = 0; at < FLEET; slot++) {
		if (many.rulings.slots[slot].step != RULING_RECORDING)
			continue;
		rulings_recorded(&many.rulings, slot, at == 7 ? ERR_FULL : ERR_NONE);
		at++;
	}
	ok(told_at_all(0, FLEET) == 0, "... nor answers within it");
	many.holds = false;
	many_go_on(0);
	ok(told_well(0, FLEET) == FLEET - 1 && told_at_all(0, FLEET) == FLEET,
	   "then all have: %zu of %d", told_well(0, FLEET), FLEET);
	ok(many.questions - questions == (FLEET + KEEPER_PERMITS_MAX - 1) / KEEPER_PERMITS_MAX,
	   "R11: in %zu questions to the keeper", many.questions - questions);
	many.fails = true;
	ok(many_ask(0, IMSI), "asked with a disk that is full");
	many_go_on(0);
	ok_err(many.told[0].told ? many.told[0].err : ERR_NONE, ERR_FULL,
	       "I4: what cannot be recorded is not permitted");
	many.fails = false;
	for (i = 0; i < RULINGS_MAX && many_ask(i, IMSI); i++)
		;
	ok(i == RULINGS_MAX && !many_ask(0, IMSI), "no more than there is room for");
	many_go_on(0);
	ok(many_ask(0, IMSI), "... until there is again");
	many_go_on(0);
}

static void policies(void)
{
	ok_err(set(ITEM_POLICY, "acme", bytes_text(lenient_text)), ERR_NONE,
	       "an operator's own policy");
	ok_err(ask(BYTES_STR(""), (struct bytes){ NULL, 0 }), ERR_NONE, "a card without evidence");
	ok(answer.decision == RESTRICT && permitted(), "is restricted under it, at once");
	ok_err(set(ITEM_POLICY, "acme", BYTES_STR("")), ERR_NONE, "it is taken away");
	ok_err(enrol(chip_version(), CHIP_REVOKED), ERR_NONE, "the chip is revoked");
	refused(session(NULL), "revoked", "R2: a revoked chip");
}

static char because[EVENT_TEXT_MAX + 1]; /* of the last decision that changed */

/* told tells whether that event is among those after `number`, and moves on to the last. */
static bool told(uint64_t *number, enum event_kind kind, const char *before, const char *after)
{
	struct store_event_row row;
	struct bytes reply;
	bool found = false;

	if (store_events(net.store, *number, BYTES(world_eid), 100, &reply) != ERR_NONE)
		return false;
	while (store_events_next(&reply, &row) == ERR_NONE) {
		printf("# %s: %.*s -> %.*s\n", event_word(row.event.kind),
		       (int)row.event.before.len, (const char *)row.event.before.at,
		       (int)row.event.after.len, (const char *)row.event.after.at);
		if (row.event.kind == EVENT_DECISION_CHANGED)
			snprintf(because, sizeof because, "%.*s", (int)row.event.detail.len,
			         (const char *)row.event.detail.at);
		found = found || (row.event.kind == kind &&
		                  bytes_same(row.event.before, bytes_text(before)) &&
		                  bytes_same(row.event.after, bytes_text(after)) &&
		                  bytes_same(row.event.operator_name, BYTES_STR("acme")));
		*number = row.number;
	}
	store_forget(net.store);
	return found;
}

/* Somebody opens the machine: it measures that. */
static void opened(struct world *w, enum stage s)
{
	if (s != STAGE_BOOT)
		return;
	w->event[w->events].pcr = 4;
	w->event[w->events].type = EV_IPL;
	snprintf(w->event[w->events].data, sizeof w->event[0].data, "tamper");
	w->events++;
}

/* R9, from what comes with sessions. */
static void changes(void)
{
	static const uint8_t report[] = { 0x82, 1, 1, 0x83, 1, 0, 0x84, 1, 2, 0x85, 4, 0, 0, 0, 0,
		                          0x86, 4, 0, 0, 0, 5, 0x87, 4, 0, 0, 0, 1 };
	uint64_t number = 0;

	(void)!told(&number, EVENT_TAMPER, "", "");
	ok(number > 0, "there were changes before");
	ok_err(session(NULL), ERR_NONE, "an intact machine");
	(void)!told(&number, EVENT_TAMPER, "", "");
	refused(session(kernel_changed), "event differs", "the same with a changed kernel");
	because[0] = '\0';
	ok(told(&number, EVENT_DECISION_CHANGED, "admit", "refuse"),
	   "R9: the operator hears that the decision changed");
	ok(strstr(because, "PCR 4") != NULL && strstr(because, "found") != NULL,
	   "R9: and because of which measurement (%s)", because);
	ok_err(session(NULL), ERR_NONE, "intact again");
	ok(told(&number, EVENT_DECISION_CHANGED, "refuse", "admit"), "R9: ... and changed back");
	world.say.firmware = BYTES_STR("2.0");
	ok_err(session(NULL), ERR_NONE, "other firmware");
	ok(told(&number, EVENT_NEW_FIRMWARE, "1.0", "2.0"), "R9: new firmware is told");
	world.say.firmware = BYTES_STR("1.0");
	ok_err(session(NULL), ERR_NONE, "the firmware of before");
	refused(session(opened), "event is not expected", "R1b.6: a machine that was opened");
	ok(told(&number, EVENT_TAMPER, "intact", "reports tampering"), "R1b.6, R9: tampering is told");
	ok_err(session(NULL), ERR_NONE, "after it was put right");
	said_card = BYTES(report);
	ok_err(session(NULL), ERR_NONE, "a card that was used without a proof");
	ok(told(&number, EVENT_PAIRING_FAILED, "0 refused, 0 without proof",
	        "0 refused, 5 without proof"),
	   "R9: failed pairing is told");
	said_card = (struct bytes){ NULL, 0 };
	said_imei = BYTES_STR("356938035643809");
	ok_err(ask(BYTES_STR(""), (struct bytes){ NULL, 0 }), ERR_NONE, "the card in a device that proves nothing");
	ok(told(&number, EVENT_NEW_IMEI, "490154203237518", "356938035643809"),
	   "R9: a new IMEI is told");
	said_imei = (struct bytes){ NULL, 0 };
}

/* R9, from what comes with enrolment. */
static struct bytes claimed_imei; /* by who enrols */

static struct chip machine_of(uint8_t id, enum chip_state chip_state,
                              const uint8_t eid[static EID_SIZE])
{
	static uint8_t ids[CHIP_ID_SIZE];
	struct chip chip = {
		.id = {id       },
		.format = EVIDENCE_TPM,
		.state = chip_state,
		.test = true,
		.eid = { eid, EID_SIZE },
		.how = BYTES_STR("by a test"),
		.key = world.enrolment.key,
		.imei = claimed_imei,
		.model = world.say.model
	};
	struct chip before;
	uint64_t generation;

	ids[0] = id;
	if (store_chip_load(net.store, CHIP_BY_ID, BYTES(ids), &generation, &before) == ERR_NONE)
		chip.version = before.version;
	return chip;
}

static enum err claims(uint8_t id, enum chip_state chip_state, const uint8_t eid[static EID_SIZE])
{
	const struct chip chip = machine_of(id, chip_state, eid);

	return store_chip_commit(net.store, &(struct chip_change){ .chip = &chip });
}

static enum err decide(uint8_t id, enum chip_state chip_state)
{
	const uint8_t ids[CHIP_ID_SIZE] = { id };
	struct chip chip;

	return store_chip_decide(net.store, ids, chip_state, BYTES_STR("by hand"), &chip);
}

/* silent: no event of that kind since `number`. */
static bool silent(uint64_t *number, enum event_kind kind)
{
	struct store_event_row row;
	struct bytes reply;
	bool found = false;

	if (store_events(net.store, *number, (struct bytes){ NULL, 0 }, 100, &reply) != ERR_NONE)
		return false;
	while (store_events_next(&reply, &row) == ERR_NONE) {
		found = found || row.event.kind == kind;
		*number = row.number;
	}
	store_forget(net.store);
	return !found;
}

static void enrolments(void)
{
#define CHIP(digits) digits "000000000000000000000000000000"
	static const uint8_t other[EID_SIZE] = { 0x89, 0x04, 0x90, 0x32, 0x99 };
	uint64_t number = 0;

	claimed_imei = BYTES_STR(WORLD_IMEI);
	ok_err(session(NULL), ERR_NONE, "an intact machine");
	(void)silent(&number, EVENT_NEW_CHIP);
	ok_err(claims(8, CHIP_PENDING, world_eid), ERR_NONE, "a second chip claims the card");
	ok(told(&number, EVENT_NEW_CHIP, CHIP("07"), CHIP("08")), "R9: that is told");
	ok_err(claims(8, CHIP_PENDING, world_eid), ERR_NONE,
	       "it asks again whether it is approved");
	ok(silent(&number, EVENT_NEW_CHIP), "... which is not");
	ok_err(session(NULL), ERR_NONE, "the first chip still vouches for the machine");
	ok(answer.decision == ADMIT && silent(&number, EVENT_NEW_CHIP),
	   "a claim changes nothing of that");
	ok_err(decide(7, CHIP_REVOKED), ERR_NONE, "the first is revoked");
	ok_err(decide(8, CHIP_APPROVED), ERR_NONE, "the second approved");
	ok(silent(&number, EVENT_NEW_CHIP), "R9: of which the operator had been told");
	ok_err(session(NULL), ERR_NONE, "the machine proves itself by its new chip");
	ok(answer.decision == ADMIT && silent(&number, EVENT_NEW_CHIP),
	   "R9: that is not told again (%s)", answer.why);

	ok_err(decide(8, CHIP_REVOKED), ERR_NONE, "that is revoked, too");
	ok_err(decide(7, CHIP_APPROVED), ERR_NONE, "and the first is back");
	ok(told(&number, EVENT_NEW_CHIP, CHIP("08"), CHIP("07")),
	   "R9: approval without a claim is told");
	ok_err(session(NULL), ERR_NONE, "it proves itself");
	ok(silent(&number, EVENT_NEW_CHIP), "R9: ... once");

	claimed_imei = BYTES_STR("356938035643809");
	ok_err(claims(9, CHIP_PENDING, world_eid), ERR_NONE, "another machine claims the card");
	ok(told(&number, EVENT_MOVED_CARD, "IMEI 490154203237518, chip " CHIP("07"),
	        "IMEI 356938035643809, chip " CHIP("09")),
	   "R9: chip and IMEI together are a moved card");
	claimed_imei = BYTES_STR(WORLD_IMEI);

	ok_err(claims(7, CHIP_PENDING, other), ERR_NONE,
	       "the approved chip comes with another card");
	ok(told(&number, EVENT_MOVED_CARD, "IMEI 490154203237518, chip " CHIP("07"),
	        "that machine has card 89049032990000000000000000000000"),
	   "R9: that is told of the card that it was with");
	ok_err(claims(7, CHIP_PENDING, other), ERR_NONE, "it asks again");
	ok(silent(&number, EVENT_MOVED_CARD), "... which is not");
	ok_err(decide(7, CHIP_APPROVED), ERR_NONE, "it is approved for the other card");
	ok(silent(&number, EVENT_MOVED_CARD), "R9: nor is that");
	ok_err(claims(7, CHIP_APPROVED, world_eid), ERR_NONE, "and back by its supplier's list");
	(void)silent(&number, EVENT_MOVED_CARD);
	ok_err(session(NULL), ERR_NONE, "the machine proves itself");
	ok(answer.decision == ADMIT && silent(&number, EVENT_MOVED_CARD),
	   "R9: as if nothing had been");

	for (uint8_t i = 0; i < 15; i++) {
		uint8_t eid[EID_SIZE] = { 0x89, 0x04, 0x77, i };
		if (claims(8, CHIP_PENDING, eid) != ERR_NONE)
			ok(false, "card %d is claimed", i);
	}
	ok_err(claims(8, CHIP_PENDING, other), ERR_DENIED, "a chip claims 16 cards and no more");
	ok_err(claims(8, CHIP_APPROVED, other), ERR_NONE,
	       "... unless its supplier has listed it there");
#undef CHIP
}

int main(void)
{
	if (!secret_from(&net.key, BYTES_STR("0123456789abcdef0123456789abcdef")) ||
	    !secret_from(&net.opening, BYTES_STR("fedcba9876543210fedcba9876543210")) ||
	    crypto_ec_generate(EC_P256, &net.result_key, net.result_point) != ERR_NONE ||
	    verifier_init(&own, 0) != ERR_NONE)
		return 1;
	store_clock = mmap(NULL, sizeof *store_clock, PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (store_clock == MAP_FAILED)
		return 1;
	pass((uint64_t)time(NULL)); /* certificates are of today */
	net.ci = card_begin(world_eid);
	own.accept_test_chips = true;
	world_init(&world, &own);
	store_start();
	state_start();
	many_begin();
	order_make(iccid, "acme", "M-1", (struct bytes){ NULL, 0 });
	session_open();
	no_policy();
	ok_err(set(ITEM_POLICY, "", bytes_text(policy_text)), ERR_NONE, "a policy is given");
	(void)!world_run(&world, NULL);
	ok_err(learn_reference(), ERR_NONE, "and reference values of a good machine");
	wanted();
	attested();
	believes_no_worker();
	tried();
	restarted();
	suppliers();
	durable();
	access_follows();
	many_at_once();
	changes();
	enrolments();
	policies();
	store_stop();
	return done();
}
