/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three honest cards, two profiles and an operator do what they like in any order, from a seed:
 * downloads that stop anywhere, packages that are installed or not, results that come late, out
 * of order or never, orders cancelled and made again. After each step one thing is looked at:
 *
 * I1  a profile is installed on at most one card.
 */
#include "server/es2.h"
#include "tests/server/smdp_world.h"
#include "tests/tap.h"

enum { CARDS = 3, PROFILES = 2, WORLDS = 12, STEPS = 150, RESULTS = 64 };

static struct world world;
static struct soft_card cards[CARDS];
static struct stored_order *profiles[PROFILES];
static const char *const iccids[PROFILES] = { "8949000000000000017", "8949000000000000025" };
static char matching_ids[PROFILES][16];
static bool on_card[CARDS][PROFILES];
static size_t installs, failures, refusals, generation;

/* Results that cards have made and LPAs have not sent yet. */
static struct {
	uint8_t octets[512];
	size_t len;
} results[RESULTS];
static size_t result_count;

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545F4914F6CDD1D >> 32) % below;
}

static void order(void)
{
	size_t p = draw(PROFILES);
	struct es2_caller caller = { .admin = true };
	struct bytes iccid = bytes_text(iccids[p]);
	struct download_order download_order = { .iccid = iccid };
	struct confirm_order confirm = { .iccid = iccid,
		                         .release = draw(4) != 0,
		                         .download_attempts = 6 };
	struct confirm_order_ok made;
	char id[16];
	uint8_t octets[ICCID_SIZE];

	snprintf(id, sizeof id, "M-%zu", generation++);
	confirm.matching_id = bytes_text(id);
	(void)!es2_download_order(&world.ports, &caller, &download_order, octets);
	if (es2_confirm_order(&world.ports, &caller, &confirm, &made) == SMDP_OK)
		memcpy(matching_ids[p], id, sizeof id);
	(void)!es2_release_profile(&world.ports, &caller, iccid);
}

static void cancel_order(void)
{
	size_t p = draw(PROFILES);
	struct es2_caller caller = { .admin = true };
	struct cancel_order cancel = { .iccid = bytes_text(iccids[p]),
		                       .final_status = BYTES_STR("Available") };

	(void)!es2_cancel_order(&world.ports, &caller, &cancel);
}

static void keep_result(struct soft_card *card, uint8_t reason)
{
	struct room room = ROOM(results[0].octets);

	if (result_count == RESULTS)
		return; /* lost */
	room.at = results[result_count].octets;
	card_result(card, reason, &room);
	results[result_count++].len = room.len;
}

/* An honest card: it installs what it does not have, or fails and says why. */
static void take(size_t c, size_t p)
{
	static const uint8_t reasons[] = { 7, 8, 10, 11, 12, 15, 127 };

	if (on_card[c][p]) {
		keep_result(&cards[c], 9);
		failures++;
	} else if (draw(3) == 0) {
		keep_result(&cards[c], reasons[draw(COUNT(reasons))]);
		failures++;
	} else {
		on_card[c][p] = true;
		keep_result(&cards[c], 0);
		installs++;
	}
}

static void fetch(void)
{
	size_t c = draw(CARDS), p = draw(PROFILES);

	if (draw(5) == 0)
		cards[c].has_otpk = false;
	if (download(&world, &cards[c], matching_ids[p], NULL)[0] != 0)
		refusals++;
	else if (draw(8) != 0) /* else the package is lost on its way */
		take(c, p);
}

static void send_result(void)
{
	size_t i = result_count > 0 ? draw((uint32_t)result_count) : 0;

	if (result_count == 0)
		return;
	if (draw(6) != 0)
		json_decref(
			call(&world, "handleNotification",
		             body_pending((struct bytes){ results[i].octets, results[i].len })));
	results[i] = results[--result_count]; /* sent, or lost */
}

static void cancel_session(void)
{
	static const uint8_t oid[] = { 0x88, 0x37, 0x0A };
	uint8_t store[256];
	struct room message = ROOM(store);
	struct soft_card *card = &cards[draw(CARDS)];

	card_cancel(card, (uint8_t)draw(6), BYTES(oid), &message);
	json_decref(call(&world, "cancelSession",
	                 body_with(card, "cancelSessionResponse", room_used(&message))));
}

static void pass_time(void)
{
	world.now_ms += draw(2) ? 60000 : 700000;
	for (size_t i = 0; i < WORLD_SESSIONS; i++) {
		if (world.sessions[i].expires_ms <= world.now_ms)
			world.sessions[i].used = false;
	}
}

/* The store of the tests is small: what nobody will ask for any more makes place. */
static void make_place(void)
{
	size_t used = 0;

	for (size_t i = 0; i < WORLD_SESSIONS; i++)
		used += world.sessions[i].used;
	if (used > WORLD_SESSIONS / 2)
		world.sessions[draw(WORLD_SESSIONS)].used = false;
	if (used == WORLD_SESSIONS)
		memset(world.sessions, 0, sizeof world.sessions);
}

static bool at_most_one(void)
{
	for (size_t p = 0; p < PROFILES; p++) {
		size_t holders = 0;
		for (size_t c = 0; c < CARDS; c++)
			holders += on_card[c][p];
		if (holders > 1)
			return false;
	}
	return true;
}

static bool live(const char *dir, uint64_t seed)
{
	static void (*const deeds[])(
		void) = { order,       order,       fetch,        fetch,          fetch,
		          send_result, send_result, cancel_order, cancel_session, pass_time };

	state = seed;
	world_init(&world, dir);
	memset(on_card, 0, sizeof on_card);
	result_count = 0;
	for (size_t p = 0; p < PROFILES; p++)
		profiles[p] = world_profile(&world, iccids[p], "op", "basic");
	for (size_t step = 0; step < STEPS; step++) {
		make_place();
		deeds[draw(COUNT(deeds))]();
		if (!at_most_one()) {
			printf("# seed %llu, step %zu\n", (unsigned long long)seed, step);
			return false;
		}
	}
	return true;
}

int main(void)
{
	static const char *const eids[CARDS] = { NULL, "89049032000000000000000000000260",
		                                 "89049032000000000000000000000357" };
	char dir[256];

	world_pki(dir, sizeof dir);
	for (size_t c = 0; c < CARDS; c++)
		card_init(&cards[c], dir, eids[c], EC_P256);
	for (uint64_t seed = 1; seed <= WORLDS; seed++)
		ok(live(dir, seed * 0x9E3779B97F4A7C15), "I1: holds in world %llu",
		   (unsigned long long)seed);
	ok(installs > 10 && failures > 10 && refusals > 100,
	   "%zu installations, %zu failures, %zu refusals were seen", installs, failures, refusals);
	return done();
}
