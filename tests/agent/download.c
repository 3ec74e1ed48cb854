/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent against the real card core and an SM-DP+ in the same process: a whole download and what follows,
 * then everything that can end it early.
 */
#include "agent/download.h"
#include "agent/notify.h"

#include "tests/agent/smdp.h"

enum { STORE_SIZE = 2 << 20, BODY_SIZE = 4 << 20 };

/* One machine: card, way to it, server, and a person who answers as told. */
struct world {
	struct lpa lpa;
	struct core core;
	struct card_link link;
	struct smdp smdp;
	struct http http;
	struct es10 es10;
	struct es9 es9;
	struct room store;
	struct download_user user;
	struct device_info device;
	struct download download;
	struct activation_code code;
	/* the person */
	enum download_answer answer;
	const char *confirmation;
	unsigned asked, code_asked, steps;
	size_t loaded;
};

static struct dp_pki nist;
static struct world w;
static uint8_t store_octets[STORE_SIZE], body_octets[BODY_SIZE];

static enum download_answer consent(void *ctx, const struct store_metadata *metadata, bool rules)
{
	(void)ctx;
	(void)rules;
	w.asked++;
	return metadata->profile_name.len > 0 ? w.answer : ANSWER_NO;
}

static bool confirmation(void *ctx, struct room *code)
{
	(void)ctx;
	w.code_asked++;
	if (w.confirmation == NULL)
		return false;
	room_put(code, bytes_text(w.confirmation));
	return true;
}

static void step(void *ctx, enum download_step at)
{
	(void)ctx;
	(void)at;
	w.steps++;
}

static void loaded(void *ctx, size_t done, size_t total)
{
	(void)ctx;
	w.loaded = done == total ? total : 0;
}

/* fresh makes a new card without profiles and an honest server with profile 1. */
static void fresh(void)
{
	free(w.lpa.flash.now);
	free(w.lpa.flash.durable);
	w = (struct world){ .answer = ANSWER_YES };
	lpa_new(&w.lpa, &nist, NULL);
	w.core = (struct core){ .lpa = &w.lpa, .silent_after = -1 };
	w.link = (struct card_link){ &w.core, core_transmit, NULL, NULL, core_reset, NULL };
	w.smdp.dp.pki = &nist;
	w.smdp.number = 1;
	w.http = (struct http){ &w.smdp, smdp_post, smdp_why };
	w.es9 = (struct es9){ .http = &w.http, .body = ROOM(body_octets) };
	w.store = ROOM(store_octets);
	w.user = (struct download_user){ NULL, consent, confirmation, step, loaded };
	w.device = (struct device_info){ .tac = BYTES_STR("\x00\x01\x00\x00") };
	w.download = (struct download){ .es10 = &w.es10,
		                        .es9 = &w.es9,
		                        .user = &w.user,
		                        .store = &w.store,
		                        .device = &w.device };
	w.code = (struct activation_code){ .smdp_address = BYTES_STR(DP_ADDRESS),
		                           .matching_id = BYTES_STR("MATCH-ME") };
	dp_must(es10_open(&w.es10, &w.link), "opening the ISD-R");
}

static enum err run(void)
{
	w.store.len = 0;
	return download_run(&w.download, &w.code);
}

static size_t profiles(struct profile_info *last)
{
	struct bytes list = { 0 }, element;
	size_t count = 0;

	dp_must(es10_profiles(&w.es10, &w.store, &list), "GetProfilesInfo");
	while (list.len > 0) {
		dp_must(ber_read_whole(&list, TAG_PROFILE_INFO, &element), "ProfileInfo");
		dp_must(profile_info_read(element, last), "ProfileInfo");
		count++;
	}
	return count;
}

static size_t waiting(void)
{
	struct bytes list = { 0 }, element;
	size_t count = 0;

	dp_must(es10_list_notifications(&w.es10, &w.store, &list), "ListNotification");
	while (list.len > 0) {
		dp_must(ber_read_whole(&list, TAG_NOTIFICATION_METADATA, &element), "notification");
		count++;
	}
	return count;
}

static enum err send_all(size_t *sent, size_t *kept)
{
	struct notify notify = { .es10 = &w.es10, .es9 = &w.es9, .store = &w.store, .attempts = 2 };
	enum err err = notify_send_all(&notify);

	*sent = notify.sent;
	*kept = notify.kept;
	return err;
}

static void whole_life(void)
{
	struct profile_info info = { 0 };
	uint8_t iccid[ICCID_SIZE];
	size_t sent, kept;

	fresh();
	package_iccid(iccid, 1);
	struct switch_profile request = { .profile = { .iccid = BYTES(iccid) }, .refresh = true };
	ok_err(run(), ERR_NONE, "R3: a profile is downloaded and installed");
	if (w.download.why[0] != 0)
		printf("# %s\n", w.download.why);
	ok(w.asked == 1 && w.code_asked == 0 && w.loaded > 0 && w.download.step == STEP_DONE,
	   "... the person was asked once, for no code, and saw it load");
	ok(profiles(&info) == 1 && bytes_same(info.iccid, BYTES(iccid)) &&
	           info.state == PROFILE_DISABLED,
	   "... the card lists it, disabled");
	ok(waiting() == 2, "... holds the installation result, and one for the configured address");
	ok(send_all(&sent, &kept) == ERR_NONE && sent == 2 && kept == 0 && waiting() == 0,
	   "notifications sent, and off the card");
	ok(w.smdp.note_count == 2 && w.smdp.notes[0].event == NOTIFY_INSTALL &&
	           bytes_same(w.smdp.notes[0].address, BYTES_STR(DP_ADDRESS)),
	   "... in order, the server's first");
	ok_err(es10_switch(&w.es10, TAG_ENABLE_PROFILE, &request), ERR_NONE, "R4: enabled");
	ok_err(es10_refresh(&w.es10), ERR_NONE, "... the card is reset and open again");
	ok(profiles(&info) == 1 && info.state == PROFILE_ENABLED, "... the card lists it, enabled");
	ok_err(es10_switch(&w.es10, TAG_ENABLE_PROFILE, &request), ERR_DENIED,
	       "enabled twice is refused");
	ok(strcmp(w.es10.why, "EnableProfile: the profile is enabled already (2)") == 0,
	   "... in words: %s", w.es10.why);
	ok_err(es10_delete(&w.es10, &request.profile), ERR_DENIED,
	       "an enabled profile is not deleted");
	ok_err(es10_switch(&w.es10, TAG_DISABLE_PROFILE, &request), ERR_NONE, "disabled");
	ok_err(es10_refresh(&w.es10), ERR_NONE, "... reset");
	ok_err(es10_delete(&w.es10, &request.profile), ERR_NONE, "deleted");
	ok(profiles(&info) == 0, "... the card lists none");
	enum err err = send_all(&sent, &kept);
	ok(err == ERR_NONE && kept == 0 && waiting() == 0, "%zu more sent", sent);
}

static void card_facts(void)
{
	struct configured_addresses addresses = { 0 };
	struct euicc_info2 info2;
	uint8_t eid[EID_SIZE] = { 0 }, want[EID_SIZE];

	fresh();
	ok_err(es10_eid(&w.es10, eid), ERR_NONE, "GetEID");
	ok_bytes(BYTES(eid), unhex(DP_EID, want, sizeof want), "... the card's");
	ok_err(es10_euicc_info2(&w.es10, &w.store, &info2), ERR_NONE, "GetEUICCInfo2");
	ok_err(es10_configured_addresses(&w.es10, &w.store, &addresses), ERR_NONE, "addresses");
	ok_bytes(addresses.default_dp, BYTES_STR("default.example.com"), "... default SM-DP+");
	ok_err(es10_set_default_dp_address(&w.es10, BYTES_STR("new.example.com")), ERR_NONE, "set");
	ok_err(es10_configured_addresses(&w.es10, &w.store, &addresses), ERR_NONE, "read again");
	ok_bytes(addresses.default_dp, BYTES_STR("new.example.com"), "... the new one");
	ok_err(es10_remove_notification(&w.es10, 77), ERR_NOT_FOUND, "no such notification");
	es10_close(&w.es10);
	ok_err(es10_eid(&w.es10, eid), ERR_ORDER, "nothing goes to a closed channel");
	enum err err = ERR_NONE;
	for (int i = 0; i < 2 * CARD_CHANNELS && err == ERR_NONE; i++)
		err = es10_open(&w.es10, &w.link);
	ok_err(err, ERR_NONE, "channels that killed programs left open do not lock us out");
}

static void reject(void)
{
	w.answer = ANSWER_NO;
}

static void postpone(void)
{
	w.answer = ANSWER_LATER;
}

static void no_code(void)
{
	w.smdp.code = "1234";
}

static void wrong_code(void)
{
	w.smdp.code = "1234";
	w.confirmation = "4321";
}

static void refuse(const char *at, const char *subject, const char *reason)
{
	w.smdp.fail_at = at;
	w.smdp.fail_times = 1;
	w.smdp.fail_status = 200;
	w.smdp.subject = subject;
	w.smdp.reason = reason;
}

static void unknown_id(void)
{
	refuse("authenticateClient", "8.2.6", "3.8");
}

static void forgotten(void)
{
	refuse("authenticateClient", "8.10.1", "3.9");
}

static void not_executed(void)
{
	refuse("authenticateClient", "1.6", "4.2");
}

static void busy(void)
{
	w.smdp.fail_at = "initiateAuthentication";
	w.smdp.fail_times = 1;
	w.smdp.fail_status = 503;
}

static void unreachable(void)
{
	w.smdp.fail_at = "getBoundProfilePackage";
	w.smdp.fail_times = 1;
	w.smdp.fail_as = ERR_TIMEOUT;
}

static void other_address(void)
{
	w.smdp.other_address = true;
}

static void bad_path(void)
{
	w.code.smdp_address = BYTES_STR("smdp.example.com/x");
}

/* What ends a download before anything is installed. */
static const struct {
	const char *says;
	void (*spoil)(void);
	enum err want;
	enum download_step step;
	unsigned cancels;
	uint8_t reason;
	bool retry;
} endings[] = {
	{"the person rejects",                   reject,        ERR_DENIED,  STEP_CONSENT,  1, CANCEL_END_USER_REJECTION,
         false														 },
	{ "the person postpones",                postpone,      ERR_DENIED,  STEP_CONSENT,  1, CANCEL_POSTPONED,          false},
	{ "no confirmation code",                no_code,       ERR_DENIED,  STEP_CONSENT,  1, CANCEL_POSTPONED,
         false														 },
	{ "a wrong confirmation code",           wrong_code,    ERR_DENIED,  STEP_FETCH,    0, 0,                         false},
	{ "an unknown matching ID",              unknown_id,    ERR_DENIED,  STEP_OFFER,    0, 0,                         false},
	{ "a forgotten session",                 forgotten,     ERR_DENIED,  STEP_OFFER,    0, 0,                         true },
	{ "I2: what the server could not do",    not_executed,  ERR_DENIED,  STEP_OFFER,    0, 0,                         true },
	{ "a busy server",                       busy,          ERR_BUSY,    STEP_INITIATE, 0, 0,                         true },
	{ "a server out of reach",               unreachable,   ERR_TIMEOUT, STEP_FETCH,    0, 0,                         true },
	{ "another address under the signature", other_address, ERR_DENIED,  STEP_INITIATE, 0, 0,
         false														 },
	{ "an address that is none",             bad_path,      ERR_VALUE,   STEP_INITIATE, 0, 0,                         false},
};

static void early_ends(void)
{
	struct profile_info info = { 0 };

	for (size_t i = 0; i < COUNT(endings); i++) {
		fresh();
		endings[i].spoil();
		enum err err = run();
		ok_err(err, endings[i].want, endings[i].says);
		ok(w.download.step == endings[i].step && w.smdp.cancels == endings[i].cancels &&
		           w.smdp.cancel_reason == endings[i].reason,
		   "... at step %d, %u cancellations with reason %u", (int)w.download.step,
		   w.smdp.cancels, w.smdp.cancel_reason);
		ok(w.download.why[0] != 0, "... in words: %s", w.download.why);
		ok(download_worth_retrying(&w.download, err) == endings[i].retry, "... %s retrying",
		   endings[i].retry ? "worth" : "not worth");
		ok(profiles(&info) == 0, "... nothing was installed");
		if (endings[i].retry)
			ok_err(run(), ERR_NONE, "... and works when tried again");
	}
}

static void server_lies(void)
{
	struct profile_info info = { 0 };

	fresh();
	w.smdp.dp.pki = &nist;
	w.code.matching_id = BYTES_STR("MATCH-ME");
	w.smdp.code = "1234";
	w.confirmation = "1234";
	ok_err(run(), ERR_NONE, "the right confirmation code");
	ok(w.code_asked == 1 && profiles(&info) == 1, "... asked for once, and installed");
	ok_err(run(), ERR_DENIED, "the same profile again is refused by the card");
	ok(strstr(w.download.why, "ICCID already") != NULL, "... in words: %s", w.download.why);
	ok(profiles(&info) == 1, "... and the first is still there");
}

/* I5: the card falls silent at its n-th command, for every n, before or after having run it; the agent
 * resets it, looks whether the profile is there, and tries again where it is not. Always ends with the
 * profile once. */
static void silence_sweep(bool runs)
{
	struct profile_info info = { 0 };
	size_t wrong = 0, retried = 0, n = 0;
	bool reached = true;

	for (; reached; n++) {
		bool installed = false;

		fresh();
		w.core.silent_after = (long)n;
		w.core.runs_when_silent = runs;
		enum err err = run();
		reached = w.core.silent;
		w.core.silent_after = -1;
		if (err != ERR_NONE) {
			dp_must(es10_refresh(&w.es10), "reset");
			dp_must(download_installed(&w.download, &installed), "looking");
			retried += !installed;
			err = installed ? ERR_NONE : run();
		}
		if (err != ERR_NONE || profiles(&info) != 1) {
			printf("# silent at %zu: %s, %s\n", n, err_name(err), w.download.why);
			wrong++;
		}
	}
	ok(wrong == 0 && n > 30, "I5: silent %s any of %zu commands, one profile in the end",
	   runs ? "after" : "before", n - 1);
	ok(retried == (runs ? n - 3 : n - 2), "... tried again %zu times", retried);
}

static void notifications_kept(void)
{
	size_t sent, kept;

	fresh();
	dp_must(run(), "download");
	w.smdp.fail_at = "handleNotification";
	w.smdp.fail_times = 2;
	w.smdp.fail_as = ERR_IO;
	enum err err = send_all(&sent, &kept);
	ok(err == ERR_IO && sent == 1 && kept == 1 && waiting() == 1,
	   "a notification that its server did not take stays, another server's goes");
	ok(send_all(&sent, &kept) == ERR_NONE && sent == 1 && waiting() == 0,
	   "... the next time it goes too");
	ok(send_all(&sent, &kept) == ERR_NONE && sent == 0, "nothing more to send");
}

int main(void)
{
	dp_pki_make(&nist, EC_P256);
	whole_life();
	card_facts();
	early_ends();
	server_lies();
	silence_sweep(false);
	silence_sweep(true);
	notifications_kept();
	return done();
}
