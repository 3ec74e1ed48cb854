/* SPDX-License-Identifier: Apache-2.0 */
/* ES2+ as operators use it: orders from the inventory to release, and every refusal with its code. */
#include "server/es2.h"

#include "server/smdp_json.h"
#include "tests/server/smdp_world.h"
#include "tests/tap.h"

static struct world world;
static char dir[256];

#define HEADER \
	"\"header\":{\"functionRequesterIdentifier\":\"1.2.3\",\"functionCallIdentifier\":\"1\"}"
#define ICC  "\"iccid\":\"8949000000000000017\""
#define EID1 "\"eid\":\"89049032000000000000000000000260\""
#define EID2 "\"eid\":\"89049032123451234512345678901235\""

static json_t *es2(const char *operator_name, const char *function, const char *members)
{
	static uint8_t store[8192];
	struct room reply = ROOM(store);
	struct es2_caller caller = { .operator_name = bytes_text(operator_name) };
	char path[128], body[2048];

	snprintf(path, sizeof path, "/gsma/rsp2/es2plus/%s", function);
	snprintf(body, sizeof body, "{%s}", members);
	if (es2_answer(&world.ports, &caller, (struct bytes){ (uint8_t *)path, strlen(path) },
	               (struct bytes){ (uint8_t *)body, strlen(body) }, &reply) != 200)
		return NULL;
	return json_loadb((char *)reply.at, reply.len, JSON_REJECT_DUPLICATES, NULL);
}

static const char *code_of(const char *operator_name, const char *function, const char *members)
{
	static char text[32];
	json_t *answer = es2(operator_name, function, members);

	snprintf(text, sizeof text, "%.31s", code(answer));
	json_decref(answer);
	return text;
}

/* One world after the other: each row says in which state it finds the profile, and leaves it. */
static const struct {
	const char *says;
	enum profile_state from;
	const char *operator_name, *function, *members, *want;
	enum profile_state to;
} rows[] = {
	{ "DownloadOrder by ICCID", PROFILE_AVAILABLE, "op", "downloadOrder", HEADER "," ICC, "",
	  PROFILE_ALLOCATED },
	{ "... by ICCID for an EID", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER "," ICC "," EID1, "", PROFILE_LINKED },
	{ "... by type", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER ",\"profileType\":\"basic\"", "", PROFILE_ALLOCATED },
	{ "... by ICCID and the right type", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER "," ICC ",\"profileType\":\"basic\"", "", PROFILE_ALLOCATED },
	{ "... by ICCID and another type", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER "," ICC ",\"profileType\":\"gold\"", "8.2.5/3.8", PROFILE_AVAILABLE },
	{ "... of a type that is used up", PROFILE_ALLOCATED, "op", "downloadOrder",
	  HEADER ",\"profileType\":\"basic\"", "8.2.5/3.7", PROFILE_ALLOCATED },
	{ "... of a type that is none", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER ",\"profileType\":\"gold\"", "8.2.5/3.9", PROFILE_AVAILABLE },
	{ "... of nothing", PROFILE_AVAILABLE, "op", "downloadOrder", HEADER, "1.6/2.2",
	  PROFILE_AVAILABLE },
	{ "... by another operator", PROFILE_AVAILABLE, "rival", "downloadOrder", HEADER "," ICC,
	  "8.2.1/1.2", PROFILE_AVAILABLE },
	{ "... by type, by another operator", PROFILE_AVAILABLE, "rival", "downloadOrder",
	  HEADER ",\"profileType\":\"basic\"", "8.2.5/1.2", PROFILE_AVAILABLE },
	{ "... of an unknown ICCID", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER ",\"iccid\":\"8949000000000000999\"", "8.2.1/3.9", PROFILE_AVAILABLE },
	{ "... of a profile on order", PROFILE_ALLOCATED, "op", "downloadOrder", HEADER "," ICC,
	  "8.2.1/3.3", PROFILE_ALLOCATED },
	{ "I2: ... whose card never tells what became of it: never again", PROFILE_DOWNLOADED, "op",
	  "cancelOrder", HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Unavailable\"", "",
	  PROFILE_UNAVAILABLE },
	{ "... of an installed profile", PROFILE_INSTALLED, "op", "downloadOrder", HEADER "," ICC,
	  "8.2.1/3.3", PROFILE_INSTALLED },
	{ "... for an EID of 31 digits", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER "," ICC ",\"eid\":\"8904903200000000000000000000026\"", "1.6/2.1",
	  PROFILE_AVAILABLE },
	{ "... of an ICCID with letters", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER ",\"iccid\":\"894900000000000001X\"", "1.6/2.1", PROFILE_AVAILABLE },
	{ "... without header", PROFILE_AVAILABLE, "op", "downloadOrder", ICC, "1.6/2.2",
	  PROFILE_AVAILABLE },
	{ "... with an empty header", PROFILE_AVAILABLE, "op", "downloadOrder",
	  "\"header\":{}," ICC, "1.6/2.2", PROFILE_AVAILABLE },
	{ "... with a number for ICCID", PROFILE_AVAILABLE, "op", "downloadOrder",
	  HEADER ",\"iccid\":1", "1.3.1/2.1", PROFILE_AVAILABLE },
	{ "... with trailing garbage", PROFILE_AVAILABLE, "op", "downloadOrder", HEADER "},{",
	  "1.3.1/2.1", PROFILE_AVAILABLE },

	{ "ConfirmOrder, not released yet", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"matchingId\":\"A-1\",\"releaseFlag\":false", "", PROFILE_CONFIRMED },
	{ "... and released", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"matchingId\":\"A-1\",\"releaseFlag\":true", "", PROFILE_RELEASED },
	{ "... with a matching id made here", PROFILE_LINKED, "op", "confirmOrder",
	  HEADER "," ICC ",\"releaseFlag\":true", "", PROFILE_RELEASED },
	{ "... with the EID that is linked", PROFILE_LINKED, "op", "confirmOrder",
	  HEADER "," ICC "," EID1 ",\"releaseFlag\":true", "", PROFILE_RELEASED },
	{ "... with another EID", PROFILE_LINKED, "op", "confirmOrder",
	  HEADER "," ICC "," EID2 ",\"releaseFlag\":true", "8.1.1/3.10", PROFILE_LINKED },
	{ "... for the default SM-DP+ without EID", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"matchingId\":\"\",\"releaseFlag\":true", "8.1.1/2.2",
	  PROFILE_ALLOCATED },
	{ "... for the default SM-DP+", PROFILE_LINKED, "op", "confirmOrder",
	  HEADER "," ICC ",\"matchingId\":\"\",\"releaseFlag\":true", "", PROFILE_RELEASED },
	{ "... by way of an SM-DS", PROFILE_LINKED, "op", "confirmOrder",
	  HEADER "," ICC ",\"smdsAddress\":\"ds.example\",\"releaseFlag\":true", "8.9/5.1",
	  PROFILE_LINKED },
	{ "... by way of an SM-DS without EID", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"smdsAddress\":\"ds.example\",\"releaseFlag\":true", "8.1.1/2.2",
	  PROFILE_ALLOCATED },
	{ "... with a matching id in use", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"matchingId\":\"TAKEN\",\"releaseFlag\":true", "8.2.6/3.3",
	  PROFILE_ALLOCATED },
	{ "... with a matching id in lower case", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"matchingId\":\"taken\",\"releaseFlag\":true", "8.2.6/2.1",
	  PROFILE_ALLOCATED },
	{ "... without release flag", PROFILE_ALLOCATED, "op", "confirmOrder", HEADER "," ICC,
	  "1.6/2.2", PROFILE_ALLOCATED },
	{ "... with a release flag of text", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER "," ICC ",\"releaseFlag\":\"true\"", "1.3.1/2.1", PROFILE_ALLOCATED },
	{ "... of a profile that is not on order", PROFILE_AVAILABLE, "op", "confirmOrder",
	  HEADER "," ICC ",\"releaseFlag\":true", "8.2.1/3.3", PROFILE_AVAILABLE },
	{ "... twice", PROFILE_CONFIRMED, "op", "confirmOrder",
	  HEADER "," ICC ",\"releaseFlag\":true", "8.2.1/3.3", PROFILE_CONFIRMED },
	{ "... without ICCID", PROFILE_ALLOCATED, "op", "confirmOrder",
	  HEADER ",\"releaseFlag\":true", "8.2.1/2.2", PROFILE_ALLOCATED },
	{ "... by another operator", PROFILE_ALLOCATED, "rival", "confirmOrder",
	  HEADER "," ICC ",\"releaseFlag\":true", "8.2.1/1.2", PROFILE_ALLOCATED },

	{ "ReleaseProfile", PROFILE_CONFIRMED, "op", "releaseProfile", HEADER "," ICC, "",
	  PROFILE_RELEASED },
	{ "... twice", PROFILE_RELEASED, "op", "releaseProfile", HEADER "," ICC, "8.2.1/3.5",
	  PROFILE_RELEASED },
	{ "... of a profile that is not confirmed", PROFILE_ALLOCATED, "op", "releaseProfile",
	  HEADER "," ICC, "8.2.1/3.5", PROFILE_ALLOCATED },
	{ "... by another operator", PROFILE_CONFIRMED, "rival", "releaseProfile", HEADER "," ICC,
	  "8.2.1/1.2", PROFILE_CONFIRMED },

	{ "CancelOrder: available again", PROFILE_RELEASED, "op", "cancelOrder",
	  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Available\"", "", PROFILE_AVAILABLE },
	{ "... or never again", PROFILE_RELEASED, "op", "cancelOrder",
	  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Unavailable\"", "",
	  PROFILE_UNAVAILABLE },
	{ "... without saying which", PROFILE_RELEASED, "op", "cancelOrder", HEADER "," ICC,
	  "8.2.1/2.2", PROFILE_RELEASED },
	{ "... saying something else", PROFILE_RELEASED, "op", "cancelOrder",
	  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Perhaps\"", "1.6/2.1",
	  PROFILE_RELEASED },
	{ "... naming another EID", PROFILE_LINKED, "op", "cancelOrder",
	  HEADER "," ICC "," EID2 ",\"finalProfileStatusIndicator\":\"Available\"", "8.2.1/3.10",
	  PROFILE_LINKED },
	{ "... naming the EID", PROFILE_LINKED, "op", "cancelOrder",
	  HEADER "," ICC "," EID1 ",\"finalProfileStatusIndicator\":\"Available\"", "",
	  PROFILE_AVAILABLE },
	{ "... naming another matching id", PROFILE_RELEASED, "op", "cancelOrder",
	  HEADER "," ICC ",\"matchingId\":\"B\",\"finalProfileStatusIndicator\":\"Available\"",
	  "8.2.6/3.10", PROFILE_RELEASED },
	{ "... of a package that was handed out", PROFILE_DOWNLOADED, "op", "cancelOrder",
	  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Available\"", "8.2.1/3.3",
	  PROFILE_DOWNLOADED },
	{ "I2: ... whose card never tells what became of it: never again", PROFILE_DOWNLOADED, "op",
	  "cancelOrder", HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Unavailable\"", "",
	  PROFILE_UNAVAILABLE },
	{ "... of an installed profile", PROFILE_INSTALLED, "op", "cancelOrder",
	  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Unavailable\"", "8.2.1/3.3",
	  PROFILE_INSTALLED },
	{ "... by another operator", PROFILE_RELEASED, "rival", "cancelOrder",
	  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Available\"", "8.2.1/1.2",
	  PROFILE_RELEASED },
};

/* Brings the profile into a state by way of the lawful calls, or by hand where cards decide. */
static struct stored_order *begin(enum profile_state state)
{
	struct stored_order *row, *taken;

	world_init(&world, dir);
	row = world_profile(&world, "8949000000000000017", "op", "basic");
	taken = world_profile(&world, "8949000000000000025", "op", "other");
	world_release(&world, taken, "TAKEN");
	if (state == PROFILE_LINKED)
		(void)!code_of("op", "downloadOrder", HEADER "," ICC "," EID1);
	else if (state != PROFILE_AVAILABLE)
		(void)!code_of("op", "downloadOrder", HEADER "," ICC);
	if (state == PROFILE_CONFIRMED || state == PROFILE_RELEASED)
		(void)!code_of("op", "confirmOrder",
		               HEADER "," ICC ",\"matchingId\":\"A\",\"releaseFlag\":false");
	if (state == PROFILE_RELEASED)
		(void)!code_of("op", "releaseProfile", HEADER "," ICC);
	if (state == PROFILE_DOWNLOADED || state == PROFILE_INSTALLED)
		row->order.state = state;
	ok(row->order.state == state, "a profile in state %d", state);
	return row;
}

static void test_answers(void)
{
	json_t *answer;
	const char *text = NULL, *eid = NULL, *address = NULL;

	(void)!begin(PROFILE_AVAILABLE);
	answer = es2("op", "downloadOrder", HEADER ",\"profileType\":\"basic\"");
	ok(json_unpack(answer, "{s:s}", "iccid", &text) == 0 &&
	           strcmp(text, "8949000000000000017F") == 0,
	   "the ICCID comes padded with F (6.5.2.1)");
	json_decref(answer);
	answer = es2("op", "confirmOrder",
	             HEADER "," ICC "," EID1 ",\"confirmationCode\":\"42\",\"releaseFlag\":true");
	ok(json_unpack(answer, "{s:s,s:s,s:s}", "matchingId", &text, "eid", &eid, "smdpAddress",
	               &address) == 0 &&
	           strlen(text) == 23 && strcmp(address, "smdp.example.com") == 0 &&
	           strcmp(eid, "89049032000000000000000000000260") == 0,
	   "a matching id of a hundred random bits, EID and address");
	json_decref(answer);
	ok(world.orders[0].order.confirmation.len == 32, "of the code only its hash is kept");
	ok(world.orders[0].order.downloads_left == 3 &&
	           world.orders[0].order.confirmations_left == 3,
	   "attempts are as configured");
}

/* I1: as long as nobody knows whether a handed out package was installed, nobody else gets it. */
static void test_uncertain(void)
{
	static const uint8_t eid[EID_SIZE] = { 0x89 };
	struct stored_order *row = begin(PROFILE_ALLOCATED);

	row->order.state = PROFILE_ERROR;
	row->order.bound_eid = BYTES(eid);
	ok(strcmp(code_of("op", "cancelOrder",
	                  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Available\""),
	          "8.2.1/3.3") == 0,
	   "I1: a profile that may be on a card does not become available");
	ok(strcmp(code_of("op", "cancelOrder",
	                  HEADER "," ICC ",\"finalProfileStatusIndicator\":\"Unavailable\""),
	          "") == 0,
	   "I1: only unavailable");
}

int main(void)
{
	uint8_t store[64];
	struct room reply = ROOM(store);
	struct es2_caller caller = { .admin = false };

	world_pki(dir, sizeof dir);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct stored_order *row = begin(rows[i].from);
		size_t commits = world.commits;
		const char *got = code_of(rows[i].operator_name, rows[i].function, rows[i].members);
		ok(strcmp(got, rows[i].want) == 0 && row->order.state == rows[i].to, "%s: %s",
		   rows[i].says, rows[i].want[0] ? rows[i].want : "done");
		if (strcmp(got, rows[i].want) != 0)
			printf("# got '%s'\n", got);
		ok((world.commits == commits) == (rows[i].want[0] != 0), "... and %s is written",
		   rows[i].want[0] ? "nothing" : "the order");
	}
	test_answers();
	test_uncertain();
	ok(es2_answer(&world.ports, &caller, BYTES_STR("/gsma/rsp2/es2plus/else"), BYTES_STR("{}"),
	              &reply) == 404,
	   "a path that is none");
	return done();
}
