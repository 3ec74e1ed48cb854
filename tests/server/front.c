/* SPDX-License-Identifier: Apache-2.0 */
/* The relay in front of hostapd: who is led where, and what is no packet. */
#include "server/front.h"

#include "tests/tap.h"

#include <string.h>

enum { REQUEST = 1, ACCEPT = 2, REJECT = 3, CHALLENGE = 11 };

static struct front front;
static uint64_t now_ms = 1000;

static struct front_address access_point(uint8_t number)
{
	return (struct front_address){
		.at = {2, 0, 7, number},
                  .size = 16
	};
}

static void put_attribute(struct room *out, uint8_t type, const char *value)
{
	room_put_u8(out, type);
	room_put_u8(out, (uint8_t)(2 + strlen(value)));
	room_put(out, bytes_text(value));
}

/* A packet of that code and identifier; NULL: without that attribute. */
static struct bytes packet(uint8_t octets[static 256], uint8_t code, uint8_t id, const char *user,
                           const char *station)
{
	struct room room = { octets, 256, 0, false };
	const uint8_t head[20] = { code, id };

	room_put(&room, BYTES(head));
	if (user != NULL)
		put_attribute(&room, 1, user);
	if (station != NULL)
		put_attribute(&room, 31, station);
	put_attribute(&room, 79, "eap");
	octets[3] = (uint8_t)room.len;
	return room_used(&room);
}

/* Where the relay leads a station; FRONT_DOORS: nowhere. */
static enum front_door led(uint8_t from, uint8_t id, const char *user, const char *station,
                           size_t *flow)
{
	const struct front_address at = access_point(from);
	enum front_door door;
	uint8_t octets[256];

	if (front_request(&front, now_ms, &at, packet(octets, REQUEST, id, user, station), flow,
	                  &door) != ERR_NONE)
		return FRONT_DOORS;
	return door;
}

/* The answer of the instance behind a door; the access point that gets it. */
static int answered(size_t flow, enum front_door door, uint8_t code, uint8_t id)
{
	uint8_t octets[256];
	const struct front_address *to =
		front_reply(&front, now_ms, flow, door, packet(octets, code, id, NULL, NULL));

	return to == NULL ? -1 : to->at[3];
}

static void led_there_and_back(void)
{
	size_t flow = 0, other = 0;

	front_init(&front, 42);
	ok(led(1, 7, "0001@x", "aa", &flow) == FRONT_NETWORK, "a station meets the network first");
	ok(answered(flow, FRONT_NETWORK, CHALLENGE, 7) == 1, "its access point gets the answer");
	ok(led(1, 8, "0001@x", "aa", &flow) == FRONT_NETWORK, "a challenge changes nothing");
	ok(answered(flow, FRONT_NETWORK, REJECT, 8) == 1, "it is rejected");
	ok(led(1, 9, "0001@x", "aa", &flow) == FRONT_QUARANTINE,
	   "R2: it meets the quarantine next");
	ok(answered(flow, FRONT_QUARANTINE, ACCEPT, 9) == 1 &&
	           led(1, 10, "0001@x", "aa", &flow) == FRONT_QUARANTINE,
	   "... and again, once accepted there");
	ok(led(2, 10, "0001@x", "aa", &other) == FRONT_QUARANTINE && other != flow,
	   "... at another access point, too");
	ok(led(1, 11, "0001@x", "bb", &flow) == FRONT_NETWORK,
	   "another station of that name does not");
	ok(led(1, 12, "0002@x", "aa", &flow) == FRONT_NETWORK, "nor another name of that station");
	ok(led(1, 13, "0001@x", "aa", &flow) == FRONT_QUARANTINE &&
	           answered(flow, FRONT_QUARANTINE, REJECT, 13) == 1 &&
	           led(1, 14, "0001@x", "aa", &flow) == FRONT_NETWORK,
	   "R2: rejected by the quarantine, it meets the network again");
	ok(answered(flow, FRONT_NETWORK, REJECT, 14) == 1, "rejected once more");
	now_ms += FRONT_REMEMBER_MS;
	ok(led(1, 15, "0001@x", "aa", &flow) == FRONT_NETWORK, "it is not remembered for ever");
}

/* Identifiers of two access points are the same; their answers are not mixed up. */
static void access_points(void)
{
	size_t flows[FRONT_FLOWS + 1];
	int wrong = 0;

	front_init(&front, 42);
	for (uint8_t i = 0; i < FRONT_FLOWS; i++)
		wrong += led(i, 1, "0001@x", "aa", &flows[i]) != FRONT_NETWORK;
	for (uint8_t i = 0; i < FRONT_FLOWS; i++)
		wrong += answered(flows[i], FRONT_NETWORK, CHALLENGE, 1) != i;
	ok(wrong == 0, "sixty-four access points at once, each gets its own answer");
	ok(led(FRONT_FLOWS, 1, "0001@x", "aa", &flows[FRONT_FLOWS]) == FRONT_DOORS,
	   "one more has to wait");
	now_ms += FRONT_IDLE_MS;
	ok(led(3, 1, "0001@x", "aa", &flows[3]) == FRONT_NETWORK, "one goes on");
	ok(led(FRONT_FLOWS, 1, "0001@x", "aa", &flows[FRONT_FLOWS]) == FRONT_NETWORK &&
	           flows[FRONT_FLOWS] != flows[3],
	   "the new one has the place of one that was silent");
}

static void no_packets(void)
{
	const struct front_address at = access_point(1);
	enum front_door door;
	uint8_t octets[256];
	size_t flow;
	struct bytes whole;
	int taken = 0;

	front_init(&front, 42);
	whole = packet(octets, REQUEST, 1, "0001@x", "aa");
	for (size_t len = 0; len < whole.len; len++)
		taken += front_request(&front, now_ms, &at, (struct bytes){ octets, len }, &flow,
		                       &door) == ERR_NONE;
	ok(taken == 0, "no cut of a request is one");
	octets[3] = 21;
	ok_err(front_request(&front, now_ms, &at, whole, &flow, &door), ERR_VALUE,
	       "nor one whose length cuts an attribute");
	octets[3] = (uint8_t)whole.len;
	octets[21] = 1;
	ok_err(front_request(&front, now_ms, &at, whole, &flow, &door), ERR_VALUE,
	       "nor one with an attribute shorter than its head");
	ok(led(1, 1, NULL, "aa", &flow) == FRONT_DOORS, "nor one without a name");
	ok_err(front_request(&front, now_ms, &at, packet(octets, ACCEPT, 1, "0001@x", "aa"), &flow,
	                     &door),
	       ERR_VALUE, "nor an answer");
	ok(answered(5, FRONT_NETWORK, ACCEPT, 1) == -1,
	   "an answer that nobody waits for goes nowhere");
}

int main(void)
{
	led_there_and_back();
	access_points();
	no_packets();
	return done();
}
